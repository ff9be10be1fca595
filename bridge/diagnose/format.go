package diagnose

import (
	"net/netip"
	"regexp"
	"strconv"
	"strings"
	"time"

	"duplex/bridge/dial"
)

// regionName matches a region of Huawei Cloud in a host name such as
// infer-modelarts-cn-north-4.modelarts-infer.com.
var regionName = regexp.MustCompile(`(?:^|[.-])((?:cn|ap|af|sa|la|na|eu|my|ru|me|ae|tr)-[a-z]+-\d{1,3})(?:[.-]|$)`)

func region(host string) string {
	if m := regionName.FindStringSubmatch(host); m != nil {
		return m[1]
	}
	return ""
}

// resolved lists the addresses of a name; "" for a host that is an address.
func resolved(host string, addresses []netip.Addr) string {
	if _, err := netip.ParseAddr(host); err == nil {
		return ""
	}
	texts := make([]string, len(addresses))
	for i, a := range addresses {
		texts[i] = a.String()
	}
	return strings.Join(texts, ", ")
}

func phases(p dial.Phases) string {
	var parts []string
	for _, step := range []struct {
		name string
		took time.Duration
	}{{"DNS", p.DNS}, {"TCP", p.TCP}, {"CONNECT", p.Proxy}, {"TLS", p.TLS}, {"HTTP", p.Upgrade}} {
		if step.took > 0 {
			parts = append(parts, step.name+" "+span(step.took))
		}
	}
	return strings.Join(parts, ", ")
}

func date(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format("2006-01-02 15:04 UTC")
}

func moment(t time.Time) string { return t.UTC().Format("2006-01-02 15:04:05 UTC") }

// span writes a duration in one unit: "12 s".
func span(d time.Duration) string {
	in := func(unit time.Duration, name string) string {
		return strconv.FormatInt(int64(d.Round(unit)/unit), 10) + " " + name
	}
	switch {
	case d < time.Millisecond:
		return "<1 ms"
	case d < time.Second:
		return in(time.Millisecond, "ms")
	case d < 100*time.Second:
		return in(time.Second, "s")
	case d < 100*time.Minute:
		return in(time.Minute, "min")
	case d < 48*time.Hour:
		return in(time.Hour, "h")
	}
	return in(24*time.Hour, "d")
}

// limitSize writes a limit in bytes as documents of services have it: "12 MiB", "64 KiB", else
// as size.
func limitSize(bytes int64) string {
	switch {
	case bytes >= 1<<20 && bytes%(1<<20) == 0:
		return strconv.FormatInt(bytes>>20, 10) + " MiB"
	case bytes >= 1<<10 && bytes%(1<<10) == 0:
		return strconv.FormatInt(bytes>>10, 10) + " KiB"
	}
	return size(bytes)
}

// size writes bytes in decimal units: "1.0 MB".
func size(bytes int64) string {
	switch n := float64(bytes); {
	case bytes < 1000:
		return strconv.FormatInt(bytes, 10) + " B"
	case bytes < 1_000_000:
		return strconv.FormatFloat(n/1e3, 'f', 1, 64) + " kB"
	default:
		return strconv.FormatFloat(n/1e6, 'f', 1, 64) + " MB"
	}
}
