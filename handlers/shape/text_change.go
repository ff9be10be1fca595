package shape

import (
	"strings"
	"unicode/utf16"
	"unicode/utf8"

	"duplex/bridge/dialect"
	"duplex/bridge/wire"
)

// AppendTextChange appends the change of a text, if there is one.
func AppendTextChange(changes []wire.TextUpdate, stream dialect.Stream, before, now string) []wire.TextUpdate {
	if before == now {
		return changes
	}
	kept := commonPrefix(before, now)
	return append(changes, wire.TextUpdate{Stream: stream, Keep: utf16Length(now[:kept]), Text: now[kept:]})
}

// commonPrefix returns the length in bytes of the common beginning of a and b, in whole
// characters.
func commonPrefix(a, b string) int {
	if strings.HasPrefix(b, a) {
		return len(a)
	}
	n := 0
	for n < min(len(a), len(b)) && a[n] == b[n] {
		n++
	}
	for n > 0 && n < len(b) && !utf8.RuneStart(b[n]) {
		n--
	}
	return n
}

// utf16Length returns the length of a text in UTF-16 code units, which are those of
// JavaScript.
func utf16Length(s string) (n int) {
	for _, r := range s {
		n += utf16.RuneLen(r)
	}
	return n
}
