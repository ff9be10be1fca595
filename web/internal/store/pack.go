package store

import (
	"encoding/binary"
	"errors"
	"slices"

	"duplex/bridge/transcript"
)

// Small messages that a target sends in a row share a row of the table: one insert for
// hundreds, and no columns of their own on the disk. Such a row has the columns that its
// messages share, the seq and time of the first, the sum of sizes, and the number of further
// messages. All of them are in its part of the table bodies, since SQLite reads whole rows of
// the table messages to compare their keys:
//
//	packFormat, the number of messages (uvarint), for each of them its microseconds since
//	those of the message before (varint) and its size (uvarint), then all payloads
//
// Messages that may be marked or asked for by a client id have a row of their own.
const (
	packFormat = 1
	minPacked  = 8   // fewer have rows of their own
	maxPacked  = 256 // more is no faster, and reading one message reads all
)

var errPacked = errors.New("store: packed messages are damaged")

// isPackable reports whether m may share a row.
func isPackable(m *transcript.Message) bool {
	return m.Direction == transcript.Received && m.Event == "" && m.Sender == "" && m.ClientID == "" &&
		len(m.Payload) <= transcript.PreviewBytes && m.Large == nil && !m.InvalidUTF8()
}

// countPackable returns how many messages at the start of a batch share a row; 0 when they
// are fewer than minPacked.
func countPackable(batch []transcript.Message) int {
	n := 0
	for n < min(len(batch), maxPacked) && batch[n].Opcode == batch[0].Opcode && isPackable(&batch[n]) {
		n++
	}
	if n < minPacked {
		return 0
	}
	return n
}

// appendPacked appends the body that holds all messages.
func appendPacked(b []byte, batch []transcript.Message) []byte {
	b = binary.AppendUvarint(append(b, packFormat), uint64(len(batch)))
	var before int64
	for i := range batch {
		at := batch[i].At.UnixMicro()
		b = binary.AppendVarint(b, at-before)
		b = binary.AppendUvarint(b, uint64(len(batch[i].Payload)))
		before = at
	}
	for i := range batch {
		b = append(b, batch[i].Payload...)
	}
	return b
}

// appendPackedColumns appends the values of a row that stands for all messages.
func appendPackedColumns(args []any, batch []transcript.Message) []any {
	shared := transcript.Row{
		Seq: batch[0].Seq, At: batch[0].At, Direction: batch[0].Direction, Opcode: batch[0].Opcode, Size: int64(sizeOf(batch)),
	}
	for _, column := range messageColumns {
		args = append(args, column.value(&shared))
	}
	return append(args, nil, int64(len(batch)-1))
}

// storedRow is a row of the table: one message, or packed ones.
type storedRow struct {
	transcript.Row // the message, or the columns that packed ones share

	further int64
	body    []byte
	heads   bool // messages have their Head
}

// packedBody is the body of packed messages, null for other rows.
const packedBody = `(select p.data from bodies p where p.session = messages.session and p.seq = messages.seq and p.part = 0 and messages.further > 0)`

// storedColumns are the columns of storedRow, with no body of a single message.
var storedColumns = columnNames() + `, further, ` + packedBody

func scanStored(from scanner) (r storedRow, err error) {
	r.Row, err = scanRow(from, &r.further, &r.body)
	return r, err
}

// scanStoredHead reads a row with its head in the place of the body.
func scanStoredHead(from scanner) (storedRow, error) {
	r, err := scanStored(from)
	if r.heads = true; r.further == 0 {
		r.Head, r.body = r.body, nil
	}
	return r, err
}

func (r *storedRow) has(seq int64) bool { return r.Seq <= seq && seq <= r.Seq+r.further }

// messages returns the rows of the packed messages that are in a range, in its order.
func (r *storedRow) messages(q transcript.Query) ([]transcript.Row, error) {
	rows, err := unpack(&r.Row, r.body)
	if err != nil {
		return nil, err
	}
	rows = cutToRange(rows, q)
	for i := range rows {
		if r.heads {
			rows[i].Head = rows[i].Preview
		}
	}
	if q.Latest {
		slices.Reverse(rows)
	}
	return rows, nil
}

// cutToRange removes the rows at both ends that are not in a range.
func cutToRange(rows []transcript.Row, q transcript.Query) []transcript.Row {
	for len(rows) > 0 && rows[0].Seq <= q.After {
		rows = rows[1:]
	}
	for len(rows) > 0 && rows[len(rows)-1].Seq >= q.Before {
		rows = rows[:len(rows)-1]
	}
	return rows
}

// message returns one of the messages.
func (r *storedRow) message(seq int64) (transcript.Row, error) {
	switch {
	case !r.has(seq):
		return transcript.Row{}, ErrNotFound
	case r.further == 0:
		return r.Row, nil
	}
	rows, err := r.messages(transcript.Query{After: seq - 1, Before: seq + 1})
	if err == nil && len(rows) == 0 {
		err = errPacked
	}
	if err != nil {
		return transcript.Row{}, err
	}
	return rows[0], nil
}

// unpack returns the messages in the body of a row. Their previews are parts of it.
func unpack(shared *transcript.Row, body []byte) ([]transcript.Row, error) {
	if len(body) == 0 || body[0] != packFormat {
		return nil, errPacked
	}
	count, n := binary.Uvarint(body[1:])
	if n <= 0 || count > maxPacked {
		return nil, errPacked
	}
	rows := make([]transcript.Row, count)
	rest, at := body[1+n:], int64(0)
	for i := range rows {
		since, n := binary.Varint(rest)
		if n <= 0 {
			return nil, errPacked
		}
		size, k := binary.Uvarint(rest[n:])
		if k <= 0 || size > transcript.PreviewBytes {
			return nil, errPacked
		}
		rest, at = rest[n+k:], at+since
		rows[i] = transcript.Row{
			Seq: shared.Seq + int64(i), At: timeOf(at), Direction: shared.Direction, Opcode: shared.Opcode, Size: int64(size),
		}
	}
	for i := range rows {
		size := int(rows[i].Size)
		if size > len(rest) {
			return nil, errPacked
		}
		rows[i].Preview, rest = rest[:size:size], rest[size:]
	}
	return rows, nil
}

// unpackAll returns the messages of stored rows that are in a range, at most limit.
func unpackAll(stored []storedRow, q transcript.Query, limit int) ([]transcript.Row, error) {
	rows := make([]transcript.Row, 0, min(int64(limit), max(q.Before-q.After-1, 0)))
	for i := range stored {
		if len(rows) >= limit {
			break
		}
		r := &stored[i]
		if r.further == 0 {
			rows = append(rows, r.Row)
			continue
		}
		packed, err := r.messages(q)
		if err != nil {
			return nil, err
		}
		rows = append(rows, packed[:min(len(packed), limit-len(rows))]...)
	}
	return rows, nil
}
