package dialect

import (
	"time"

	"duplex/bridge/vault"
)

// Template is a text with values in double braces.
type Template struct{}

// Scope has the values that templates use. Maps are only read, apart from Counters.
type Scope struct {
	Vars     map[string]string
	Secrets  map[string]vault.Secret
	Session  map[string]string
	Captured map[string]string
	Local    map[string]string // of "let" and "then"
	Counters map[string]int64
	Hidden   map[string]bool // names of Session, Captured and Local with a value that comes from a secret: Shown has {{NAME}} in its place

	Host, Path, Query string // of the address of the handshake
	Text              string // what is asked
	Chunk             []byte // of audio, in the service's encoding
	Head              []byte // the header of a WAV file for the audio
	Message           *Envelope
	Now               time.Time
	Random            func([]byte) // crypto/rand.Read when nil
}

// Text is a built text. Shown is Wire with markers such as {{secret.api_key}} in place of
// secrets, and of all that was computed from them.
type Text struct {
	Wire, Shown []byte
}

// HasSecret reports whether Shown differs from Wire.
func (t Text) HasSecret() bool { return string(t.Wire) != string(t.Shown) }

// ParseTemplate reads a template; the names must be among names ("secret.key", "voice"), unless
// names is nil. The error is a *TemplateError.
func ParseTemplate(source string, names func(string) bool) (*Template, error) { return nil, nil }

// TemplateError says what is wrong in a template.
type TemplateError struct {
	Offset int    // in bytes
	Name   string // that is undefined; "" for another mistake
	Detail string
}

// Error implements error.
func (e *TemplateError) Error() string { return e.Detail }

// Build returns the text of the template. The error is a *TemplateError.
func (t *Template) Build(s *Scope) (Text, error) { return Text{}, nil }

// String returns the source.
func (t *Template) String() string { return "" }
