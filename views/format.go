package views

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"
)

// initials stands in for a name where only an icon fits: "ASR prod" -> "AP".
func initials(name string) string {
	var out []rune
	for _, word := range strings.FieldsFunc(name, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) }) {
		out = append(out, unicode.ToUpper([]rune(word)[0]))
		if len(out) == 2 {
			break
		}
	}
	return string(out)
}

// count is a whole number with thousands apart: 1,204.
func count(n int64) string {
	digits := strconv.FormatInt(n, 10)
	for at := len(digits) - 3; at > 0 && digits[at-1] != '-'; at -= 3 {
		digits = digits[:at] + "," + digits[at:]
	}
	return digits
}

// span is a duration as people read it: 0.4 s, 12 s, 3 min 04 s, 2 h 05 min.
func span(d time.Duration) string {
	switch {
	case d < 10*time.Second:
		return fmt.Sprintf("%.1f s", d.Seconds())
	case d < time.Minute:
		return fmt.Sprintf("%d s", int(d.Seconds()))
	case d < time.Hour:
		return fmt.Sprintf("%d min %02d s", int(d.Minutes()), int(d.Seconds())%60)
	default:
		return fmt.Sprintf("%d h %02d min", int(d.Hours()), int(d.Minutes())%60)
	}
}

// minute is a time as a field of a form takes it, in UTC; "" for none.
func minute(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format("2006-01-02T15:04")
}

// short is the beginning of a hash, enough to tell it by.
func short(hash string) string {
	if len(hash) <= 12 {
		return hash
	}
	return hash[:12] + "…"
}

// tail is the end of an id, which is its random part.
func tail(id string) string { return id[max(0, len(id)-6):] }

// hostOf is a peer without its port, which says nothing to people.
func hostOf(peer string) string {
	if at := strings.LastIndexByte(peer, ':'); at > 0 {
		return strings.Trim(peer[:at], "[]")
	}
	return peer
}

func current(path, link string) string {
	if path == link {
		return "page"
	}
	return "false"
}

func selected(yes bool) string {
	if yes {
		return "page"
	}
	return "false"
}

func chosen(yes bool) string {
	if yes {
		return "true"
	}
	return "false"
}

func hasDemo(services []ServiceLink) bool {
	return slices.ContainsFunc(services, func(s ServiceLink) bool { return s.Demo != "" })
}

// shortName leaves out what the list's own heading says.
func shortName(s ServiceLink) string {
	if s.Demo == "" {
		return s.Name
	}
	return strings.TrimPrefix(s.Name, "Demo · ")
}

// pinTitle is what pressing the button does.
func pinTitle(m Shell, row HistoryRow) string {
	if row.Pinned {
		return m.Say("history.unpin")
	}
	return m.Say("history.pin")
}
