package handlers

import (
	"context"
	"io"
	"iter"
	"time"

	"duplex/bridge"
	"duplex/bridge/sign"
	"duplex/bridge/transcript"
	"duplex/bridge/vault"
)

// Store is where services, sessions and their logs are kept.
type Store interface {
	Services
	SavedMessages
	Sessions
	Messages
}

// Services keeps services.
type Services interface {
	// Services returns all of them by name.
	Services(ctx context.Context) ([]bridge.Service, error)
	// Service returns the one with this id, or else the person's private one with this
	// name, or else the team's; StoreErrors.NotFound.
	Service(ctx context.Context, person, idOrName string) (bridge.Service, error)
	// SaveService keeps a new one when it has no ID, or one in place of itself. The
	// secrets are sealed, those named in keep stay, all others go. StoreErrors.NameTaken.
	SaveService(ctx context.Context, s *bridge.Service, secrets map[string]vault.Secret, keep []string) error
	// BindSecret changes where a kept secret may go; StoreErrors.NotFound. The error of
	// the change is returned.
	BindSecret(ctx context.Context, serviceID, field string, change func(vault.Binding) (vault.Binding, error)) error
	// DeleteService deletes one with its secrets; StoreErrors.NotFound.
	DeleteService(ctx context.Context, id string) error
	// Credential opens the credential of a service, for a dial.
	Credential(ctx context.Context, serviceID string) (sign.Credential, error)
}

// SavedMessages keeps messages with services.
type SavedMessages interface {
	// SavedMessages returns those of a service, folder by folder, in order.
	SavedMessages(ctx context.Context, service string) ([]bridge.SavedMessage, error)
	// SavedBody opens the bytes of one for reading anywhere in them; StoreErrors.NotFound.
	SavedBody(ctx context.Context, service, id string) (io.ReadSeekCloser, bridge.SavedMessage, error)
	// SaveMessage keeps a new one when it has no ID, or one in place of itself.
	// StoreErrors.NotFound, StoreErrors.Full.
	SaveMessage(ctx context.Context, m *bridge.SavedMessage, body []byte) error
	// ChangeSaved renames or moves one and returns it; StoreErrors.NotFound.
	ChangeSaved(ctx context.Context, service, id string, change bridge.SavedChange) (bridge.SavedMessage, error)
	// DeleteSaved deletes one; StoreErrors.NotFound.
	DeleteSaved(ctx context.Context, service, id string) error
}

// Sessions keeps what is known of sessions beside their messages.
type Sessions interface {
	// Session returns one; StoreErrors.NotFound.
	Session(ctx context.Context, id string) (bridge.Record, error)
	// Sessions returns those that a filter selects, newest first.
	Sessions(ctx context.Context, f bridge.SessionFilter) ([]bridge.Record, error)
	// CountSessions returns how many there are, whatever the filter's limit and place,
	// and how many messages they have.
	CountSessions(ctx context.Context, f bridge.SessionFilter) (sessions, messages int64, err error)
	// SetAccess keeps whose one is and who else may come; StoreErrors.NotFound.
	SetAccess(ctx context.Context, session string, a bridge.Access) error
	// SetPinned keeps one from the retention sweep, or no longer; StoreErrors.NotFound.
	SetPinned(ctx context.Context, session string, pinned bool) error
	// DeleteSession deletes one with its log; StoreErrors.NotFound, StoreErrors.Running.
	DeleteSession(ctx context.Context, id string) error
}

// Messages keeps logs.
type Messages interface {
	// Rows returns rows in ascending order; a *transcript.QueryError when the search
	// is not a regular expression.
	Rows(ctx context.Context, session string, q transcript.Query) ([]transcript.Row, error)
	// SeqAt returns the seq of the first message at or after a time; of the last one
	// when all are before it, and 0 when there is none.
	SeqAt(ctx context.Context, session string, at time.Time) (int64, error)
	// Body opens a payload for reading anywhere in it; StoreErrors.NotFound.
	Body(ctx context.Context, session string, seq int64) (io.ReadSeekCloser, transcript.Row, error)
	// Messages returns the log with whole payloads. An error is the last item.
	Messages(ctx context.Context, session string) iter.Seq2[transcript.Message, error]
}
