package bridge

import (
	"context"
	"sync"

	"github.com/coder/websocket"
)

// EndAccess ends the open connections that which selects, because the people who opened
// them may no longer use their service. A session is closed with 1008; the browser of a
// relay is told code and reason, and its target that we go away. EndAccess returns when
// they have ended, or ctx is over, with what was true of them before.
func (h *Hub) EndAccess(ctx context.Context, code int, reason string, which func(*Info) bool) []Info {
	var ended []Info
	var all sync.WaitGroup
	for _, c := range h.connections() {
		info := c.Info()
		if info.State != Open || !which(&info) {
			continue
		}
		ended = append(ended, info)
		all.Go(func() {
			switch c := c.(type) {
			case *Session:
				_ = c.closeAs(ctx, closerDuplex, int(websocket.StatusPolicyViolation), reason)
			case *Relay:
				c.Expire(code, reason)
			}
		})
	}
	over := make(chan struct{})
	go func() {
		all.Wait()
		close(over)
	}()
	select {
	case <-over:
	case <-ctx.Done():
	}
	return ended
}
