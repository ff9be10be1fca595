package dialect

import (
	"bytes"
	"slices"
	"unicode/utf8"
)

// completeJSON returns JSON that was cut off with its open strings, arrays and objects closed,
// so that values before the cut can be read. A member without its value is left out.
func completeJSON(head []byte) []byte {
	c := jsonCut{head: head}
	for c.at < len(head) {
		c.step(head[c.at])
		c.at++
	}
	return c.close()
}

// jsonCut follows the structure of JSON up to a cut.
type jsonCut struct {
	head   []byte
	at     int
	open   []byte // the closing brackets of open arrays and objects, the innermost last
	quoted bool
	escape int    // bytes of an escape in a string that are still to come
	key    bool   // a name of a member is read, or comes next
	safe   int    // up to here all values are whole
	wanted []byte // open, there
}

func (c *jsonCut) step(b byte) {
	switch {
	case c.escape > 0:
		if c.escape--; c.escape == 0 && b == 'u' && c.head[c.at-1] == '\\' {
			c.escape = 4
		}
	case c.quoted && b == '\\':
		c.escape = 1
	case c.quoted:
		if b == '"' {
			c.quoted = false
			c.endValue(1)
		}
	case b == '"':
		c.quoted = true
	case b == '{' || b == '[':
		c.open = append(c.open, b+2) // "{" and "}", "[" and "]" are two apart in ASCII
		c.key = b == '{'
		c.keep(1)
	case b == '}' || b == ']':
		c.endValue(0)
		c.open = c.open[:max(0, len(c.open)-1)]
		c.keep(1)
		c.key = false
	case b == ',':
		c.endValue(0)
		c.key = len(c.open) > 0 && c.open[len(c.open)-1] == '}'
	case b == ':':
		c.key = false
	}
}

// endValue notes that a value ends here; size is 1 when the current byte belongs to it.
func (c *jsonCut) endValue(size int) {
	if !c.key {
		c.keep(size)
	}
}

func (c *jsonCut) keep(size int) {
	c.safe = c.at + size
	c.wanted = append(c.wanted[:0], c.open...)
}

// close returns the head up to the cut, or up to the last whole value.
func (c *jsonCut) close() []byte {
	if c.quoted && !c.key {
		end := len(c.head)
		if c.escape > 0 {
			end = bytes.LastIndexByte(c.head, '\\')
		}
		out := append(bytes.Clone(wholeUTF8(c.head[:end])), '"')
		return closeBrackets(out, c.open)
	}
	return closeBrackets(bytes.Clone(c.head[:c.safe]), c.wanted)
}

// wholeUTF8 returns text without a last character that is cut.
func wholeUTF8(text []byte) []byte {
	before := max(0, len(text)-utf8.UTFMax)
	return text[:before+len(wholeRunes(string(text[before:])))]
}

func closeBrackets(out, open []byte) []byte {
	for _, bracket := range slices.Backward(open) {
		out = append(out, bracket)
	}
	return out
}
