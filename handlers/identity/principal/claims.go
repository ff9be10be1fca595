package principal

import (
	"cmp"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// MaxText bounds a claim that names a person, in bytes.
const MaxText = 1 << 10

// Claims hold a person's data as a proxy or an issuer states them.
type Claims struct {
	Issuer, Subject, Name, Email string
	Groups                       []string
	Issued                       time.Time // zero when unknown
	Until                        time.Time // zero when unknown
	SignIn                       string    // id of the sign-in they come from, in mode oidc
}

// PersonID returns the stable ID of the person. It never uses the e-mail address, which may
// be assigned to somebody else later.
func (c *Claims) PersonID() string { return c.Issuer + "|" + c.Subject }

// Label returns the name to show: the name, else the e-mail address, else the subject.
func (c *Claims) Label() string { return cmp.Or(c.Name, c.Email, c.Subject) }

// IsSingleName reports whether a header value can name one person. A comma may come from a
// proxy that joined two values.
func IsSingleName(value string) bool {
	return len(value) <= MaxText && !strings.Contains(value, ",") && IsPrintable(value)
}

// IsPrintable reports whether a text is UTF-8 without invisible characters.
func IsPrintable(text string) bool {
	return utf8.ValidString(text) && !strings.ContainsFunc(text, func(r rune) bool { return !unicode.IsPrint(r) })
}
