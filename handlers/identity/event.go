package identity

// EventKind is the kind of an Event.
type EventKind string

// The kinds of an Event.
const (
	EventSignedIn     EventKind = "signed_in"
	EventSignedOut    EventKind = "signed_out"
	EventRefused      EventKind = "refused"
	EventTokenMade    EventKind = "token_made"
	EventTokenRevoked EventKind = "token_revoked"
)

// Event reports an action of a person, or the refusal of a request, to the audit log.
type Event struct {
	Kind   EventKind
	Person Person
	Code   string // of EventRefused
	Of     string // ID of the person who was signed out, or of the token
	Peer   string // address of the connection
}
