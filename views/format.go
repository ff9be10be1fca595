package views

import (
	"fmt"
	"strconv"
	"strings"
	"time"
	"unicode"

	"duplex/views/text"
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
func count(n int64) string { return text.Digits(n) }

// Elapsed formats the time a connection lasts as a clock: 00:41, 06:11, 1:02:05.
func Elapsed(d time.Duration) string {
	s := int(max(0, d).Seconds())
	if s < 3600 {
		return fmt.Sprintf("%02d:%02d", s/60, s%60)
	}
	return fmt.Sprintf("%d:%02d:%02d", s/3600, s/60%60, s%60)
}

// Size formats a number of bytes in powers of 1000: 48 B, 26.4 kB, 388 kB.
func Size(bytes int64) string {
	if bytes < 1000 {
		return strconv.FormatInt(bytes, 10) + " B"
	}
	value, unit := float64(bytes), ""
	for _, next := range []string{"kB", "MB", "GB", "TB"} {
		if value < 999.5 {
			break
		}
		value, unit = value/1000, next
	}
	if value < 99.95 {
		return fmt.Sprintf("%.1f %s", value, unit)
	}
	return fmt.Sprintf("%.0f %s", value, unit)
}

// Minute formats a time for a form field, in UTC; "" for the zero time.
func Minute(t time.Time) string {
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

// micros is a time as data for scripts.
func micros(t time.Time) string { return strconv.FormatInt(t.UnixMicro(), 10) }

// zulu is a time for datetime attributes.
func zulu(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05.000Z") }

// viewPanel returns the id of the element that a view of a session fills.
func viewPanel(view string) string {
	if view == "messages" {
		return "log"
	}
	return view
}
