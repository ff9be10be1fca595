// Package auditlog writes to the audit log on behalf of a request, and reads pages of it.
package auditlog

import (
	"cmp"
	"context"
	"iter"
	"log/slog"
	"net"
	"strings"
	"time"

	"duplex/bridge/audit"
	"duplex/handlers/identity"
	"duplex/handlers/reply"
)

// Log writes entries with the person, the peer and the id of the request.
type Log struct {
	Entries Entries
	Log     *slog.Logger
	Now     func() time.Time
	NewID   func() string // unique
	Errors  *reply.Mapper

	recent recentEntries
}

// Entries stores the audit log.
type Entries interface {
	// Record keeps entries, all or none, and gives them their number and time.
	Record(ctx context.Context, entries ...audit.Entry) error
	// AuditEntries returns the entries that f selects. An error is the last item.
	AuditEntries(ctx context.Context, f audit.Filter) iter.Seq2[audit.Entry, error]
	// AuditStanding returns the result of the last check of the chain.
	AuditStanding(ctx context.Context) audit.Standing
}

// auditTime bounds a write to the audit log.
const auditTime = 5 * time.Second

// Record writes entries before their actions are done. On an error the action must not be
// done.
func (l *Log) Record(ctx context.Context, entries ...audit.Entry) error {
	ctx, cancel := context.WithTimeout(ctx, auditTime)
	defer cancel()
	for i := range entries {
		fillOrigin(ctx, &entries[i])
	}
	if err := l.Entries.Record(ctx, entries...); err != nil {
		return &reply.Error{Code: reply.CodeAuditUnavailable, Cause: err}
	}
	return nil
}

// Note writes an entry after its action; an error is logged only.
func (l *Log) Note(ctx context.Context, entry audit.Entry) {
	if err := l.Record(context.WithoutCancel(ctx), entry); err != nil {
		l.Log.ErrorContext(ctx, "not in the audit log", "action", string(entry.Action), "error", err)
	}
}

// NoteFailed writes that the action of an entry failed.
func (l *Log) NoteFailed(ctx context.Context, entry audit.Entry, err error) {
	entry.Outcome, entry.Detail = audit.Failed, string(l.Errors.MapError(err).Code)
	l.Note(ctx, entry)
}

// fillOrigin fills in the person, the peer and the id of the request.
func fillOrigin(ctx context.Context, e *audit.Entry) {
	a := reply.RequestOf(ctx)
	e.Peer, e.Request = a.Peer, a.ID
	if e.Person == (audit.Person{}) { // the entry of a sign-in names the person itself
		person := identity.Of(ctx)
		e.Person = audit.Person{ID: person.ID, Name: person.Name}
	}
	if e.Outcome == "" {
		e.Outcome = audit.OK
	}
}

// recordHourly is Record for frequent actions: once an hour for the same person and key.
func (l *Log) recordHourly(ctx context.Context, key string, entry audit.Entry) error {
	key = recentKeyOf(ctx, key)
	if !l.recent.addFirst(key, l.Now()) {
		return nil
	}
	err := l.Record(ctx, entry)
	if err != nil {
		l.recent.forgetOld(key)
	}
	return err
}

// recentKeyOf returns the key of an action of the person in recentEntries.
func recentKeyOf(ctx context.Context, key string) string { return identity.Of(ctx).ID + "\n" + key }

// NoteHourly is Note for actions that strangers can repeat: once an hour for the same
// entry, address and person. Behind a proxy all people share an address.
func (l *Log) NoteHourly(ctx context.Context, entry audit.Entry) {
	host, _, _ := net.SplitHostPort(reply.RequestOf(ctx).Peer)
	who := cmp.Or(entry.Person.ID, identity.Of(ctx).ID)
	if l.recent.addFirst(strings.Join([]string{who, host, string(entry.Action), entry.Detail}, "\n"), l.Now()) {
		l.Note(ctx, entry)
	}
}
