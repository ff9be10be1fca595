package dialect

import (
	"fmt"
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

// StepError says that a step of a script failed: a message that was waited for did not come
// in time, or a message could not be built.
type StepError struct {
	Step   string        // its place in the dialect: "open[1]"
	Wait   string        // the match that was waited for; "" when the step sends
	Within time.Duration // of the wait
	Err    error         // of building a message; nil when a wait was not met
}

// Error implements error.
func (e *StepError) Error() string {
	if e.Err != nil {
		return fmt.Sprintf("step %s: %v", e.Step, e.Err)
	}
	return fmt.Sprintf("step %s: no message with %s within %s", e.Step, e.Wait, e.Within)
}

// Unwrap returns the error of building a message.
func (e *StepError) Unwrap() error { return e.Err }

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
