package views

import "time"

// NoticeModel is a page with one message.
type NoticeModel struct {
	Shell
	Name     string // id of the page, for its script
	Heading  string
	Message  string
	Link     string // address to go on to; "" for none
	LinkText string
}

// AccountModel shows the person their own account.
type AccountModel struct {
	Shell
	Services ServiceList
	Sessions []SessionLink
	Email    string
	Role     string // in the language of the page
	RoleBy   string // the group that gave the role; "" for the default role
	Groups   []string
	SignsOut bool // offers to sign out
	Tokens   []TokenRow
	Scopes   []string // that a token can have; empty in mode none
}

// TokenRow describes an access token, without its text.
type TokenRow struct {
	ID, Name string
	Scopes   []string
	Until    time.Time
	Used     time.Time // zero when never
}

// IdentityModel shows an operator how people are identified and which requests were refused.
type IdentityModel struct {
	Shell
	Services ServiceList
	Sessions []SessionLink
	Facts    []Fact
	This     ArrivalRow // the request of the page itself
	Refusals []ArrivalRow
	People   []PersonRow
}

// Fact is a name and a value.
type Fact struct{ Name, Value string }

// ArrivalRow describes a request and the verdict on it.
type ArrivalRow struct {
	At       time.Time
	Request  string // method and path
	Peer     string
	Host     string
	Headers  []HeaderName
	Accepted bool
	Verdict  string // in the language of the page
	Why      string // remedy for an operator; may be empty
	Detail   string // the cause, as in the log; may be empty
	Person   string
	Role     string // in the language of the page
}

// HeaderName is the name of a received header.
type HeaderName struct {
	Name string
	Read bool // it is an identity header
}

// PersonRow is a person who has used the console.
type PersonRow struct {
	ID      string
	Name    string
	Email   string
	Role    string // in the language of the page
	Groups  []string
	Seen    time.Time
	SignIns int
	Self    bool // the person who opens the page
}
