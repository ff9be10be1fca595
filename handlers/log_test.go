package handlers_test

import (
	"log/slog"
	"strings"
	"sync"
)

// lockedBuilder collects log lines.
type lockedBuilder struct {
	mu sync.Mutex // guards b
	b  strings.Builder
}

func (l *lockedBuilder) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *lockedBuilder) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

func (l *lockedBuilder) logger() *slog.Logger {
	return slog.New(slog.NewTextHandler(l, &slog.HandlerOptions{Level: slog.LevelDebug}))
}

// endOf returns a log that closes ended with the line of a request of that route.
func endOf(ended chan struct{}, route string) *slog.Logger {
	var once sync.Once
	return slog.New(slog.NewTextHandler(lineFunc(func(line string) {
		if strings.Contains(line, "msg=request ") && strings.Contains(line, "route="+route+" ") {
			once.Do(func() { close(ended) })
		}
	}), nil))
}

type lineFunc func(line string)

func (f lineFunc) Write(p []byte) (int, error) {
	f(string(p))
	return len(p), nil
}
