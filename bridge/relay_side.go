package bridge

import (
	"context"
	"io"
	"time"

	"github.com/coder/websocket"

	"duplex/bridge/target"
)

// side is one end of a relay, while a pump reads it.
type side interface {
	source
	Writer(ctx context.Context, kind websocket.MessageType) (io.WriteCloser, error)
	Write(ctx context.Context, kind websocket.MessageType, payload []byte) error
	Ping(ctx context.Context) error

	// close sends a close frame; the pump sees the answer, or the end when none comes.
	close(code websocket.StatusCode, reason string)
	// cut ends the connection at once.
	cut()
}

func (r *Relay) sides(browser *Browser) (near, far side) {
	return browserSide{browser, r.hub.CloseWait}, targetSide{r.target, r.hub.CloseWait}
}

// Browser is a browser's own socket.
type Browser struct {
	*websocket.Conn

	// Cut closes what is beneath: the library's close handshake waits without end for
	// the rest of a message. Reading beneath must not end with io.EOF, which the
	// library takes for the end of a message; see target.ErrCut.
	Cut func()
}

type browserSide struct {
	*Browser

	wait time.Duration // for a close frame to be taken, and again for the answer
}

func (b browserSide) close(code websocket.StatusCode, reason string) {
	late := time.AfterFunc(2*b.wait, b.Cut)
	defer late.Stop()
	_ = b.Close(code, reason)
}

func (b browserSide) cut() { b.Cut() }

type targetSide struct {
	*target.Conn

	wait time.Duration // for the answer to a close frame
}

func (t targetSide) close(code websocket.StatusCode, reason string) {
	time.AfterFunc(t.wait, t.Cut)
	_ = t.SendClose(code, reason)
}

func (t targetSide) cut() { t.Cut() }
