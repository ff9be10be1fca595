package wire

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"
)

// MaxClientID is the longest client id, in bytes.
const MaxClientID = 100

// EventError says that a viewer's event cannot be understood. Field is "" when the
// event as a whole is not JSON of the right shape.
type EventError struct{ Field string }

// Error implements error.
func (e *EventError) Error() string { return fmt.Sprintf("viewer event: bad field %q", e.Field) }

// ParseViewerEvent parses an event of a viewer. It refuses an unknown field and a field
// that does not belong to the event's type: ignoring one could do something other than
// the viewer asked. Errors are *EventError.
func ParseViewerEvent(raw []byte) (ViewerEvent, error) {
	var e ViewerEvent
	if !utf8.Valid(raw) { // the decoder would replace invalid bytes and so alter a message
		return e, &EventError{}
	}
	decoder := json.NewDecoder(bytes.NewReader(raw))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&e); err != nil {
		return ViewerEvent{}, &EventError{}
	}
	if _, err := decoder.Token(); !errors.Is(err, io.EOF) {
		return ViewerEvent{}, &EventError{}
	}
	if field := e.wrong(); field != "" {
		return ViewerEvent{}, &EventError{Field: field}
	}
	return e, nil
}

// Payload returns the bytes to send of a "send" event that was parsed.
func (e ViewerEvent) Payload() []byte {
	if e.Opcode == "text" {
		return []byte(e.Text)
	}
	payload, _ := base64.StdEncoding.DecodeString(e.Base64) // ParseViewerEvent has tried it
	return payload
}

// wrong names the first field that is missing, malformed or out of place.
func (e *ViewerEvent) wrong() string {
	switch e.Type {
	case TypeSend:
		return e.wrongSend()
	case TypePrompt:
		return e.wrongPrompt()
	case TypeMicrophone:
		return e.wrongMicrophone()
	case TypeClose:
		if e.ClientID+e.Opcode+e.Text+e.Base64 != "" || e.Rate != 0 || e.On {
			return "type"
		}
		return ""
	default:
		return "type"
	}
}

func (e *ViewerEvent) wrongSend() string {
	_, err := base64.StdEncoding.DecodeString(e.Base64)
	switch {
	case !ValidClientID(e.ClientID) || e.ClientID == "":
		return "client_id"
	case e.Opcode != "text" && e.Opcode != "binary":
		return "opcode"
	case e.Opcode == "binary" && e.Text != "":
		return "text"
	case e.Opcode == "text" && e.Base64 != "" || err != nil:
		return "base64"
	}
	return e.wrongRest()
}

func (e *ViewerEvent) wrongPrompt() string {
	switch {
	case !ValidClientID(e.ClientID) || e.ClientID == "":
		return "client_id"
	case e.Text == "":
		return "text"
	case e.Opcode+e.Base64 != "":
		return "type"
	}
	return e.wrongRest()
}

// The sample rates of microphones, in Hz.
const (
	minMicrophoneRate = 8000
	maxMicrophoneRate = 192000
)

func (e *ViewerEvent) wrongMicrophone() string {
	switch {
	case e.On && (e.Rate < minMicrophoneRate || e.Rate > maxMicrophoneRate), !e.On && e.Rate != 0:
		return "rate"
	case e.ClientID+e.Opcode+e.Text+e.Base64+e.Reason != "" || e.Code != 0:
		return "type"
	}
	return ""
}

// wrongRest names a field of other types of events.
func (e *ViewerEvent) wrongRest() string {
	switch {
	case e.Code != 0:
		return "code"
	case e.Reason != "":
		return "reason"
	case e.Rate != 0:
		return "rate"
	case e.On:
		return "on"
	}
	return ""
}

// ValidClientID reports whether id can name a message: visible ASCII, at most
// MaxClientID bytes. "" is valid and names none.
func ValidClientID(id string) bool {
	return len(id) <= MaxClientID && !strings.ContainsFunc(id, func(r rune) bool { return r <= ' ' || r >= 0x7f })
}
