package diagnose

import (
	"net/http"
	"regexp"
	"slices"
	"strings"
)

// peerRules explain responses of something else than the service: a web page, a login, a
// proxy, another protocol.
var peerRules = []rule{
	{"socketio_peer", when("", socketIO)},
	{"redirect", redirected},
	{"redirect_to_login", when(ActionEditAuth, status(301, 302, 303, 307, 308), toLogin)},
	{"redirect_elsewhere", when("", status(301, 302, 303, 307, 308))},
	{"subprotocol_unasked", when(ActionEditSettings, status(http.StatusSwitchingProtocols), unaskedSubprotocol)},
	{"extension_unasked", when(ActionEditSettings, status(http.StatusSwitchingProtocols), unaskedExtension)},
	{"broken_upgrade", when("", status(http.StatusSwitchingProtocols))},
	{"upgrade_headers_dropped", when("", either(all(status(400, 426), missesUpgrade), all(status(426), namesNoVersion)))},
	{"upgrade_required_426", when("", status(http.StatusUpgradeRequired))},
	{"bot_challenge", when("", status(401, 403, 429, 503), challenged)},
	{"upgrade_not_allowed", when("", status(400, 403, 501), says("upgrade not allowed", "upgrade is not", "websocket is not", "websockets are not", "websocket not supported", "websocket support is"))},
	{"subprotocol_required", when(ActionEditSettings, status(400, 403, 406, 426), namesSubprotocol)},
	{"html_200", when("", success, webPage)},
	{"no_websocket_here", when("", success)},
	{"origin_refused", when(ActionEditHeaders, status(403), namesOrigin)},
}

// statusRules explain a refusal by its status alone.
var statusRules = []rule{
	{"payment_required", when("", either(status(402), all(status(400, 401, 403, 429), namesPayment)))},
	{"unauthorized", whenToken(either(status(401), all(status(400, 403), namesCredential)))},
	{"request_too_large", when(ActionEditHeaders, either(status(413, 414, 431, 494), all(status(400), namesSize)))},
	{"no_upgrade_400", when("", status(400, 422))},
	{"forbidden_without_credential", when(ActionEditAuth, status(403), sentNone)},
	{"forbidden", when(ActionEditAuth, status(403))},
	{"proxy_authentication", when("", status(407))},
	{"not_found", when("", status(404, 410))},
	{"method_not_allowed", when("", status(405))},
	{"too_many_requests", when(ActionReconnect, status(429))},
	{"backend_unavailable", when(ActionReconnect, status(502, 520, 521, 523, 525, 526, 530))}, // from 520: Cloudflare
	{"service_unavailable", when(ActionReconnect, status(503))},
	{"backend_timeout", when(ActionReconnect, status(504, 522, 524))},
	{"server_error", when(ActionReconnect, func(c *clues) bool { return c.status >= 500 })},
	{"refused", when("", always)},
}

// socketIOErrors lists the error messages of Engine.IO; see engine.io-protocol, "HTTP
// long-polling", and the errors of its server.
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

func webPage(c *clues) bool { return isHTML(c.Report) }

// missesUpgrade recognizes a server that did not get the Upgrade headers. We always send
// them, so a proxy removed them.
func missesUpgrade(c *clues) bool {
	return says("upgrade header", "connection header", "upgrade hdr", `"upgrade"`, `'upgrade'`, "sec-websocket-key")(c)
}

// namesNoVersion recognizes a 426 that is not about the version: such a response names the
// supported versions, RFC 6455 section 4.4.
func namesNoVersion(c *clues) bool {
	return header(c.Report.ResponseHeader, "Sec-WebSocket-Version") == ""
}

// Words about the Origin header, apart from longer words, parts of a path, and the "origin
// server" of proxies.
var (
	origin        = regexp.MustCompile(`(?:^|[^\w./-])origins?(?:[^\w./-]|$)`)
	cors          = regexp.MustCompile(`\bcors\b`)
	originRefused = regexp.MustCompile(`allow|den(y|ied)|forbid|invalid|mismatch|match|bad|wrong|unauthori[sz]ed|not authori[sz]ed|not permitted|reject|refus|cross|cors|header|missing|unknown|untrusted|not trusted|unexpected|illegal|check`)
)

func namesOrigin(c *clues) bool {
	if cors.MatchString(c.answer.words) {
		return true
	}
	words := strings.NewReplacer("origin server", "", "origin web server", "", "origin host", "").Replace(c.answer.words)
	return origin.MatchString(words) && originRefused.MatchString(words)
}

// Words that name the cause of a refusal when the status does not.
var (
	credentialWords  = regexp.MustCompile(`(invalid|expired|missing|incorrect|wrong|bad|unknown|malformed|revoked|inactive|no)[ _][^.]{0,30}\b(api[-_ ]?key|subscription key|token|credentials?|signature|jwt|password|authentication)\b|\b(api[-_ ]?key|token|credentials?|signature|jwt|password)s?\b [^.]{0,60}(invalid|expired|missing|incorrect|not valid|not provided|does not match|mismatch|revoked|malformed|unknown|required|wrong|not be verified|not allowed)|signature we calculated|unregistered callers|unauthenticated|not authenticated|令牌|密钥|鉴权失败|认证失败|未登录`)
	paymentWords     = regexp.MustCompile(`(insufficient|enough|no|out of|remaining) (credits?|balance|funds)\b|payment|arrear|\bbilling\b|欠费|余额`)
	sizeWords        = regexp.MustCompile(`(header|cookie|uri|url|request line)[^.]{0,20}too (large|long|big)`)
	subprotocolWords = regexp.MustCompile(`(missing|no|required?s?|unsupported|invalid|unknown|unacceptable|not|must)\b[^.]{0,40}sub-?protocol|sub-?protocol[^.]{0,60}(missing|required|unsupported|not|invalid|unknown|must)`)
)

func namesCredential(c *clues) bool {
	return credentialWords.MatchString(c.answer.words) && !says("csrf")(c)
}

func namesPayment(c *clues) bool { return paymentWords.MatchString(c.answer.words) }

func namesSize(c *clues) bool { return sizeWords.MatchString(c.answer.words) }

func namesSubprotocol(c *clues) bool { return subprotocolWords.MatchString(c.answer.words) }

// challenged recognizes a page that checks for a browser.
func challenged(c *clues) bool {
	return strings.EqualFold(header(c.Report.ResponseHeader, "Cf-Mitigated"), "challenge") ||
		webPage(c) && says("just a moment...", "checking your browser", "enable javascript and cookies", "verify you are human")(c)
}

func unaskedSubprotocol(c *clues) bool {
	chosen := header(c.Report.ResponseHeader, "Sec-Websocket-Protocol")
	return chosen != "" && !slices.ContainsFunc(c.Report.Offered, func(o string) bool { return strings.EqualFold(o, chosen) })
}

// unaskedExtension recognizes a response with an extension that was not offered, RFC 6455
// section 4.1, step 5.
func unaskedExtension(c *clues) bool {
	chosen := header(c.Report.ResponseHeader, "Sec-WebSocket-Extensions")
	if chosen == "" {
		return false
	}
	offered := strings.ToLower(header(c.Report.RequestHeader, "Sec-WebSocket-Extensions"))
	for extension := range strings.SplitSeq(chosen, ",") {
		name, _, _ := strings.Cut(extension, ";")
		if !strings.Contains(offered, strings.ToLower(strings.TrimSpace(name))) {
			return true
		}
	}
	return errorSays("extension")(c)
}
