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
// session in front of them and body, a payload of middle size, behind.
var messageColumns = [...]messageColumn{
	{"seq", func(r *transcript.Row) any { return r.Seq }, func(r *transcript.Row) any { return &r.Seq }},
	{"at_us", func(r *transcript.Row) any { return r.At.UnixMicro() }, nil},
	{"direction", func(r *transcript.Row) any { return string(r.Direction) }, func(r *transcript.Row) any { return &r.Direction }},
	{"opcode", func(r *transcript.Row) any { return string(r.Opcode) }, func(r *transcript.Row) any { return &r.Opcode }},
	{"size", func(r *transcript.Row) any { return r.Size }, func(r *transcript.Row) any { return &r.Size }},
	{"invalid_utf8", func(r *transcript.Row) any { return r.InvalidUTF8 }, func(r *transcript.Row) any { return &r.InvalidUTF8 }},
	{"event", func(r *transcript.Row) any { return r.Event }, func(r *transcript.Row) any { return &r.Event }},
	{"sender", func(r *transcript.Row) any { return r.Sender }, func(r *transcript.Row) any { return &r.Sender }},
	{"client_id", func(r *transcript.Row) any { return r.ClientID }, func(r *transcript.Row) any { return &r.ClientID }},
	{"preview", func(r *transcript.Row) any { return notNull(r.Preview) }, func(r *transcript.Row) any { return &r.Preview }},
}

// notNull returns an empty slice for nil, which the database would store as null.
func notNull(b []byte) []byte {
	if b == nil {
		return []byte{}
	}
	return b
}

// columnNames returns "seq, at_us, ...".
func columnNames() string {
	var names []string
	for _, column := range messageColumns {
		names = append(names, column.name)
	}
	return strings.Join(names, ", ")
}

// insertColumns is the number of columns beside session, which the rows of a statement share.
const insertColumns = len(messageColumns) + 1

// appendRow appends the arguments of an insert for m.
func appendRow(args []any, m *transcript.Message) []any {
	row := m.Row()
	for _, column := range messageColumns {
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
