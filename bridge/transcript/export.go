package transcript

import (
	"io"
	"iter"
	"time"

	"duplex/bridge/dial"
)

// Head is what an export says of the session itself. Nothing in it is secret.
type Head struct {
	Session     string // its id
	Service     string // the service's name; "" when it was opened by address
	Address     string // masked
	OpenedBy    string
	OpenedAt    time.Time
	Report      dial.Report // of the handshake, masked
	EndedAt     time.Time   // zero while the session runs
	CloseCode   int         // as received; 0 while the session runs
	CloseReason string      // as received
}

// Exporter writes a log in one format. It holds one message in memory at a time, and of
// a large one a part, whatever the length of the session: a reader may take its time.
// What w has got before an error stays there.
type Exporter func(w io.Writer, head Head, messages iter.Seq2[Message, error]) error

// Formats is every export format by its name in the API.
func Formats() map[string]Exporter {
	return map[string]Exporter{"jsonl": WriteJSONL, "har": WriteHAR, "txt": WriteTXT}
}
