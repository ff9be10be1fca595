package diagnose

import (
	"crypto/tls"
	"errors"
	"net"

	"duplex/bridge/dial"
	"duplex/bridge/sign"
)

// addressRules explain refusals of our own, before anything is dialled.
var addressRules = []rule{
	{"blocked_by_policy", when("", fails[*dial.BlockedError])},
	{"too_many_headers", when(ActionEditHeaders, func(c *clues) bool {
		refused, ok := errors.AsType[*dial.HeaderError](c.Err)
		return ok && refused.Reason == dial.ReasonTooMany
	})},
	{"header_refused", when(ActionEditHeaders, fails[*dial.HeaderError])},
	{"client_certificate_unusable", when(ActionEditSettings, fails[*dial.ClientCertificateError])},
	{"option_refused", when(ActionEditSettings, fails[*dial.OptionError])},
	{"address_refused", when("", always)},
}

// credentialRules explain failures of the credential: a field is missing, or IAM or another
// service issued no token. The response is that service's.
var credentialRules = []rule{
	{"secret_bound_elsewhere", when(ActionEditAuth, fails[*dial.BoundError])},
	{"credential_incomplete", when(ActionEditAuth, fails[*sign.FieldError])},
	{"mint_refused", when(ActionEditAuth, fails[*dial.MintError], func(c *clues) bool { return c.status != 0 })},
	{"mint_unreachable", when("", fails[*dial.MintError], func(c *clues) bool { return c.mint().Err != nil })},
	{"mint_unusable", when("", fails[*dial.MintError])},
	{"iam_locked", when(ActionEditAuth, says("locked", "too many"))},
	{"iam_mfa", when(ActionEditAuth, says("mfa", "totp", "verification code"))},
	{"iam_wrong_password", when(ActionEditAuth, status(401))},
	{"iam_wrong_project", when(ActionEditAuth, status(400, 404), says("project", "scope"))},
	{"iam_forbidden", when(ActionEditAuth, status(403))},
	{"iam_unavailable", when(ActionReconnect, status(429, 500, 502, 503, 504))},
	{"iam_unreachable", when(ActionEditAuth, status(0), either(
		fails[net.Error], fails[*dial.BlockedError], fails[*tls.CertificateVerificationError], fails[*dial.NotHTTPError], timedOut))},
	{"credential_failure", when(ActionEditAuth, always)},
}

// mint returns the error of the request that a dialect makes before the handshake; nil if
// there is none.
func (c *clues) mint() *dial.MintError {
	mint, _ := errors.AsType[*dial.MintError](c.Err)
	return mint
}
