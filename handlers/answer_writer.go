package handlers

import (
	"context"
	"net/http"
	"sync"
	"time"
)

const (
	answerTime = 30 * time.Second // for a browser to take answerPart bytes
	answerPart = 64 << 10         // that one deadline is for
)

// answerWriter writes an answer part by part, each with a deadline of its own, so that a
// reader that takes nothing holds no connection for longer than that. It writes no more
// of an answer once its person may not have it.
type answerWriter struct {
	http.ResponseWriter

	control *http.ResponseController
	time    time.Duration

	mu    sync.Mutex // guards all below
	begun bool       // some of the answer was written
	cut   bool       // some of it could not be
	ended error      // why the rest is withheld; nil while it is not
}

// paced bounds how long a connection waits for the browser: for each part of the answer,
// and for each part of a body, also of one that no handler reads.
func (h *Handler) paced(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		a := &answerWriter{ResponseWriter: w, control: http.NewResponseController(w), time: h.answerTime}
		// Deadlines are the connection's: those of the request before may still be set.
		_ = a.control.SetWriteDeadline(time.Now().Add(a.time))
		if r.Body != http.NoBody {
			_ = a.control.SetReadDeadline(time.Now().Add(h.bodyTime))
		}
		next.ServeHTTP(a, r)
		_ = a.control.SetWriteDeadline(time.Now().Add(a.time)) // for the end of the answer
		if a.isCut() {
			panic(http.ErrAbortHandler) // the end of the connection says that the answer is not whole
		}
	})
}

// Unwrap is for http.ResponseController.
func (a *answerWriter) Unwrap() http.ResponseWriter { return a.ResponseWriter }

// Write implements io.Writer.
func (a *answerWriter) Write(p []byte) (n int, err error) {
	for {
		part := p[n:min(len(p), n+answerPart)]
		if err := a.ready(); err != nil {
			return n, err
		}
		wrote, err := a.ResponseWriter.Write(part)
		n += wrote
		if err != nil {
			a.mu.Lock()
			a.cut = true
			a.mu.Unlock()
		}
		if err != nil || n == len(p) {
			return n, err
		}
	}
}

// ready prepares for a part of the answer.
func (a *answerWriter) ready() error {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.begun && a.ended != nil {
		a.cut = true
		return a.ended
	}
	a.begun = true
	_ = a.control.SetWriteDeadline(time.Now().Add(a.time))
	return nil
}

// withhold ends an answer that has begun; one that has not can still say why.
func (a *answerWriter) withhold(reason error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.ended = reason
	if a.begun {
		_ = a.control.SetWriteDeadline(time.Unix(1, 0))
	}
}

func (a *answerWriter) isCut() bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.cut
}

// errorOf drops what comes with an error.
func errorOf[T any](_ T, err error) error { return err }

// seenTime is how often it is asked again whether somebody may see what they are still
// being answered with.
const seenTime = time.Second

// whileSeen ends the request with the error of sees, once that says that the thing is
// not there for whoever asks, until the returned function is called.
func (h *Handler) whileSeen(r *http.Request, sees func(context.Context) error) (stop func()) {
	end, _ := r.Context().Value(endKey{}).(context.CancelCauseFunc)
	if end == nil {
		return func() {}
	}
	ctx, cancel := context.WithCancel(r.Context())
	var task sync.WaitGroup
	task.Go(func() {
		for wait(ctx, seenTime) {
			if err := sees(ctx); isGone(err) {
				end(err)
				return
			}
		}
	})
	return func() {
		cancel()
		task.Wait()
	}
}
