package transcript

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"regexp"
	"unicode/utf8"
)

// How much of a payload a snippet shows, in bytes; of binary ones half as much, since
// each byte is shown as two digits.
const (
	snippetBefore = 64
	snippetMatch  = 192
	snippetAfter  = 192
)

// Snippet is the first match in a payload with what stands around it.
type Snippet struct {
	Offset int64 // of the match in the payload, in bytes
	Before []byte
	Match  []byte // its beginning, when it is long
	After  []byte
}

// Finder finds what a query looks for. It is there to show why a row was found, so
// it never says that one was found wrongly.
type Finder struct {
	first  func(payload []byte) []int  // where the first match begins and ends; nil when there is none
	runes  func(r io.RuneReader) []int // the same while reading; nil for text, which needs none
	window int                         // bytes of text that the end of one reading may share with the next
}

// NewFinder returns a *QueryError when the query's text is not a regular expression.
func NewFinder(q Query) (*Finder, error) {
	if !q.Regex && !q.FoldCase {
		text := []byte(q.Text)
		return &Finder{window: len(text), first: func(payload []byte) []int {
			if at := bytes.Index(payload, text); at >= 0 {
				return []int{at, at + len(text)}
			}
			return nil
		}}, nil
	}
	text := q.Text
	if !q.Regex {
		text = regexp.QuoteMeta(text)
	}
	if q.FoldCase {
		text = "(?i)" + text
	}
	re, err := regexp.Compile(text)
	if err != nil {
		return nil, &QueryError{Pattern: q.Text, Err: err}
	}
	f := &Finder{window: utf8.UTFMax * len(q.Text), first: re.FindIndex}
	if q.Regex {
		f.runes = re.FindReaderIndex
	}
	return f, nil
}

// InPreview looks where most matches are: in what a row carries anyway. The second
// result is false when the match has to be looked for in the payload.
func (f *Finder) InPreview(r *Row) (Snippet, bool) {
	at := f.first(r.Preview)
	if at == nil || at[1] == len(r.Preview) && int64(len(r.Preview)) < r.Size {
		return Snippet{}, false
	}
	return snippetOf(r.Opcode, r.Preview, 0, at[0], at[1]), true
}

// InPayload looks in a whole payload, in memory that does not grow with it. The
// second result is false when there is no match.
func (f *Finder) InPayload(opcode Opcode, payload io.ReadSeeker) (Snippet, bool, error) {
	from, to, err := f.find(payload)
	if err != nil || from < 0 {
		return Snippet{}, false, err
	}
	start := max(0, from-snippetBefore)
	if _, err := payload.Seek(start, io.SeekStart); err != nil {
		return Snippet{}, false, fmt.Errorf("read around a match: %w", err)
	}
	around := make([]byte, min(to, from+snippetMatch)+snippetAfter-start)
	n, err := io.ReadFull(payload, around)
	if err != nil && !atEnd(err) {
		return Snippet{}, false, fmt.Errorf("read around a match: %w", err)
	}
	return snippetOf(opcode, around[:n], start, int(from-start), int(min(to-start, int64(n)))), true, nil
}

// find returns the bounds of the first match; from is negative when there is none.
func (f *Finder) find(payload io.Reader) (from, to int64, err error) {
	if f.runes != nil {
		r := newRuneReader(payload)
		if at := f.runes(r); at != nil {
			return int64(at[0]), int64(at[1]), nil
		}
		return -1, 0, r.err
	}
	buf := make([]byte, f.window+64<<10)
	held, passed := 0, int64(0)
	for {
		n, err := io.ReadFull(payload, buf[held:])
		held += n
		if at := f.first(buf[:held]); at != nil {
			return passed + int64(at[0]), passed + int64(at[1]), nil
		}
		if atEnd(err) {
			return -1, 0, nil
		}
		if err != nil {
			return -1, 0, err
		}
		kept := copy(buf, buf[held-f.window:held])
		passed += int64(held - kept)
		held = kept
	}
}

// atEnd reports whether io.ReadFull got less because there is no more.
func atEnd(err error) bool {
	return errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF)
}

// snippetOf cuts a snippet out of a part of a payload that begins at offset.
func snippetOf(opcode Opcode, part []byte, offset int64, from, to int) Snippet {
	before, match, after := snippetBefore, snippetMatch, snippetAfter
	if opcode == Binary {
		before, match, after = before/2, match/2, after/2
	}
	start, end := max(0, from-before), min(to, from+match)
	stop := min(len(part), end+after)
	if opcode != Binary {
		for start > 0 && start < from && !utf8.RuneStart(part[start]) {
			start++
		}
		if end < to {
			end = max(from, characterEnd(part, end))
		}
		if stop < len(part) {
			stop = max(end, characterEnd(part, stop))
		}
	}
	s := Snippet{Offset: offset + int64(from), Before: part[start:from], Match: part[from:end]}
	if end == to {
		s.After = part[end:stop]
	}
	return s
}
