// Package wire is the JSON between browser and server on a viewer's socket
// (subprotocol duplex.v1). The files in testdata are read by the TypeScript tests
// too, so both sides agree on every field.
package wire

import (
	"duplex/bridge/dialect"
	"duplex/bridge/transcript"
)

// Subprotocol is the only one a viewer's socket speaks.
const Subprotocol = "duplex.v1"

// Row is a message without its payload.
type Row struct {
	transcript.Row

	AtUS      int64  `json:"at_us"`             // microseconds since 1970
	Preview   string `json:"preview"`           // text: the first characters; binary: hex of the first bytes; event: a JSON object
	AsText    bool   `json:"as_text,omitempty"` // a binary message with a preview and snippet of text
	Truncated bool   `json:"truncated"`
	Label     string `json:"label,omitempty"` // the kind of message, by the session's dialect
	Gist      string `json:"gist,omitempty"`  // its content in a few words, by the session's dialect

	Joins dialect.TextMode `json:"joins,omitempty"` // how a turn joins the gist to its text
	Path  string           `json:"path,omitempty"`  // that selects the joined text
	Sound *dialect.Sound   `json:"sound,omitempty"` // the audio in it, by the session's dialect
	Error bool             `json:"error,omitempty"` // it tells an error, by the session's dialect

	Snippet *Snippet `json:"snippet,omitempty"` // in answers to a search only
}

// Snippet is the first match in a payload with the text around it, in the form of the
// row's preview.
type Snippet struct {
	Offset int64  `json:"offset"` // of the match in the payload, in bytes
	Before string `json:"before"`
	Match  string `json:"match"` // its beginning, when it is long
	After  string `json:"after"`
}

// Viewer is somebody who is watching a session.
type Viewer struct {
	ID     string `json:"id"`
	Name   string `json:"name"`
	You    bool   `json:"you,omitempty"`     // the receiver
	Same   bool   `json:"same,omitempty"`    // the same person, in another window
	MayOwn bool   `json:"may_own,omitempty"` // the session can be handed over to them, by who may
}

// Access names a session's owner, the rights of other people, and the receiver's own
// rights.
type Access struct {
	Owner     string `json:"owner"`  // a name; "" when nobody knows
	Shared    bool   `json:"shared"` // with everybody who has the link
	Rights    string `json:"rights"` // of those who are not the owner: "watch", "send"
	Mine      bool   `json:"mine"`
	MaySend   bool   `json:"may_send"`
	MayManage bool   `json:"may_manage"` // close it, share it, hand it over
}

// Error is an error, on sockets and in HTTP answers.
type Error struct {
	Code      string     `json:"code"`    // stable, for programs
	Message   string     `json:"message"` // safe to show
	Field     string     `json:"field,omitempty"`
	Rule      string     `json:"rule,omitempty"` // that the field breaks: "max_bytes", "max_items", "range", ...
	Least     int64      `json:"least,omitempty"`
	Limit     int64      `json:"limit,omitempty"`    // of the rule
	Column    int        `json:"column,omitempty"`   // in the field, in characters from 1
	Problems  []Problem  `json:"problems,omitempty"` // of a dialect
	Diagnosis *Diagnosis `json:"diagnosis,omitempty"`
	Status    int        `json:"status,omitempty"`    // of the target's answer
	Body      string     `json:"body,omitempty"`      // of the target's answer
	Handshake *Handshake `json:"handshake,omitempty"` // of the attempt, as far as it came

	RequestID string `json:"request_id,omitempty"` // of the program's log and the audit log
}

// Problem is a mistake in a dialect.
type Problem struct {
	Line    int    `json:"line"` // from 1
	Column  int    `json:"column"`
	Path    string `json:"path"`
	Detail  string `json:"detail"`
	Nearest string `json:"nearest,omitempty"` // valid key or value
}

// Diagnosis explains a connection that failed or broke.
type Diagnosis struct {
	Rule        string   `json:"rule"`
	Said        string   `json:"said,omitempty"` // the service's own words, quoted; Cause begins with them
	Cause       string   `json:"cause"`
	Evidence    []string `json:"evidence"`
	Fix         string   `json:"fix"`
	Action      string   `json:"action,omitempty"`       // a remedy that the page offers as a button: "switch_to_ws", "renew_token", ...
	ActionValue string   `json:"action_value,omitempty"` // the action's argument: an address

	Words      string          `json:"words,omitempty"`       // of the service, without quotes and code
	Code       string          `json:"code,omitempty"`        // of the service's error
	By         string          `json:"by,omitempty"`          // who refused or ended the connection
	MessageSeq int64           `json:"message_seq,omitempty"` // the message with Words; 0 for none
	Facts      []DiagnosisFact `json:"facts"`                 // Evidence as a table
}

// DiagnosisFact is a row of evidence. Name is empty where the value is a sentence.
type DiagnosisFact struct {
	Key   string `json:"key"`
	Name  string `json:"name"`
	Value string `json:"value"`
}

