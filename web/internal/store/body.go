package store

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"

	"duplex/bridge/transcript"
)

const (
	selectPayload = `select coalesce(body, preview) from messages where session = $1 and seq = $2`
	selectPart    = `select data from bodies where session = $1 and seq = $2 and part = $3`
)

// Body opens the payload of a message for reading and seeking; the row has its size. A
// large payload is read part by part, so that a range needs little memory. The error is
// ErrNotFound for an unknown message.
func (s *Store) Body(ctx context.Context, session string, seq int64) (io.ReadSeekCloser, transcript.Row, error) {
	row, err := readRow(ctx, s.read, session, seq)
	if err != nil {
		return nil, row, fmt.Errorf("read message: %w", err)
	}
	if row.Size > inlineBytes {
		return s.largeBody(ctx, session, seq, row.Size), row, nil
	}
	payload := row.Preview
	if row.Size > int64(len(payload)) {
		if err := s.read.QueryRowContext(ctx, selectPayload, session, seq).Scan(&payload); err != nil {
			return nil, row, fmt.Errorf("read message: %w", err)
		}
	}
	return smallBody{bytes.NewReader(payload)}, row, nil
}

type smallBody struct{ *bytes.Reader }

func (smallBody) Close() error { return nil }

// largeBody reads a payload that is stored in parts. It holds one part in memory.
type largeBody struct {
	fetch func(part int64) ([]byte, error)
	over  func() error // returns the reason to stop, or nil: a search may be slow within a part
	size  int64
	at    int64
	part  int64 // of data; -1 before the first
	data  []byte
}

func (s *Store) largeBody(ctx context.Context, session string, seq, size int64) *largeBody {
	fetch := func(part int64) (data []byte, err error) {
		err = s.read.QueryRowContext(ctx, selectPart, session, seq, part).Scan(&data)
		if err != nil {
			return nil, fmt.Errorf("read part %d of message %d: %w", part, seq, notFound(err))
		}
		return data, nil
	}
	return &largeBody{fetch: fetch, over: ctx.Err, size: size, part: -1}
}

// Size returns the length of the whole payload in bytes.
func (b *largeBody) Size() int64 { return b.size }

// Read implements io.Reader.
func (b *largeBody) Read(p []byte) (int, error) {
	if err := b.over(); err != nil {
		return 0, err
	}
	if b.at >= b.size {
		return 0, io.EOF
	}
	if part := b.at / partBytes; part != b.part {
		data, err := b.fetch(part)
		if err != nil {
			return 0, err
		}
		b.part, b.data = part, data
	}
	offset := b.at % partBytes
	if offset >= int64(len(b.data)) {
		return 0, io.ErrUnexpectedEOF
	}
	n := copy(p, b.data[offset:])
	b.at += int64(n)
	return n, nil
}

// Seek implements io.Seeker.
func (b *largeBody) Seek(offset int64, whence int) (int64, error) {
	switch whence {
	case io.SeekCurrent:
		offset += b.at
	case io.SeekEnd:
		offset += b.size
	}
	if offset < 0 {
		return 0, errors.New("seek before the start of a body")
	}
	b.at = offset
	return offset, nil
}

// Close frees the part.
func (b *largeBody) Close() error {
	b.part, b.data = -1, nil
	return nil
}
