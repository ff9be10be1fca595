package bridge

import (
	"context"
	"sync"

	"github.com/coder/websocket"
)

// EndAccess ends the selected open connections, because the people who opened them may no
// longer use their service. A session is closed with 1008. The browser of a relay gets code
// and reason, its target 1001. EndAccess returns when they have ended, or ctx has, with
// their Info from before.
func (h *Hub) EndAccess(ctx context.Context, code int, reason string, selects func(*Info) bool) []Info {
	var ended []Info
	var all sync.WaitGroup
	for _, c := range h.connections() {
		info := c.Info()
		if info.State != Open || !selects(&info) {
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
