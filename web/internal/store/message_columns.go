package store

import (
	"strings"

	"duplex/bridge/transcript"
)

// messageColumn is one column of the table messages.
type messageColumn struct {
	name  string
	value func(*transcript.Row) any // to insert
	field func(*transcript.Row) any // to scan into; nil for at_us, which scanRow converts
}

// messageColumns lists the columns once, for insert, select and scan. Each row has
// session in front of them and body, a payload of middle size, behind. The first
// sharedColumns are those that isAlike compares.
var messageColumns = [...]messageColumn{
	{"direction", func(r *transcript.Row) any { return string(r.Direction) }, func(r *transcript.Row) any { return &r.Direction }},
	{"opcode", func(r *transcript.Row) any { return string(r.Opcode) }, func(r *transcript.Row) any { return &r.Opcode }},
	{"event", func(r *transcript.Row) any { return r.Event }, func(r *transcript.Row) any { return &r.Event }},
	{"sender", func(r *transcript.Row) any { return r.Sender }, func(r *transcript.Row) any { return &r.Sender }},
	{"client_id", func(r *transcript.Row) any { return r.ClientID }, func(r *transcript.Row) any { return &r.ClientID }},
	{"seq", func(r *transcript.Row) any { return r.Seq }, func(r *transcript.Row) any { return &r.Seq }},
	{"at_us", func(r *transcript.Row) any { return r.At.UnixMicro() }, nil},
	{"size", func(r *transcript.Row) any { return r.Size }, func(r *transcript.Row) any { return &r.Size }},
	{"invalid_utf8", func(r *transcript.Row) any { return r.InvalidUTF8 }, func(r *transcript.Row) any { return &r.InvalidUTF8 }},
	{"preview", func(r *transcript.Row) any { return notNull(r.Preview) }, func(r *transcript.Row) any { return &r.Preview }},
}

const sharedColumns = 5

// isAlike reports whether two messages have the same values in the shared columns.
func isAlike(a, b *transcript.Message) bool {
	return a.Direction == b.Direction && a.Opcode == b.Opcode && a.Event == b.Event && a.Sender == b.Sender && a.ClientID == b.ClientID
}

// notNull returns an empty slice for nil, which the database would store as null.
func notNull(b []byte) []byte {
	if b == nil {
		return []byte{}
	}
	return b
}

// columnNames returns "direction, opcode, ...".
func columnNames() string { return strings.Join(listColumns(), ", ") }

func listColumns() []string {
	var names []string
	for _, column := range messageColumns {
		names = append(names, column.name)
	}
	return names
}

// insertColumns is the number of columns beside session.
const insertColumns = len(messageColumns) + 1

// appendColumns appends the values of m from a column on, and its body.
func appendColumns(args []any, m *transcript.Message, from int) []any {
	row := m.Row()
	for _, column := range messageColumns[from:] {
		args = append(args, column.value(&row))
	}
	var body []byte // null
	if len(m.Payload) > len(row.Preview) && len(m.Payload) <= inlineBytes {
		body = m.Payload
	}
	return append(args, body)
}

// scanRow reads a row of messageColumns, and of the columns behind them into more.
func scanRow(from scanner, more ...any) (r transcript.Row, err error) {
	var at int64
	into := make([]any, 0, len(messageColumns)+len(more))
	for _, column := range messageColumns {
		if column.field == nil {
			into = append(into, &at)
		} else {
			into = append(into, column.field(&r))
		}
	}
	err = from.Scan(append(into, more...)...)
	r.At = timeOf(at)
	return r, notFound(err)
}
