// Package vault seals secrets for storage and wraps them in memory, so that no log
// line, format verb or encoder prints one. It does not know the use of a secret or its
// users.
package vault

import (
	"errors"
	"fmt"
	"io"
	"log/slog"
	"strings"
	"unique"
)

const masked = "[secret]"

// Secret is a value that prints as "[secret]" everywhere. Reveal is the only way
// to read it, so every use can be found by name.
//
// The value lies behind a handle and not in a string field: inside an unexported
// field of another struct fmt calls no methods, and prints an address of a handle
// where it would print a string. Secrets of the same value that may go to the same
// places are equal (==).
type Secret struct{ handle unique.Handle[string] } // the Binding as text, a NUL, the value

// NewSecret wraps value; "" gives the zero Secret. The result has no binding: its
// holder decides the destination.
func NewSecret(value string) Secret { return newBound(value, "") }

func newBound(value, binding string) Secret {
	if value == "" {
		return Secret{}
	}
	return Secret{handle: unique.Make(binding + "\x00" + value)}
}

// parts returns the binding and the value. A NUL separates them, which JSON does not
// allow in a binding.
func (s Secret) parts() (binding, value string) {
	if s.IsZero() {
		return "", "" // a zero handle has no value to ask for
	}
	binding, value, _ = strings.Cut(s.handle.Value(), "\x00")
	return binding, value
}

// Reveal returns the value in plain.
func (s Secret) Reveal() string {
	_, value := s.parts()
	return value
}

// IsZero reports whether there is no value.
func (s Secret) IsZero() bool { return s == Secret{} }

// Equal reports whether both are the same; go-cmp asks it too.
func (s Secret) Equal(other Secret) bool { return s == other }

// String implements fmt.Stringer and hides the value.
func (s Secret) String() string { return masked }

// GoString implements fmt.GoStringer and hides the value.
func (s Secret) GoString() string { return masked }

// Format implements fmt.Formatter, so that %x and %d hide the value too.
func (s Secret) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, masked) }

// LogValue implements slog.LogValuer and hides the value.
func (s Secret) LogValue() slog.Value { return slog.StringValue(masked) }

// MarshalText implements encoding.TextMarshaler, and with it JSON and XML, and
// hides the value.
func (s Secret) MarshalText() ([]byte, error) { return []byte(masked), nil }

// GobEncode refuses: a secret leaves memory only sealed.
func (s Secret) GobEncode() ([]byte, error) {
	return nil, errors.New("vault: a secret cannot be encoded")
}
