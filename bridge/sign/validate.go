package sign

import (
	"maps"
	"net/url"
	"slices"
	"strings"

	"duplex/bridge/loopback"
)

// Validate reports the first field that is missing or that a handshake cannot carry, as a
// *FieldError. The zero Credential is valid: it means no credential.
func (c Credential) Validate() error {
	if c.Kind == "" {
		return nil
	}
	scheme, ok := SchemeOf(c.Kind)
	if !ok {
		return &FieldError{Field: "kind", Code: CodeKindUnknown}
	}
	for _, field := range scheme.Fields {
		if err := c.check(field); err != nil {
			return err
		}
	}
	if c.plain("algorithm") == V11HMACSHA256 && c.plain("region") == "" {
		return &FieldError{Field: "region", Code: CodeMissingField}
	}
	return nil
}

// MinSecret is the minimum length of a secret, in bytes. Masking a shorter one in a
// peer's answers would mask ordinary words.
const MinSecret = 6

// CheckEntered reports the first secret of a newly entered credential that is shorter
// than MinSecret. Saved credentials are not checked.
func (c Credential) CheckEntered() error {
	for _, name := range slices.Sorted(maps.Keys(c.Secrets)) {
		if n := len(c.Secrets[name].Reveal()); n > 0 && n < MinSecret {
			if c.Kind == KindDialect {
				name = SecretsField + name
			}
			return &FieldError{Field: name, Code: CodeSecretTooShort}
		}
	}
	return nil
}

func (c Credential) check(field Field) error {
	value := c.Plain[field.Name]
	if field.Secret {
		value = c.secret(field.Name)
	}
	switch {
	case value == "" && field.Required && field.Secret:
		return &FieldError{Field: field.Name, Code: CodeMissingSecret}
	case value == "" && field.Required:
		return &FieldError{Field: field.Name, Code: CodeMissingField}
	case value != "" && !field.isValid(value):
		return &FieldError{Field: field.Name, Code: CodeBadValue}
	case c.Kind == KindHeader && field.Name == "name" && IsForbidden(value):
		return &FieldError{Field: field.Name, Code: CodeHeaderForbidden, Header: value}
	}
	return nil
}

// plain returns a plain field, or its default.
func (c Credential) plain(name string) string {
	if value := c.Plain[name]; value != "" {
		return value
	}
	scheme, _ := SchemeOf(c.Kind)
	field, _ := scheme.field(name)
	return field.Default
}

// secret returns a secret field in plain, or "".
func (c Credential) secret(name string) string { return c.Secrets[name].Reveal() }

// isPrintable refuses control characters except tab: they would end a header line.
func isPrintable(value string) bool {
	return !strings.ContainsFunc(value, func(r rune) bool { return r < ' ' && r != '\t' || r == 0x7f })
}

// isWord reports whether value is visible ASCII without blanks. A blank in a key is a
// pasting mistake, which the peer would report as a wrong key.
func isWord(value string) bool {
	return !strings.ContainsFunc(value, func(r rune) bool { return r <= ' ' || r >= 0x7f })
}

// isScopePart reports whether value contains no separator of
// "Credential=AK/date/region/service, ...".
func isScopePart(value string) bool { return isWord(value) && !strings.ContainsAny(value, "/,") }

// isToken reports whether value is a token, RFC 9110 section 5.6.2: a header name.
func isToken(value string) bool {
	return !strings.ContainsFunc(value, func(r rune) bool {
		letter := 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' || '0' <= r && r <= '9'
		return !letter && !strings.ContainsRune("!#$%&'*+-.^_`|~", r)
	})
}

// isBaseURL accepts https://host and, on this machine, http://host, because a password is
// sent there.
func isBaseURL(value string) bool {
	u, err := url.Parse(value)
	if err != nil || u.Hostname() == "" || u.User != nil || strings.Trim(u.Path, "/") != "" || strings.ContainsAny(value, "?#") {
		return false
	}
	return u.Scheme == "https" || u.Scheme == "http" && loopback.Is(u.Hostname())
}
