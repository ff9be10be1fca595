package store

import (
	"context"
	"fmt"
	"io"
	"iter"

	"duplex/bridge/transcript"
)

// selectMessages reads rows with the payloads of middle size.
var selectMessages = `select ` + columnNames() + `, further, coalesce(` + packedBody + `, body) from messages ` + within + ` order by seq`

const messagesPage = 1024 // with their bodies in the row, at most 4 MiB

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
	return readMessages(ctx, s.read, session, transcript.Query{After: after, Before: after + messagesPage + 1})
}

// readMessages returns the messages of a range with the payloads that are in their rows.
func readMessages(ctx context.Context, db querier, session string, q transcript.Query) ([]storedMessage, error) {
	stored, err := collectRows(ctx, db, scanStored, selectMessages, session, firstOf(q), q.Before)
	if err != nil {
		return nil, err
	}
	var messages []storedMessage
	for i := range stored {
		r := &stored[i]
		if r.further == 0 {
			payload := r.body
			if payload == nil {
				payload = r.Preview
			}
			messages = append(messages, storedMessage{r.Message(payload), r.Size})
			continue
		}
		packed, err := r.messages(q)
		if err != nil {
			return nil, err
		}
		for i := range packed {
			messages = append(messages, storedMessage{packed[i].Message(packed[i].Preview), packed[i].Size})
		}
	}
	return messages, nil
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
