package reply

import (
	"bufio"
	"net"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"
)

// takenWriter is a ResponseWriter of http.Server: it gives its connection without a deadline,
// and sets later deadlines on it all the same.
type takenWriter struct {
	*httptest.ResponseRecorder

	deadline time.Time
}

// Hijack implements http.Hijacker.
func (w *takenWriter) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	w.deadline = time.Time{}
	return nil, nil, nil
}

// SetWriteDeadline is for http.ResponseController.
func (w *takenWriter) SetWriteDeadline(t time.Time) error {
	w.deadline = t
	return nil
}

// The socket of a relay outlives its handler: a deadline of the answer would end it.
func TestTakenConnectionHasNoDeadline(t *testing.T) {
	takes := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		if _, _, err := http.NewResponseController(w).Hijack(); err != nil {
			t.Error(err)
		}
	})
	answers := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNoContent) })
	for name, tt := range map[string]struct {
		handler http.Handler
		bounded bool
	}{"taken": {takes, false}, "answered": {answers, true}} {
		w := &takenWriter{ResponseRecorder: httptest.NewRecorder()}
		NewTransfer(0, 0).Deadlines(tt.handler).ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/", nil))
		if bounded := !w.deadline.IsZero(); bounded != tt.bounded {
			t.Errorf("%s: deadline %v", name, w.deadline)
		}
	}
}
