package dialect

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"math/bits"
	"strconv"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// decodeJSON reads one JSON value (RFC 8259) as encoding/json does with json.Number: numbers
// keep their digits, bytes that are not UTF-8 become U+FFFD, and of members with one name the
// last counts. Every message of a log is read, and with audio in base64 encoding/json takes
// several times as long.
func decodeJSON(text []byte) (any, error) {
	r := jsonReader{text: text}
	r.skipSpace()
	if r.at == len(text) {
		return nil, errors.New("read JSON: the message is empty")
	}
	v, err := r.value(0)
	if err != nil {
		return nil, fmt.Errorf("read JSON: %w", err)
	}
	if r.skipSpace(); r.at < len(text) {
		return nil, errors.New("read JSON: more follows the value")
	}
	return v, nil
}

// jsonReader reads a text from left to right.
type jsonReader struct {
	text []byte
	at   int
}

var errCutJSON = errors.New("it ends within a value")

func (r *jsonReader) wrong(wanted string) error {
	if r.at >= len(r.text) {
		return errCutJSON
	}
	return fmt.Errorf("%s is missing at byte %d", wanted, r.at)
}

func (r *jsonReader) skipSpace() {
	for r.at < len(r.text) {
		switch r.text[r.at] {
		case ' ', '\t', '\r', '\n':
			r.at++
		default:
			return
		}
	}
}

// take passes a byte if it comes next.
func (r *jsonReader) take(c byte) bool {
	if r.at < len(r.text) && r.text[r.at] == c {
		r.at++
		return true
	}
	return false
}

// value reads the value that begins here, inside of depth arrays and objects.
func (r *jsonReader) value(depth int) (any, error) {
	if r.at == len(r.text) {
		return nil, errCutJSON
	}
	switch c := r.text[r.at]; c {
	case '{', '[':
		if depth >= maxJSONDepth {
			return nil, fmt.Errorf("nested more than %d deep", maxJSONDepth)
		}
		r.at++
		if c == '{' {
			return r.object(depth + 1)
		}
		return r.array(depth + 1)
	case '"':
		r.at++
		return r.string()
	case 't':
		return true, r.word("true")
	case 'f':
		return false, r.word("false")
	case 'n':
		return nil, r.word("null")
	default:
		return r.number()
	}
}

func (r *jsonReader) word(word string) error {
	if !bytes.HasPrefix(r.text[r.at:], []byte(word)) {
		return r.wrong("a value")
	}
	r.at += len(word)
	return nil
}

func (r *jsonReader) object(depth int) (any, error) {
	members := map[string]any{}
	if r.skipSpace(); r.take('}') {
		return members, nil
	}
	for {
		if r.skipSpace(); !r.take('"') {
			return nil, r.wrong("a name")
		}
		name, err := r.string()
		if err != nil {
			return nil, err
		}
		if r.skipSpace(); !r.take(':') {
			return nil, r.wrong("a colon")
		}
		r.skipSpace()
		if members[name], err = r.value(depth); err != nil {
			return nil, err
		}
		if r.skipSpace(); r.take('}') {
			return members, nil
		}
		if !r.take(',') {
			return nil, r.wrong("a comma")
		}
	}
}

func (r *jsonReader) array(depth int) (any, error) {
	items := []any{}
	if r.skipSpace(); r.take(']') {
		return items, nil
	}
	for {
		r.skipSpace()
		item, err := r.value(depth)
		if err != nil {
			return nil, err
		}
		items = append(items, item)
		if r.skipSpace(); r.take(']') {
			return items, nil
		}
		if !r.take(',') {
			return nil, r.wrong("a comma")
		}
	}
}

func (r *jsonReader) digits() bool {
	start := r.at
	for r.at < len(r.text) && r.text[r.at] >= '0' && r.text[r.at] <= '9' {
		r.at++
	}
	return r.at > start
}

