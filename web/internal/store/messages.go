package store

import (
	"context"
	"fmt"
	"io"
	"iter"

	"duplex/bridge/transcript"
)

// selectMessages reads rows with the payloads of middle size.
var selectMessages = `select ` + columnNames() + `, body from messages where session = $1 and seq > $2 and seq < $3 order by seq` //nolint:gosec // our own column names

const messagesPage = 256 // with their bodies in the row, at most 1 MiB

// Messages returns the log of a session in order, with whole payloads. It reads in pages
// and holds no query open while the caller works, so that a slow export delays nobody.
// Payloads of several parts are read when the caller reads them. An error is the last
// item.
func (s *Store) Messages(ctx context.Context, session string) iter.Seq2[transcript.Message, error] {
	return s.MessagesAfter(ctx, session, 0)
}

// MessagesAfter is Messages without those up to a seq.
func (s *Store) MessagesAfter(ctx context.Context, session string, after int64) iter.Seq2[transcript.Message, error] {
	return func(yield func(transcript.Message, error) bool) {
		after := after
		for {
			page, err := s.readPage(ctx, session, after)
			if err != nil {
				yield(transcript.Message{}, fmt.Errorf("read messages: %w", err))
				return
			}
			for _, e := range page {
				m, err := s.readWhole(ctx, session, e)
				if !yield(m, err) || err != nil {
					return
				}
				after = m.Seq
			}
			if len(page) < messagesPage {
				return
			}
		}
	}
}

// storedMessage is a message with the part of its payload that its row holds.
type storedMessage struct {
	transcript.Message

	size int64 // of the whole payload
}

func (s *Store) readPage(ctx context.Context, session string, after int64) ([]storedMessage, error) {
	return collectRows(ctx, s.read, scanMessage, selectMessages, session, after, after+messagesPage+1)
}

func scanMessage(from scanner) (storedMessage, error) {
	var body []byte
	r, err := scanRow(from, &body)
	if body == nil {
		body = r.Preview
	}
	return storedMessage{r.Message(body), r.Size}, err
}

// readWhole completes a message with its payload. A payload of several parts is read
// later, by its reader.
func (s *Store) readWhole(ctx context.Context, session string, m storedMessage) (transcript.Message, error) {
	if int64(len(m.Payload)) == m.size {
		return m.Message, nil
	}
	if m.size > partBytes {
		m.Payload, m.Large = nil, s.largeBody(ctx, session, m.Seq, m.size)
		return m.Message, nil
	}
	m.Payload = make([]byte, m.size)
	if _, err := io.ReadFull(s.largeBody(ctx, session, m.Seq, m.size), m.Payload); err != nil {
		return transcript.Message{}, fmt.Errorf("read messages: %w", err)
	}
	return m.Message, nil
}
