package store_test

import (
	"errors"
	"fmt"
	"testing"

	"duplex/bridge"
)

// Errors of the server, and of a transaction that it ended, are retried; errors of the
// data are final.
func TestErrorsOfPostgreSQLThatHealAreWaitedFor(t *testing.T) {
	t.Parallel()
	o := sharedPostgres(t).options(t)
	s := open(t, o)
	for code, heals := range map[string]bool{
		"53300": true, "53100": true, "57014": true, "57P01": true, "40001": true, "40P01": true, "25006": true, "55P03": true,
		"25P02": true, "25P03": true, "25P04": true, // a process that was stopped for a while meets a transaction that was ended
		"42501": true, "42P05": true, "26000": true, "08P01": true, "2D000": true, "P0001": true, "F0000": true, "HV000": true, "XX000": true,
		"22003": false, "23514": false, "42703": false, "54000": false, "XX001": false,
	} {
		begin(t, s, code)
		beside(t, o, fmt.Sprintf(`create function fail() returns trigger language plpgsql as $f$ begin raise exception 'failed' using errcode = '%s'; end $f$;
			create trigger fail before insert on messages for each statement execute function fail()`, code))
		err := s.Append(t.Context(), code, texts(1, "x"), 0)
		if err == nil || errors.Is(err, bridge.ErrStoreAway) != heals {
			t.Errorf("%s: %v", code, err)
		}
		beside(t, o, `drop trigger fail on messages; drop function fail`)
		if err := s.Append(t.Context(), code, texts(1, "x"), 0); err != nil {
			t.Errorf("%s, again: %v", code, err)
		}
	}
}

// A server that takes no writing, as a standby, is away before anybody has written.
func TestServerThatIsReadOnlyIsAway(t *testing.T) {
	t.Parallel()
	server := startPostgres(t)
	s := open(t, server.options(t))
	begin(t, s, "one")
	if err := s.Ping(t.Context()); err != nil {
		t.Fatal(err)
	}
	server.Execute(t, "alter system set default_transaction_read_only = on")
	server.Execute(t, "select pg_reload_conf()")
	await(t, "it is called away", func() bool { return errors.Is(s.Ping(t.Context()), bridge.ErrStoreAway) })
	await(t, "writing waits", func() bool { return errors.Is(s.Append(t.Context(), "one", texts(1, "x"), 0), bridge.ErrStoreAway) })
	server.Execute(t, "alter system reset default_transaction_read_only")
	server.Execute(t, "select pg_reload_conf()")
	await(t, "it is back", func() bool { return s.Ping(t.Context()) == nil })
}
