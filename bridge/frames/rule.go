package frames

import (
	"errors"
	"unicode/utf8"

	"github.com/coder/websocket"
)

// Rule names a rule of the protocol that a peer broke.
type Rule string

// The rules, with the section that demands each. TooLarge is our own limit.
const (
	ReservedBits Rule = "reserved_bits"          // RFC 6455 5.2, RFC 7692 6
	Opcode       Rule = "unknown_opcode"         // RFC 6455 5.2
	Length       Rule = "length_of_64_bits"      // RFC 6455 5.2: the most significant bit must be 0
	Masked       Rule = "masked_frame"           // RFC 6455 5.1: a server must not mask
	Unmasked     Rule = "unmasked_frame"         // RFC 6455 5.1: a client must mask
	Control      Rule = "control_frame"          // RFC 6455 5.5: at most 125 bytes, in one frame
	Continuation Rule = "continuation"           // RFC 6455 5.4: of no message
	Interleaved  Rule = "message_within_message" // RFC 6455 5.4
	CloseFrame   Rule = "close_frame"            // RFC 6455 5.5.1, 7.4
	UTF8         Rule = "text_not_utf8"          // RFC 6455 8.1
	CloseUTF8    Rule = "close_reason_not_utf8"  // RFC 6455 8.1
	Inflate      Rule = "cannot_inflate"         // RFC 7692 7.2.2
	TooLarge     Rule = "message_too_large"      // RFC 6455 7.4.1
)

// RuleError is the reason to fail a connection, RFC 6455 section 7.1.7.
type RuleError struct {
	Rule      Rule
	Announced int64  // TooLarge: the size in bytes that a frame announced; 0 when it was counted
	Text      bool   // TooLarge: the message is text
	Head      []byte // TooLarge: what had arrived of that frame, at most 1 KiB
}

// Error implements error.
func (f *RuleError) Error() string { return "peer broke the WebSocket protocol: " + string(f.Rule) }

// Is says that a failure by the size of a message is the library's error for it.
func (f *RuleError) Is(target error) bool {
	return f.Rule == TooLarge && target == websocket.ErrMessageTooBig
}

// Code is the close code that the peer is told.
func (f *RuleError) Code() websocket.StatusCode {
	switch f.Rule {
	case TooLarge:
		return websocket.StatusMessageTooBig
	case UTF8, CloseUTF8, Inflate:
		return websocket.StatusInvalidFramePayloadData
	default:
		return websocket.StatusProtocolError
	}
}

// Reason is the close reason that the peer is told.
func (f *RuleError) Reason() string {
	switch f.Rule {
	case TooLarge:
		return "message exceeds the limit"
	case UTF8:
		return "text is not UTF-8"
	case CloseUTF8:
		return "close reason is not UTF-8"
	case Inflate:
		return "compressed data cannot be inflated"
	case ReservedBits:
		return "reserved bits are set"
	case Opcode:
		return "opcode is unknown"
	case Length:
		return "length of a frame exceeds 63 bits"
	case Masked:
		return "frame of a server is masked"
	case Unmasked:
		return "frame of a client is not masked"
	case Control:
		return "control frame is fragmented or too long"
	case Continuation:
		return "continuation frame without a message"
	case Interleaved:
		return "new message before the end of the last"
	default:
		return "close frame is malformed"
	}
}

// closing reads the payload of a close frame: a websocket.CloseError, or a *RuleError.
func closing(payload []byte) error {
	if len(payload) == 0 {
		return websocket.CloseError{Code: websocket.StatusNoStatusRcvd}
	}
	if len(payload) < 2 {
		return &RuleError{Rule: CloseFrame}
	}
	code := websocket.StatusCode(payload[0])<<8 | websocket.StatusCode(payload[1])
	if !sendable(code) {
		return &RuleError{Rule: CloseFrame}
	}
	return websocket.CloseError{Code: code, Reason: string(payload[2:])}
}

// sendable reports whether a code may be in a close frame, RFC 6455 section 7.4.
func sendable(code websocket.StatusCode) bool {
	isReserved := code >= 1004 && code <= websocket.StatusAbnormalClosure
	return code >= 1000 && code <= 1014 && !isReserved || code >= 3000 && code <= 4999
}

// Told returns the close frame with which the end of one peer is told to the other:
// the same code, and the reason where it is UTF-8. A failure is told with its own
// code and reason. It is false for an end without a close frame.
func Told(end error) (websocket.CloseError, bool) {
	if failure, ok := errors.AsType[*RuleError](end); ok {
		return websocket.CloseError{Code: failure.Code(), Reason: failure.Reason()}, true
	}
	closed, ok := errors.AsType[websocket.CloseError](end)
	if !utf8.ValidString(closed.Reason) {
		closed.Reason = ""
	}
	return closed, ok
}
