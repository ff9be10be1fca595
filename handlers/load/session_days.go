package load

import (
	"context"
	"time"

	"duplex/bridge"
	"duplex/handlers/access"
)

// Day is a day of a time zone, with the sessions that were opened on it.
type Day struct {
	From, To time.Time // its midnights
	Sessions int64
}

// Days counts the sessions that a filter selects by day, newest first. Days without one
// are left out.
func (l *Loader) Days(ctx context.Context, f bridge.SessionFilter, zone *time.Location) ([]Day, error) {
	counts, err := l.Store.CountOpened(ctx, access.VisibleSessions(ctx, f))
	if err != nil {
		return nil, err
	}
	var days []Day
	for _, c := range counts {
		if len(days) == 0 || c.From.Before(days[len(days)-1].From) {
			days = append(days, dayOf(c.From, zone))
		}
		days[len(days)-1].Sessions += c.Sessions
	}
	return days, nil
}

func dayOf(at time.Time, zone *time.Location) Day {
	y, m, d := at.In(zone).Date()
	return Day{From: time.Date(y, m, d, 0, 0, 0, 0, zone), To: time.Date(y, m, d+1, 0, 0, 0, 0, zone)}
}

// Openers returns the names of the people whose sessions the person may see.
func (l *Loader) Openers(ctx context.Context) ([]string, error) {
	return l.Store.Openers(ctx, access.VisibleSessions(ctx, bridge.SessionFilter{}))
}
