package diagnose

import (
	"bytes"
	"errors"
	"slices"
	"syscall"
	"time"

	"github.com/coder/websocket"

	"duplex/bridge/frames"
)

// Times that distinguish the causes of a close.
const (
	atOnce     = 5 * time.Second  // a reaction to the last message
	idleFrom   = 5 * time.Second  // gateways cut an idle WebSocket after 60 s by default, some are set to a few seconds
	waitedFrom = 38 * time.Second // ModelArts and API gateway give a request 40 s
	waitedTo   = 46 * time.Second
)

// maxGatewayMessage is the maximum request size of API gateway in bytes.
const maxGatewayMessage = 12 << 20

// closeRules explain the end of open connections.
var closeRules = slices.Concat(brokenRules, limitRules, wordRules(), quietRules, codeRules)

// brokenRules explain ends with a certain cause, which counts more than the service's words.
var brokenRules = []rule{
	{"interrupted_unsure", when(ActionReconnect, interrupted, func(c *clues) bool { return c.Closing.Interrupted.Unsure > 0 })},
	{"interrupted", when(ActionReconnect, interrupted)},
	{"not_recorded", when("", func(c *clues) bool { return c.Closing.Unrecorded })},
	{"ping_lost", when(ActionReconnect, code(1006), func(c *clues) bool { return c.Closing.GaveUp })},
	{"host_vanished", when(ActionReconnect, func(c *clues) bool { return errors.Is(c.Closing.Err, syscall.ETIMEDOUT) })},
	{"message_too_large", when(ActionEditSettings, byUs, code(1009))},
	{dialectRule, when("", byTarget, explained)},
	{"engineio_session", when("", byTarget, engineIO)},
	{"target_masks_frames", when("", broke(frames.Masked))},
	{"text_not_utf8", when("", broke(frames.UTF8))},
	{"cannot_inflate", when(ActionEditSettings, broke(frames.Inflate))},
	{"target_broke_protocol", when("", byTarget, brokeProtocol)},
	{"closed_1009", when("", byTarget, code(1009), func(c *clues) bool { return c.Closing.Sent > 0 })},
	// 3000 and 3003 are registered at IANA; 4401 and 4403 are a habit, after HTTP.
	{"closed_unauthorized", when(ActionEditAuth, byTarget, code(3000, 3003, 4401, 4403))},
}

// quietRules guess the cause of an end without words from its time.
var quietRules = []rule{
	{"close_reason_not_utf8", when("", quiet, broke(frames.CloseUTF8))},
	{"closed_after_large_message", when("", byTarget, quiet, unanswered, afterSending(0, atOnce), func(c *clues) bool { return c.Closing.LastSentSize > maxGatewayMessage })},
	{"subprotocol_not_chosen", when(ActionEditSettings, byTarget, either(quiet, code(1002, 1003, 1008)), ignoredSubprotocols, func(c *clues) bool { return c.Closing.OpenFor < atOnce })},
	{"closed_at_once", when(ActionReconnect, byTarget, quiet, func(c *clues) bool {
		return c.Closing.Sent == 0 && c.Closing.Received == 0 && c.Closing.OpenFor < atOnce
	})},
	{"closed_after_first_message", when("", byTarget, quiet, afterSending(0, atOnce), func(c *clues) bool { return c.Closing.Sent == 1 && c.Closing.Received == 0 })},
	{"closed_after_40s", when(ActionReconnect, byTarget, quiet, unanswered, afterSending(waitedFrom, waitedTo))},
	{"closed_idle_no_ping", when(ActionEditSettings, byTarget, either(code(1006), code(1001)), func(c *clues) bool {
		return c.Closing.PingInterval == 0 && c.Closing.Idle >= idleFrom
	})},
}

// codeRules explain an end by its close code alone. None matches when we closed, or the target
// closed without an error.
var codeRules = []rule{
	{"closed_1002", when("", byTarget, code(1002))},
	{"closed_1003", when("", byTarget, code(1003))},
	{"closed_1006", when(ActionReconnect, byTarget, code(1006))},
	{"closed_1007", when("", byTarget, code(1007))},
	{"closed_1008", when(ActionEditAuth, byTarget, code(1008))},
	{"closed_1010", when(ActionEditSettings, byTarget, code(1010))},
	{"closed_1011", when(ActionReconnect, byTarget, code(1011))},
	{"closed_1012", when(ActionReconnect, byTarget, code(1012))},
	{"closed_1013", when(ActionReconnect, byTarget, code(1013))},
	{"closed_1014", when(ActionReconnect, byTarget, code(1014))},
	{"closed_by_application", when("", byTarget, func(c *clues) bool { return c.Closing.Code >= 4000 && c.Closing.Code <= 4999 })},
	{"closed_by_library", when("", byTarget, func(c *clues) bool { return c.Closing.Code >= 3000 && c.Closing.Code <= 3999 })},
	{"closed_oddly", when(ActionReconnect, byTarget, func(c *clues) bool { return !code(1000, 1001, 1005)(c) })},
}

func code(codes ...int) condition {
	return func(c *clues) bool { return slices.Contains(codes, c.Closing.Code) }
}

func interrupted(c *clues) bool { return c.Closing.Interrupted != nil }

func byUs(c *clues) bool { return c.Closing.ByUs }

func byTarget(c *clues) bool { return !c.Closing.ByUs }

// quiet holds for a close code that names no cause.
func quiet(c *clues) bool { return code(1000, 1001, 1005, 1006)(c) }

// afterSending holds if the end came at least from and less than to after our last message.
func afterSending(from, to time.Duration) condition {
	return func(c *clues) bool {
		return c.Closing.Sent > 0 && c.Closing.SinceSent >= from && c.Closing.SinceSent < to
	}
}

// unanswered holds if our message was the last one: then the time since it equals the idle
// time.
func unanswered(c *clues) bool { return c.Closing.SinceSent-c.Closing.Idle < time.Second }

func ignoredSubprotocols(c *clues) bool {
	return len(c.Report.Offered) > 0 && c.Report.Subprotocol == ""
}

// engineIO recognizes the open packet of Engine.IO, which is text: 0{"sid":...}.
func engineIO(c *clues) bool { return bytes.HasPrefix(c.Closing.FirstReceived, []byte(`0{"sid"`)) }

// broke holds if the target broke one of the rules of the protocol.
func broke(rules ...frames.Rule) condition {
	return func(c *clues) bool {
		failure, ok := errors.AsType[*frames.RuleError](c.Closing.Err)
		return ok && slices.Contains(rules, failure.Rule)
	}
}

// brokeProtocol holds if the target broke any rule that ends a connection with 1002.
func brokeProtocol(c *clues) bool {
	failure, ok := errors.AsType[*frames.RuleError](c.Closing.Err)
	return ok && failure.Code() == websocket.StatusProtocolError
}
