package store

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/stdlib"
)

// postgresConnections is how many connections one process opens at most; a server
// has 100 by default.
const postgresConnections = 16

// postgresInserts is how many rows an insert takes: every statement is a round trip.
var postgresInserts = [...]int{64, 8, 1}

// openPostgres opens a pool whose connections work only while hold holds, when there is
// one.
func openPostgres(url string, hold *Hold) (*sql.DB, error) {
	config, err := pgx.ParseConfig(url)
	if err != nil {
		return nil, err
	}
	var options []stdlib.OptionOpenDB
	if hold != nil {
		options = append(options,
			stdlib.OptionBeforeConnect(func(context.Context, *pgx.ConnConfig) error { return hold.check() }),
			stdlib.OptionResetSession(func(context.Context, *pgx.Conn) error {
				if hold.check() != nil {
					return driver.ErrBadConn // then a new one is asked for, and BeforeConnect says why there is none
				}
				return nil
			}))
	}
	db := stdlib.OpenDB(*config, options...)
	db.SetMaxOpenConns(postgresConnections)
	db.SetMaxIdleConns(postgresConnections)
	db.SetConnMaxIdleTime(5 * time.Minute)
	return db, nil
}
