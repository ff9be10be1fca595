package identity

import (
	"context"
	"time"
)

// Sweep is one look of Watch.
func Sweep(ctx context.Context, g *Guard, since time.Time) error { return g.sweep(ctx, since) }
