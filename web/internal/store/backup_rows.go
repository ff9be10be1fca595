package store

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"math/bits"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// column is a column of a table, with a type that both engines have.
type column struct {
	Name string     `json:"name"`
	Type columnType `json:"type"`
}

type columnType string

// The types of columns.
const (
	typeText  columnType = "text"
	typeInt   columnType = "int"
	typeBool  columnType = "bool"
	typeBytes columnType = "bytes"
)

// columnTypes maps the names of the engines.
var columnTypes = map[string]columnType{"text": typeText, "bigint": typeInt, "integer": typeInt, "boolean": typeBool, "blob": typeBytes, "bytea": typeBytes}

// selectColumns lists the columns of a table with their types, by engine.
var selectColumns = map[string]string{
	engineSQLite:   `select name, lower(type) from pragma_table_info($1)`,
	enginePostgres: `select column_name, data_type from information_schema.columns where table_schema = current_schema() and table_name = $1`,
}

var createsTable = regexp.MustCompile(`(?im)^create table (?:if not exists )?([a-z_]+)`)

// tablesOf returns the tables that the migrations make, those that are referred to first.
func tablesOf(files []string) ([]string, error) {
	var tables []string
	for _, file := range files {
		script, err := migrations.ReadFile(file)
		if err != nil {
			return nil, err
		}
		for _, match := range createsTable.FindAllSubmatch(script, -1) {
			tables = append(tables, string(match[1]))
		}
	}
	return tables, nil
}

// columnsOf returns the columns of a table, in an order that does not depend on the engine.
func columnsOf(ctx context.Context, tx *sql.Tx, engine, table string) ([]column, error) {
	rows, err := tx.QueryContext(ctx, selectColumns[engine], table)
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }()
	var columns []column
	for rows.Next() {
		var c column
		var declared string
		if err := rows.Scan(&c.Name, &declared); err != nil {
			return nil, err
		}
		if c.Type = columnTypes[declared]; c.Type == "" {
			return nil, fmt.Errorf("column %s has the unknown type %s", c.Name, declared)
		}
		columns = append(columns, c)
	}
	if len(columns) == 0 && rows.Err() == nil {
		return nil, errors.New("it is missing")
	}
	slices.SortFunc(columns, func(a, b column) int { return strings.Compare(a.Name, b.Name) })
	return columns, rows.Err()
}

func queryNames(ctx context.Context, tx *sql.Tx, query string) ([]string, error) {
	rows, err := tx.QueryContext(ctx, query)
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }()
	var names []string
	for rows.Next() {
		var name string
		if err := rows.Scan(&name); err != nil {
			return nil, err
		}
		names = append(names, name)
	}
	return names, rows.Err()
}

// quoted lists the names of columns for a statement.
func quoted(columns []column) string {
	names := make([]string, len(columns))
	for i, c := range columns {
		names[i] = `"` + c.Name + `"`
	}
	return strings.Join(names, ", ")
}

// tallyRows reads all rows of a table, hands each to visit, and returns their tally.
func tallyRows(ctx context.Context, tx *sql.Tx, table string, columns []column, visit func(row []any) error) (Tally, error) {
	rows, err := tx.QueryContext(ctx, fmt.Sprintf(`select %s from "%s"`, quoted(columns), table))
	if err != nil {
		return Tally{}, err
	}
	defer func() { _ = rows.Close() }()
	counter := tallier{columns: columns}
	for rows.Next() {
		row, err := scanCells(rows, columns)
		if err == nil {
			err = counter.add(row)
		}
		if err == nil {
			err = visit(row)
		}
		if err != nil {
			return Tally{}, err
		}
	}
	return counter.tally(table), rows.Err()
}

