package transcript

import (
	"bufio"
	"bytes"
	"encoding/base64"
	"encoding/json"
	"errors"
	"io"
	"unicode/utf8"
)

// LargePayload is a payload that is read part by part.
type LargePayload interface {
	io.ReadSeeker
	// Size returns its length in bytes.
	Size() int64
}

// partBytes is the part of a large payload that is held in memory.
const partBytes = 64 << 10

// size is the length of the payload in bytes.
func (m *Message) size() int {
	if m.Large != nil {
		return int(m.Large.Size())
	}
	return len(m.Payload)
}

// parts hands the payload to do in order. No part ends within a character.
func (m *Message) parts(do func([]byte) error) error {
	if m.Large == nil {
		return do(m.Payload)
	}
	if _, err := m.Large.Seek(0, io.SeekStart); err != nil {
		return err
	}
	buffer, have := make([]byte, partBytes), 0
	for {
		n, err := m.Large.Read(buffer[have:])
		have += n
		end := have
		switch {
		case err == nil:
			end = len(WholeCharacters(buffer[:have]))
		case !errors.Is(err, io.EOF):
			return err
		}
		if failed := do(buffer[:end]); failed != nil || err != nil {
			return failed
		}
		have = copy(buffer, buffer[end:have])
	}
}

// isUTF8 reports whether the payload is UTF-8.
func (m *Message) isUTF8() (valid bool, err error) {
	valid = true
	err = m.parts(func(part []byte) error {
		valid = valid && utf8.Valid(part)
		return nil
	})
	return valid, err
}

// encodeLarge writes value as a line of JSON, with a large payload in its member, which
// is an empty string there: as text, or in base64.
func encodeLarge(out *bufio.Writer, value any, member string, m *Message, text bool) error {
	var around bytes.Buffer
	enc := json.NewEncoder(&around)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(value); err != nil {
		return err
	}
	// Within a string every quote is escaped, so this is found as a member alone.
	before, after, _ := bytes.Cut(around.Bytes(), []byte(`"`+member+`":""`))
	_, _ = out.Write(before) // a bufio.Writer keeps its error
	_, _ = out.WriteString(`"` + member + `":"`)
	payload := base64.NewEncoder(base64.StdEncoding, out)
	if text {
		payload = jsonText{out}
	}
	err := m.parts(func(part []byte) error {
		_, err := payload.Write(part)
		return err
	})
	if err == nil {
		err = payload.Close()
	}
	if err != nil {
		return err
	}
	_, _ = out.WriteString(`"`)
	_, err = out.Write(after)
	return err
}

// jsonText escapes text for the inside of a JSON string.
type jsonText struct{ out *bufio.Writer }

// Write implements io.Writer.
func (w jsonText) Write(text []byte) (int, error) {
	var quoted bytes.Buffer
	enc := json.NewEncoder(&quoted)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(string(text)); err != nil {
		return 0, err
	}
	_, err := w.out.Write(quoted.Bytes()[1 : quoted.Len()-2]) // without the quotes and the line break
	return len(text), err
}

// Close implements io.Closer.
func (w jsonText) Close() error { return nil }
