package store_test

import (
	"testing"

	"duplex/web/internal/pgtest"
	"duplex/web/internal/store"
)

// server is a private PostgreSQL.
type server struct{ *pgtest.Server }

func startPostgres(tb testing.TB) server {
	tb.Helper()
	return server{pgtest.Start(tb)}
}

// options gives every test a schema of its own.
func (s server) options(tb testing.TB) store.Options {
	tb.Helper()
	return store.Options{DatabaseURL: s.URL(tb)}
}
