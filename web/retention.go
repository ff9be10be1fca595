package main

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"duplex/web/internal/store"
)

const (
	sweepEvery = time.Minute
	sweepPause = 200 * time.Millisecond // between parts of a large sweep, so that live sessions come to write
)

// startSweep deletes the sessions that r does not keep, and finishes interrupted
// deletions, until stop is called.
func startSweep(ctx context.Context, st *store.Store, r store.Retention, log *slog.Logger) (stop func()) {
	life, end := context.WithCancel(ctx)
	var sweeping sync.WaitGroup
	sweeping.Go(func() {
		for life.Err() == nil {
			deleted, more, err := st.Sweep(life, r)
			if deleted > 0 {
				log.InfoContext(life, "sessions were deleted: they are no longer kept", "sessions", deleted)
			}
			if err != nil && life.Err() == nil {
				log.WarnContext(life, "the retention sweep was broken off; it is tried again", "error", err)
			}
			if more && err == nil {
				pause(life, sweepPause)
			} else {
				pause(life, sweepEvery)
			}
		}
	})
	return func() {
		end()
		sweeping.Wait()
	}
}
