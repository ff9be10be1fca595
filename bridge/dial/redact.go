package dial

import (
	"cmp"
	"encoding/base64"
	"encoding/hex"
	"slices"
	"strings"
	"unicode/utf8"

	"duplex/bridge/frames"
	"duplex/bridge/sign"
	"duplex/bridge/vault"
)

// shortestRedacted is the minimum size in bytes of a secret that is masked: a shorter one
// would mask ordinary words.
const shortestRedacted = 4

// mostWork is the maximum number of steps for one text. An ordinary text takes a few steps a
// byte; a repetitive text and secret could take hours.
const mostWork = 5_000_000

// redactor masks secrets that a peer sends back: gateways echo the request they refuse. It
// finds them in plain text, percent-encoding, JSON, HTML, hex and base64. A malicious peer
// can use another encoding.
type redactor struct{ needles []needle }

// add adds a secret to mask.
func (r *redactor) add(secret vault.Secret) {
	plain := secret.Reveal()
	if len(plain) < shortestRedacted {
		return
	}
	r.needles = append(r.needles, needle{text: plain}, needle{text: hex.EncodeToString([]byte(plain)), hex: true})
	for _, encoding := range []*base64.Encoding{base64.RawStdEncoding, base64.RawURLEncoding} {
		for _, text := range base64Needles(encoding, plain) {
			r.needles = append(r.needles, needle{text: text})
		}
	}
	// The longest first, since one may be a prefix of another.
	slices.SortFunc(r.needles, func(a, b needle) int {
		return cmp.Or(cmp.Compare(len(b.text), len(a.text)), cmp.Compare(a.text, b.text))
	})
	r.needles = slices.Compact(r.needles)
}

// addAll adds every secret of a request: those of its credential and its environment, its
// sealed headers and parameters, headers and parameters with a name such as "token", and subprotocols that look
// like a secret.
func (r *redactor) addAll(request Request) {
	for _, secret := range request.Credential.Secrets {
		if r.add(secret); request.Credential.Kind == sign.KindHeader {
			r.addValue(secret.Reveal())
		}
	}
	for _, secret := range request.Secrets {
		r.add(secret)
	}
	for _, sealed := range request.Sealed {
		r.addValue(sealed.Value.Reveal())
	}
	for _, header := range request.Headers {
		r.addPair(header)
	}
	for _, parameter := range queryPairs(request.URL.RawQuery) {
		r.addPair(parameter)
	}
	for _, secret := range sign.SubprotocolSecrets(request.Subprotocols) {
		r.add(vault.NewSecret(secret))
	}
}

func (r *redactor) addPair(p Pair) {
	if sign.Mask(p.Name, p.Value) == p.Value {
		return
	}
	r.addValue(p.Value)
}

// shortestPart is the minimum size in bytes of a part of a value that is masked.
const shortestPart = 8

// addValue adds the value of a header or a parameter, and the parts that a peer may echo
// alone: the text behind a word such as Bearer, the values of cookies and of "name=value"
// behind a scheme (RFC 6265 section 4.2.1, RFC 9110 section 11.4), and the password of Basic
// (RFC 7617 section 2).
func (r *redactor) addValue(value string) {
	value = strings.TrimSpace(value) // as it is sent
	r.add(vault.NewSecret(value))
	scheme, behind, _ := strings.Cut(value, " ")
	behind = strings.TrimSpace(behind)
	r.add(vault.NewSecret(behind))
	if pair, err := base64.StdEncoding.DecodeString(behind); err == nil && strings.EqualFold(scheme, "Basic") {
		_, password, _ := strings.Cut(string(pair), ":")
		r.add(vault.NewSecret(password))
	}
	for _, part := range strings.FieldsFunc(value, func(c rune) bool { return strings.ContainsRune(" \t;,", c) }) {
		if _, named, found := strings.Cut(part, "="); found {
			part = strings.Trim(named, `"`)
		}
		if len(part) >= shortestPart {
			r.add(vault.NewSecret(part))
		}
	}
}

