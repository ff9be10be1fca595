package target

import (
	"bytes"
	"cmp"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"net/url"
	"slices"
	"strings"

	"duplex/bridge/sign"
	"duplex/bridge/vault"
)

// shortestRedacted is the length, in bytes, from which on a secret is looked for in
// what comes back: anything shorter would hide ordinary words.
const shortestRedacted = 4

// redactor hides secrets that a peer sends back: gateways echo the request they
// refuse. It finds them in plain, percent-encoded, in JSON, hex and base64. A peer
// that means to can encode them otherwise.
type redactor struct{ needles []string }

// add makes r look for one more secret.
func (r *redactor) add(secret vault.Secret) {
	plain := secret.Reveal()
	if len(plain) < shortestRedacted {
		return
	}
	r.needles = append(r.needles, plain, url.QueryEscape(plain), url.PathEscape(plain),
		strings.ReplaceAll(url.QueryEscape(plain), "+", "%20"),
		hex.EncodeToString([]byte(plain)), strings.ToUpper(hex.EncodeToString([]byte(plain))))
	if quoted, err := json.Marshal(plain); err == nil {
		r.needles = append(r.needles, string(quoted[1:len(quoted)-1]))
	}
	for _, encoding := range []*base64.Encoding{base64.RawStdEncoding, base64.RawURLEncoding} {
		r.needles = append(r.needles, base64Needles(encoding, plain)...)
	}
	// The longest first: one may be the beginning of another.
	slices.SortFunc(r.needles, func(a, b string) int {
		return cmp.Or(cmp.Compare(len(b), len(a)), cmp.Compare(a, b))
	})
	r.needles = slices.Compact(r.needles)
}

// addAll makes r look for every secret of a request: those of its credential, and
// the headers and parameters whose names tell of one.
func (r *redactor) addAll(request Request) {
	for _, secret := range request.Credential.Secrets {
		r.add(secret)
	}
	for _, header := range request.Headers {
		r.addPair(header)
	}
	for name, values := range request.URL.Query() {
		for _, value := range values {
			r.addPair(Pair{name, value})
		}
	}
}

func (r *redactor) addPair(p Pair) {
	if sign.Mask(p.Name, p.Value) == p.Value {
		return
	}
	r.add(vault.NewSecret(p.Value))
	if _, behindScheme, found := strings.Cut(p.Value, " "); found {
		r.add(vault.NewSecret(behindScheme))
	}
}

// addSignature makes r look for the signature in an Authorization header: whoever
// reads it could use it until its date is too old.
func (r *redactor) addSignature(authorization string) {
	if _, signature, found := strings.Cut(authorization, "Signature="); found {
		r.add(vault.NewSecret(signature))
	}
}

// base64Needles returns what is the same in every encoding of a text that holds
// plain, for the three ways it can lie in the groups of three bytes.
func base64Needles(encoding *base64.Encoding, plain string) []string {
	var out []string
	for before := range 3 {
		text := encoding.EncodeToString(append(make([]byte, before), plain...))
		first := (before*8 + 5) / 6                       // the first digit that only plain decides
		last := (before + len(plain)) * 8 / 6             // behind the last one
		if needle := text[first:last]; len(needle) >= 6 { // 4 bytes and more
			out = append(out, needle)
		}
	}
	return out
}

// text returns s with every secret masked.
func (r *redactor) text(s string) string {
	for _, needle := range r.needles {
		s = strings.ReplaceAll(s, needle, sign.Masked)
	}
	return s
}

// body does the same with a body that was cut off at its end, where the beginning
// of a secret may stand.
func (r *redactor) body(b []byte, cut bool) []byte {
	for _, needle := range r.needles {
		b = bytes.ReplaceAll(b, []byte(needle), []byte(sign.Masked))
	}
	if cut {
		b = b[:len(b)-r.begun(b)]
	}
	return b
}

// begun returns the length of the longest beginning of a secret at the end of b.
func (r *redactor) begun(b []byte) int {
	longest := 0
	for _, needle := range r.needles {
		for n := min(len(needle)-1, len(b)); n >= shortestRedacted && n > longest; n-- {
			if bytes.HasSuffix(b, []byte(needle[:n])) {
				longest = n
			}
		}
	}
	return longest
}

// redactedError prints text in place of what err says.
type redactedError struct {
	text string
	err  error
}

func (e *redactedError) Error() string { return e.text }
func (e *redactedError) Unwrap() error { return e.err }

// error returns err so that its text holds no secret.
func (r *redactor) error(err error) error {
	text := r.text(err.Error())
	if text == err.Error() {
		return err
	}
	return &redactedError{text, err}
}
