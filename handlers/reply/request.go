package reply

import (
	"context"
)

// Request identifies a request in both logs, before its person is known.
type Request struct {
	ID   string // the same in the program's log and in the audit log
	Peer string // the other end of the connection
}

// RequestKey is the context key of a Request.
type RequestKey struct{}

// RequestOf returns the request of ctx, or the zero Request.
func RequestOf(ctx context.Context) Request {
	a, _ := ctx.Value(RequestKey{}).(Request)
	return a
}
