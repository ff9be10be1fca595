package store_test

import (
	"database/sql"
	"fmt"
	"io"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"duplex/bridge/transcript"
	"duplex/bridge/vault"
	"duplex/web/internal/store"
)

// A database of every earlier schema, with rows in each of its tables, opens with equal
// contents in the present one. Its rows are inserted by SQL, as the program of that time did.
func TestDatabasesOfEarlierSchemasAreUpgraded(t *testing.T) {
	t.Parallel()
	for _, engine := range []string{"sqlite", "postgres"} {
		t.Run(engine, func(t *testing.T) {
			t.Parallel()
			files, err := filepath.Glob("migrations/*/*.sql")
			if err != nil {
				t.Fatal(err)
			}
			files = slices.DeleteFunc(files, func(file string) bool {
				folder := path.Base(path.Dir(file))
				return folder != "both" && folder != engine
			})
			slices.SortFunc(files, func(a, b string) int { return strings.Compare(path.Base(a), path.Base(b)) })
			options := func() store.Options {
				if engine == "postgres" {
					return sharedPostgres(t).options(t)
				}
				return store.Options{DataDir: t.TempDir()}
			}
			fresh := options()
			open(t, fresh)
			present := connectEarlier(t, fresh).columns(t)
			for n := range files {
				t.Run(path.Base(files[n]), func(t *testing.T) { upgrade(t, options(), files[:n+1], present) })
			}
		})
	}
}

func upgrade(t *testing.T, o store.Options, files []string, present map[string][]tableColumn) {
	t.Helper()
	o.Keyring = keyring(t)
	e := connectEarlier(t, o)
	e.migrate(t, files)
	e.fill(t, hasOwnNames(files))
	columns := e.columns(t)
	before := e.contents(t, columns)
	for table := range columns {
		if table != "audit_head" && table != "migrations" && len(before[table]) == 0 {
			t.Errorf("no row is in %s", table)
		}
	}
	s := open(t, o)
	if diff := cmp.Diff(present, e.columns(t)); diff != "" {
		t.Errorf("the schema is not that of a new database (-new +upgraded):\n%s", diff)
	}
	after := e.contents(t, columns)
	delete(before, "migrations")
	delete(after, "migrations")
	if !hasOwnNames(files) {
		for _, row := range before["services"] {
			if row["shared"] == "false" {
				row["folded"] = "private\nada"
			}
		}
	}
	if diff := cmp.Diff(before, after); diff != "" {
		t.Errorf("contents differ (-before +after):\n%s", diff)
	}
	requireReadable(t, s)
}

// hasOwnNames reports whether the names of private services are unique for each owner.
func hasOwnNames(files []string) bool { return path.Base(files[len(files)-1]) >= "0012" }

// requireReadable reads the rows of fill as the program does.
func requireReadable(t *testing.T, s *store.Store) {
	t.Helper()
	if svc, err := s.Service(t.Context(), "local", "svc"); err != nil || svc.Name != "Öld" || svc.Address != "wss://old.example/v1" || !svc.Shared || svc.Owner != "local" {
		t.Errorf("%+v %v", svc, err)
	}
	if c, err := s.Credential(t.Context(), "svc"); err != nil || c.Secrets["token"].Reveal() != "Zq8Xw2kR" {
		t.Errorf("%+v %v", c, err)
	}
	if r, err := s.Session(t.Context(), "ses"); err != nil || r.ServiceID != "svc" {
		t.Errorf("%+v %v", r, err)
	}
	var payloads []string
	for m, err := range s.Messages(t.Context(), "ses") {
		if err != nil {
			t.Fatal(err)
		}
		payloads = append(payloads, string(wholePayload(t, &m)))
	}
	if diff := cmp.Diff([]string{"short", "middle body", "large body"}, payloads); diff != "" {
		t.Error(diff)
	}
	if value, err := s.Setting(t.Context(), "kept"); err != nil || value != "ünïcode <&>" {
		t.Errorf("%q %v", value, err)
	}
}

