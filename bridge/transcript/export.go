package transcript

import (
	"encoding/json"
	"io"
	"iter"
	"maps"
	"slices"
	"time"

	"duplex/bridge/dial"
)

// Head describes the session of an export. It contains no secrets.
type Head struct {
	Session     string // its id
	Service     string // the service's name; "" when the session was opened by address
	Address     string // masked
	OpenedBy    string
	OpenedAt    time.Time
	Report      dial.Report // of the handshake, masked
	EndedAt     time.Time   // zero while the session runs
	CloseCode   int         // as received; 0 while the session runs
	CloseReason string      // as received
	Turns       []Turn      // to be written too
}

// Turn is a request and its answer, as an export shows them.
type Turn struct {
	N            int
	Asked        string          // the text that was sent, or what a recogniser heard
	Answer       string          // joined
	State, Error string          // the error in the service's words; "" for none
	JSON         json.RawMessage // all of it, as the API shows it
}

// Exporter writes a log in one format. It holds one message in memory at a time, and one
// part of a large message, so a slow reader of a long session costs no memory. Output
// written before an error is not taken back.
type Exporter func(w io.Writer, head Head, messages iter.Seq2[Message, error]) error

// Format is an export format.
type Format struct {
	Name        string // in the API; also the extension of the file
	ContentType string
	Write       Exporter
}

// DefaultFormat is the name of the format for requests that name none.
const DefaultFormat = "jsonl"

// formats holds the formats by name. Each format's file registers its own: a new format
// is one file here, and one sentence in each language ("page.export.NAME").
var formats = map[string]Format{}

// register adds a format. The result has no meaning; it allows a call outside of functions.
func register(f Format) struct{} {
	formats[f.Name] = f
	return struct{}{}
}

// Formats returns every export format, the default first and the others by name.
func Formats() []Format {
	names := slices.Sorted(maps.Keys(formats))
	all := []Format{formats[DefaultFormat]}
	for _, name := range names {
		if name != DefaultFormat {
			all = append(all, formats[name])
		}
	}
	return all
}

// FormatOf returns the format of that name; false when there is none.
func FormatOf(name string) (Format, bool) {
	f, ok := formats[name]
	return f, ok
}
