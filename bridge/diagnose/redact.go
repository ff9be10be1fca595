package diagnose

import (
	"net/url"
	"regexp"
	"strings"

	"duplex/bridge/sign"
)

// maxQuote is the number of bytes that are quoted of a text from the target.
const maxQuote = 300

// maxCanonical is the number of bytes that are shown of an echoed canonical request.
const maxCanonical = 2000

var (
	// named matches a value with the name of a credential: "token=abc", "appcode: abc". An
	// access key id (ak:) is not a secret.
	named = regexp.MustCompile(`(?i)\b([\w-]*(?:token|secret|password|passwd|pwd|app_?key|api_?key|app_?code|signature|authorization|cookie|sk))("?\s*[:=]\s*"?)((?:Bearer |Basic )?[^\s",;|}&]+)`)
	// long matches a run of characters that is longer than words, such as a key or token.
	long = regexp.MustCompile(`[A-Za-z0-9+/_=-]{32,}`)
	uuid = regexp.MustCompile(`^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$`)
	// control matches control characters, and marks that change the direction of text
	// (Unicode Standard Annex 9).
	control = regexp.MustCompile(`[\x00-\x1f\x7f-\x{9f}\x{200e}\x{200f}\x{202a}-\x{202e}\x{2066}-\x{2069}]+`)
)

// redact masks credentials in a text from the target: a service may echo the credential that
// it refused.
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

// Parts of a canonical request that are safe to show.
var (
	signedNames = regexp.MustCompile(`^[a-z0-9;_-]*$`)
	bodyHash    = regexp.MustCompile(`^([0-9a-f]{64}|UNSIGNED-PAYLOAD)$`)
)

// redactCanonical masks the secrets in an echoed canonical request, with which a person finds
// the cause of a wrong signature. The gateway writes "|" between its lines. Unknown parts are
// masked.
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

// mayShow reports whether a header or parameter of the request holds no credential.
func (c *clues) mayShow(name, value string) bool {
	if plain, err := url.QueryUnescape(name); err == nil {
		name = plain
	}
	return value == "" || !c.hidden[strings.ToLower(name)] && sign.Mask(name, value) == value
}
