package transcript

import (
	"bufio"
	"bytes"
	"encoding/hex"
	"fmt"
	"io"
	"iter"
	"time"
	"unicode"
	"unicode/utf8"
)

var _ = register(Format{Name: "txt", ContentType: "text/plain; charset=utf-8", Write: WriteTXT})

const (
	txtDate = "2006-01-02"
	txtTime = "15:04:05.000"
)

func arrow(d Direction) string {
	switch d {
	case Sent:
		return "↑"
	case Received:
		return "↓"
	default:
		return "·"
	}
}

// WriteTXT writes the session for a person to read in a terminal or an editor.
// Nothing a target sent can act there or pass for a line of ours: control and
// bidirectional characters are escaped, and every line of a payload is indented.
// Times are UTC. Programs that want the exact bytes read JSONL.
func WriteTXT(w io.Writer, head Head, messages iter.Seq2[Message, error]) error {
	out := bufio.NewWriter(w)
	writeTXTHead(out, head)
	day := head.OpenedAt.UTC().Format(txtDate)
	for m, err := range messages {
		if err != nil {
			return fmt.Errorf("export txt: %w", err)
		}
		at := m.At.UTC()
		if today := at.Format(txtDate); today != day {
			day = today
			_, _ = fmt.Fprintf(out, "\n# %s\n", day)
		}
		if err := writeTXTMessage(out, at, &m); err != nil {
			return fmt.Errorf("export txt: %w", err)
		}
	}
	for i := range head.Turns {
		if err := writeTXTTurn(out, &head.Turns[i]); err != nil {
			return fmt.Errorf("export txt: %w", err)
		}
	}
	return out.Flush()
}

// writeTXTTurn writes the joined text of a turn.
func writeTXTTurn(out *bufio.Writer, t *Turn) error {
	_, _ = fmt.Fprintf(out, "\n# turn %d %s\n", t.N, escapedLine(t.State))
	for _, part := range []struct{ name, text string }{{"asked", t.Asked}, {"answer", t.Answer}, {"error", t.Error}} {
		if part.text == "" {
			continue
		}
		_, _ = fmt.Fprintf(out, "# %s:\n", part.name)
		body := &indenter{w: out}
		writeEscaped(body, []byte(part.text), true)
		if err := body.end(); err != nil {
			return err
		}
	}
	return nil
}

func writeTXTHead(out *bufio.Writer, head Head) {
	field := func(name, value string) {
		if value != "" {
			_, _ = fmt.Fprintf(out, "# %s: %s\n", name, escapedLine(value))
		}
	}
	field("session", head.Session)
	field("service", head.Service)
	field("address", head.Address)
	if tls := head.Report.TLS; tls != nil && tls.Unverified {
		field("certificate", "NOT CHECKED")
	}
	field("subprotocol", head.Report.Subprotocol)
	field("opened by", head.OpenedBy)
	field("opened", head.OpenedAt.UTC().Format(time.RFC3339Nano))
	if !head.EndedAt.IsZero() {
		field("ended", head.EndedAt.UTC().Format(time.RFC3339Nano))
		field("close code", fmt.Sprint(head.CloseCode))
		field("close reason", head.CloseReason)
	}
	_ = out.WriteByte('\n')
}

func writeTXTMessage(out *bufio.Writer, at time.Time, m *Message) error {
	kind := string(m.Opcode)
	if m.Direction == Event {
		kind = escapedLine(m.Event)
	}
	_, _ = fmt.Fprintf(out, "%s %s %d %s %d B", at.Format(txtTime), arrow(m.Direction), m.Seq, kind, m.size())
	if m.Sender != "" {
		_, _ = fmt.Fprintf(out, " %s", escapedLine(m.Sender))
	}
	_ = out.WriteByte('\n')
	if m.size() == 0 {
		return nil
	}
	body := &indenter{w: out}
	if m.Opcode == Binary {
		return dump(body, m)
	}
	err := m.parts(func(part []byte) error {
		writeEscaped(body, part, true)
		_, err := out.Write(nil) // the error that out keeps
		return err
	})
	if err != nil {
		return err
	}
	return body.end()
}

// dump writes the bytes as hex beside their printable characters.
func dump(body *indenter, m *Message) error {
	d := hex.Dumper(body)
	err := m.parts(func(part []byte) error {
		_, err := d.Write(part)
		return err
	})
	if err != nil {
		return err
	}
	if err := d.Close(); err != nil {
		return err
	}
	return body.end()
}

// indenter begins every line with four blanks.
type indenter struct {
	w      *bufio.Writer
	inLine bool
}

func (i *indenter) Write(p []byte) (int, error) {
	for line := range bytes.Lines(p) {
		if !i.inLine {
			_, _ = i.w.WriteString("    ")
		}
		if _, err := i.w.Write(line); err != nil {
			return 0, err
		}
		i.inLine = line[len(line)-1] != '\n'
	}
	return len(p), nil
}

// end finishes the last line.
func (i *indenter) end() error {
	if !i.inLine {
		return nil
	}
	return i.w.WriteByte('\n')
}

// escapedLine escapes a value for one line.
func escapedLine(value string) string {
	var b bytes.Buffer
	writeEscaped(&b, []byte(value), false)
	return b.String()
}

// writeEscaped writes text with control characters made visible. The writer keeps its
// own error (bufio) or has none.
func writeEscaped(w io.Writer, text []byte, lines bool) {
	plain := 0 // start of the part that needs no escape
	for i := 0; i < len(text); {
		r, size := utf8.DecodeRune(text[i:])
		if escape := escapeOf(r, text[i], size, lines); escape != "" {
			_, _ = w.Write(text[plain:i])
			_, _ = io.WriteString(w, escape)
			plain = i + size
		}
		i += size
	}
	_, _ = w.Write(text[plain:])
}

// escapeOf returns the escape for r, or "" for a harmless one.
func escapeOf(r rune, first byte, size int, lines bool) string {
	switch {
	case r == utf8.RuneError && size == 1:
		return fmt.Sprintf(`\x%02x`, first)
	case lines && (r == '\n' || r == '\t'):
		return ""
	case unicode.IsControl(r): // C0, DEL and C1
		return fmt.Sprintf(`\x%02x`, r)
	case unicode.Is(unicode.Bidi_Control, r), r == '\u2028', r == '\u2029':
		return fmt.Sprintf(`\u%04x`, r)
	}
	return ""
}
