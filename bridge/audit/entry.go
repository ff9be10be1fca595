// Package audit makes and verifies the audit log: entries in one chain, each with the
// hash of the entry before and a code that only a holder of the key file can make. It
// does not know where entries are kept or why they were written.
package audit

import (
	"strings"
	"time"
	"unicode"
)

// Action names an action of a person or of the program, completed or attempted.
type Action string

// The actions. The comments tell the content of Detail.
const (
	SessionOpen       Action = "session.open"            // written before the target is dialled
	SessionRefused    Action = "session.refused"         // the dial failed: the error code
	SessionClose      Action = "session.close"           // by a person: the close code
	SessionShare      Action = "session.share"           // "link" or "service" for the people admitted, and their rights
	SessionHandOver   Action = "session.handover"        // the id of the new owner
	SessionDelete     Action = "session.delete"          // with its transcript; "retention" when nobody did it
	SessionPin        Action = "session.pin"             // "keep" or "no longer"
	SessionName       Action = "session.name"            // that it has from now on
	SessionDialect    Action = "session.dialect"         // that it is read by from now on: its name
	ConnectionTest    Action = "connection.test"         // a dial that opens no session, written before it
	TestRefused       Action = "connection.test.refused" // it failed: the error code
	RelayOpen         Action = "relay.open"
	RelayRefused      Action = "relay.refused"
	RelayClose        Action = "relay.close" // ended by either side: the numbers of messages
	SecretUse         Action = "secret.use"  // saved secrets are sent to a target: their fields
	SecretSet         Action = "secret.set"  // their fields
	SecretBind        Action = "secret.bind" // the targets of a saved secret change: its field and the targets
	SecretDelete      Action = "secret.delete"
	ServiceCreate     Action = "service.create"
	ServiceUpdate     Action = "service.update"
	ServiceDelete     Action = "service.delete"
	EnvironmentCreate Action = "environment.create" // its name
	EnvironmentUpdate Action = "environment.update"
	EnvironmentDelete Action = "environment.delete"
	FolderCreate      Action = "folder.create"  // its name
	FolderUpdate      Action = "folder.update"  // its names before and after; of one that is emptied, its name
	FolderDelete      Action = "folder.delete"  // its name
	DialectCreate     Action = "dialect.create" // its name, in all three
	DialectUpdate     Action = "dialect.update"
	DialectDelete     Action = "dialect.delete"
	Share             Action = "share"           // a person joined a session that another had opened
	TranscriptRead    Action = "transcript.read" // by who opened it; once an hour
	Export            Action = "export"          // the format
	PolicyDenied      Action = "policy.denied"   // the error code
	SignIn            Action = "signin"
	SignInRefused     Action = "signin.refused" // the error code
	SignOut           Action = "signout"
	TokenCreate       Action = "token.create"
	TokenRevoke       Action = "token.revoke"
	TicketCreate      Action = "ticket.create"  // for the relay to a service
	TicketUse         Action = "ticket.use"     // a handshake with it, before the target is dialled
	TicketRefused     Action = "ticket.refused" // the reason: used, late, foreign, unknown, doubled, person
	AdminStart        Action = "admin.start"    // the program started: its version
	AdminStop         Action = "admin.stop"
	AuditRead         Action = "admin.audit.read" // once an hour
	AuditExport       Action = "admin.audit.export"
)

// Actions returns all actions, in the order of the page's filter.
func Actions() []Action {
	return []Action{
		SessionOpen, SessionRefused, SessionClose, SessionShare, SessionHandOver, SessionDelete, SessionPin, SessionName, SessionDialect, ConnectionTest, TestRefused, RelayOpen, RelayRefused, RelayClose, SecretUse, SecretSet, SecretBind, SecretDelete,
		ServiceCreate, ServiceUpdate, ServiceDelete, EnvironmentCreate, EnvironmentUpdate, EnvironmentDelete, FolderCreate, FolderUpdate, FolderDelete, DialectCreate, DialectUpdate, DialectDelete, Share, TranscriptRead, Export, PolicyDenied,
		SignIn, SignInRefused, SignOut, TokenCreate, TokenRevoke, TicketCreate, TicketUse, TicketRefused, AdminStart, AdminStop, AuditRead, AuditExport,
	}
}

// Outcome is the result of an action.
type Outcome string

// The outcomes. An action that may fail is written as OK before it is done, and a
// second time when it has failed.
const (
	OK      Outcome = "ok"
	Refused Outcome = "refused" // by Duplex
	Failed  Outcome = "failed"  // allowed, but it did not succeed
)

// Outcomes returns all of them.
func Outcomes() []Outcome { return []Outcome{OK, Refused, Failed} }

// Entry records one action, done or refused. No field holds a secret, a payload, a query
// or the value of a header.
type Entry struct {
	Seq     int64     // from 1 without gaps
	At      time.Time // to the microsecond
	Person  Person
	Peer    string // where the request came from, as the server saw it
	Action  Action
	Object  Object
	Outcome Outcome
	Detail  string // a code or a few fixed words
	Request string // its id in the program's log

	Seal
}

// Person did the action; both fields are empty for the program itself.
type Person struct{ ID, Name string }

// Object is the object of the action. Fields that do not apply are empty.
type Object struct {
	Session     string // id
	Service     string // id
	ServiceName string
	Target      string // host and port
}

// maxText bounds each text of an entry, in characters.
const maxText = 300

// clean shortens the texts of e and replaces characters that could break a line, a
// terminal or a database column. Otherwise a person's name could make every entry about
// them fail.
func (e *Entry) clean() {
	for _, text := range e.texts() {
		*text = cleanText(*text)
	}
	e.At = e.At.UTC().Truncate(time.Microsecond)
}

// texts returns the text fields of e, in their order in the hash.
func (e *Entry) texts() []*string {
	return []*string{
		&e.Person.ID, &e.Person.Name, &e.Peer, (*string)(&e.Action), &e.Object.Session, &e.Object.Service,
		&e.Object.ServiceName, &e.Object.Target, (*string)(&e.Outcome), &e.Detail, &e.Request,
	}
}

func cleanText(s string) string {
	var out strings.Builder
	left := maxText
	for _, r := range s { // invalid UTF-8 comes as U+FFFD
		if left == 0 {
			out.WriteRune('…')
			break
		}
		if !unicode.IsPrint(r) {
			r = unicode.ReplacementChar
		}
		out.WriteRune(r)
		left--
	}
	return out.String()
}
