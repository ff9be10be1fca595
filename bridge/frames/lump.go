package frames

import "sync"

// lumpSize is the number of bytes that are read at once. A lump holds any message that
// passes as it came, see maxPassed.
const lumpSize = 128 << 10

// lump is a buffer for input. It is taken from a pool while there is input.
type lump [lumpSize]byte

var lumps = sync.Pool{New: func() any { return new(lump) }}

func takeLump() *lump {
	l, _ := lumps.Get().(*lump) // New makes no other
	return l
}

func (l *lump) put() { lumps.Put(l) }

// room gives memory to read into. A reader that has to wait closes it before.
type room interface {
	open() []byte
	close()
}

// slice is a room that is held.
type slice []byte

func (s *slice) open() []byte { return *s }

func (*slice) close() {}

// noInputError is the error of a read that would have to wait. TLS takes it as it takes the error
// of a deadline: the next read continues, within a record too.
type noInputError struct{}

var errNoInput error = noInputError{}

// Error implements error.
func (noInputError) Error() string { return "no input yet" }

// Timeout implements net.Error.
func (noInputError) Timeout() bool { return true }

// Temporary implements net.Error.
func (noInputError) Temporary() bool { return true }
