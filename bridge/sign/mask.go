package sign

import (
	"net/url"
	"slices"
	"strings"
)

// Masked stands where a value is hidden.
const Masked = "••••"

// Mask returns the value of a header as it may be shown. Headers that are known to
// carry credentials, or whose names sound like it, are hidden; of a signature the
// scheme, the access key and the names of the signed headers stay, since they help
// to find out why it was refused. Other headers come back as they are: use
// Applied.Mask where a credential set a header of a free name.
func Mask(name, value string) string {
	switch {
	case value == "" || !sounds(name):
		return value
	case strings.EqualFold(name, "Authorization"), strings.EqualFold(name, "Proxy-Authorization"):
		return maskAuthorization(value)
	default:
		return Masked
	}
}

// Mask is the function Mask, and hides the headers that the credential set
// whatever their names.
func (a Applied) Mask(name, value string) string {
	shown := Mask(name, value)
	ours := slices.ContainsFunc(a.Headers, func(header string) bool { return strings.EqualFold(header, name) })
	if ours && shown == value {
		return Masked
	}
	return shown
}

// maskAuthorization keeps a scheme that is well known; an unknown first word may be
// the credential itself.
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

// MaskQuery returns u as it may be shown: the values of the parameters in names,
// and of those that sound like a credential, are hidden. The rest stays byte for
// byte. The result is for people; it need not parse.
func MaskQuery(u *url.URL, names []string) string {
	pairs := strings.Split(u.RawQuery, "&")
	for i, pair := range pairs {
		hide := func(name string) bool { return slices.Contains(names, name) || sounds(name) }
		// A peer may split at ";" too: then the name stands later in the pair.
		if slices.ContainsFunc(queryNames(strings.ReplaceAll(pair, ";", "&")), hide) {
			name, _, _ := strings.Cut(pair, "=")
			pairs[i] = name + "=" + Masked
		}
	}
	shown := *u
	shown.RawQuery = strings.Join(pairs, "&")
	return shown.Redacted()
}

// sounds reports whether a name tells of a credential.
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
