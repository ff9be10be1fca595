package store

import (
	"encoding/binary"
	"errors"
	"slices"

	"github.com/klauspost/compress/s2"

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
// or, where that takes less of the disk, packCompressed and an S2 block of it: most of the
// processor's time of storing goes into writing the bytes, twice.
//
// Messages that may be marked or asked for by a client id have a row of their own.
const (
	packFormat     = 1
	packCompressed = 2
	minCompressed  = 2 << 10 // bytes of the smallest body that is compressed
	minPacked      = 8       // fewer have rows of their own
	maxPacked      = 1024    // more is no faster, and reading one message reads all

	// The most bytes of a body that is not compressed.
	maxPackedBytes = 1 + binary.MaxVarintLen64 + maxPacked*(2*binary.MaxVarintLen64+transcript.PreviewBytes)
)

var errPacked = errors.New("store: packed messages are damaged")

// piece is a part of a batch: messages with rows of their own, or packed ones.
type piece struct {
	single []transcript.Message
	shared transcript.Row // the columns that packed messages share
	count  int            // of packed messages
	body   []byte         // that holds them; nil for others
}

// cutPieces cuts a batch into pieces.
func cutPieces(batch []transcript.Message) (pieces []piece) {
	own := 0 // messages at the start of batch that have rows of their own
	flush := func() {
		if own > 0 {
			pieces = append(pieces, piece{single: batch[:own]})
		}
		batch, own = batch[own:], 0
	}
	for own < len(batch) {
		switch n, count := countPackable(batch[own:]); {
		case count >= minPacked:
			flush()
			pieces = append(pieces, pack(batch[:n], count))
			batch = batch[n:]
		case batch[own].Joined != nil:
			flush()
			pieces = append(pieces, piece{single: batch[0].Split()})
			batch = batch[1:]
		default:
			own++
		}
	}
	flush()
	return pieces
}

// isPackable reports whether m may share a row.
func isPackable(m *transcript.Message) bool {
	return m.Joined != nil || m.Direction == transcript.Received && m.Event == "" && m.Sender == "" && m.ClientID == "" &&
		len(m.Payload) <= transcript.PreviewBytes && m.Large == nil && !m.InvalidUTF8()
}

// countPackable returns how many entries at the start of a batch may share a row, and how many
// messages they stand for.
func countPackable(batch []transcript.Message) (n, count int) {
	for n < len(batch) && batch[n].Opcode == batch[0].Opcode && isPackable(&batch[n]) && count+batch[n].Len() <= maxPacked {
		count += batch[n].Len()
		n++
	}
	return n, count
}

// pack returns the piece that holds all messages.
func pack(batch []transcript.Message, count int) piece {
	first := &batch[0]
	p := piece{count: count, shared: transcript.Row{Seq: first.Seq, At: first.At, Direction: first.Direction, Opcode: first.Opcode}}
	for i := range batch {
		p.shared.Size += int64(len(batch[i].Payload))
	}
	const most = 4 // bytes of a time and a size, but for rare ones
	b := make([]byte, 0, 16+most*count+int(p.shared.Size))
	b = binary.AppendUvarint(append(b, packFormat), uint64(count)) //nolint:gosec // not negative
	var before int64
	for i := range batch {
		m := &batch[i]
		at := m.At.UnixMicro()
		b = binary.AppendVarint(b, at-before)
		before = at
		if m.Joined == nil {
			b = binary.AppendUvarint(b, uint64(len(m.Payload)))
			continue
		}
		for i, size := range m.Joined {
			if i > 0 {
				b = append(b, 0) // at the same time
			}
			b = binary.AppendUvarint(b, uint64(size))
		}
	}
	for i := range batch {
		b = append(b, batch[i].Payload...)
	}
	p.body = compress(b)
	return p
}

// compress returns a body compressed, or itself where that gains little.
func compress(body []byte) []byte {
	if len(body) < minCompressed {
		return body
	}
	block := s2.Encode(make([]byte, s2.MaxEncodedLen(len(body))), body)
	if len(block) > len(body)*7/8 {
		return body
	}
	return append([]byte{packCompressed}, block...)
}

// decompress reverts compress.
func decompress(body []byte) ([]byte, error) {
	if len(body) == 0 || body[0] != packCompressed {
		return body, nil
	}
	if size, err := s2.DecodedLen(body[1:]); err != nil || size > maxPackedBytes {
		return nil, errPacked
	}
	return s2.Decode(nil, body[1:])
}

// appendColumns appends the values of the row that stands for packed messages.
func (p *piece) appendColumns(args []any) []any {
	for _, column := range messageColumns {
		args = append(args, column.value(&p.shared))
	}
	return append(args, nil, int64(p.count-1))
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
	rows, err := unpack(&r.Row, r.body, q)
	if err != nil {
		return nil, err
	}
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

// unpack returns the messages of a range that are in the body of a row. Their previews may be
// parts of it.
func unpack(shared *transcript.Row, body []byte, q transcript.Query) ([]transcript.Row, error) {
	body, err := decompress(body)
	if err != nil || len(body) == 0 || body[0] != packFormat {
		return nil, errPacked
	}
	count, n := binary.Uvarint(body[1:])
	if n <= 0 || count > maxPacked {
		return nil, errPacked
	}
	end := min(shared.Seq+int64(count), q.Before)
	rows := make([]transcript.Row, 0, max(0, end-max(shared.Seq, q.After+1)))
	rest, at, before := body[1+n:], int64(0), 0
	for seq := shared.Seq; seq < shared.Seq+int64(count); seq++ {
		since, n := binary.Varint(rest)
		if n <= 0 {
			return nil, errPacked
		}
		size, k := binary.Uvarint(rest[n:])
		if k <= 0 || size > transcript.PreviewBytes {
			return nil, errPacked
		}
		rest, at = rest[n+k:], at+since
		switch {
		case seq <= q.After:
			before += int(size)
		case seq < end:
			rows = append(rows, transcript.Row{Seq: seq, At: timeOf(at), Direction: shared.Direction, Opcode: shared.Opcode, Size: int64(size)})
		}
	}
	for i := range rows {
		size := int(rows[i].Size)
		if before+size > len(rest) {
			return nil, errPacked
		}
		rows[i].Preview = rest[before : before+size : before+size]
		before += size
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
