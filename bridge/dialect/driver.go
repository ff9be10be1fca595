package dialect

import (
	"time"

	"duplex/bridge/transcript"
)

// Driver speaks a dialect on one connection: it runs the opening script, sends texts and
// frames of audio, answers, and keeps the connection open. It does no input or output: it is
// told what happens and when, and returns what to send. It is not safe for concurrent use.
type Driver struct{}

// Outgoing is a message to send. Shown is stored in the log, Wire is sent.
type Outgoing struct {
	Opcode      transcript.Opcode
	Wire, Shown []byte
	Mark        bool
}

// NewDriver returns a Driver of a connection.
func NewDriver(c *Connection) *Driver { return &Driver{} }

// Start begins the opening script.
func (d *Driver) Start(now time.Time) ([]Outgoing, error) { return nil, nil }

// Received takes a message of the service.
func (d *Driver) Received(m *transcript.Message) ([]Outgoing, error) { return nil, nil }

// Next returns when Tick is to be called; zero is never.
func (d *Driver) Next() time.Time { return time.Time{} }

// Tick goes on with what waits for time.
func (d *Driver) Tick(now time.Time) ([]Outgoing, error) { return nil, nil }
