package handlers

import (
	"cmp"
	"context"
	"iter"
	"net"
	"strings"
	"sync"
	"time"

	"duplex/bridge/audit"
	"duplex/handlers/identity"
	"duplex/handlers/reply"
)

// Audit is the record of what people do.
type Audit interface {
	// Record keeps entries, all or none, and gives them their number and time.
	Record(ctx context.Context, entries ...audit.Entry) error
	// AuditEntries returns those that f selects. An error is the last item.
	AuditEntries(ctx context.Context, f audit.Filter) iter.Seq2[audit.Entry, error]
	// AuditStanding says how far the chain was checked.
	AuditStanding(ctx context.Context) audit.Standing
}

// auditTime bounds a write to the audit log.
const auditTime = 5 * time.Second

// record writes what is about to be done. What cannot be written is not done.
func (h *Handler) record(ctx context.Context, entries ...audit.Entry) error {
	ctx, cancel := context.WithTimeout(ctx, auditTime)
	defer cancel()
	for i := range entries {
		attribute(ctx, &entries[i])
	}
	if err := h.Audit.Record(ctx, entries...); err != nil {
		return &reply.Fault{Code: "audit_unavailable", Cause: err}
	}
	return nil
}

// note writes what has happened by now: there is nothing left to refuse.
func (h *Handler) note(ctx context.Context, entry audit.Entry) {
	if err := h.record(context.WithoutCancel(ctx), entry); err != nil {
		h.Log.ErrorContext(ctx, "not in the audit log", "action", string(entry.Action), "error", err)
	}
}

// noteFailed writes that what entry says came to nothing.
func (h *Handler) noteFailed(ctx context.Context, entry audit.Entry, err error) {
	entry.Outcome, entry.Detail = audit.Failed, h.errors.MapError(err).Code
	h.note(ctx, entry)
}

// attribute fills in who asks, where from, and in which request.
func attribute(ctx context.Context, e *audit.Entry) {
	a := reply.RequestOf(ctx)
	e.Peer, e.Request = a.Peer, a.ID
	if e.Person == (audit.Person{}) { // a sign-in knows who it is before the request does
		person := identity.Of(ctx)
		e.Person = audit.Person{ID: person.ID, Name: person.Name}
	}
	if e.Outcome == "" {
		e.Outcome = audit.OK
	}
}

// recordSeldom is record for what people do over and over: once an hour for what key
// names, by the same person.
func (h *Handler) recordSeldom(ctx context.Context, key string, entry audit.Entry) error {
	key = keyOf(ctx, key)
	if !h.lately.first(key, h.Now()) {
		return nil
	}
	err := h.record(ctx, entry)
	if err != nil {
		h.lately.forget(key)
	}
	return err
}

// keyOf is what lately knows something by that a person does.
func keyOf(ctx context.Context, key string) string { return identity.Of(ctx).ID + "\n" + key }

// noteSeldom is note for what strangers can make happen as often as they like: of the
// same from the same address, once an hour. Behind a proxy that is everybody's address,
// so people who are known are told apart.
func (h *Handler) noteSeldom(ctx context.Context, entry audit.Entry) {
	host, _, _ := net.SplitHostPort(reply.RequestOf(ctx).Peer)
	who := cmp.Or(entry.Person.ID, identity.Of(ctx).ID)
	if h.lately.first(strings.Join([]string{who, host, string(entry.Action), entry.Detail}, "\n"), h.Now()) {
		h.note(ctx, entry)
	}
}

const (
	latelyTime = time.Hour
	latelySize = 10_000
)

// lately is what was done within the hour.
type lately struct {
	mu sync.Mutex // guards at
	at map[string]time.Time
}

func newLately() *lately { return &lately{at: map[string]time.Time{}} }

// first reports whether key was not there within the hour, and notes it.
func (l *lately) first(key string, now time.Time) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if at, found := l.at[key]; found && now.Sub(at) < latelyTime {
		return false
	}
	if len(l.at) >= latelySize {
		clear(l.at) // rather some entries twice than memory without end
	}
	l.at[key] = now
	return true
}

func (l *lately) forget(key string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	delete(l.at, key)
}
