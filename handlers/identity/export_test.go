package identity

import (
	"context"
	"time"

	"duplex/handlers/identity/jwt"
)

// Sweep runs one check of Watch.
func Sweep(ctx context.Context, g *Guard, since time.Time) error { return g.leases.Check(ctx, since) }

// ParseClaims returns subject and expiry of verified claims.
func ParseClaims(payload []byte) (subject string, until time.Time, err error) {
	c, err := jwt.ParseClaims(payload, "groups")
	if err != nil {
		return "", time.Time{}, err
	}
	return c.Subject, c.Until, nil
}
