package transcript

import (
	"errors"
	"fmt"
	"io"
	"unicode/utf8"
)

// How much of a payload a snippet shows, in bytes; of binary ones half as much, since
// each byte is shown as two digits.
const (
	snippetBefore = 64
	snippetMatch  = 192
	snippetAfter  = 192
)

// Snippet is the first match in a payload with the bytes around it.
type Snippet struct {
	Offset int64 // of the match in the payload, in bytes
	Before []byte
	Match  []byte // its beginning, when it is long
	After  []byte
}

// InPreview searches the preview, which holds most matches. The second result is false
// when the payload has to be searched.
func (f *Finder) InPreview(r *Row) (Snippet, bool) {
	at := f.Find(r.Preview)
	if at == nil || at[1] == len(r.Preview) && int64(len(r.Preview)) < r.Size {
		return Snippet{}, false
	}
	return snippetOf(r.ShownAs(), r.Preview, 0, at[0], at[1]), true
}

// InPayload looks in a whole payload, in memory that does not grow with it. The
// second result is false when there is no match.
func (f *Finder) InPayload(opcode Opcode, payload io.ReadSeeker) (Snippet, bool, error) {
	from, to, err := f.FindReader(payload)
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

// InText looks in a text that is in memory. The second result is false when there is no match.
func (f *Finder) InText(text string) (Snippet, bool) {
	at := f.Find([]byte(text))
	if at == nil {
		return Snippet{}, false
	}
	return snippetOf(Text, []byte(text), 0, at[0], at[1]), true
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
