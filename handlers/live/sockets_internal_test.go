package live

import (
	"log/slog"
	"strings"
	"testing"
)

// lines takes what is written, a write at a time.
type lines chan string

func (l lines) Write(p []byte) (int, error) {
	l <- string(p)
	return len(p), nil
}

func TestPanicEndsItsSocketAlone(t *testing.T) {
	written, left := make(lines, 1), make(chan struct{})
	carry(t.Context(), slog.New(slog.NewTextHandler(written, nil)), func() {
		defer close(left)
		panic("a row without a session")
	})
	<-left
	if line := <-written; !strings.Contains(line, "a row without a session") || !strings.Contains(line, "sockets_internal_test.go") {
		t.Errorf("logged %s", line)
	}
}