func wholePayload(t *testing.T, m *transcript.Message) []byte {
	t.Helper()
	if m.Large == nil {
		return m.Payload
	}
	raw, err := io.ReadAll(m.Large)
	if err != nil {
		t.Fatal(err)
	}
	return raw
}

// earlier is a database beside the store.
type earlier struct {
	*sql.DB

	engine  string
	keyring *vault.Keyring
}

type tableColumn struct {
	Name, Type string
	MayBeNull  bool
}

func connectEarlier(t *testing.T, o store.Options) earlier {
	t.Helper()
	driver, name, engine := "sqlite", filepath.Join(o.DataDir, "duplex.db"), "sqlite"
	if o.DatabaseURL != "" {
		driver, name, engine = "pgx", o.DatabaseURL, "postgres"
	}
	db, err := sql.Open(driver, name)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	return earlier{db, engine, o.Keyring}
}

func (e earlier) run(t *testing.T, statement string, values ...any) {
	t.Helper()
	if _, err := e.ExecContext(t.Context(), statement, values...); err != nil {
		t.Fatalf("%s: %v", statement, err)
	}
}

// migrate makes the schema as an earlier version left it.
func (e earlier) migrate(t *testing.T, files []string) {
	t.Helper()
	e.run(t, "create table migrations (name text not null primary key, applied_at bigint not null)")
	for _, file := range files {
		script, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		e.run(t, string(script))
		e.run(t, "insert into migrations values ($1, 1)", path.Base(file))
	}
}

// columns returns the columns of each table, by name. The table holder is made by who holds the
// database, and has nothing to keep.
func (e earlier) columns(t *testing.T) map[string][]tableColumn {
	t.Helper()
	query := `select m.name, c.name, lower(c.type), c."notnull" = 0 from sqlite_master m, pragma_table_info(m.name) c where m.type = 'table' and m.name not like 'sqlite_%' order by 1, 2`
	if e.engine == "postgres" {
		query = `select table_name, column_name, data_type, is_nullable = 'YES' from information_schema.columns where table_schema = current_schema() and table_name <> 'holder' order by 1, 2`
	}
	rows, err := e.QueryContext(t.Context(), query)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = rows.Close() }()
	found := map[string][]tableColumn{}
	for rows.Next() {
		var table string
		var c tableColumn
		if err := rows.Scan(&table, &c.Name, &c.Type, &c.MayBeNull); err != nil {
			t.Fatal(err)
		}
		found[table] = append(found[table], c)
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return found
}

func hasColumn(columns []tableColumn, name string) bool {
	return slices.ContainsFunc(columns, func(c tableColumn) bool { return c.Name == name })
}

// contents returns the values of all rows in these columns, in the order of their texts.
func (e earlier) contents(t *testing.T, columns map[string][]tableColumn) map[string][]map[string]string {
	t.Helper()
	found := map[string][]map[string]string{}
	for table, list := range columns {
		found[table] = e.rows(t, table, list)
		slices.SortFunc(found[table], func(a, b map[string]string) int { return strings.Compare(fmt.Sprint(a), fmt.Sprint(b)) })
	}
	return found
}

func (e earlier) rows(t *testing.T, table string, columns []tableColumn) (found []map[string]string) {
	t.Helper()
	names := make([]string, len(columns))
	for i, c := range columns {
		names[i] = `"` + c.Name + `"`
	}
	rows, err := e.QueryContext(t.Context(), fmt.Sprintf(`select %s from "%s"`, strings.Join(names, ", "), table))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		values, places := make([]any, len(columns)), make([]any, len(columns))
		for i := range values {
			places[i] = &values[i]
		}
		if err := rows.Scan(places...); err != nil {
			t.Fatal(err)
		}
		row := map[string]string{}
		for i, c := range columns {
			switch value := values[i].(type) {
			case []byte:
				row[c.Name] = fmt.Sprintf("%x", value)
			case int64:
				if row[c.Name] = fmt.Sprint(value); c.Type == "boolean" {
					row[c.Name] = fmt.Sprint(value != 0)
				}
			default:
				row[c.Name] = fmt.Sprint(value)
			}
		}
		found = append(found, row)
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return found
}

