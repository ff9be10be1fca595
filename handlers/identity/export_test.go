package identity

import (
	"context"
	"time"
)

// Sweep is one look of Watch.
func Sweep(ctx context.Context, g *Guard, since time.Time) error { return g.sweep(ctx, since) }

// ParseClaims reads whom verified claims name, and until when.
func ParseClaims(payload []byte) (subject string, until time.Time, err error) {
	c, err := parseClaims(payload, "groups")
	if err != nil {
		return "", time.Time{}, err
	}
	return c.subject, c.until, nil
}
