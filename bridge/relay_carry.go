package bridge

import (
	"context"
	"errors"
	"io"
	"sync"
	"unicode/utf8"

	"github.com/coder/websocket"

	"duplex/bridge/frames"
	"duplex/bridge/transcript"
)

// wholeFrame is the maximum size in bytes of a message that leaves in one frame even if it
// came in several. Some peers cannot read fragments, and browsers send none.
const wholeFrame = 64 << 10

// parts pools the buffers of carry, so that an idle relay holds none.
var parts = sync.Pool{New: func() any { return new(buffer) }}

// buffer holds the largest message that leaves in one frame, and one byte that tells a
// larger one.
type buffer [wholeFrame + 1]byte

// readError is an error of a pump's source.
type readError struct{ err error }

func (e *readError) Error() string { return e.err.Error() }

// carry passes one message: in one frame, or in several while it arrives when it is larger
// than wholeFrame. The error is a *readError, or the error of writing.
func (r *Relay) carry(ctx context.Context, from, to *frames.Conn, d transcript.Direction) error {
	kind, source, err := from.Reader(ctx)
	if err != nil {
		return &readError{err}
	}
	part, _ := parts.Get().(*buffer) // New makes no other
	defer func() { parts.Put(part) }()
	n, isWhole, err := fill(source, part[:])
	if err != nil {
		return &readError{err}
	}
	text := textCheck{on: kind == websocket.MessageText}
	if isWhole {
		if !text.takes(part[:n], true) {
			return &readError{from.Fail(&frames.RuleError{Rule: frames.UTF8})}
		}
		r.count(d, int64(n))
		return to.Write(ctx, kind, part[:n])
	}
	next, _ := parts.Get().(*buffer)
	defer func() { parts.Put(next) }()
	var size int64
	var failed error // after it the rest of the message is read and dropped
	for isFirst, isLast := true, false; !isLast; isFirst = false {
		ahead := 0 // bytes of the next part: none at the end means that this part is the last
		if !isWhole {
			if ahead, isWhole, err = readSome(source, next[:]); err != nil {
				return &readError{err}
			}
		}
		isLast = isWhole && ahead == 0
		if !text.takes(part[:n], isLast) {
			return &readError{from.Fail(&frames.RuleError{Rule: frames.UTF8})}
		}
		if size += int64(n); failed == nil {
			failed = to.WritePart(ctx, kind, part[:n], isFirst, isLast)
		}
		if n = ahead; !isWhole {
			more, ended, err := fill(source, next[ahead:])
			if err != nil {
				return &readError{err}
			}
			n, isWhole = ahead+more, ended
		}
		part, next = next, part
	}
	r.count(d, size)
	return failed
}

// readSome reads at least a byte, unless the message ends.
func readSome(source io.Reader, p []byte) (n int, ended bool, err error) {
	for n == 0 && !ended && err == nil {
		n, err = source.Read(p)
		if errors.Is(err, io.EOF) {
			ended, err = true, nil
		}
	}
	return n, ended, err
}

// fill reads until p is full or the message ends.
func fill(source io.Reader, p []byte) (n int, ended bool, err error) {
	for n < len(p) && !ended && err == nil {
		var more int
		more, ended, err = readSome(source, p[n:])
		n += more
	}
	return n, ended, err
}

// textCheck checks that a text that comes in parts is UTF-8, RFC 6455 section 8.1. A part
// may end within a character.
type textCheck struct {
	on   bool
	kept [utf8.UTFMax]byte // the beginning of a cut character
	have int
}

// takes reports whether the text up to this part is valid, apart from a cut character at the
// end of a part that is not the last.
func (c *textCheck) takes(part []byte, isLast bool) bool {
	if !c.on {
		return true
	}
	for c.have > 0 && len(part) > 0 && !utf8.FullRune(c.kept[:c.have]) {
		c.kept[c.have] = part[0]
		c.have++
		part = part[1:]
	}
	if c.have > 0 && (utf8.FullRune(c.kept[:c.have]) || isLast) {
		if !utf8.Valid(c.kept[:c.have]) {
			return false
		}
		c.have = 0
	}
	end := len(part)
	if !isLast {
		for back := 1; back < utf8.UTFMax && back <= len(part); back++ {
			if at := len(part) - back; utf8.RuneStart(part[at]) {
				if !utf8.FullRune(part[at:]) {
					end = at
				}
				break
			}
		}
	}
	c.have += copy(c.kept[c.have:], part[end:])
	return utf8.Valid(part[:end])
}
