package diagnose

import (
	"bytes"
	"mime"
	"net/http"
	"regexp"
	"slices"
	"strings"
)

// peerRules is about who answered: a page, a login, a proxy, another protocol.
var peerRules = []rule{
	{"socketio_peer", when("", socketIO)},
	{"redirect", redirected},
	{"redirect_to_login", when(ActionEditAuth, status(301, 302, 303, 307, 308), toLogin)},
	{"redirect_elsewhere", when("", status(301, 302, 303, 307, 308))},
	{"subprotocol_unasked", when(ActionEditSettings, status(http.StatusSwitchingProtocols), unaskedSubprotocol)},
	{"broken_upgrade", when("", status(http.StatusSwitchingProtocols))},
	{"upgrade_headers_dropped", when("", status(400, 426), missesUpgrade)},
	{"upgrade_required_426", when("", status(http.StatusUpgradeRequired))},
	{"html_200", when("", success, html)},
	{"no_websocket_here", when("", success)},
	{"origin_refused", when(ActionEditHeaders, status(403), namesOrigin)},
}

// statusRules is what a status alone tells.
var statusRules = []rule{
	{"no_upgrade_400", when("", status(400))},
	{"unauthorized", whenToken(status(401))},
	{"forbidden", when(ActionEditAuth, status(403))},
	{"proxy_authentication", when("", status(407))},
	{"not_found", when("", status(404, 410))},
	{"method_not_allowed", when("", status(405))},
	{"request_too_large", when(ActionEditHeaders, status(413, 414, 431, 494))},
	{"too_many_requests", when(ActionReconnect, status(429))},
	{"backend_unavailable", when(ActionReconnect, status(502))},
	{"service_unavailable", when(ActionReconnect, status(503))},
	{"backend_timeout", when(ActionReconnect, status(504))},
	{"server_error", when(ActionReconnect, func(c *clues) bool { return c.status >= 500 })},
	{"refused", when("", always)},
}

// socketIOErrors are the answers of Engine.IO to a request it cannot use; see
// engine.io-protocol, "HTTP long-polling", and the errors of its server.
var socketIOErrors = []string{"Transport unknown", "Session ID unknown", "Bad handshake method", "Unsupported protocol version"}

func socketIO(c *clues) bool {
	if slices.Contains(socketIOErrors, c.answer.message) {
		return true
	}
	return status(400, 403)(c) && socketIOPath(c) && c.answer.code != "" && c.answer.message != ""
}

func socketIOPath(c *clues) bool {
	return strings.Contains(c.url.Path, "/socket.io") || strings.Contains(c.url.Path, "/engine.io")
}

func success(c *clues) bool { return c.status >= 200 && c.status < 300 }

func html(c *clues) bool {
	kind, _, _ := mime.ParseMediaType(header(c.Report.ResponseHeader, "Content-Type"))
	return kind == "text/html" || bytes.HasPrefix(bytes.TrimSpace([]byte(c.answer.lower)), []byte("<!doctype html"))
}

// missesUpgrade recognises what servers say when the headers that ask for a
// WebSocket did not reach them. We always send them, so a proxy took them away.
func missesUpgrade(c *clues) bool {
	return says("upgrade header", "connection header", "upgrade hdr", `"upgrade"`, `'upgrade'`, "sec-websocket-key")(c)
}

// origin is the header, not a word that begins so, and not what proxies call the
// server behind them.
var origin = regexp.MustCompile(`\borigin\b`)

func namesOrigin(c *clues) bool {
	return origin.MatchString(strings.ReplaceAll(c.answer.lower, "origin server", ""))
}

func unaskedSubprotocol(c *clues) bool {
	chosen := header(c.Report.ResponseHeader, "Sec-Websocket-Protocol")
	return chosen != "" && !slices.ContainsFunc(c.Report.Offered, func(o string) bool { return strings.EqualFold(o, chosen) })
}
