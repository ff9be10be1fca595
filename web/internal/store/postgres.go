package store

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"fmt"
	"net"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/stdlib"
)

// postgresConnections bounds the connections of one process, beside the probe; a server
// allows 100 by default.
const postgresConnections = 16

// Connections end after cutTime without an acknowledgement of data or of keep-alives,
// so that a cut link is noticed.
const (
	connectTime = 3 * time.Second
	cutTime     = 5 * time.Second
)

// postgresOptions are set on each connection, unless the URL sets them. A process that
// loses its link in a transaction leaves locks behind, and the server has to notice
// before the next attempt can succeed.
var postgresOptions = [...][2]string{
	{"idle_in_transaction_session_timeout", "10s"},
	{"tcp_user_timeout", "10s"},
	{"tcp_keepalives_idle", "5"},
	{"tcp_keepalives_interval", "2"},
	{"tcp_keepalives_count", "3"},
}

// openPostgres opens a pool and a separate connection for probes. The pool works only
// while hold holds; a nil hold always does.
func openPostgres(url string, hold *Hold) (pool, probe *sql.DB, err error) {
	config, err := pgx.ParseConfig(url)
	if err != nil {
		return nil, nil, err
	}
	if config.ConnectTimeout == 0 {
		config.ConnectTimeout = connectTime
	}
	dialer := &net.Dialer{
		KeepAliveConfig: net.KeepAliveConfig{Enable: true, Idle: cutTime, Interval: 2 * time.Second, Count: 3},
		Control:         setCutTime,
	}
	config.DialFunc = dialer.DialContext
	options := []stdlib.OptionOpenDB{stdlib.OptionAfterConnect(func(ctx context.Context, conn *pgx.Conn) error {
		_, err := conn.Exec(ctx, optionsText(config), pgx.QueryExecModeSimpleProtocol)
		return err
	})}
	if hold != nil {
		options = append(options,
			stdlib.OptionBeforeConnect(func(context.Context, *pgx.ConnConfig) error { return hold.check() }),
			stdlib.OptionResetSession(func(context.Context, *pgx.Conn) error {
				if hold.check() != nil {
					return driver.ErrBadConn // then the pool connects again, and BeforeConnect returns the reason
				}
				return nil
			}))
	}
	pool = stdlib.OpenDB(*config, options...)
	pool.SetMaxOpenConns(postgresConnections)
	pool.SetMaxIdleConns(postgresConnections)
	pool.SetConnMaxIdleTime(5 * time.Minute)
	probe = stdlib.OpenDB(*config)
	probe.SetMaxOpenConns(1)
	return pool, probe, nil
}

// optionsText returns the statements that set the options. A pooler may refuse them as
// startup parameters.
func optionsText(config *pgx.ConnConfig) string {
	var b strings.Builder
	for _, option := range postgresOptions {
		if _, chosen := config.RuntimeParams[option[0]]; !chosen {
			fmt.Fprintf(&b, "set %s = '%s';", option[0], option[1])
		}
	}
	return b.String()
}
