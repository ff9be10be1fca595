package jwt

import (
	"cmp"
	"errors"
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"duplex/handlers/identity/principal"
)

// leeway is the accepted difference between an issuer's clock and ours.
const leeway = 30 * time.Second

// Claims are a person's claims with the start of the token's validity.
type Claims struct {
	principal.Claims

	NotBefore time.Time
}

// CheckTimes refuses a token that has expired or is not valid yet.
func (c *Claims) CheckTimes(now time.Time) error {
	switch {
	case c.Until.IsZero():
		return errors.New("the token does not say when it ends")
	case now.After(c.Until.Add(leeway)):
		return fmt.Errorf("the token ended at %s", c.Until.UTC().Format(time.RFC3339))
	case now.Add(leeway).Before(c.NotBefore):
		return fmt.Errorf("the token holds from %s", c.NotBefore.UTC().Format(time.RFC3339))
	case now.Add(leeway).Before(c.Issued):
		return fmt.Errorf("the token was issued at %s", c.Issued.UTC().Format(time.RFC3339))
	}
	return nil
}

// ParseClaims parses a verified payload; groups names the claim that lists the groups.
func ParseClaims(payload []byte, groups string) (*Claims, error) {
	o, err := ParseObject(payload)
	if err != nil {
		return nil, fmt.Errorf("read claims: %w", err)
	}
	var c Claims
	var preferred string
	for name, to := range map[string]*string{
		"iss": &c.Issuer, "sub": &c.Subject, "name": &c.Name, "preferred_username": &preferred, "email": &c.Email,
	} {
		if *to, err = o.Text(name); err != nil {
			return nil, err
		}
	}
	for name, to := range map[string]*time.Time{"exp": &c.Until, "nbf": &c.NotBefore, "iat": &c.Issued} {
		if *to, err = o.Instant(name); err != nil {
			return nil, err
		}
	}
	if c.Subject == "" || dropUnprintable(c.Subject) == "" || strings.ContainsRune(c.Subject, utf8.RuneError) {
		return nil, errors.New("the token names nobody")
	}
	c.Name, c.Email = cmp.Or(dropUnprintable(c.Name), dropUnprintable(preferred)), dropUnprintable(c.Email)
	if verified := string(o["email_verified"]); o.Has("email_verified") && verified != "true" && verified != `"true"` {
		c.Email = "" // anybody may have entered it
	}
	c.Groups, err = o.Texts(groups)
	return &c, err
}

// dropUnprintable returns "" for a text that is too long or cannot be shown.
func dropUnprintable(s string) string {
	if !principal.IsPrintable(s) || len(s) > principal.MaxText {
		return ""
	}
	return s
}
