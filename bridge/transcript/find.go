package transcript

import (
	"bytes"
	"errors"
	"io"
	"regexp"
	"strings"
	"unicode/utf8"
)

// findBytes is the size of one read of a payload.
const findBytes = 1 << 20

// Finder finds the text or the expression of a query in payloads. It is safe for
// concurrent use.
type Finder struct {
	find    func(payload []byte) []int
	stream  func(r io.RuneReader) []int // for expressions, which have no greatest length; else nil
	longest int                         // bytes that a match of text can have
	text    []byte                      // for plain text; else nil
	folded  bool                        // text is in lower case
}

// NewFinder returns a *QueryError when the query's text is not a regular expression.
func NewFinder(q Query) (*Finder, error) {
	if !q.Regex && (!q.FoldCase || isASCII(q.Text)) {
		text, index := []byte(q.Text), bytes.Index
		if q.FoldCase {
			text, index = []byte(strings.ToLower(q.Text)), indexFold
		}
		return &Finder{longest: len(text), text: text, folded: q.FoldCase, find: func(payload []byte) []int {
			if at := index(payload, text); at >= 0 {
				return []int{at, at + len(text)}
			}
			return nil
		}}, nil
	}
	text := q.Text
	if !q.Regex { // folding beyond ASCII is done by package regexp
		text = regexp.QuoteMeta(text)
	}
	if q.FoldCase {
		text = "(?i)" + text
	}
	re, err := regexp.Compile(text)
	if err != nil {
		return nil, &QueryError{Pattern: q.Text, Err: err}
	}
	f := &Finder{find: re.FindIndex, longest: utf8.UTFMax * len(q.Text)}
	if q.Regex {
		f.stream = re.FindReaderIndex
	}
	return f, nil
}

func isASCII(text string) bool {
	return strings.IndexFunc(text, func(r rune) bool { return r >= utf8.RuneSelf }) < 0
}

// Text returns the text that a match has, byte by byte; nil when only Find knows. When
// folded, it is ASCII in lower case, and the letters of a match may be of either case.
func (f *Finder) Text() (text []byte, folded bool) { return f.text, f.folded }

// Find returns the bounds of the first match; nil when there is none.
func (f *Finder) Find(payload []byte) []int { return f.find(payload) }

// FindReader returns the bounds of the first match in memory that does not grow with
// the payload; from is negative when there is none. Errors are those of payload.
func (f *Finder) FindReader(payload io.Reader) (from, to int64, err error) {
	if f.stream != nil {
		r := newRuneReader(payload)
		if at := f.stream(r); at != nil {
			return int64(at[0]), int64(at[1]), nil
		}
		return -1, 0, r.err
	}
	return f.findText(payload)
}

// findText keeps the end of one reading in front of the next, so that text across
// their border is found.
func (f *Finder) findText(payload io.Reader) (from, to int64, err error) {
	buf := make([]byte, f.longest+findBytes)
	held, passed := 0, int64(0)
	for {
		n, err := payload.Read(buf[held:])
		held += n
		if at := f.find(buf[:held]); at != nil {
			return passed + int64(at[0]), passed + int64(at[1]), nil
		}
		if errors.Is(err, io.EOF) {
			return -1, 0, nil
		}
		if err != nil {
			return -1, 0, err
		}
		kept := copy(buf, buf[max(0, held-f.longest):held])
		passed += int64(held - kept)
		held = kept
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
