// Package views draws the pages: templ components, each with a model of plain
// fields. It does not know where the values come from, and holds no sentences:
// those are in the catalogue, reached by Shell.Say.
package views

import "time"

// Shell is what every page needs.
type Shell struct {
	Title     string
	Nonce     string // of the Content-Security-Policy, for styles that scripts make
	Language  string // BCP 47
	Languages []Language
	Sentences string // address of the script that holds the language's sentences
	User      string // who is asking; "" when nobody has a name
	Role      string // theirs: viewer, member, admin; "" when nobody is asking
	Store     string // what is wrong with the store, in a sentence; "" for nothing
	Version   string
	Path      string            // of the request, to mark the page's own link
	Place     string            // path and query of the request, to come back to
	Assets    map[string]string // "app.js" -> its address
	Say       func(key string) string
}

// Language is one that a page can be read in.
type Language struct {
	Name   string // of its catalogue
	Tag    string // BCP 47
	Title  string // in itself
	Chosen bool
}

// ServiceLink is a saved service in the side list.
type ServiceLink struct {
	ID       string
	Name     string
	Kind     string // of its credential
	Demo     string // the demo endpoint it belongs to; "" for people's own
	Address  string
	Private  bool // its owner's alone
	Selected bool
}

// SessionLink is a session in the side list.
type SessionLink struct {
	ID       string
	Name     string
	State    string // connecting, open, closing, closed
	Owner    string // "" when it is theirs who look, or has ended
	Messages int64
	Selected bool
}

// ConsoleModel is the console: a service's form, and a session when there is one.
type ConsoleModel struct {
	Shell
	Services []ServiceLink
	Sessions []SessionLink
	Formats  []string // of exports, in the order of the menu
	Boot     any      // put into the page as JSON for its script
}

// HistoryModel lists a page of sessions, newest first.
type HistoryModel struct {
	Shell
	Services []ServiceLink
	Sessions []SessionLink
	Filter   HistoryFilter
	Rows     []HistoryRow
	Count    int64  // of all that the filter selects
	Newer    string // address of the page before; "" for the first
	Older    string // address of the page behind; "" for the last
}

// HistoryFilter is what the list was narrowed to, and what is searched for in it.
type HistoryFilter struct {
	Text      string
	Regex     bool
	MatchCase bool
	Service   string
	State     string // open, closed, broken; "" is any
	OpenedBy  string
	From, To  time.Time
}

// IsSet reports whether something is filtered or searched for.
func (f HistoryFilter) IsSet() bool {
	return f.Text != "" || f.Service != "" || f.State != "" || f.OpenedBy != "" || !f.From.IsZero() || !f.To.IsZero()
}

// HistoryRow is one session.
type HistoryRow struct {
	ID        string
	Name      string // of the service; "" when it was opened by address
	Address   string // masked
	State     string
	Sent      int64
	Received  int64
	OpenedBy  string
	Pinned    bool // kept whatever the retention settings say
	OpenedAt  time.Time
	Duration  time.Duration // so far, when it still runs
	CloseCode int           // 0 while it runs
	Clean     bool
}

// AuditModel is a page of the audit log, newest first.
type AuditModel struct {
	Shell
	Services []ServiceLink
	Sessions []SessionLink
	Filter   map[string]string // the fields of the form, as they were sent
	Actions  []Choice
	Outcomes []Choice
	Chain    AuditChain
	Rows     []AuditRow
	Export   string // address of everything the filter selects
	Older    string // address of the next page; "" on the last
	Newest   string // address of the first page; "" on it
}

// Choice is one value of a field with few.
type Choice struct{ Value, Label string }

// AuditChain says whether the log is intact.
type AuditChain struct {
	State string // intact, broken
	Text  string
	Head  string // hash of the newest entry that was checked
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
	HasLog                  bool // the session can be looked at
	Outcome, OutcomeName    string
	Request, Hash           string
}

// SettingsModel lists the settings in effect.
type SettingsModel struct {
	Shell
	Services []ServiceLink
	Sessions []SessionLink
	Rows     []SettingRow
}

// SettingRow is one setting. Value is safe to show.
type SettingRow struct {
	Name   string // as on the command line
	Value  string
	Source string // where it was set: "default", "flag", "environment"
	Help   string
}

// ProblemModel is the page that stands in for one that cannot be shown.
type ProblemModel struct {
	Shell
	Status  int
	Heading string
	Message string
	Hint    string // what to do; may be empty
	SignIn  bool   // signing in would help
}
