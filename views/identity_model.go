package views

import "time"

// NoticeModel is a page that only says something.
type NoticeModel struct {
	Shell
	Name     string // of the page, for its script
	Heading  string
	Message  string
	Link     string // where to go on; "" is nowhere
	LinkText string
}

// AccountModel is what the console knows of who is asking.
type AccountModel struct {
	Shell
	Services []ServiceLink
	Sessions []SessionLink
	Email    string
	Role     string // in words
	RoleBy   string // the group that gave it; "" when it is the default
	Groups   []string
	SignsOut bool // there is a sign-in that can be ended
	Tokens   []TokenRow
	Scopes   []string // a token may have; none where there are no tokens
}

// TokenRow is an access token, which is not in it.
type TokenRow struct {
	ID, Name string
	Scopes   []string
	Until    time.Time
	Used     time.Time // zero when never
}

// IdentityModel shows an operator how people are recognised.
type IdentityModel struct {
	Shell
	Services []ServiceLink
	Sessions []SessionLink
	Facts    []Fact
	This     ArrivalRow // the request of the page itself
	Refusals []ArrivalRow
	People   []PersonRow
}

// Fact is a line of a list.
type Fact struct{ Name, Value string }

// ArrivalRow is what came with a request, and what was made of it.
type ArrivalRow struct {
	At       time.Time
	Request  string // method and path
	Peer     string
	Host     string
	Headers  []HeaderName
	Accepted bool
	Verdict  string // in words
	Why      string // what an operator can do about it; may be empty
	Detail   string // the cause, as in the log; may be empty
	Person   string
	Role     string // in words
}

// HeaderName is the name of a header that came.
type HeaderName struct {
	Name string
	Read bool // it says who is asking
}

// PersonRow is somebody who has been here.
type PersonRow struct {
	ID      string
	Name    string
	Email   string
	Role    string // in words
	Groups  []string
	Seen    time.Time
	SignIns int
	Self    bool // who is asking
}
