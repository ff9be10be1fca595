package store

import (
	"encoding/json"
	"errors"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/jackc/pgx/v5/pgconn"
	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"
)

// checkText refuses text that PostgreSQL cannot store and SQLite would truncate.
func checkText(values ...string) error {
	for _, v := range values {
		if strings.IndexByte(v, 0) >= 0 || !utf8.ValidString(v) {
			return ErrBadText
		}
	}
	return nil
}

// micros converts a time for storage; the zero time is 0.
func micros(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixMicro()
}

func timeOf(us int64) time.Time {
	if us == 0 {
		return time.Time{}
	}
	return time.UnixMicro(us).UTC()
}

// encodeJSON returns v as JSON. It is for structs of strings and numbers, which cannot
// fail.
func encodeJSON(v any) (string, error) {
	raw, err := json.Marshal(v)
	return string(raw), err
}

func decodeJSON(raw string, into any) error { return json.Unmarshal([]byte(raw), into) }

// isDuplicate reports whether a statement failed because its row exists.
func isDuplicate(err error) bool {
	if lite, ok := errors.AsType[*sqlite.Error](err); ok {
		return lite.Code() == sqlite3.SQLITE_CONSTRAINT_UNIQUE || lite.Code() == sqlite3.SQLITE_CONSTRAINT_PRIMARYKEY
	}
	pg, ok := errors.AsType[*pgconn.PgError](err)
	return ok && pg.Code == "23505" // unique_violation
}
