package reply

import (
	"context"
)

// Request identifies a request in both logs, before its person is known.
type Request struct {
	ID   string // the same in the program's log and in the audit log
	Peer string // the other end of the connection
}

type RequestKey struct{}

func RequestOf(ctx context.Context) Request {
	a, _ := ctx.Value(RequestKey{}).(Request)
	return a
}
