package lease

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"duplex/handlers/identity/principal"
)

const (
	watchTime = 500 * time.Millisecond // between two checks
	overlap   = 10 * time.Second       // accepted difference between the clocks of two processes
)

// Watch ends expired holds until ctx ends. Through the store it learns of changes that
// other processes made.
func (l *Leases) Watch(ctx context.Context) {
	ticker := time.NewTicker(watchTime)
	defer ticker.Stop()
	defer l.tasks.Wait()
	since := l.Now()
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
		next := l.Now()
		if l.isIdle() {
			since = next
			continue
		}
		if err := l.Check(ctx, since.Add(-overlap)); err != nil {
			l.Log.LogAttrs(ctx, slog.LevelWarn, "sign-ins cannot be read", slog.Any("error", err))
			next = since
		}
		since = next
	}
}

func (l *Leases) isIdle() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return len(l.holds) == 0
}

// Check applies the changes in the store since a time and ends expired holds. When the
// store fails, holds still expire by the knowledge of this process.
func (l *Leases) Check(ctx context.Context, since time.Time) error {
	defer func() {
		late := l.Now().Add(-l.Grace)
		l.endHolds(principal.RefusedLease, func(h *hold) bool { return h.until.Before(late) })
	}()
	if l.Store == nil {
		return nil
	}
	changed, err := l.Store.ChangedSignIns(ctx, since)
	if err != nil {
		return err
	}
	for _, s := range changed {
		if s.Ended.IsZero() {
			l.prolong(s.ID, s.Until)
			role, _ := l.Roles.Of(s.Groups)
			l.endHolds(principal.RefusedLease, func(h *hold) bool { return h.key == s.ID && role < h.role })
		} else {
			l.endHolds(principal.RefusedSignedOut, func(h *hold) bool { return h.key == s.ID })
		}
	}
	revoked, err := l.Store.RevokedTokens(ctx, since)
	if err != nil {
		return err
	}
	for _, id := range revoked {
		l.EndToken(id)
	}
	return errors.Join(l.endSignedOut(ctx, since), l.endDemoted(ctx))
}

// endSignedOut ends the holds of people who were signed out, which may be programs:
// holds of browsers end with their sign-ins.
func (l *Leases) endSignedOut(ctx context.Context, since time.Time) error {
	people, err := l.Store.SignedOut(ctx, since)
	if err != nil {
		return err
	}
	l.endHolds(principal.RefusedSignedOut, func(h *hold) bool {
		at, out := people[h.person]
		return out && h.since.Before(at)
	})
	return nil
}

// endDemoted ends the holds of access tokens after a demotion of their owners.
func (l *Leases) endDemoted(ctx context.Context) error {
	for _, id := range l.tokenHolders() {
		known, found, err := l.Store.Person(ctx, id)
		if err != nil {
			return err
		}
		if !found {
			continue
		}
		l.startHolderCheck(ctx, &known)
		role, _ := l.Roles.Of(known.Groups)
		l.endHolds(principal.RefusedLease, func(h *hold) bool { return h.ofToken(id) && role < h.role })
	}
	return nil
}

// startHolderCheck runs CheckHolder for the owner of an access token, when that is due, and
// ends the holds of a refused one.
func (l *Leases) startHolderCheck(ctx context.Context, known *principal.Known) {
	if l.CheckHolder == nil || l.Now().Sub(known.Seen) <= l.CheckAfter {
		return
	}
	id := known.ID
	if _, checking := l.checking.LoadOrStore(id, true); checking {
		return
	}
	l.tasks.Go(func() {
		defer l.checking.Delete(id)
		err := l.CheckHolder(ctx, id)
		if refusal, ok := errors.AsType[*principal.RefusedError](err); ok && refusal.Code != principal.RefusedUnreachable {
			l.endHolds(refusal.Code, func(h *hold) bool { return h.ofToken(id) })
		}
	})
}