// scanCells returns the values of a row: string, int64, bool, []byte, or nil for null.
func scanCells(rows *sql.Rows, columns []column) ([]any, error) {
	places := make([]any, len(columns))
	for i, c := range columns {
		switch c.Type {
		case typeText:
			places[i] = new(sql.Null[string])
		case typeInt:
			places[i] = new(sql.Null[int64])
		case typeBool:
			places[i] = new(sql.Null[bool])
		case typeBytes:
			places[i] = new(sql.Null[[]byte])
		}
	}
	if err := rows.Scan(places...); err != nil {
		return nil, err
	}
	row := make([]any, len(columns))
	for i, place := range places {
		switch value := place.(type) {
		case *sql.Null[string]:
			row[i] = orNil(value)
		case *sql.Null[int64]:
			row[i] = orNil(value)
		case *sql.Null[bool]:
			row[i] = orNil(value)
		case *sql.Null[[]byte]:
			if row[i] = orNil(value); value.Valid && value.V == nil {
				row[i] = []byte{} // SQLite's driver has no other empty blob, and in JSON it would be null
			}
		}
	}
	return row, nil
}

func orNil[T any](value *sql.Null[T]) any {
	if !value.Valid {
		return nil
	}
	return value.V
}

// parseRow reads a row of a backup.
func parseRow(line []byte, columns []column) ([]any, error) {
	var cells []json.RawMessage
	if err := json.Unmarshal(line, &cells); err != nil {
		return nil, err
	}
	if len(cells) != len(columns) {
		return nil, fmt.Errorf("a row has %d values for %d columns", len(cells), len(columns))
	}
	row := make([]any, len(columns))
	for i, c := range columns {
		var err error
		switch {
		case string(cells[i]) == "null":
		case c.Type == typeText:
			row[i], err = parseCell[string](cells[i])
		case c.Type == typeInt:
			row[i], err = parseCell[int64](cells[i])
		case c.Type == typeBool:
			row[i], err = parseCell[bool](cells[i])
		case c.Type == typeBytes:
			row[i], err = parseCell[[]byte](cells[i])
		default:
			err = fmt.Errorf("unknown type %q", c.Type)
		}
		if err != nil {
			return nil, fmt.Errorf("column %s: %w", c.Name, err)
		}
	}
	return row, nil
}

func parseCell[T any](cell json.RawMessage) (value T, err error) {
	return value, json.Unmarshal(cell, &value)
}

// tallier sums up the hashes of rows.
type tallier struct {
	columns []column
	rows    int64
	sum     [4]uint64 // a number of 256 bits, the lowest first
	buffer  []byte
}

// add hashes a row: for each column the tag of its value, the length, and the value.
func (t *tallier) add(row []any) error {
	b := t.buffer[:0]
	for i, cell := range row {
		var tag byte
		var value []byte
		switch cell := cell.(type) {
		case nil:
			tag = 'n'
		case string:
			if !utf8.ValidString(cell) {
				return fmt.Errorf("a value of column %s is not UTF-8", t.columns[i].Name) // JSON would alter it
			}
			tag, value = 't', []byte(cell)
		case int64:
			tag, value = 'i', strconv.AppendInt(nil, cell, 10)
		case bool:
			tag, value = 'b', strconv.AppendBool(nil, cell)
		case []byte:
			tag, value = 'x', cell
		}
		b = binary.BigEndian.AppendUint64(append(b, tag), uint64(len(value)))
		b = append(b, value...)
	}
	t.buffer = b
	t.rows++
	hash := sha256.Sum256(b)
	var carry uint64
	for i := range t.sum {
		t.sum[i], carry = bits.Add64(t.sum[i], binary.LittleEndian.Uint64(hash[8*i:]), carry)
	}
	return nil
}

func (t *tallier) tally(table string) Tally {
	var sum []byte
	for _, part := range t.sum {
		sum = binary.LittleEndian.AppendUint64(sum, part)
	}
	return Tally{Table: table, Rows: t.rows, Sum: hex.EncodeToString(sum)}
}

// contentsOf sums up the tallies of all tables.
func contentsOf(tallies []Tally) Contents {
	c := Contents{Tables: len(tallies)}
	hash := sha256.New()
	for _, t := range tallies {
		c.Rows += t.Rows
		_, _ = fmt.Fprintf(hash, "%s %d %s\n", t.Table, t.Rows, t.Sum)
	}
	c.Sum = hex.EncodeToString(hash.Sum(nil))
	return c
}
