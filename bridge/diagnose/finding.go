// Package diagnose turns a failed or broken connection into a finding: which rule
// explains it, the facts that show it, and what can be done. It is a table of
// rules; the sentences people read are in the catalogue, by the rule's name.
package diagnose

import (
	"time"

	"duplex/bridge/dial"
)

// Closing is how an open connection ended.
type Closing struct {
	Code         int    // RFC 6455 section 7.4; 1006 and 1005 are observed, never sent
	Reason       string // exactly as received
	Clean        bool   // both close frames were seen
	ByUs         bool   // our side closed first
	Err          error  // what reading or writing returned, if it broke
	OpenFor      time.Duration
	Idle         time.Duration // since the last message in either direction
	SinceSent    time.Duration // since the last message we sent; 0 when none was sent
	Sent         int64         // messages
	Received     int64
	PingInterval time.Duration // 0 when pings are off
	PingsMissed  int
	GaveUp       bool  // our side ended it because no pong came
	LastSentSize int64 // bytes

	// LastError is the error that the last message from the target carried, by ErrorIn
	// and with secrets masked, or the message before it when the last was but an end, by
	// IsEnd: many services report one and then close in the usual way. The zero value is
	// none.
	LastError ServiceError

	// FirstReceived is how the first message from the target began, at most 64
	// bytes; it tells protocols on top of WebSocket apart. It is not shown.
	FirstReceived []byte

	Unrecorded bool // we ended it, because what passes could not be stored and never will be

	Interrupted *Interruption // nil unless our process died while the connection was open
}

// Interruption says what is left of a connection whose process died.
type Interruption struct {
	At       time.Time // of the last message that is kept
	Kept     int64     // messages, events included
	Unsure   int64     // sent messages that may not have arrived
	From, To int64     // seq of the first and of the last of these
}

// Evidence is what is known.
type Evidence struct {
	Report  *dial.Report
	Err     error    // of the dial; nil when the connection was open
	Closing *Closing // nil when it never opened
}

// Fact is one line of evidence: a catalogue key and its values.
type Fact struct {
	Key    string            `json:"key"`
	Values map[string]string `json:"values,omitempty"`
}

// Action is what one press can do about a finding.
type Action string

// The actions.
const (
	ActionSwitchToWS   Action = "switch_to_ws"  // dial again without TLS
	ActionSwitchToWSS  Action = "switch_to_wss" // dial again with TLS
	ActionRenewToken   Action = "renew_token"   // ask IAM for a new token and dial again
	ActionSyncAddress  Action = "sync_address"  // take Finding.ActionValue as the address
	ActionEditAuth     Action = "edit_auth"     // open the Auth tab
	ActionEditHeaders  Action = "edit_headers"  // open the Headers tab
	ActionEditSettings Action = "edit_settings" // open the Settings tab (CA, subprotocols, ping)
	ActionReconnect    Action = "reconnect"     // dial again as it is
	ActionUseV11       Action = "use_v11"       // sign with V11-HMAC-SHA256 and dial again
)

// Actions returns all actions.
func Actions() []Action {
	return []Action{
		ActionSwitchToWS, ActionSwitchToWSS, ActionRenewToken, ActionSyncAddress, ActionEditAuth,
		ActionEditHeaders, ActionEditSettings, ActionReconnect, ActionUseV11,
	}
}

// Finding is the explanation. The catalogue has "diagnosis.<rule>.cause" and
// "diagnosis.<rule>.fix", filled with Values.
type Finding struct {
	Rule        string            `json:"rule"`
	Said        *Fact             `json:"said,omitempty"` // the service's own words, which lead the explanation; nil when it gave none
	Values      map[string]string `json:"values,omitempty"`
	Facts       []Fact            `json:"facts,omitempty"`
	Action      Action            `json:"action,omitempty"`
	ActionValue string            `json:"action_value,omitempty"`
}
