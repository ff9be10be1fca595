package principal

// RefusedError is the refusal of a request. Code is one of the Refused constants.
type RefusedError struct {
	Code  string
	Need  Role  // of RefusedRole
	Scope Scope // of RefusedScope
	Err   error // cause, for the log; may be nil
}

// The codes of a RefusedError.
const (
	RefusedPeer        = "peer_refused"         // mode none: the connection comes from another machine
	RefusedForwarded   = "forwarded_refused"    // mode none: a proxy forwarded the request
	RefusedProxy       = "proxy_refused"        // the sender is not a trusted proxy
	RefusedAmbiguous   = "identity_ambiguous"   // two readings of the request name two people
	RefusedNobody      = "sign_in_required"     // no proof of identity
	RefusedToken       = "token_refused"        // the token is invalid, expired or revoked
	RefusedSignedOut   = "signed_out"           // the person has signed out, or was signed out
	RefusedLease       = "lease_ended"          // the proof of identity was not renewed in time
	RefusedRole        = "role_required"        // the role is too low
	RefusedScope       = "scope_required"       // the access token lacks the scope
	RefusedNoRole      = "no_role"              // none of the person's groups has a role
	RefusedSignIn      = "sign_in_refused"      // the provider refused, or another browser began the sign-in
	RefusedStale       = "sign_in_stale"        // this browser began no sign-in, or too long ago
	RefusedUnreachable = "provider_unreachable" // the issuer does not answer
	RefusedTicket      = "ticket_refused"       // the relay ticket is not valid
)

// AllRefusals returns every code of a RefusedError.
func AllRefusals() []string {
	return []string{
		RefusedPeer, RefusedForwarded, RefusedProxy, RefusedAmbiguous, RefusedNobody, RefusedToken, RefusedSignedOut, RefusedLease,
		RefusedRole, RefusedScope, RefusedNoRole, RefusedSignIn, RefusedStale, RefusedUnreachable, RefusedTicket,
	}
}

// Refuse returns a RefusedError of a code. The cause may be nil.
func Refuse(code string, cause error) error { return &RefusedError{Code: code, Err: cause} }

// Error implements error.
func (e *RefusedError) Error() string {
	if e.Err != nil {
		return "identity: " + e.Code + ": " + e.Err.Error()
	}
	return "identity: " + e.Code
}

// Unwrap returns the cause.
func (e *RefusedError) Unwrap() error { return e.Err }
