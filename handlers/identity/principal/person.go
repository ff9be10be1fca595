package principal

import "time"

// Person is the sender of a request.
type Person struct {
	ID     string // stable: issuer and subject
	Name   string // shown to others
	Email  string // "" when no issuer has verified it
	Groups []string
	Role   Role
	RoleBy string       // the group that gave the role; "" for the default role
	Token  *AccessToken // that a program showed; nil for a signed-in person
	Until  time.Time    // end of the proof of identity; zero for no end

	SignIn  string    // id of the sign-in that the request belongs to; "" for none
	Arrival *Arrival  // the request's headers and verdict; nil without a request
	Since   time.Time // before the proof was checked: a later sign-out counts
}

// Within reports whether p may do an action that needs the scope. A person in a browser
// may; an access token needs the scope.
func (p *Person) Within(scope Scope) bool {
	if p.Token == nil {
		return true
	}
	for _, has := range p.Token.Scopes {
		if scope != ScopePerson && has.includes(scope) {
			return true
		}
	}
	return false
}

// Known is the stored record of a person.
type Known struct {
	ID, Name, Email, Role string
	Groups                []string
	Seen                  time.Time
	SignIns               int // that have not ended
}

// AccessToken lets a person's program use the API without the person. The store keeps a
// hash of its text.
type AccessToken struct {
	ID     string
	Hash   string // SHA-256 of the text, in hex
	Person string // ID of its owner
	Name   string // given by its owner
	Scopes []Scope
	Made   time.Time
	Until  time.Time
	Used   time.Time // zero when never
}

// Arrival describes a request and the verdict on it. It has the names of the request's
// headers and none of their values.
type Arrival struct {
	At      time.Time
	Method  string
	Path    string
	Peer    string // address of the connection
	Host    string
	Headers []string
	Code    string // code of the refusal; "" when the request was accepted
	Detail  string // cause of the refusal, for operators
	Name    string // of the person, where there is one
	Role    Role
	RoleBy  string
}
