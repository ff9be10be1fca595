package frames

import "unicode/utf8"

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

// window is the number of bytes that takesMasked unmasks at once: they stay near the processor.
const window = 8 << 10

// takesMasked is takes for a part that is masked, and stays so.
func (c *textCheck) takesMasked(part []byte, key [4]byte, isLast bool) bool {
	if !c.on || key == [4]byte{} {
		return c.takes(part, isLast)
	}
	plain := takeLump()
	defer plain.put()
	for len(part) > window {
		if maskLong(plain[:window], part[:window], key); !c.takes(plain[:window], false) {
			return false
		}
		part = part[window:]
	}
	maskLong(plain[:len(part)], part, key)
	return c.takes(plain[:len(part)], isLast)
}
