package bridge

import (
	"context"
	"time"

	"duplex/bridge/diagnose"
	"duplex/bridge/dial"
	"duplex/bridge/transcript"
)

// Kind tells sessions from relays, in records and in the API.
type Kind string

// The kinds of connections.
const (
	KindSession Kind = "session"
	KindRelay   Kind = "relay"
)

// Kinds returns all kinds of connections.
func Kinds() []Kind { return []Kind{KindSession, KindRelay} }

// closer names the party that ended a connection first, in the "closed" event.
type closer string

const (
	closerTarget closer = "target"
	closerPerson closer = "person" // somebody at the browser, or through the API
	closerDuplex closer = "duplex"
)

// closers returns all of them.
func closers() []closer { return []closer{closerTarget, closerPerson, closerDuplex} }

// State is the stage of a session's life.
type State string

// The states, in order.
const (
	Connecting State = "connecting"
	Open       State = "open"
	Closing    State = "closing"
	Closed     State = "closed"
)

// States returns all states in order.
func States() []State { return []State{Connecting, Open, Closing, Closed} }

// Record is what is kept of a session beside its messages.
type Record struct {
	ID          string
	Kind        Kind
	ServiceID   string // "" when it was opened by address
	ServiceName string
	Address     string // masked
	OpenedBy    string
	Access      Access
	OpenedAt    time.Time
	Report      dial.Report
	Counts      Counts
	LastSeq     int64
	Ending      *Ending // nil while it runs
	Pinned      bool    // kept by the retention sweep; of a live session the store alone knows
}

// Counts is how much passed.
type Counts struct {
	Sent          int64
	Received      int64
	Events        int64
	BytesSent     int64
	BytesReceived int64
}

// Ending is how a session ended.
type Ending struct {
	At      time.Time
	Code    int    // as received, or 1006 when no close frame came
	Reason  string // as received
	Clean   bool
	Finding *diagnose.Finding // why, when there is something to explain
}

// SessionFilter selects sessions. The zero value is the newest ones.
type SessionFilter struct {
	Limit      int       // at most so many; 0 is the store's default of 50
	Before     string    // only those opened before the session with this id
	BeforeTime time.Time // when that one was opened; zero is looked up, and then nothing is before one that is gone
	After      string    // only those opened after the session with this id: the nearest to it
	Service    string    // id of a service, or a part of its name or of the address
	OpenedBy   string    // a part of the name
	From, To   time.Time // when it was opened: From is included, To is not; zero is no bound
	State      State     // Open for those that run, Closed for those that have ended
	Broken     bool      // only those that ended without a clean close
	VisibleTo  string    // only those in the lists of the person with this id, where one shared by link is not; "" is all
}

// Recorder keeps sessions and their logs. An error that is ErrStoreAway may heal: the
// same call is made again, with the same messages. Any other error is final.
type Recorder interface {
	StartSession(ctx context.Context, r Record) error

	// Append keeps the next messages of a session, all or none. What it has returned
	// from without error survives the death of the process. Called again after
	// ErrStoreAway, it stores nothing twice. Of the sent messages, those up to the seq
	// delivered were written to their socket: a later one may not have arrived. An empty
	// batch keeps that alone.
	Append(ctx context.Context, session string, batch []transcript.Message, delivered int64) error

	EndSession(ctx context.Context, session string, e Ending, c Counts) error

	// Ping is nil when the store can be read and written now.
	Ping(ctx context.Context) error
}

// Library reads logs back. It sees what Append has stored, at once.
type Library interface {
	Rows(ctx context.Context, session string, q transcript.Query) ([]transcript.Row, error)
	SeqOfClientID(ctx context.Context, session, clientID string) (seq int64, found bool, err error)
}
