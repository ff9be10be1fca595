package views

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"
)

// initials shortens a name to at most two letters for an icon: "ASR prod" -> "AP".
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

// count formats a whole number with a thousands separator: 1,204.
func count(n int64) string {
	digits := strconv.FormatInt(n, 10)
	for at := len(digits) - 3; at > 0 && digits[at-1] != '-'; at -= 3 {
		digits = digits[:at] + "," + digits[at:]
	}
	return digits
}

// span formats a duration: 0.4 s, 12 s, 3 min 04 s, 2 h 05 min.
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

// minute formats a time for a form field, in UTC; "" for the zero time.
func minute(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format("2006-01-02T15:04")
}

// short returns the first 12 characters of a hash.
func short(hash string) string {
	if len(hash) <= 12 {
		return hash
	}
	return hash[:12] + "…"
}

// tail returns the last 6 characters of an id, which are random.
func tail(id string) string { return id[max(0, len(id)-6):] }

// hostOf returns a peer address without its port.
func hostOf(peer string) string {
	if at := strings.LastIndexByte(peer, ':'); at > 0 {
		return strings.Trim(peer[:at], "[]")
	}
	return peer
}

// current returns the aria-current of a link.
func current(path, link string) string {
	if path == link {
		return "page"
	}
	return "false"
}

// selected returns the aria-current of a selected entry.
func selected(yes bool) string {
	if yes {
		return "page"
	}
	return "false"
}

// chosen returns the aria-pressed or aria-checked of a choice.
func chosen(yes bool) string {
	if yes {
		return "true"
	}
	return "false"
}

func hasDemo(services []ServiceLink) bool {
	return slices.ContainsFunc(services, func(s ServiceLink) bool { return s.Demo != "" })
}

// shortName removes the prefix "Demo · ", which the heading of the list repeats.
func shortName(s ServiceLink) string {
	if s.Demo == "" {
		return s.Name
	}
	return strings.TrimPrefix(s.Name, "Demo · ")
}

// pinTitle returns the title of the pin button, which names its effect.
func pinTitle(m Shell, row HistoryRow) string {
	if row.Pinned {
		return m.Say("history.unpin")
	}
	return m.Say("history.pin")
}

// viewPanel returns the id of the element that a view of a session fills.
func viewPanel(view string) string {
	if view == "messages" {
		return "log"
	}
	return view
}
