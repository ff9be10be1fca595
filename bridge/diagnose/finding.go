// Package diagnose explains a failed or broken connection: the rule that matches, the facts
// as evidence, and an action. It is a table of rules; the sentences that people read are in
// the catalogue, under the name of the rule.
package diagnose

import (
	"time"

	"duplex/bridge/dial"
)

// Closing describes the end of an open connection.
type Closing struct {
	Code         int    // RFC 6455 section 7.4; 1006 and 1005 are observed, never sent
	Reason       string // exactly as received
	Clean        bool   // both close frames were seen
	ByUs         bool   // our side closed first
	Err          error  // of reading or writing; nil after a clean close
	OpenFor      time.Duration
	Idle         time.Duration // since the last message in either direction
	SinceSent    time.Duration // since the last message we sent; 0 when none was sent
	Sent         int64         // messages
	Received     int64
	PingInterval time.Duration // 0 when pings are off
	PingsMissed  int
	GaveUp       bool  // our side ended it because no pong came
	LastSentSize int64 // bytes

	// LastError is the error in the last message from the target (see ErrorIn), or in the
	// message before it if the last only announced the end (see IsEnd), with secrets masked.
	// Many services report an error and then close with 1000. The zero value is none.
	LastError ServiceError

	// FirstReceived holds the first bytes of the first message from the target, at most 64.
	// They identify protocols on top of WebSocket, and are not shown.
	FirstReceived []byte

	Unrecorded bool // we ended it because its messages could not be stored

	Known   *Known        // the dialect's explanation; nil for none
	Limits  Limits        // of the service
	Waiting time.Duration // since the question that has no complete answer; 0 when there is none

	Interrupted *Interruption // nil unless our process died while the connection was open
}

// Interruption describes the stored part of a connection that ended with our process.
type Interruption struct {
	At       time.Time // of the last stored message
	Kept     int64     // messages, events included
	Unsure   int64     // sent messages that may not have arrived
	From, To int64     // seq of the first and the last of these
}

// Evidence holds the facts that a rule may test: the report of the dial and the end of the
// connection.
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

// By names the side that refused or ended a connection.
type By string

// The sides.
const (
	ByService   By = "service"   // the host of the address, as far as can be told
	ByGateway   By = "gateway"   // in front of the service
	ByContainer By = "container" // behind a gateway, which passed its answer on
	ByProxy     By = "proxy"     // the egress proxy
	ByDuplex    By = "duplex"
	ByNetwork   By = "network" // the connection broke, and neither side said why
)

// Sides returns all values of By.
func Sides() []By { return []By{ByService, ByGateway, ByContainer, ByProxy, ByDuplex, ByNetwork} }

// Action is something that the page can do about a finding.
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

// Finding explains a failure. The catalogue has the sentences "diagnosis.<rule>.cause" and
// "diagnosis.<rule>.fix", filled with Values.
type Finding struct {
	Rule        string            `json:"rule"`
	Said        *Fact             `json:"said,omitempty"`  // the service's own words, shown first; nil for none
	Known       *Known            `json:"known,omitempty"` // in place of the catalogue's sentences, where it has the language
	Values      map[string]string `json:"values,omitempty"`
	Facts       []Fact            `json:"facts,omitempty"`
	Action      Action            `json:"action,omitempty"`
	ActionValue string            `json:"action_value,omitempty"`
	By          By                `json:"by,omitempty"`          // "" when unknown
	MessageSeq  int64             `json:"message_seq,omitempty"` // the message that Said quotes; 0 for none
}
