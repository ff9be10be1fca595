package canary

import (
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"html"
	"html/template"
	"net/url"
	"strconv"
	"strings"
)

// Encodings are the ways in which a secret is looked for, by name.
func Encodings() []string {
	return []string{"plain", "url", "json", "html", "hex", "base64", "base64url"}
}

// Spellings returns how a secret may be written in an encoding: encoders differ in
// which characters they escape and how.
func Spellings(encoding, secret string) []string {
	switch encoding {
	case "url":
		return spellURL(secret)
	case "json":
		return spellJSON(secret)
	case "html":
		return spellHTML(secret)
	case "hex":
		digits := hex.EncodeToString([]byte(secret))
		return []string{digits, strings.ToUpper(digits)}
	case "base64":
		return spellBase64(base64.RawStdEncoding, secret)
	case "base64url":
		return spellBase64(base64.RawURLEncoding, secret)
	default:
		return []string{secret}
	}
}

// spellURL returns the URL encodings: the case of the digits and the set of unescaped
// characters vary (RFC 3986).
func spellURL(secret string) []string {
	var all, lower strings.Builder
	for _, b := range []byte(secret) {
		if b < 0x80 && (b >= '0' && b <= '9' || b|0x20 >= 'a' && b|0x20 <= 'z') {
			all.WriteByte(b)
			lower.WriteByte(b)
			continue
		}
		fmt.Fprintf(&all, "%%%02X", b)
		fmt.Fprintf(&lower, "%%%02x", b)
	}
	return []string{url.QueryEscape(secret), url.PathEscape(secret), all.String(), lower.String()}
}

// spellJSON returns the JSON encodings: with and without HTML escapes, with "\/", and
// as Go quotes values in a log.
func spellJSON(secret string) []string {
	var out []string
	for _, escape := range []bool{true, false} {
		var text strings.Builder
		encoder := json.NewEncoder(&text)
		encoder.SetEscapeHTML(escape)
		_ = encoder.Encode(secret) // a string always encodes
		inner := strings.TrimSuffix(strings.TrimPrefix(strings.TrimSpace(text.String()), `"`), `"`)
		out = append(out, inner, strings.ReplaceAll(inner, "/", `\/`))
	}
	quoted := strconv.Quote(secret)
	return append(out, quoted[1:len(quoted)-1])
}

// spellHTML: as Go's two packages write it, and as a browser serialises text and
// attributes.
func spellHTML(secret string) []string {
	text := strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;")
	attribute := strings.NewReplacer("&", "&amp;", `"`, "&quot;")
	both := strings.NewReplacer("&", "&amp;", `"`, "&quot;", "<", "&lt;", ">", "&gt;")
	return []string{
		html.EscapeString(secret), template.HTMLEscapeString(secret), strings.ReplaceAll(template.HTMLEscapeString(secret), "+", "&#43;"),
		text.Replace(secret), attribute.Replace(secret), both.Replace(secret),
	}
}

// spellBase64 returns the part that is the same in every encoding of a text with the
// secret, for each of the three alignments, plain and as in a URL.
func spellBase64(encoding *base64.Encoding, secret string) []string {
	var out []string
	for before := range 3 {
		text := encoding.EncodeToString(append(make([]byte, before), secret...))
		first := (before*8 + 5) / 6            // the first digit that only the secret decides
		last := (before + len(secret)) * 8 / 6 // behind the last one
		text = text[first:min(last, len(text))]
		out = append(out, text, url.QueryEscape(text))
	}
	return out
}

// A needle is one spelling of a secret.
type needle struct{ text, secret, encoding string }

// needlesOf lists every spelling once, under the first encoding that gives it, and
// for each secret the longest run of letters and digits: that much stays legible
// whatever an encoder does to the rest.
func needlesOf(secrets []Secret) []needle {
	var out []needle
	known := map[string]bool{}
	add := func(s Secret, encoding, text string) {
		if !known[text] && len(text) >= ShortestSecret {
			known[text] = true
			out = append(out, needle{text, s.Name, encoding})
		}
	}
	for _, s := range secrets {
		for _, encoding := range Encodings() {
			for _, text := range Spellings(encoding, s.Value) {
				add(s, encoding, text)
			}
		}
		add(s, "in part", run(s.Value))
	}
	return out
}

// run is the longest run of letters and digits, where it is one that no text has by
// chance: of capital letters, small ones and digits.
func run(secret string) string {
	const digits, small, capital = "0123456789", "abcdefghijklmnopqrstuvwxyz", "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
	longest := ""
	for run := range strings.FieldsFuncSeq(secret, func(r rune) bool { return !strings.ContainsRune(digits+small+capital, r) }) {
		mixed := strings.ContainsAny(run, digits) && strings.ContainsAny(run, small) && strings.ContainsAny(run, capital)
		if mixed && len(run) > len(longest) {
			longest = run
		}
	}
	return longest
}
