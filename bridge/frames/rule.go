package frames

import (
	"errors"
	"slices"
	"unicode/utf8"

	"github.com/coder/websocket"
)

// Rule names a rule of the protocol that a peer broke.
type Rule string

// The rules. TooLarge is our own limit.
const (
	ReservedBits Rule = "reserved_bits"
	Opcode       Rule = "unknown_opcode"
	Length       Rule = "length_of_64_bits"
	Masked       Rule = "masked_frame"
	Unmasked     Rule = "unmasked_frame"
	Control      Rule = "control_frame"
	Continuation Rule = "continuation"
	Interleaved  Rule = "message_within_message"
	CloseFrame   Rule = "close_frame"
	UTF8         Rule = "text_not_utf8"
	CloseUTF8    Rule = "close_reason_not_utf8"
	Inflate      Rule = "cannot_inflate"
	TooLarge     Rule = "message_too_large"
)

// ruleRow says with which close code and reason a connection fails when the peer breaks
// a rule.
type ruleRow struct {
	rule   Rule
	code   websocket.StatusCode
	reason string
}

// rules lists every rule, with the section that demands it.
var rules = []ruleRow{
	{ReservedBits, websocket.StatusProtocolError, "reserved bits are set"},                   // RFC 6455 5.2, RFC 7692 6
	{Opcode, websocket.StatusProtocolError, "opcode is unknown"},                             // RFC 6455 5.2
	{Length, websocket.StatusProtocolError, "length of a frame exceeds 63 bits"},             // RFC 6455 5.2
	{Masked, websocket.StatusProtocolError, "frame of a server is masked"},                   // RFC 6455 5.1
	{Unmasked, websocket.StatusProtocolError, "frame of a client is not masked"},             // RFC 6455 5.1
	{Control, websocket.StatusProtocolError, "control frame is fragmented or too long"},      // RFC 6455 5.5
	{Continuation, websocket.StatusProtocolError, "continuation frame without a message"},    // RFC 6455 5.4
	{Interleaved, websocket.StatusProtocolError, "new message before the end of the last"},   // RFC 6455 5.4
	{CloseFrame, websocket.StatusProtocolError, "close frame is malformed"},                  // RFC 6455 5.5.1, 7.4
	{UTF8, websocket.StatusInvalidFramePayloadData, "text is not UTF-8"},                     // RFC 6455 8.1
	{CloseUTF8, websocket.StatusInvalidFramePayloadData, "close reason is not UTF-8"},        // RFC 6455 8.1
	{Inflate, websocket.StatusInvalidFramePayloadData, "compressed data cannot be inflated"}, // RFC 7692 7.2.2
	{TooLarge, websocket.StatusMessageTooBig, "message exceeds the limit"},                   // RFC 6455 7.4.1
}

// rowOf returns the row of a rule.
func rowOf(rule Rule) ruleRow {
	at := slices.IndexFunc(rules, func(r ruleRow) bool { return r.rule == rule })
	if at < 0 {
		return ruleRow{rule, websocket.StatusProtocolError, ""}
	}
	return rules[at]
}

// RuleError is the reason to fail a connection, RFC 6455 section 7.1.7.
type RuleError struct {
	Rule      Rule
	Announced int64  // TooLarge: the size in bytes that a frame announced; 0 when it was counted
	Text      bool   // TooLarge: the message is text
	Head      []byte // TooLarge: the part of that frame that had arrived, at most 1 KiB
}

// Error implements error.
func (e *RuleError) Error() string { return "peer broke the WebSocket protocol: " + string(e.Rule) }

// Is makes a message that is too large match the library's error for it.
func (e *RuleError) Is(target error) bool {
	return e.Rule == TooLarge && target == websocket.ErrMessageTooBig
}

// Code returns the close code that the peer is sent.
func (e *RuleError) Code() websocket.StatusCode { return rowOf(e.Rule).code }

// Reason returns the close reason that the peer is sent.
func (e *RuleError) Reason() string { return rowOf(e.Rule).reason }

// MaxCloseReason is the size of the longest close reason in bytes, RFC 6455 sections 5.5
// and 5.5.1.
const MaxCloseReason = maxControl - 2

// closing turns the payload of a close frame into a websocket.CloseError, or a *RuleError.
func closing(payload []byte) error {
	if len(payload) == 0 {
		return websocket.CloseError{Code: websocket.StatusNoStatusRcvd}
	}
	if len(payload) < 2 {
		return &RuleError{Rule: CloseFrame}
	}
	code := websocket.StatusCode(payload[0])<<8 | websocket.StatusCode(payload[1])
	if !Sendable(int(code)) {
		return &RuleError{Rule: CloseFrame}
	}
	return websocket.CloseError{Code: code, Reason: string(payload[2:])}
}

// Sendable reports whether a close frame may have the code, RFC 6455 section 7.4.
func Sendable(code int) bool {
	isReserved := code >= 1004 && code <= 1006
	return code >= 1000 && code <= 1014 && !isReserved || code >= 3000 && code <= 4999
}

// CloseFor returns the close frame that tells one peer how the other ended: the same code, and
// the reason if it is UTF-8, or the code and reason of a failure. It returns false for an
// end without a close frame.
func CloseFor(end error) (websocket.CloseError, bool) {
	if failure, ok := errors.AsType[*RuleError](end); ok {
		return websocket.CloseError{Code: failure.Code(), Reason: failure.Reason()}, true
	}
	closed, ok := errors.AsType[websocket.CloseError](end)
	if !utf8.ValidString(closed.Reason) {
		closed.Reason = ""
	}
	return closed, ok
}
