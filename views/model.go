// Package views renders the pages: templ components, each with a model of plain fields.
// It reads no data and contains no sentences; Shell.Say returns those of the catalogue.
package views

import "time"

// Shell holds the values that every page needs.
type Shell struct {
	Title     string
	Nonce     string // of the Content-Security-Policy, for styles that scripts make
	Language  string // BCP 47
	Languages []Language
	Sentences string // address of the script that holds the language's sentences
	User      string // name of the person; "" when unknown
	Role      string // viewer, member, admin; "" when nobody is signed in
	Store     string // sentence about a problem of the store; "" for none
	Version   string
	Path      string            // of the request; marks the link to this page
	Place     string            // path and query of the request, for the way back
	Assets    map[string]string // "app.js" -> its address
	Say       func(key string) string
	Count     func(key string, n int64) string // the sentence of key for n of something
}

// Language is a language of the page.
type Language struct {
	Name   string // of its catalogue
	Tag    string // BCP 47
	Title  string // in the language itself
	Chosen bool
}

// ConsoleModel is the console: the form of a service, and a session if one is open.
type ConsoleModel struct {
	Shell
	Services ServiceList
	Sessions []SessionLink
	Formats  []string // of exports, in the order of the menu
	Boot     any      // JSON in the page, for its script
}

// StartModel is the first page, or the page of a new service.
type StartModel struct {
	Shell
	Services  ServiceList
	Sessions  []SessionLink
	IsNew     bool // the page of a new service
	HasStream bool // the demo service that streams tokens exists
	HasSpeech bool // the demo service that recognises speech exists
	Recent    []RecentService
	Boot      any // JSON in the page, for its script
}

// RecentService is a service of the team, with the time of its newest session.
type RecentService struct {
	ID      string
	Name    string
	Address string // without its scheme
	UsedAt  time.Time
}

// HistoryModel lists a page of sessions by day, newest first.
type HistoryModel struct {
	Shell
	Services  ServiceList
	Sessions  []SessionLink
	Filter    HistoryFilter
	Zone      string // IANA name of the time zone of the days
	People    []string
	Total     string // "1,284 sessions": all that match the filter
	Retention string
	MayChange bool // the retention
	Days      []HistoryDay
	Newer     string // address of the previous page; "" on the first
	Older     string // address of the next page; "" on the last
}

// HistoryFilter holds the filters of the list and the search text.
type HistoryFilter struct {
	Text      string
	InAnswers bool
	Regex     bool
	MatchCase bool
	Service   string
	State     string // open, closed, broken, failed; "" is any
	OpenedBy  string
	Days      string // "7" is the last seven; "" is no such filter
	From, To  time.Time
}

// IsSet reports whether there is a filter or a search text.
func (f HistoryFilter) IsSet() bool {
	return f.Text != "" || f.Service != "" || f.State != "" || f.OpenedBy != "" || f.Days != "" || !f.From.IsZero() || !f.To.IsZero()
}

// HistoryDay is a day with its sessions.
type HistoryDay struct {
	Name     string // Today, Friday, 12 November
	Full     string // date that completes Name; may be empty
	Count    string // "9 sessions", also those on other pages
	From, To time.Time
	Rows     []HistoryRow
}

// HistoryRow is one session, in words.
type HistoryRow struct {
	ID        string
	Name      string       // of the session or its service; "" when it was opened by address
	Service   *ServiceLink // of the demo, whose name is the page's
	Address   string       // masked
	OpenedAt  time.Time
	Clock     string // 17:08
	What      string // "24 turns"; may be empty
	State     string
	Outcome   string // "open", "closed 1000", "1011, the model crashed"
	Failed    bool
	Messages  string
	Lasted    string
	OpenedBy  string
	Pinned    bool // retention does not delete it
	MayManage bool
}

// AuditModel is a page of the audit log, newest first.
type AuditModel struct {
	Shell
	Services ServiceList
	Sessions []SessionLink
	Filter   map[string]string // the form's fields, as sent
	Actions  []Choice
	Outcomes []Choice
	Chain    AuditChain
	Rows     []AuditRow
	Export   string // address of all entries that match the filter
	Older    string // address of the next page; "" on the last
	Newest   string // address of the first page; "" on that page
}

// Choice is an option of a select field.
type Choice struct{ Value, Label string }

// AuditChain is the result of the check of the log.
type AuditChain struct {
	State string // intact, broken
	Text  string
	Head  string // hash of the newest checked entry
}

// AuditRow is one entry.
type AuditRow struct {
	Seq                     int64
	At                      time.Time
	Person, PersonID        string
	Peer                    string
	Action, ActionName      string
	Service, ServiceName    string
	Target, Session, Detail string
	HasLog                  bool // the session's page can be opened
	Outcome, OutcomeName    string
	Request, Hash           string
}

// SettingsModel lists the settings in effect.
type SettingsModel struct {
	Shell
	Services ServiceList
	Sessions []SessionLink
	Rows     []SettingRow
}

// SettingRow is one setting; secrets in Value are masked.
type SettingRow struct {
	Name   string // as on the command line
	Value  string
	Source string // "default", "flag" or "environment"
	Help   string
}

// ProblemModel is the page of an error.
type ProblemModel struct {
	Shell
	Status  int
	Heading string
	Message string
	Hint    string // remedy; may be empty
	SignIn  bool   // offers to sign in
}
