package main

import (
	"context"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"duplex/handlers/reply"
	"duplex/web/internal/store"
)

// tendEvery is the interval of checking the store's files and free space.
const tendEvery = time.Second

// conditionOf names the store's condition for people.
func conditionOf(c store.Condition) reply.Condition {
	switch c.Trouble {
	case store.Full:
		return reply.Condition{Code: "storage_full", Values: map[string]string{"free": mebibytes(c.Free), "floor": mebibytes(c.Floor)}}
	case store.Lost:
		return reply.Condition{Code: "store_lost"}
	case store.Damaged:
		return reply.Condition{Code: "store_damaged"}
	}
	return reply.Condition{}
}

func mebibytes(n int64) string { return fmt.Sprintf("%.1f MiB", float64(n)/(1<<20)) }

// startTending gives free space back, and tells the log and everybody who watches when
// the store's condition changes, until stop is called.
func startTending(ctx context.Context, st *store.Store, changed func(), log *slog.Logger) (stop func()) {
	life, end := context.WithCancel(ctx)
	var tending sync.WaitGroup
	tending.Go(func() {
		last := store.Condition{}
		for life.Err() == nil {
			if err := st.Tend(life); err != nil && life.Err() == nil {
				log.WarnContext(life, "free space could not be given back", "error", err)
			}
			now := st.Condition()
			if now.Trouble != last.Trouble {
				tellCondition(life, now, log)
				changed()
			}
			last = now
			pause(life, tendEvery)
		}
	})
	return func() {
		end()
		tending.Wait()
	}
}

func tellCondition(ctx context.Context, c store.Condition, log *slog.Logger) {
	switch c.Trouble {
	case "":
		log.InfoContext(ctx, "the store is in order again")
	case store.Full:
		log.WarnContext(ctx, "the disk of the database is full: nothing new is begun", "dir", c.Path, "free", c.Free, "floor", c.Floor)
	case store.Lost:
		log.ErrorContext(ctx, "a file of the database is gone, or another is in its place: nothing is stored", "path", c.Path)
	case store.Damaged: // it was said where it was found
	}
}
