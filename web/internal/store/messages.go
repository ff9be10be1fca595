package store

import (
	"context"
	"fmt"
	"io"
	"iter"

	"duplex/bridge/transcript"
)

const (
	selectMessages = `select seq, at_us, direction, opcode, size, event, sender, client_id, coalesce(body, preview)
		from messages where session = $1 and seq > $2 and seq < $3 order by seq`
	messagesPage = 256 // with their bodies in the row, at most 1 MiB
)

// Messages returns the log of a session in order, with whole payloads. It reads in
// pages and holds no query open while the caller works, so a slow export delays
// nobody; payloads of more than one part are read while the caller takes them. An error
// is the last item.
func (s *Store) Messages(ctx context.Context, session string) iter.Seq2[transcript.Message, error] {
	return func(yield func(transcript.Message, error) bool) {
		var after int64
		for {
			page, err := s.page(ctx, session, after)
			if err != nil {
				yield(transcript.Message{}, fmt.Errorf("read messages: %w", err))
				return
			}
			for _, e := range page {
				m, err := s.whole(ctx, session, e)
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

// entry is a message whose payload may still be only its beginning.
type entry struct {
	transcript.Message
	size int64
}

func (s *Store) page(ctx context.Context, session string, after int64) ([]entry, error) {
	return collect(ctx, s.read, scanMessage, selectMessages, session, after, after+messagesPage+1)
}

func scanMessage(row scanner) (e entry, err error) {
	var at int64
	err = row.Scan(&e.Seq, &at, &e.Direction, &e.Opcode, &e.size, &e.Event, &e.Sender, &e.ClientID, &e.Payload)
	e.At = timeOf(at)
	return e, err
}

func (s *Store) whole(ctx context.Context, session string, e entry) (transcript.Message, error) {
	if int64(len(e.Payload)) == e.size {
		return e.Message, nil
	}
	if e.size > partBytes {
		e.Payload, e.Large = nil, s.largeBody(ctx, session, e.Seq, e.size)
		return e.Message, nil
	}
	e.Payload = make([]byte, e.size)
	if _, err := io.ReadFull(s.largeBody(ctx, session, e.Seq, e.size), e.Payload); err != nil {
		return transcript.Message{}, fmt.Errorf("read messages: %w", err)
	}
	return e.Message, nil
}