// State is the state of a session.
type State struct {
	ID            string     `json:"id"`
	State         string     `json:"state"` // connecting, open, closing, closed
	Kind          string     `json:"kind"`  // session, relay
	Service       string     `json:"service,omitempty"`
	ServiceName   string     `json:"service_name,omitempty"`
	Name          string     `json:"name,omitempty"` // that people gave to it; not told to viewers of a live session
	Address       string     `json:"address"`
	Subprotocol   string     `json:"subprotocol,omitempty"`
	OpenedAtUS    int64      `json:"opened_at_us"`
	EndedAtUS     int64      `json:"ended_at_us,omitempty"`
	LastSeq       int64      `json:"last_seq"`
	Sent          int64      `json:"sent"`
	Received      int64      `json:"received"`
	BytesSent     int64      `json:"bytes_sent"`
	BytesReceived int64      `json:"bytes_received"`
	CloseCode     int        `json:"close_code,omitempty"`
	CloseReason   string     `json:"close_reason,omitempty"`
	Clean         bool       `json:"clean,omitempty"`
	KeepUntilUS   int64      `json:"keep_until_us,omitempty"` // when it ends if nobody watches
	Store         string     `json:"store,omitempty"`         // the trouble of the store: "away", "full", "lost", "damaged"; "" for none
	OpenedBy      string     `json:"opened_by,omitempty"`
	Pinned        bool       `json:"pinned,omitempty"` // kept whatever the retention settings say; not told to viewers of a live session
	Access        Access     `json:"access"`
	Viewers       []Viewer   `json:"viewers,omitempty"`
	Diagnosis     *Diagnosis `json:"diagnosis,omitempty"` // of the end, or of the newest turn of an open session
	Handshake     *Handshake `json:"handshake,omitempty"` // in HTTP answers only: it never changes

	Turns     int    `json:"turns,omitempty"`     // that have ended; in lists, as are Sentences
	Sentences int    `json:"sentences,omitempty"` // of speech
	Outcome   string `json:"outcome,omitempty"`   // how it ended, in a few words; "" while it runs
	Failed    bool   `json:"failed,omitempty"`    // Outcome is an error

	Dialect      string       `json:"dialect,omitempty"` // its name; "" is none
	DialectTitle string       `json:"dialect_title,omitempty"`
	Environment  string       `json:"environment,omitempty"` // its name; "" is none
	Ready        bool         `json:"ready,omitempty"`       // the dialect's opening is over: it takes a text or speech
	AskedUS      int64        `json:"asked_us,omitempty"`    // the mark of the turn that has no complete answer; 0 for none
	TakesText    bool         `json:"takes_text,omitempty"`
	StopsBy      string       `json:"stops_by,omitempty"`    // the message by which the dialect stops an answer; "" when it cannot
	TakesAudio   *AudioFormat `json:"takes_audio,omitempty"` // nil when the dialect takes no speech
	Speaks       string       `json:"speaks,omitempty"`      // "transcript", "voice"; "" for others
	Limits       *Limits      `json:"limits,omitempty"`      // of the service; nil when none is known
}

// EventType names an event on a viewer's socket.
type EventType string

// The types of a ServerEvent.
const (
	TypeState   EventType = "state"
	TypeRows    EventType = "rows"
	TypeTurns   EventType = "turns"
	TypePlaying EventType = "playing"
	TypeSent    EventType = "sent"
	TypeRefused EventType = "refused"
	TypeBye     EventType = "bye"
)

// The types of a ViewerEvent.
const (
	TypeSend       EventType = "send"
	TypePrompt     EventType = "prompt"
	TypeMicrophone EventType = "microphone"
	TypeClose      EventType = "close"
)

// ServerEventTypes returns the types of a ServerEvent.
func ServerEventTypes() []EventType {
	return []EventType{TypeState, TypeRows, TypeTurns, TypePlaying, TypeSent, TypeRefused, TypeBye}
}

// ViewerEventTypes returns the types of a ViewerEvent.
func ViewerEventTypes() []EventType {
	return []EventType{TypeSend, TypePrompt, TypeMicrophone, TypeClose}
}

// ServerEvent is a message from the server to a viewer. Type determines the other
// fields.
type ServerEvent struct {
	Type    EventType `json:"type"`
	State   *State    `json:"state,omitempty"`
	Rows    []Row     `json:"rows,omitempty"` // ascending, without gaps after the cursor
	LastSeq int64     `json:"last_seq,omitempty"`

	Turns    []TurnUpdate `json:"turns,omitempty"` // ascending; those that changed
	Playing  *Playing     `json:"playing,omitempty"`
	ClientID string       `json:"client_id,omitempty"` // of "sent" and "refused"
	Seq      int64        `json:"seq,omitempty"`       // of "sent"
	Error    *Error       `json:"error,omitempty"`     // of "refused" and "bye"
}

// ViewerEvent is a message from a viewer to the server; see ParseViewerEvent.
type ViewerEvent struct {
	Type     EventType `json:"type"`
	ClientID string    `json:"client_id,omitempty"`
	Opcode   string    `json:"opcode,omitempty"`
	Text     string    `json:"text,omitempty"`    // payload of a text message, or a prompt
	Base64   string    `json:"base64,omitempty"`  // payload of a binary message
	Resolve  bool      `json:"resolve,omitempty"` // fill in the templates of the message
	Rate     int       `json:"rate,omitempty"`    // of a microphone's samples, in Hz
	On       bool      `json:"on,omitempty"`      // of "microphone": binary messages follow, which are samples
	Code     int       `json:"code,omitempty"`
	Reason   string    `json:"reason,omitempty"`
}
