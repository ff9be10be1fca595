package sign

import (
	"net/url"
	"slices"
	"strings"
)

// Masked replaces a hidden value.
const Masked = "••••"

// Mask returns the value of a header for display. It hides the values of headers that
// carry credentials or have a name like that. Of a signature it keeps the scheme, the
// access key and the names of the signed headers, which help to explain a refusal. Use
// Applied.Mask for a header that a credential set under a free name.
func Mask(name, value string) string {
	switch {
	case strings.EqualFold(name, "Sec-WebSocket-Protocol"):
		return strings.Join(MaskSubprotocols(strings.Split(value, ",")), ",")
	case value == "" || !sounds(name):
		return value
	case strings.EqualFold(name, "Authorization"), strings.EqualFold(name, "Proxy-Authorization"):
		return maskAuthorization(value)
	default:
		return Masked
	}
}

// Mask returns the value of a header for display, like the function Mask, and hides every
// header that the credential set.
func (a Applied) Mask(name, value string) string {
	shown := Mask(name, value)
	ours := slices.ContainsFunc(a.Headers, func(header string) bool { return strings.EqualFold(header, name) })
	if ours && shown == value {
		return Masked
	}
	return shown
}

// maskAuthorization shows a well-known scheme and hides the rest; an unknown first word
// may be the credential itself.
func maskAuthorization(value string) string {
	scheme, rest, _ := strings.Cut(value, " ")
	switch strings.ToLower(scheme) {
	case "sdk-hmac-sha256", "v11-hmac-sha256", "aws4-hmac-sha256":
		return scheme + " " + maskSignature(rest)
	case "bearer", "basic", "token", "digest", "negotiate":
		return scheme + " " + Masked
	default:
		return Masked
	}
}

func maskSignature(params string) string {
	parts := strings.Split(params, ",")
	for i, part := range parts {
		name, _, found := strings.Cut(strings.TrimSpace(part), "=")
		switch {
		case !found:
			parts[i] = Masked
		case slices.Contains([]string{"Access", "Credential", "SignedHeaders"}, name):
			parts[i] = strings.TrimSpace(part)
		default:
			parts[i] = name + "=" + Masked
		}
	}
	return strings.Join(parts, ", ")
}

// MaskQuery returns u for display. It hides the values of the parameters in names and of
// parameters with a name like a credential's. The rest stays byte for byte. The result
// need not parse.
func MaskQuery(u *url.URL, names []string) string {
	pairs := strings.Split(u.RawQuery, "&")
	for i, pair := range pairs {
		hide := func(name string) bool { return slices.Contains(names, name) || sounds(name) }
		// A peer may split at ";" too, so the name may come later in the pair.
		if slices.ContainsFunc(QueryNames(strings.ReplaceAll(pair, ";", "&")), hide) {
			name, _, _ := strings.Cut(pair, "=")
			pairs[i] = name + "=" + Masked
		}
	}
	shown := *u
	shown.RawQuery = strings.Join(pairs, "&")
	return shown.Redacted()
}

// MaskSubprotocols returns subprotocols for display, with secrets that were typed among
// them hidden. It recognises a secret by the word before it, in the same subprotocol
// ("openai-insecure-api-key.SECRET") or in the previous one ("token, SECRET"), and by its
// form: a key that begins with "sk-", a JSON Web Token, or 32 letters and digits in a
// row.
func MaskSubprotocols(names []string) []string {
	shown := make([]string, len(names))
	before := ""
	for i, padded := range names {
		name := strings.TrimSpace(padded)
		secret := subprotocolSecret(before, name)
		before = name
		if secret == "" {
			shown[i] = padded
			continue
		}
		shown[i] = strings.TrimSuffix(strings.TrimRight(padded, " \t"), secret) + Masked
	}
	return shown
}

// SubprotocolSecrets returns the parts that MaskSubprotocols hides.
func SubprotocolSecrets(names []string) []string {
	var secrets []string
	before := ""
	for _, name := range names {
		if secret := subprotocolSecret(before, name); secret != "" {
			secrets = append(secrets, secret)
		}
		before = name
	}
	return secrets
}

// subprotocolSecret returns the end of a subprotocol that looks like a secret, or "".
// Before is the subprotocol that is offered ahead of it.
func subprotocolSecret(before, name string) string {
	for i, r := range name {
		if r == '.' && tells(name[:i]) && len(name)-i-1 >= MinSecret {
			return name[i+1:]
		}
	}
	// A single word only: in "v1.token.binary" no secret follows.
	if !strings.Contains(before, ".") && tells(before) && len(name) >= MinSecret && !tells(name) || looksSecret(name) {
		return name
	}
	return ""
}

// tells reports whether a word in a subprotocol announces a secret.
func tells(word string) bool {
	word = strings.ToLower(word)
	return word == "bearer" || strings.HasSuffix(word, ".bearer") || word != "" && sounds(word)
}

// looksSecret reports whether a word has the form of a key.
func looksSecret(word string) bool {
	if strings.HasPrefix(word, "sk-") && len(word) > 12 || strings.HasPrefix(word, "eyJ") && strings.Count(word, ".") == 2 {
		return true
	}
	digits := strings.ContainsAny(word, "0123456789")
	return digits && len(word) >= 32 && !strings.ContainsFunc(word, func(r rune) bool {
		return (r < '0' || r > '9') && (r|0x20 < 'a' || r|0x20 > 'z')
	})
}

// sounds reports whether a name is typical of a credential.
func sounds(name string) bool {
	name = strings.ToLower(name)
	switch name {
	case "sec-websocket-key": // a nonce
		return false
	case "x-amz-credential": // names the access key and the scope
		return false
	case "auth", "x-auth", "sig", "jwt":
		return true
	}
	if strings.HasSuffix(name, "tokens") { // max_tokens is a count
		return false
	}
	return slices.ContainsFunc([]string{
		"authorization", "cookie", "token", "secret", "key", "appcode", "app_code", "app-code",
		"password", "passwd", "pwd", "signature", "credential",
	}, func(word string) bool { return strings.Contains(name, word) })
}
