package diagnose

import (
	"crypto/tls"
	"errors"
	"net"

	"duplex/bridge/sign"
	"duplex/bridge/target"
)

// addressRules is about what we refused to dial ourselves.
var addressRules = []rule{
	{"blocked_by_policy", when("", fails[*target.BlockedError])},
	{"too_many_headers", when(ActionEditHeaders, func(c *clues) bool {
		refused, ok := errors.AsType[*target.HeaderError](c.Err)
		return ok && refused.Reason == target.ReasonTooMany
	})},
	{"header_refused", when(ActionEditHeaders, fails[*target.HeaderError])},
	{"client_certificate_unusable", when(ActionEditSettings, fails[*target.ClientCertificateError])},
	{"option_refused", when(ActionEditSettings, fails[*target.OptionError])},
	{"address_refused", when("", always)},
}

// credentialRules is about what went wrong before the handshake: a field is
// missing, or IAM gave no token for the password. The answer is IAM's.
var credentialRules = []rule{
	{"secret_bound_elsewhere", when(ActionEditAuth, fails[*target.BoundError])},
	{"credential_incomplete", when(ActionEditAuth, fails[*sign.FieldError])},
	{"iam_locked", when(ActionEditAuth, says("locked", "too many"))},
	{"iam_mfa", when(ActionEditAuth, says("mfa", "totp", "verification code"))},
	{"iam_wrong_password", when(ActionEditAuth, status(401))},
	{"iam_wrong_project", when(ActionEditAuth, status(400, 404), says("project", "scope"))},
	{"iam_forbidden", when(ActionEditAuth, status(403))},
	{"iam_unavailable", when(ActionReconnect, status(429, 500, 502, 503, 504))},
	{"iam_unreachable", when(ActionEditAuth, status(0), either(
		fails[net.Error], fails[*target.BlockedError], fails[*tls.CertificateVerificationError], fails[*target.NotHTTPError], timedOut))},
	{"credential_failure", when(ActionEditAuth, always)},
}
