package principal

// Scope limits an access token to one kind of action. No scope includes the rights of an
// admin or the creation of tokens.
type Scope string

// The scopes.
const (
	ScopeRead     Scope = "read"     // read services, sessions and transcripts
	ScopeSessions Scope = "sessions" // open sessions, send, close
	ScopeServices Scope = "services" // save and delete services
	ScopeRelay    Scope = "relay"    // connect through a relay
	ScopePerson   Scope = ""         // no token: the person has to be signed in
)

// AllScopes returns every scope that a token can have.
func AllScopes() []Scope { return []Scope{ScopeRead, ScopeSessions, ScopeServices, ScopeRelay} }

// includes reports whether the scope permits an action that needs the other. Acting in a
// session or on a service includes reading it.
func (s Scope) includes(needed Scope) bool {
	return s == needed || needed == ScopeRead && (s == ScopeSessions || s == ScopeServices)
}
