package dialect

import (
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Explain returns the sentence for an error of the service: by its code, else by the longest
// key that is in its words.
func (d *Dialect) Explain(code, words string) (Sentence, bool) {
	if s, known := d.Errors[code]; known && code != "" {
		return s, true
	}
	longest := ""
	for key := range d.Errors {
		if len(key) > len(longest) && hasWord(words, key) {
			longest = key
		}
	}
	return d.Errors[longest], longest != ""
}

// ExplainClose returns the sentence for a close frame: by its reason, else by its code.
func (d *Dialect) ExplainClose(code int, reason string) (Sentence, bool) {
	if s, known := d.Explain(reason, reason); known {
		return s, true
	}
	s, known := d.Errors[strconv.Itoa(code)]
	return s, known
}

// hasWord reports whether a text has a word, which no letter or digit touches.
func hasWord(text, word string) bool {
	for rest := text; word != ""; {
		at := strings.Index(rest, word)
		if at < 0 {
			return false
		}
		before, _ := utf8.DecodeLastRuneInString(rest[:at])
		after, _ := utf8.DecodeRuneInString(rest[at+len(word):])
		if !isWordRune(before) && !isWordRune(after) {
			return true
		}
		rest = rest[at+len(word):]
	}
	return false
}

func isWordRune(r rune) bool {
	return r != utf8.RuneError && (unicode.IsLetter(r) || unicode.IsDigit(r))
}