func (r *jsonReader) number() (any, error) {
	start := r.at
	r.take('-')
	if !r.take('0') && !r.digits() {
		return nil, r.wrong("a value")
	}
	if r.take('.') && !r.digits() {
		return nil, r.wrong("a digit")
	}
	if r.take('e') || r.take('E') {
		if !r.take('+') {
			r.take('-')
		}
		if !r.digits() {
			return nil, r.wrong("a digit")
		}
	}
	return json.Number(r.text[start:r.at]), nil
}

// string reads the rest of a string, after its first quote.
func (r *jsonReader) string() (string, error) {
	start := r.at
	r.at += plainPrefix(r.text[r.at:])
	if r.take('"') {
		return string(r.text[start : r.at-1]), nil
	}
	out := append(make([]byte, 0, r.at-start+32), r.text[start:r.at]...)
	for r.at < len(r.text) {
		switch c := r.text[r.at]; {
		case c == '"':
			r.at++
			return string(out), nil
		case c == '\\':
			r.at++
			var err error
			if out, err = r.escape(out); err != nil {
				return "", err
			}
		case c < ' ':
			return "", fmt.Errorf("a control character is in a string at byte %d", r.at)
		case c < utf8.RuneSelf:
			n := max(1, plainPrefix(r.text[r.at:]))
			out = append(out, r.text[r.at:r.at+n]...)
			r.at += n
		default:
			char, size := utf8.DecodeRune(r.text[r.at:])
			out = utf8.AppendRune(out, char)
			r.at += size
		}
	}
	return "", errCutJSON
}

// plainPrefix returns the number of bytes before the first quote, backslash, control or byte
// outside of ASCII. It looks at eight bytes at a time: the top bit of a byte of special is set
// for the first of these, and perhaps for bytes after it.
func plainPrefix(text []byte) int {
	const low, high = 0x0101010101010101, 0x8080808080808080
	at := 0
	for ; at+8 <= len(text); at += 8 {
		word := binary.LittleEndian.Uint64(text[at:])
		quote, backslash := word^(low*'"'), word^(low*'\\')
		special := (word - low*' ') | (quote - low) | (backslash - low) | word
		if special &= high; special != 0 {
			return at + bits.TrailingZeros64(special)/8
		}
	}
	for at < len(text) && text[at] >= ' ' && text[at] < utf8.RuneSelf && text[at] != '"' && text[at] != '\\' {
		at++
	}
	return at
}

// escape reads an escape after its backslash.
func (r *jsonReader) escape(out []byte) ([]byte, error) {
	if r.at == len(r.text) {
		return nil, errCutJSON
	}
	c := r.text[r.at]
	r.at++
	switch c {
	case '"', '\\', '/':
		return append(out, c), nil
	case 'b':
		return append(out, '\b'), nil
	case 'f':
		return append(out, '\f'), nil
	case 'n':
		return append(out, '\n'), nil
	case 'r':
		return append(out, '\r'), nil
	case 't':
		return append(out, '\t'), nil
	case 'u':
		char, ok := r.hex()
		if !ok {
			return nil, r.wrong("a hexadecimal digit")
		}
		if utf16.IsSurrogate(char) {
			char = r.lowSurrogate(char)
		}
		return utf8.AppendRune(out, char), nil
	}
	r.at--
	return nil, r.wrong("an escape")
}

// hex reads four hexadecimal digits.
func (r *jsonReader) hex() (rune, bool) {
	if r.at+4 > len(r.text) {
		r.at = len(r.text)
		return 0, false
	}
	digits := string(r.text[r.at : r.at+4])
	n, err := strconv.ParseUint(digits, 16, 16)
	if err != nil || strings.ContainsAny(digits, "+-_") {
		return 0, false
	}
	r.at += 4
	return rune(n), true
}

// lowSurrogate reads the second half of a pair; a half alone is U+FFFD.
func (r *jsonReader) lowSurrogate(first rune) rune {
	back := r.at
	if r.take('\\') && r.take('u') {
		if second, ok := r.hex(); ok {
			if char := utf16.DecodeRune(first, second); char != utf8.RuneError {
				return char
			}
		}
	}
	r.at = back
	return utf8.RuneError
}
