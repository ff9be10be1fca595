package diagnose

import (
	"regexp"
	"time"

	"duplex/bridge/sign"
)

// maxSkew is the clock difference above which the clock is named as the cause. API gateway
// accepts 15 minutes, Signature Version 4 five.
const maxSkew = 5 * time.Minute

// appKinds authenticate an app, not an IAM user.
var appKinds = []sign.Kind{sign.KindAppCode, sign.KindAppKey, sign.KindAppSignature}

// kindRules explain a credential kind that the address does not accept, and kinds for which
// the error codes wrongly speak of tokens. Source: the authentication pages of the ModelArts
// manual: new inference addresses accept a token or an API key, and no signature.
var kindRules = []rule{
	{"credential_missing_v2", when(ActionEditAuth, status(401, 403), newInference, sentNone)},
	{"credential_kind_not_on_v2", when(ActionEditAuth, status(401, 403), newInference, either(kind(appKinds...), kind(sign.KindAKSK)))},
	{"credential_missing", when(ActionEditAuth, sentNone, either(status(401), all(status(400, 403), namesCredential)), not(namesMissing))},
	{"credential_kind_wrong", when(ActionEditAuth, either(
		gateway("APIG.0305"),
		all(namesToken, either(kind(appKinds...), kind(sign.KindBasic, sign.KindSigV4, sign.KindQuery, sign.KindSubprotocol))),
		all(gateway("APIG.0301"), kind(sign.KindAppCode, sign.KindAppKey)),
		all(gateway("APIG.0303"), kind(sign.KindToken, sign.KindIAMPassword, sign.KindAKSK))))},
	{"api_key_refused", when(ActionEditAuth, kind(sign.KindAPIKey), either(status(401), all(status(400, 403), namesCredential)))},
	{"bearer_refused", when(ActionEditAuth, kind(sign.KindBearer), either(status(401), all(status(400, 403), namesCredential)))},
}

// namesMissing recognizes errors that say that no credential came, and where it belongs.
var namesMissing = gateway("ModelArts.0201", "ModelArts.0205", "ModelArts.0208", "ModelArts.0209", "ModelArts.0210")

// namesToken recognizes errors about a token, which mislead when no token was sent.
var namesToken = either(gateway("APIG.0307", "ModelArts.0202", "ModelArts.0203", "ModelArts.0204", "ModelArts.0207"), all(gateway("APIG.0301"), says("decrypt token fail")))

// gatewayRules explain the error codes of API gateway. Source: "Error Codes" of the API
// Gateway user guide, and the troubleshooting of the signing guide.
var gatewayRules = []rule{
	{"signature_needs_v11", when(ActionUseV11, gateway("APIG.0624"))},
	{"key_locked", when("", says("failed to reach the limit"))},
	{"access_key_unknown", when(ActionEditAuth, says("ak not exist"))},
	{"clock_skew_ahead", when("", status(400, 401, 403), signed, func(c *clues) bool { return c.skew > maxSkew })},
	{"clock_skew_behind", when("", status(400, 401, 403), signed, func(c *clues) bool { return c.skew < -maxSkew })},
	{"clock_refused", when("", status(400, 401, 403), namesClock)},
	{"signature_expired", when(ActionReconnect, status(400, 401, 403), says("signature expired", "signature has expired"))},
	{"app_not_found", when(ActionEditAuth, gateway("APIG.0303"), says("app not found"))},
	{"app_signature_mismatch", when(ActionEditAuth, gateway("APIG.0303"), says("signature fail"))},
	{"app_refused", when(ActionEditAuth, gateway("APIG.0303"))},
	{"signature_mismatch", when(ActionEditAuth, gateway("APIG.0301"), says("signature fail"))},
	{"token_unreadable", when(ActionEditAuth, gateway("APIG.0301"), says("decrypt token fail"))},
	{"iam_credential_refused", when(ActionEditAuth, gateway("APIG.0301"))},
	{"app_key_and_secret_differ", when(ActionEditAuth, gateway("APIG.1009"))},
	{"iam_user_not_authorized", when(ActionEditAuth, gateway("APIG.0302"))},
	{"app_not_authorized", when("", gateway("APIG.0304"))},
	{"access_denied", when(ActionEditAuth, gateway("APIG.0306"))},
	{"api_throttled", when(ActionReconnect, gateway("APIG.0308"))},
	{"project_unavailable", when("", gateway("APIG.0310"))},
	{"client_address_unknown", when("", gateway("APIG.0401"))},
	{"client_address_refused", when("", gateway("APIG.0402"))},
	{"quota_used_up", when("", gateway("APIG.0501", "APIG.0502"))},
	{"gateway_tls_version", when("", gateway("APIG.0204"))},
	{"gateway_scheme_refused", when(ActionSwitchToWSS, gateway("APIG.0607"), func(c *clues) bool { return c.url.Scheme == "ws" })},
	{"gateway_protocol_refused", when("", gateway("APIG.0607"))},
	{"api_not_found", when("", gateway("APIG.0101"))},
	{"gateway_bad_request", when("", status(400), gateway("APIG.0201", "APIG.0602"), not(namesSize))},
	{"gateway_backend_timeout", when(ActionReconnect, status(504), gateway("APIG.0201", "APIG.0202", "APIG.0610"))},
	{"gateway_backend_unavailable", when(ActionReconnect, status(502, 503), gateway("APIG.0201", "APIG.0202", "APIG.0203", "APIG.0610"))},
}

// clock matches a refusal because of the time in a request.
var clock = regexp.MustCompile(`\bclock\b|(x-|x-amz-|x-sdk-|valid |invalid |missing |expired |bad |wrong )date\b|date (header|is|has|was)|time ?skew|too skewed|requesttimetooskewed|\btimestamp\b|request time|time (difference|stamp)|(request|url) has expired`)

func namesClock(c *clues) bool { return clock.MatchString(c.answer.words) }