// values are those of columns that refer to each other or that the program reads, by table;
// others have one of their type.
type values map[string]any

// fill inserts rows into each table.
func (e earlier) fill(t *testing.T, hasOwnNames bool) {
	t.Helper()
	columns := e.columns(t)
	insert := func(table string, given values) {
		t.Helper()
		if len(columns[table]) == 0 {
			return
		}
		var names, places []string
		var cells []any
		for _, c := range columns[table] {
			value, named := given[c.Name]
			if !named {
				value = valueOf(table, c)
			}
			names, cells = append(names, `"`+c.Name+`"`), append(cells, value)
			places = append(places, fmt.Sprintf("$%d", len(cells)))
		}
		e.run(t, fmt.Sprintf(`insert into "%s" (%s) values (%s)`, table, strings.Join(names, ", "), strings.Join(places, ", ")), cells...)
	}
	service := values{
		"id": "svc", "name": "Öld", "folded": "öld", "address": "wss://old.example/v1", "params": "[]", "headers": "[]", "subprotocols": `["chat"]`, "credential_kind": "bearer", "credential_plain": "{}",
		"relay_origins": "[]", "owner": "local", "shared": true, "demo": "", "dialect": "", "environment": "", "folder": "", "client_cert_pem": "", "ca_pem": "",
	}
	insert("services", service)
	if hasColumn(columns["services"], "shared") {
		service["id"], service["name"], service["folded"], service["owner"], service["shared"] = "own", "Private", "private", "ada", false
		if hasOwnNames {
			service["folded"] = "private\nada"
		}
		insert("services", service)
	}
	sealed, err := e.keyring.Seal(vault.Place{Table: "secrets", Row: "svc", Column: "token"}, vault.NewSecret("Zq8Xw2kR"))
	if err != nil {
		t.Fatal(err)
	}
	insert("secrets", values{"service": "svc", "field": "token", "key_id": sealed.KeyID, "wrapped": sealed.WrappedKey, "box": sealed.Box, "binding": ""})
	insert("sessions", values{"id": "ses", "kind": "session", "service": "svc", "report": "{}", "finding": "", "dialect": "", "dialect_vars": "{}", "environment": "", "rights": "watch", "owner": "local", "deleting": false})
	insert("counts", values{"session": "ses", "last_seq": 3, "delivered_seq": 3})
	for seq, m := range []values{
		{"preview": []byte("short"), "size": 5, "body": nil}, {"preview": []byte("middle"), "size": 11, "body": []byte("middle body")}, {"preview": []byte("large"), "size": 10, "body": nil},
	} {
		m["session"], m["seq"], m["further"], m["direction"], m["opcode"], m["event"], m["client_id"] = "ses", seq+1, 0, "received", "binary", "", ""
		insert("messages", m)
	}
	insert("bodies", values{"session": "ses", "seq": 3, "part": 0, "data": []byte("large body")})
	insert("settings", values{"key": "kept", "value": "ünïcode <&>"})
	insert("saved_messages", values{"id": "saved", "service": "svc", "folder": "", "position": 0, "type": "json", "size": 2, "version": 1})
	insert("saved_bodies", values{"message": "saved", "version": 1, "part": 0, "data": []byte("{}")})
	insert("people", values{"person_groups": `["ops"]`, "role": "member"})
	insert("sign_ins", values{"person_groups": `["ops"]`, "key_id": ""})
	insert("audit", values{"seq": 1})
	insert("access_tokens", values{"scopes": "read"})
	insert("environments", values{"id": "env", "vars": `{"a":"b"}`})
	insert("environment_secrets", values{"environment": "env", "binding": ""})
	insert("dialects", values{"listed": true})
	insert("turns", values{"session": "ses", "n": 1, "turn": "{}"})
	insert("folders", nil)
}

// valueOf returns a value of the type of a column.
func valueOf(table string, c tableColumn) any {
	switch c.Type {
	case "text":
		return "ünïcode " + table + " " + c.Name
	case "bigint", "integer":
		return 1_795_437_000_000_000
	case "boolean":
		return false
	default:
		return []byte{0, 0xff, 'x'}
	}
}
