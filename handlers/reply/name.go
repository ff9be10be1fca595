package reply

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// IsControl reports whether r is a C0 or C1 control character, or DEL.
func IsControl(r rune) bool { return r < ' ' || r >= 0x7f && r <= 0x9f }

// MaxName is the longest name of a service, in characters.
const MaxName = 100

// RequireName refuses names that look like another name.
func RequireName(name string) error { return requireNameIn("name", name) }

func requireNameIn(field, name string) error {
	switch {
	case name == "":
		return Bad(CodeMissingField, field)
	case utf8.RuneCountInString(name) > MaxName:
		return oversize(field, ruleMaxCharacters, utf8.RuneCountInString(name), MaxName)
	case strings.ContainsFunc(name, isUnseen):
		return Bad(CodeBadValue, field)
	}
	return nil
}

// OptionalName returns a name of a field without spaces around it; "" is none.
func OptionalName(field, given string) (string, error) {
	name := strings.TrimSpace(given)
	if name == "" {
		return "", nil
	}
	return name, requireNameIn(field, name)
}

// isUnseen reports controls and characters that change the direction of text.
func isUnseen(r rune) bool {
	return IsControl(r) || unicode.Is(unicode.Bidi_Control, r) || r == '\u2028' || r == '\u2029'
}
