package config

import (
	"errors"
	"fmt"
	"log/slog"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"golang.org/x/net/http/httpguts"

	"duplex/handlers/identity/origin"
)

// The parsers of values. Blanks around a value do not count, but for verbatim.

func text(s string) (string, error) { return strings.TrimSpace(s), nil }

func verbatim(s string) (string, error) { return s, nil }

// words reads a list that commas or blanks divide.
func words(s string) ([]string, error) { return splitWords(s), nil }

func splitWords(s string) []string {
	return strings.FieldsFunc(s, func(r rune) bool { return r == ',' || r == ' ' })
}

func publicURL(s string) (*url.URL, error) {
	if s = strings.TrimSpace(s); s == "" {
		return nil, nil //nolint:nilnil // no public address is set
	}
	u, err := url.Parse(s)
	if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" || strings.Trim(u.Path, "/") != "" || u.RawQuery != "" {
		return nil, errors.New("want scheme and host only, such as https://duplex.example")
	}
	return u, nil
}

func origins(s string) ([]string, error) {
	var list []string
	for _, raw := range splitWords(s) {
		origin, err := origin.Parse(raw)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", raw, err)
		}
		if !slices.Contains(list, origin) {
			list = append(list, origin)
		}
	}
	return list, nil
}

func minutes(s string) (time.Duration, error) {
	n, err := strconv.Atoi(strings.TrimSpace(s))
	if err != nil || n < 1 || n > 7*24*60 {
		return 0, errors.New("want a number of minutes, at most a week")
	}
	return time.Duration(n) * time.Minute, nil
}

// delay reads seconds, or a duration as Go writes it.
func delay(s string) (time.Duration, error) {
	s = strings.TrimSpace(s)
	d, err := time.ParseDuration(s)
	if seconds, number := strconv.Atoi(s); number == nil {
		d, err = time.Duration(seconds)*time.Second, nil
	}
	if err != nil || d < 0 || d > time.Hour {
		return 0, errors.New("want seconds or a duration such as 15s, at most an hour")
	}
	return d, nil
}

func days(s string) (time.Duration, error) {
	n, err := strconv.Atoi(strings.TrimSpace(s))
	if err != nil || n < 0 || n > 36_500 {
		return 0, errors.New("want a number of days, at most 36500, or 0 for ever")
	}
	return time.Duration(n) * 24 * time.Hour, nil
}

// between reads a number of units.
func between(least, most int, unit time.Duration) func(string) (time.Duration, error) {
	name := "seconds"
	if unit == 24*time.Hour {
		name = "days"
	}
	return func(s string) (time.Duration, error) {
		n, err := strconv.Atoi(strings.TrimSpace(s))
		if err != nil || n < least || n > most {
			return 0, fmt.Errorf("want a number of %s from %d to %d", name, least, most)
		}
		return time.Duration(n) * unit, nil
	}
}

// leastFree reads bytes; nothing is -1, which leaves the choice to the store.
func leastFree(s string) (int64, error) {
	if strings.TrimSpace(s) == "" {
		return -1, nil
	}
	return size(s)
}

// size reads bytes, in multiples of 1024 or of 1000 where a unit says so.
func size(s string) (int64, error) {
	units := []struct {
		name  string
		bytes int64
	}{
		{"KiB", 1 << 10},
		{"MiB", 1 << 20},
		{"GiB", 1 << 30},
		{"TiB", 1 << 40},
		{"kB", 1e3},
		{"MB", 1e6},
		{"GB", 1e9},
		{"TB", 1e12},
		{"", 1},
	}
	for _, unit := range units {
		digits, found := strings.CutSuffix(strings.TrimSpace(s), unit.name)
		if !found {
			continue
		}
		n, err := strconv.ParseInt(strings.TrimSpace(digits), 10, 64)
		if err != nil || n < 0 || n > 1<<60/unit.bytes {
			break
		}
		return n * unit.bytes, nil
	}
	return 0, errors.New("want a number of bytes, or one with KiB, MiB, GiB, TiB, kB, MB, GB or TB")
}

func rate(s string) (int, error) {
	n, err := strconv.Atoi(strings.TrimSpace(s))
	if err != nil || n < 0 || n > 100_000 {
		return 0, errors.New("want a number of connections in a minute, or 0 for no bound")
	}
	return n, nil
}

func level(s string) (slog.Level, error) {
	var l slog.Level
	if err := l.UnmarshalText([]byte(strings.TrimSpace(s))); err != nil {
		return l, errors.New("want debug, info, warn or error")
	}
	return l, nil
}

func logFormat(s string) (LogFormat, error) {
	f := LogFormat(strings.TrimSpace(s))
	if f != LogText && f != LogJSON {
		return "", errors.New("want text or json")
	}
	return f, nil
}

func headerName(s string) (string, error) {
	s = strings.TrimSpace(s)
	if s != "" && !httpguts.ValidHeaderFieldName(s) {
		return "", errors.New("want the name of a header")
	}
	return s, nil
}

// groupNames reads a list of groups. Names may hold blanks. Where they hold commas too, as
// names from a directory do, a "|" divides them.
func groupNames(s string) ([]string, error) {
	separator := ","
	if strings.Contains(s, "|") {
		separator = "|"
	}
	var list []string
	for name := range strings.SplitSeq(s, separator) {
		if name = strings.TrimSpace(name); name != "" {
			list = append(list, name)
		}
	}
	return list, nil
}
