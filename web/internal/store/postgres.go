package store

import (
	"database/sql"
	"time"

	_ "github.com/jackc/pgx/v5/stdlib" // registers the driver "pgx"
)

// postgresConnections is how many connections one process opens at most; a server
// has 100 by default, for all its replicas.
const postgresConnections = 16

// postgresInserts is how many rows an insert takes: every statement is a round trip.
var postgresInserts = [...]int{64, 8, 1}

func openPostgres(url string) (*sql.DB, error) {
	db, err := sql.Open("pgx", url)
	if err != nil {
		return nil, err
	}
	db.SetMaxOpenConns(postgresConnections)
	db.SetMaxIdleConns(postgresConnections)
	db.SetConnMaxIdleTime(5 * time.Minute)
	return db, nil
}
