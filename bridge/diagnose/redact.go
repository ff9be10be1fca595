package diagnose

import (
	"net/url"
	"regexp"
	"strings"

	"duplex/bridge/sign"
)

// maxQuote is how much of a text of the target's is quoted, in bytes.
const maxQuote = 300

// maxCanonical is how much of an echoed canonical request is shown, in bytes.
const maxCanonical = 2000

var (
	// named is a value that its name tells to be a credential: "token=abc",
	// "appcode: abc". An access key id (ak:) is a name, not a secret.
	named = regexp.MustCompile(`(?i)\b([\w-]*(?:token|secret|password|passwd|pwd|app_?key|api_?key|app_?code|signature|authorization|cookie|sk))("?\s*[:=]\s*"?)((?:Bearer |Basic )?[^\s",;|}&]+)`)
	// long is a run of characters that no word has, but keys and tokens do.
	long = regexp.MustCompile(`[A-Za-z0-9+/_=-]{32,}`)
	uuid = regexp.MustCompile(`^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$`)
	// control is what must not reach a terminal or a page, marks that turn the direction of
	// the text behind them (Unicode Standard Annex 9) included.
	control = regexp.MustCompile(`[\x00-\x1f\x7f-\x{9f}\x{200e}\x{200f}\x{202a}-\x{202e}\x{2066}-\x{2069}]+`)
)

// redact prepares a text of the target's for showing: a service may echo the
// credential that it refused.
func redact(text string) string {
	text = control.ReplaceAllString(strings.ToValidUTF8(text, "�"), " ")
	text = named.ReplaceAllString(text, "$1$2"+sign.Masked)
	text = long.ReplaceAllStringFunc(text, func(run string) string {
		if uuid.MatchString(run) {
			return run
		}
		return sign.Masked
	})
	return clip(strings.TrimSpace(text), maxQuote)
}

func clip(text string, limit int) string {
	if len(text) <= limit {
		return text
	}
	return strings.ToValidUTF8(text[:limit], "") + "…"
}

// The parts of a canonical request that hold no value, and its body hash.
var (
	signedNames = regexp.MustCompile(`^[a-z0-9;_-]*$`)
	bodyHash    = regexp.MustCompile(`^([0-9a-f]{64}|UNSIGNED-PAYLOAD)$`)
)

// redactCanonical shows an echoed canonical request, whose lines the gateway parts
// with "|". It is what a wrong signature is found with, and it holds the security
// token. A part that is not understood is hidden.
func (c *clues) redactCanonical(canonical string) string {
	parts := strings.FieldsFunc(canonical, func(r rune) bool { return r == '\n' })
	parts = strings.Split(strings.Join(parts, "|"), "|")
	for i, part := range parts {
		name, value, isHeader := strings.Cut(part, ":")
		switch {
		case i < 2: // method and path
		case i == 2:
			parts[i] = c.redactQuery(part)
		case isHeader && signedNames.MatchString(name) && c.mayShow(name, value):
		case isHeader && signedNames.MatchString(name):
			parts[i] = name + ":" + sign.Masked
		case bodyHash.MatchString(part), signedNames.MatchString(part) && !long.MatchString(strings.ReplaceAll(part, ";", " ")):
		default:
			parts[i] = sign.Masked
		}
	}
	return clip(control.ReplaceAllString(strings.Join(parts, "|"), " "), maxCanonical)
}

func (c *clues) redactQuery(query string) string {
	if query == "" {
		return ""
	}
	pairs := strings.Split(query, "&")
	for i, pair := range pairs {
		name, value, _ := strings.Cut(pair, "=")
		if !c.mayShow(name, value) {
			pairs[i] = name + "=" + sign.Masked
		}
	}
	return strings.Join(pairs, "&")
}

// mayShow reports whether a header or parameter of the request carries no
// credential.
func (c *clues) mayShow(name, value string) bool {
	if plain, err := url.QueryUnescape(name); err == nil {
		name = plain
	}
	return value == "" || !c.hidden[strings.ToLower(name)] && sign.Mask(name, value) == value
}
