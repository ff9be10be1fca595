package live

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"github.com/coder/websocket"

	"duplex/bridge"
	"duplex/bridge/dialect"
	"duplex/bridge/wire"
	"duplex/handlers/auditlog"
	"duplex/handlers/identity"
	"duplex/handlers/load"
	"duplex/handlers/quota"
	"duplex/handlers/reply"
	"duplex/handlers/shape"
)

// Viewers attaches browsers to sessions.
type Viewers struct {
	Hub           *bridge.Hub
	Store         RowStore
	Identity      *identity.Guard
	Load          *load.Loader
	Quota         *quota.Quota
	Audit         *auditlog.Log
	Readers       *shape.Readers
	Errors        *reply.Mapper
	Sockets       *Sockets
	Log           *slog.Logger
	PublicOrigins func() []string
	NewID         func() string // unique

	// CloseSession closes the connection of a session to its target for a person.
	CloseSession func(ctx context.Context, id string, code int, reason string) error

	slow atomic.Int64 // viewers that took nothing
}

// Slow returns how many viewers were cut off because they took nothing.
func (h *Viewers) Slow() int64 { return h.slow.Load() }

// dismiss sends the reason and closes the viewer's socket, which listen reads.
func (v *viewer) dismiss(ctx context.Context, err error) {
	code := v.sayBye(ctx, err)
	v.conn.Close(reply.CloseOf(code), string(code))
}

// refuse is dismiss for the goroutine that reads the socket.
func (v *viewer) refuse(ctx context.Context, err error) {
	code := v.sayBye(ctx, err)
	v.conn.closeUnread(reply.CloseOf(code), string(code))
}

// sayBye sends the reason why the socket is closed, and returns its code.
func (v *viewer) sayBye(ctx context.Context, err error) reply.Code {
	f := v.handler.Errors.MapError(err)
	v.handler.Log.InfoContext(ctx, "viewer dismissed", "code", f.Code, "error", err)
	_ = v.writeEvent(&wire.ServerEvent{Type: wire.TypeBye, Error: reply.WireError(v.Words, f)})
	return f.Code
}

const (
	writeTime  = 4500 * time.Millisecond // for one event; a browser that cannot take it reconnects
	pingTime   = bridge.DefaultPingInterval
	pongTime   = 2 * pingTime           // a ping waits behind sendBuffer: at 16 KB/s for 24 s
	rowPace    = 2 * time.Millisecond   // for each row of a batch, before the next one
	pace       = 50 * time.Millisecond  // at most, between batches of rows
	countsTime = 500 * time.Millisecond // between counters, while rows come
	lastTime   = time.Second            // for the last rows, when the process ends
)

const (
	// maxRowsEvent bounds the rows of one event in bytes, about. A browser behind 16 KB/s takes
	// at least one before it is cut off, so it gets on when it comes back.
	maxRowsEvent = 32 << 10
	rowSize      = 150 // of the JSON of a row, without its preview

	// sendBuffer is how much the kernel may keep for a viewer (Linux takes twice the number).
	// Left to itself it keeps 4 MiB of rows for a browser that has stopped reading, and nobody
	// notices until they are full.
	sendBuffer = 192 << 10
)

// errGone says that an event could not be written: the browser has left, or was cut off because
// it did not take the event in time.
var errGone = errors.New("viewer is gone")

// viewer is a browser attached to a session.
type viewer struct {
	handler *Viewers
	conn    *socket
	shape.Reader
	session *bridge.Session // nil when it has ended
	info    func() bridge.Info
	feed    feed
	busy    atomic.Bool   // listen is sending and cannot receive pongs
	shown   chan struct{} // closed when all of an ended session was shown
	begun   chan struct{} // closed when the first state was sent
	turns   int           // told at first; 0 is all

	beginOnce sync.Once
	speech    viewerSpeech // of listen
	labels    struct {     // of show: what labels rows, by the name of its dialect
		name  string
		noter *dialect.Noter
	}

	// of show
	counted   int64     // the newest seq that counters were shown with
	countsAt  time.Time // when counters were shown the last time
	countsDue time.Time // when they are to be shown again; zero when nothing has changed
}

// writeEvent sends one event, as write does.
func (v *viewer) writeEvent(e *wire.ServerEvent) error {
	raw, err := encodeEvent(e)
	if err != nil {
		return err
	}
	return v.write(raw)
}

func encodeEvent(e *wire.ServerEvent) ([]byte, error) {
	raw, err := json.Marshal(e)
	if err != nil {
		return nil, fmt.Errorf("encode %s: %w", e.Type, err)
	}
	return raw, nil
}

// write sends an encoded event. After an error, which is errGone, the socket is cut.
func (v *viewer) write(event []byte) error {
	late := time.AfterFunc(writeTime, v.conn.Cut)
	err := v.conn.Write(websocket.MessageText, event)
	if isSlow := !late.Stop(); err != nil {
		if isSlow {
			v.handler.slow.Add(1)
		}
		v.conn.Cut()
		return errors.Join(errGone, err)
	}
	return nil
}
