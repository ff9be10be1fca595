package shape

import (
	"cmp"
	"strconv"
	"strings"
	"unicode/utf8"

	"duplex/bridge"
	"duplex/views/text"
)

// longestWords is the number of characters of the service's words in an outcome.
const longestWords = 60

// Outcome says in a few words how a session ended, the service's own first, and reports
// whether that is an error: "closed 1000", "1011, the model crashed", "504 in a message".
// It is "" while the session runs.
func Outcome(t *text.Catalogue, info *bridge.Info) (words string, failed bool) {
	e := info.Ending
	if e == nil {
		return "", false
	}
	code := strconv.Itoa(e.Code)
	switch e.Code {
	case 1000, 1001, 1005: // RFC 6455 section 7.4.1: not for an error
	default:
		said := cmp.Or(oneLine(e.Reason), oneLine(saidOf(info)), t.Say("history.outcome."+code, nil))
		if said == "history.outcome."+code {
			return t.Say("history.outcome.closed", map[string]string{"code": code}), true
		}
		return t.Say("history.outcome.words", map[string]string{"code": code, "words": said}), true
	}
	if fault, found := faultOf(info); found {
		if fault == "" {
			return t.Say("history.outcome.in_message", nil), true
		}
		return t.Say("history.outcome.code_in_message", map[string]string{"code": fault}), true
	}
	if !e.Clean {
		return t.Say("history.outcome.not_clean", map[string]string{"code": code}), true
	}
	return t.Say("history.outcome.closed", map[string]string{"code": code}), false
}

// saidOf returns the service's words of the finding, else those of the first turn with an
// error.
func saidOf(info *bridge.Info) string {
	if f := info.Ending.Finding; f != nil && f.Said != nil && f.Said.Values["words"] != "" {
		return f.Said.Values["words"]
	}
	if e := info.Turns.Error; e != nil {
		return cmp.Or(e.Message, e.Code)
	}
	return ""
}

// faultOf returns the code of an error that came in a message; "" when it has none.
func faultOf(info *bridge.Info) (code string, found bool) {
	if e := info.Turns.Error; e != nil {
		return oneLine(e.Code), true
	}
	if f := info.Ending.Finding; f != nil && f.MessageSeq > 0 && f.Said != nil {
		return oneLine(f.Said.Values["code"]), true
	}
	return "", false
}

// oneLine shortens words to one line.
func oneLine(words string) string {
	words = strings.Join(strings.Fields(strings.ToValidUTF8(words, "\uFFFD")), " ")
	if utf8.RuneCountInString(words) > longestWords {
		words = string([]rune(words)[:longestWords-1]) + "…"
	}
	return words
}
