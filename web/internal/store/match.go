package store

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"regexp"
	"strings"

	"duplex/bridge/transcript"
)

// matcher says whether a payload matches a query.
type matcher interface {
	whole(payload []byte) bool
	stream(payload io.Reader) (bool, error) // in memory that does not grow with the payload
}

func newMatcher(q transcript.Query) (matcher, error) {
	if !q.Regex && (!q.FoldCase || isASCII(q.Text)) {
		if q.FoldCase {
			return literal{text: []byte(strings.ToLower(q.Text)), index: indexFold}, nil
		}
		return literal{text: []byte(q.Text), index: bytes.Index}, nil
	}
	text := q.Text
	if !q.Regex { // folding beyond ASCII is what the regular expressions know
		text = regexp.QuoteMeta(text)
	}
	if q.FoldCase {
		text = "(?i)" + text
	}
	re, err := regexp.Compile(text)
	if err != nil {
		return nil, &transcript.QueryError{Pattern: q.Text, Err: err}
	}
	return pattern{re}, nil
}

func isASCII(text string) bool {
	return strings.IndexFunc(text, func(r rune) bool { return r >= 0x80 }) < 0
}

// literal finds text as it stands, or in any case.
type literal struct {
	text  []byte
	index func(payload, text []byte) int
}

func (l literal) whole(payload []byte) bool { return l.index(payload, l.text) >= 0 }

// stream keeps the end of what it has seen in front of what it reads next, so that
// text across the border of two reads is found.
func (l literal) stream(payload io.Reader) (bool, error) {
	keep := len(l.text) - 1
	buf := make([]byte, keep+partBytes)
	held := 0
	for {
		n, err := payload.Read(buf[held:])
		held += n
		if l.whole(buf[:held]) {
			return true, nil
		}
		if errors.Is(err, io.EOF) {
			return false, nil
		}
		if err != nil {
			return false, err
		}
		held = copy(buf, buf[max(0, held-keep):held])
	}
}

// indexFold is bytes.Index without regard to the case of ASCII letters; lower is
// in lower case.
func indexFold(payload, lower []byte) int {
	for i := 0; i+len(lower) <= len(payload); i++ {
		n := 0
		for n < len(lower) && lowerASCII(payload[i+n]) == lower[n] {
			n++
		}
		if n == len(lower) {
			return i
		}
	}
	return -1
}

func lowerASCII(b byte) byte {
	if 'A' <= b && b <= 'Z' {
		return b + 'a' - 'A'
	}
	return b
}

// pattern is an RE2 expression. It can be matched as a stream, since it never
// looks back.
type pattern struct{ re *regexp.Regexp }

func (p pattern) whole(payload []byte) bool { return p.re.Match(payload) }

func (p pattern) stream(payload io.Reader) (bool, error) {
	r := &runes{Reader: bufio.NewReader(payload)}
	return p.re.MatchReader(r), r.err
}

// runes remembers why reading stopped: MatchReader takes every error for the end.
type runes struct {
	*bufio.Reader
	err error
}

func (r *runes) ReadRune() (rune, int, error) {
	c, size, err := r.Reader.ReadRune()
	if err != nil && !errors.Is(err, io.EOF) {
		r.err = err
	}
	return c, size, err
}
