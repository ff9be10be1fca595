package reply

import (
	"strings"
	"time"
)

// Zone reads the IANA name of a time zone; UTC when it is not given.
func (q *Query) Zone(name string) *time.Location {
	zone, ok := ZoneOf(q.Values.Get(name))
	if !ok {
		q.Wrong(name)
	}
	return zone
}

// ZoneOf returns the time zone with an IANA name, and UTC for an unknown one. The zone of
// the server's machine has no name here.
func ZoneOf(name string) (zone *time.Location, ok bool) {
	if len(name) > 64 || strings.EqualFold(name, "local") {
		return time.UTC, false
	}
	zone, err := time.LoadLocation(name)
	if err != nil {
		return time.UTC, false
	}
	return zone, true
}
