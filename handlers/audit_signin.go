package handlers

import (
	"context"

	"duplex/bridge/audit"
	"duplex/handlers/identity"
)

// RecordSignIn writes that a person comes in. When it cannot be written, they must
// not be let in.
func (h *Handler) RecordSignIn(ctx context.Context, person identity.Person) error {
	return h.record(ctx, audit.Entry{Action: audit.SignIn, Person: audit.Person{ID: person.ID, Name: person.Name}})
}

// NoteSignInRefused writes that somebody was not let in, and the code of why; person
// is whoever they said they were, if anybody vouched for it. The same from the same
// address is written once an hour: whoever is outside must not fill the log.
func (h *Handler) NoteSignInRefused(ctx context.Context, person identity.Person, code string) {
	h.noteSeldom(ctx, audit.Entry{
		Action: audit.SignInRefused, Person: audit.Person{ID: person.ID, Name: person.Name}, Outcome: audit.Refused, Detail: code,
	})
}

// NoteSignOut writes that a person leaves.
func (h *Handler) NoteSignOut(ctx context.Context, person identity.Person) {
	h.note(ctx, audit.Entry{Action: audit.SignOut, Person: audit.Person{ID: person.ID, Name: person.Name}})
}
