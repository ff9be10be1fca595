package bridge

import (
	"context"
	"fmt"
	"sync"
	"weak"

	"duplex/bridge/transcript"
)

// Forms holds rows in forms that viewers share: they come together, or follow the same session.
type Forms struct {
	mu   sync.Mutex        // held while a form is made; guards made
	made map[string][]byte // by name
}

// Form returns the form with a name. The first viewer who asks makes it.
func (f *Forms) Form(name string, encode func() ([]byte, error)) ([]byte, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if form, found := f.made[name]; found {
		return form, nil
	}
	form, err := encode()
	if err != nil {
		return nil, err
	}
	if f.made == nil {
		f.made = map[string][]byte{}
	}
	f.made[name] = form
	return form, nil
}

// window holds the rows that a viewer reads. Viewers at the same place share it.
type window struct {
	Forms

	after, stored int64 // the place of the viewers, and the newest stored seq then
	hasHeads      bool
	rows          []transcript.Row
}

// readWindow returns the rows behind after. It keeps them for the next viewer as long as one
// uses them.
func (s *Session) readWindow(ctx context.Context, after, stored int64) (*window, error) {
	s.mu.Lock()
	w, hasHeads := s.window.Value(), s.reading != ""
	s.mu.Unlock()
	if w != nil && w.after == after && w.stored == stored && w.hasHeads == hasHeads {
		return w, nil
	}
	reading, cancel := s.hub.custody.whileHere(ctx)
	defer cancel()
	rows, err := s.hub.Library.Rows(reading, s.record.ID, transcript.Query{After: after, Limit: MaxRows, Heads: hasHeads})
	if err != nil && reading.Err() != nil && ctx.Err() == nil {
		err = ErrStoreAway
	}
	if err != nil {
		return nil, fmt.Errorf("read log: %w", err)
	}
	w = &window{rows: rows, after: after, stored: stored, hasHeads: hasHeads}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.window = weak.Make(w)
	return w, nil
}
