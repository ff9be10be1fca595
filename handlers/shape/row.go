package shape

import (
	"encoding/hex"
	"strings"

	"duplex/bridge/dialect"
	"duplex/bridge/transcript"
	"duplex/bridge/wire"
)

// shownBytes is the number of bytes of a binary message in a row.
const shownBytes = 64

// Row maps a row for viewers. It shortens the preview. The noter, which may be nil, labels a row
// that has its head.
func Row(r transcript.Row, noter *dialect.Noter) wire.Row {
	shown, asText := r.Preview, r.AsText()
	switch {
	case asText && int64(len(shown)) < r.Size:
		shown = transcript.WholeCharacters(shown)
	case r.Opcode == transcript.Binary && !asText:
		shown = shown[:min(len(shown), shownBytes)]
	}
	out := wire.Row{
		Row: r, AtUS: r.At.UnixMicro(), Preview: readable(&r, shown), AsText: asText, Truncated: int64(len(shown)) < r.Size,
	}
	if noter != nil && r.Head != nil && r.Direction != transcript.Event {
		m := r.Message(r.Head)
		note := noter.Note(&m, r.Size)
		out.Label, out.Gist, out.Joins, out.Path, out.Sound, out.Error = note.Label, note.Gist, note.Joins, note.Path, note.Sound, note.Error
	}
	return out
}

// readable converts a part of the payload of r to text that JSON can carry.
func readable(r *transcript.Row, part []byte) string {
	if r.Opcode == transcript.Binary && !r.AsText() {
		return hex.EncodeToString(part)
	}
	return strings.ToValidUTF8(string(part), "\uFFFD")
}

// Snippet maps the place of a match in a row: as hex in binary payloads, otherwise as
// valid UTF-8.
func Snippet(r *transcript.Row, s transcript.Snippet) *wire.Snippet {
	return &wire.Snippet{
		Offset: s.Offset, Before: readable(r, s.Before), Match: readable(r, s.Match), After: readable(r, s.After),
	}
}

// Rows maps rows in their order, as Row does.
func Rows(rows []transcript.Row, noter *dialect.Noter) []wire.Row {
	out := make([]wire.Row, len(rows))
	for i, row := range rows {
		out[i] = Row(row, noter)
	}
	return out
}
