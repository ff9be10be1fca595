// Package browser tells the browsers of a person apart by a sealed cookie.
package browser

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/gorilla/sessions"

	"duplex/handlers/identity/principal"
)

const (
	cookieName = "__Host-duplex"
	idleTime   = 8 * time.Hour  // a sign-in ends after this time without a request
	signInTime = 24 * time.Hour // and at the latest after this
)

// ValueKey is the key of the one value in a cookie.
const ValueKey = "id"

// Keys derives keys from the key file.
type Keys interface {
	// Derive returns a key for a purpose from each master key, the newest first.
	Derive(purpose string) ([][]byte, error)
}

// Store loads sign-ins.
type Store interface {
	SignIn(ctx context.Context, id string) (s principal.SignIn, found bool, err error)
}

// Cookies gives each browser a cookie with a random id. The store keeps the sign-in under
// the id's hash, so a reader of the rows cannot make a valid cookie.
type Cookies struct {
	sealed *sessions.CookieStore
	store  Store
	now    func() time.Time
}

// New returns Cookies that are sealed with keys.
func New(keys Keys, store Store, now func() time.Time) (*Cookies, error) {
	sealed, err := NewSealed(keys, signInTime)
	if err != nil {
		return nil, err
	}
	return &Cookies{sealed: sealed, store: store, now: now}, nil
}

// NewSealed returns a store of cookies that are encrypted with keys from the key file and
// valid for age. A cookie of an older key is accepted as long as the key file has the key.
func NewSealed(keys Keys, age time.Duration) (*sessions.CookieStore, error) {
	authentic, err := keys.Derive("cookie authentication")
	if err != nil {
		return nil, fmt.Errorf("cookie keys: %w", err)
	}
	secret, err := keys.Derive("cookie encryption")
	if err != nil {
		return nil, fmt.Errorf("cookie keys: %w", err)
	}
	var pairs [][]byte
	for i := range authentic {
		pairs = append(pairs, authentic[i], secret[i])
	}
	cookies := sessions.NewCookieStore(pairs...)
	cookies.MaxAge(int(age.Seconds())) // also the age up to which a cookie is accepted
	cookies.Options = Options(age)
	return cookies, nil
}

// Options returns the attributes of a cookie. The defaults of gorilla/sessions would let
// other sites send the cookie and scripts read it, for 30 days.
func Options(age time.Duration) *sessions.Options {
	return &sessions.Options{
		Path: "/", MaxAge: int(age.Seconds()), Secure: true, HttpOnly: true, SameSite: http.SameSiteLaxMode,
	}
}

// SignInID returns the id of the sign-in that a request belongs to; "" without a valid
// cookie.
func (c *Cookies) SignInID(r *http.Request) string {
	if len(r.CookiesNamed(cookieName)) != 1 {
		return ""
	}
	session, err := c.sealed.Get(r, cookieName)
	if err != nil {
		return ""
	}
	value, _ := session.Values[ValueKey].(string)
	if value == "" {
		return ""
	}
	return hashed(value)
}

func hashed(value string) string {
	sum := sha256.Sum256([]byte(value))
	return hex.EncodeToString(sum[:])
}

// Give sets a cookie with a new id and returns the id of its sign-in.
func (c *Cookies) Give(w http.ResponseWriter, r *http.Request) (string, error) {
	value := rand.Text()
	session := sessions.NewSession(c.sealed, cookieName)
	session.Options = Options(signInTime)
	session.Values[ValueKey] = value
	if err := c.sealed.Save(r, w, session); err != nil {
		return "", fmt.Errorf("make cookie: %w", err)
	}
	return hashed(value), nil
}

// Drop deletes the cookie.
func (c *Cookies) Drop(w http.ResponseWriter) {
	http.SetCookie(w, sessions.NewCookie(cookieName, "", Options(-time.Second)))
}

// Find returns the sign-in of a request; found is false without one, and for one that is
// too old to be renewed.
func (c *Cookies) Find(ctx context.Context, r *http.Request) (s principal.SignIn, found bool, err error) {
	id := c.SignInID(r)
	if id == "" {
		return s, false, nil
	}
	s, found, err = c.store.SignIn(ctx, id)
	now := c.now()
	old := now.Sub(s.Seen) > idleTime || now.Sub(s.Made) > signInTime
	return s, found && !old, err
}

// OpensPage reports whether a person opens a page with the request, unlike the requests of
// scripts and programs.
func OpensPage(r *http.Request) bool {
	mode := r.Header.Get("Sec-Fetch-Mode")
	return (r.Method == http.MethodGet || r.Method == http.MethodHead) && (mode == "" || mode == "navigate") &&
		r.Header.Get("Upgrade") == "" && strings.Contains(r.Header.Get("Accept"), "text/html")
}
