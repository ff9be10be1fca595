package store_test

import (
	"testing"

	"duplex/web/internal/pgtest"
	"duplex/web/internal/store"
)

func TestMain(m *testing.M) {
	defer pgtest.StopShared()
	m.Run()
}

// server is a PostgreSQL.
type server struct{ *pgtest.Server }

// sharedPostgres returns the server of all tests that leave it as it is.
func sharedPostgres(tb testing.TB) server {
	tb.Helper()
	return server{pgtest.Shared(tb)}
}

// startPostgres returns a server of the test's own.
func startPostgres(tb testing.TB) server {
	tb.Helper()
	return server{pgtest.Start(tb)}
}

// options gives every test a schema of its own.
func (s server) options(tb testing.TB) store.Options {
	tb.Helper()
	return store.Options{DatabaseURL: s.URL(tb)}
}

// database gives a test a database of its own.
func (s server) database(tb testing.TB) store.Options {
	tb.Helper()
	return store.Options{DatabaseURL: s.DatabaseURL(tb)}
}
