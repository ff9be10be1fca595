package auditlog

import (
	"context"

	"duplex/bridge/audit"
	"duplex/handlers/identity"
)

// NoteIdentityEvent records sign-ins, refusals, sign-outs, and the making and revoking of
// access tokens.
func (l *Log) NoteIdentityEvent(ctx context.Context, e identity.Event) {
	entry := audit.Entry{Person: audit.Person{ID: e.Person.ID, Name: e.Person.Name}, Detail: e.Code}
	switch e.Kind {
	case identity.EventSignedIn:
		entry.Action = audit.SignIn
	case identity.EventSignedOut:
		entry.Action = audit.SignOut
		if e.Of != e.Person.ID {
			entry.Detail = e.Of // somebody else
		}
	case identity.EventTokenMade:
		entry.Action, entry.Detail = audit.TokenCreate, e.Of
	case identity.EventTokenRevoked:
		entry.Action, entry.Detail = audit.TokenRevoke, e.Of
	case identity.EventRefused:
		// The same of the same person from the same address is written once an hour:
		// strangers must not fill the log.
		entry.Action, entry.Outcome = audit.SignInRefused, audit.Refused
		l.NoteHourly(ctx, entry)
		return
	}
	l.Note(ctx, entry)
}