// addSignature adds the signature in an Authorization header. A reader could use it until
// its date is too old.
func (r *redactor) addSignature(authorization string) {
	if _, signature, found := strings.Cut(authorization, "Signature="); found {
		r.add(vault.NewSecret(signature))
	}
}

// base64Needles returns the part that every base64 encoding of a text with plain inside has,
// for each of the three offsets in a group of three bytes.
func base64Needles(encoding *base64.Encoding, plain string) []string {
	var out []string
	for before := range 3 {
		text := encoding.EncodeToString(append(make([]byte, before), plain...))
		first := (before*8 + 5) / 6                       // the first digit that depends on plain alone
		last := (before + len(plain)) * 8 / 6             // behind the last such digit
		if needle := text[first:last]; len(needle) >= 6 { // 4 bytes and more
			out = append(out, needle)
		}
	}
	return out
}

// text returns s with every secret masked.
func (r *redactor) text(s string) string {
	masked, _ := r.mask(s)
	return masked
}

// body returns b with every secret masked. The end of a cut body may be the beginning of a
// secret, which is removed.
func (r *redactor) body(b []byte, cut bool) []byte {
	masked, begun := r.mask(string(b))
	if cut {
		masked = masked[:len(masked)-begun]
	}
	return []byte(masked)
}

// reason returns a close reason with every secret masked, and with the beginning of one at its
// end, since the sender may have cut it to fit. The result fits into a close frame.
func (r *redactor) reason(s string) string {
	masked, begun := r.mask(s)
	if begun > 0 {
		masked = masked[:len(masked)-begun] + sign.Masked
	}
	if masked == s || len(masked) <= frames.MaxCloseReason {
		return masked
	}
	end := frames.MaxCloseReason
	for end > 0 && !utf8.RuneStart(masked[end]) {
		end--
	}
	return masked[:end]
}

// mask returns s with every secret masked, and the number of bytes at its end that may be
// the beginning of another.
func (r *redactor) mask(s string) (masked string, begun int) {
	var out strings.Builder
	done := 0 // s up to here was written
	work, beginnings := mostWork, r.beginnings()
	for at := 0; at < len(s); {
		if !beginnings[s[at]] {
			at++
			continue
		}
		end, begins := r.findSecret(s, at, &work)
		if work < 0 { // only a malicious text gets here: mask the rest of it
			end = len(s)
		}
		if begins && begun == 0 {
			begun = len(s) - at
		}
		if end == 0 {
			at++
			continue
		}
		out.WriteString(s[done:at])
		out.WriteString(sign.Masked)
		at, done, begun = end, end, 0
	}
	if done == 0 {
		return s, begun
	}
	out.WriteString(s[done:])
	return out.String(), begun
}

// beginnings returns the bytes that a secret may begin with.
func (r *redactor) beginnings() (may [256]bool) {
	if len(r.needles) == 0 {
		return may
	}
	for _, c := range []byte(escapes) {
		may[c] = true
	}
	for _, n := range r.needles {
		may[n.text[0]] = true
		may[strings.ToUpper(n.text[:1])[0]] = true
	}
	return may
}

// findSecret returns the end of the secret that begins at a position; 0 if there is none.
// Begins says that s ends within one.
func (r *redactor) findSecret(s string, at int, work *int) (end int, begins bool) {
	for _, n := range r.needles {
		found, begun := n.match(s, at, work)
		if found > 0 {
			return found, false
		}
		begins = begins || begun
	}
	return 0, begins
}

// redactedError is err with another text.
type redactedError struct {
	text string
	err  error
}

func (e *redactedError) Error() string { return e.text }
func (e *redactedError) Unwrap() error { return e.err }

// error returns err with every secret in its text masked.
func (r *redactor) error(err error) error {
	text := r.text(err.Error())
	if text == err.Error() {
		return err
	}
	return &redactedError{text, err}
}
