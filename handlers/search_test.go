package handlers_test

import (
	"context"
	"net/http"
	"testing"

	"duplex/bridge"
	"duplex/bridge/transcript"
	"duplex/handlers"
)

// slowLog is a memoryStore with one session. Its search lasts until the context ends.
type slowLog struct {
	*memoryStore
	asked chan struct{}
	ended chan error
}

func (s slowLog) Session(context.Context, string) (bridge.Record, error) {
	return bridge.Record{ID: "past", LastSeq: 1000, Ending: &bridge.Ending{}}, nil
}

func (s slowLog) Sessions(ctx context.Context, _ bridge.SessionFilter) ([]bridge.Record, error) {
	r, err := s.Session(ctx, "")
	return []bridge.Record{r}, err
}

func (s slowLog) Rows(ctx context.Context, _ string, _ transcript.Query) ([]transcript.Row, error) {
	close(s.asked)
	<-ctx.Done()
	s.ended <- ctx.Err()
	return nil, ctx.Err()
}

func TestSearchEndsWhenNobodyWaitsForIt(t *testing.T) {
	for _, path := range []string{"/api/sessions/past/messages?q=rare", "/api/search?q=rare"} {
		log := slowLog{asked: make(chan struct{}), ended: make(chan error, 1)}
		c := start(t, func(o *handlers.Options) {
			log.memoryStore, _ = o.Store.(*memoryStore)
			o.Store = log
		})
		ctx, leave := context.WithCancel(t.Context())
		req, err := http.NewRequestWithContext(ctx, http.MethodGet, c.url+path, nil)
		if err != nil {
			t.Fatal(err)
		}
		go func() {
			<-log.asked
			leave()
		}()
		if res, err := new(http.Client).Do(req); err == nil {
			_ = res.Body.Close()
			t.Errorf("%s: answered with %d", path, res.StatusCode)
		}
		if err := <-log.ended; err == nil {
			t.Errorf("%s: the search went on", path)
		}
	}
}
