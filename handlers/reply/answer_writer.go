package reply

import (
	"bufio"
	"net"
	"net/http"
	"sync"
	"time"
)

const (
	defaultAnswerTime = 30 * time.Second // for a browser to take answerPart bytes
	answerPart        = 64 << 10         // bytes per deadline
)

// AnswerWriter writes an answer in parts, each with its own deadline, so that a client
// that reads nothing cannot hold the connection. It stops when the person may no longer
// have the answer.
type AnswerWriter struct {
	http.ResponseWriter

	control *http.ResponseController
	time    time.Duration

	mu    sync.Mutex // guards all below
	begun bool       // some of the answer was written
	cut   bool       // a part could not be written
	ended error      // why the rest is withheld; nil while it is not
	taken bool       // the handler has taken the connection, whose deadlines are its own
}

// Unwrap is for http.ResponseController.
func (a *AnswerWriter) Unwrap() http.ResponseWriter { return a.ResponseWriter }

// Hijack implements http.Hijacker.
func (a *AnswerWriter) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	conn, rw, err := a.control.Hijack()
	a.mu.Lock()
	defer a.mu.Unlock()
	a.taken = err == nil
	return conn, rw, err
}

// Write implements io.Writer.
func (a *AnswerWriter) Write(p []byte) (n int, err error) {
	for {
		part := p[n:min(len(p), n+answerPart)]
		if err := a.prepareWrite(); err != nil {
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

// prepareWrite prepares for a part of the answer.
func (a *AnswerWriter) prepareWrite() error {
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

// Withhold cuts an answer that has begun. An answer that has not begun can still be an
// error.
func (a *AnswerWriter) Withhold(reason error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.ended = reason
	if a.begun {
		_ = a.control.SetWriteDeadline(time.Unix(1, 0))
	}
}

// allowEnd sets the deadline for the end of the answer, unless the connection carries a
// socket now, which would break at the deadline.
func (a *AnswerWriter) allowEnd() {
	a.mu.Lock()
	defer a.mu.Unlock()
	if !a.taken {
		_ = a.control.SetWriteDeadline(time.Now().Add(a.time))
	}
}

func (a *AnswerWriter) isCut() bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.cut
}
