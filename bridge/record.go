package bridge

import (
	"context"
	"time"

	"duplex/bridge/diagnose"
	"duplex/bridge/dial"
	"duplex/bridge/dialect"
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

// Record holds the facts of a session that are stored beside its messages.
type Record struct {
	ID          string
	Kind        Kind
	ServiceID   string // "" when opened by address
	ServiceName string
	Name        string // that people gave to it; "" for none; set by the store alone
	Address     string // masked
	OpenedBy    string
	Access      Access
	OpenedAt    time.Time
	Report      dial.Report
	Counts      Counts
	LastSeq     int64
	Ending      *Ending     // nil while it runs
	Pinned      bool        // exempt from retention; set by the store alone
	Turns       TurnSummary // in lists; set by the store alone

	Dialect     string            // its name; "" for none
	Vars        map[string]string // of the dialect
	Environment string            // that the variables came from; "" for none
}

// Clock returns the time now by the clock of the session: that of its opening, and what has
// passed since. The clock of the machine may have been set in between.
func (r *Record) Clock(now time.Time) time.Time { return r.OpenedAt.Add(now.Sub(r.OpenedAt)) }

// TurnSummary summarizes the turns of a session that have ended.
type TurnSummary struct {
	Turns     int
	Sentences int                // of dialects that join speech to sentences
	Error     *dialect.TurnError // of the first turn that has one; nil for none
}

// TurnTexts holds the texts of one turn that a search looks in. They are valid during the
// call that they are passed to.
type TurnTexts struct {
	Answer, Asked, Error []byte
}

// TurnPlace locates a turn that a search has found.
type TurnPlace struct {
	Session string
	N       int
	Texts   int // that match
}

// OpenedCount is the number of sessions that were opened within a quarter of an hour. All
// time zones begin their days with one.
type OpenedCount struct {
	From     time.Time
	Sessions int64
}

// OpenedQuarter is the time that an OpenedCount covers.
const OpenedQuarter = 15 * time.Minute

// Counts holds the numbers of messages and events, and the bytes of messages.
type Counts struct {
	Sent          int64
	Received      int64
	Events        int64
	BytesSent     int64
	BytesReceived int64
}

// Ending describes the end of a session.
type Ending struct {
	At      time.Time
	Code    int    // as received; 1006 when no close frame came
	Reason  string // as received
	Clean   bool
	Finding *diagnose.Finding // nil when there is nothing to explain
}

// SessionFilter selects sessions. The zero value selects the newest ones.
type SessionFilter struct {
	Limit      int       // 0 is the store's default of 50
	Before     string    // opened before the session with this id
	BeforeTime time.Time // when the session Before was opened; if zero it is looked up, and nothing is selected if that session was deleted
	After      string    // opened after the session with this id, the nearest first
	Service    string    // id of a service, or a part of its name or address
	OpenedBy   string    // a part of the person's name
	From, To   time.Time // opened at From or later, and before To; zero is no limit
	State      State     // Open selects sessions that run, Closed those that have ended
	Broken     bool      // ended without a clean close
	Failed     bool      // ended with an error, or a turn has one
	VisibleTo  string    // in the lists of the person with this id, which leave out sessions shared by link; "" is all
}

// Recorder stores sessions and their logs. After ErrStoreAway and ErrStoreFull the caller
// repeats the call with the same messages. Any other error is final.
type Recorder interface {
	StartSession(ctx context.Context, r Record) error

	// Append stores the next messages of a session, all or none, and returns when they are
	// durable. A repeated call stores nothing twice. Sent messages up to the seq delivered
	// were written to the socket; a later one may not have arrived. An empty batch stores
	// delivered alone. A Message of the batch may stand for several, see Joined.
	Append(ctx context.Context, session string, batch []transcript.Message, delivered int64) error

	EndSession(ctx context.Context, session string, e Ending, c Counts) error

	// Ping returns nil when the store can be read and written now.
	Ping(ctx context.Context) error
}

// Library reads logs. It sees messages as soon as Append has returned.
type Library interface {
	Rows(ctx context.Context, session string, q transcript.Query) ([]transcript.Row, error)
	SeqOfClientID(ctx context.Context, session, clientID string) (seq int64, found bool, err error)
}
