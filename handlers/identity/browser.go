package identity

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
)

const (
	cookieName = "__Host-duplex"
	idleTime   = 8 * time.Hour  // a browser that is not seen for so long is forgotten
	signInTime = 24 * time.Hour // and at the latest after this
	valueKey   = "id"
)

// browsers tells the browsers of a person apart: each has a cookie that holds a
// random id, and nothing else. The row behind it is found by the id's hash, so who
// reads the rows cannot pose as anybody.
type browsers struct {
	cookies *sessions.CookieStore
	store   Store
	now     func() time.Time
}

func newBrowsers(keys Keys, store Store, now func() time.Time) (*browsers, error) {
	cookies, err := newCookies(keys, signInTime)
	if err != nil {
		return nil, err
	}
	return &browsers{cookies: cookies, store: store, now: now}, nil
}

// newCookies seals cookies under keys from the key file: a cookie of an older key
// is read as long as its line is there. What gorilla/sessions takes by itself would be
// sent along by other sites, and readable to scripts, for 30 days.
func newCookies(keys Keys, age time.Duration) (*sessions.CookieStore, error) {
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
	cookies.MaxAge(int(age.Seconds())) // of what is accepted, beside what the browser keeps
	cookies.Options = cookieOptions(age)
	return cookies, nil
}

func cookieOptions(age time.Duration) *sessions.Options {
	return &sessions.Options{
		Path: "/", MaxAge: int(age.Seconds()), Secure: true, HttpOnly: true, SameSite: http.SameSiteLaxMode,
	}
}

// of returns the sign-in that a request belongs to; "" when it has no cookie of ours.
func (b *browsers) of(r *http.Request) string {
	if len(r.CookiesNamed(cookieName)) != 1 {
		return ""
	}
	session, err := b.cookies.Get(r, cookieName)
	if err != nil {
		return ""
	}
	value, _ := session.Values[valueKey].(string)
	if value == "" {
		return ""
	}
	return hashed(value)
}

func hashed(value string) string {
	sum := sha256.Sum256([]byte(value))
	return hex.EncodeToString(sum[:])
}

// give gives a browser a new id, whatever it had before, and returns its hash.
func (b *browsers) give(w http.ResponseWriter, r *http.Request) (string, error) {
	value := rand.Text()
	session := sessions.NewSession(b.cookies, cookieName)
	session.Options = cookieOptions(signInTime)
	session.Values[valueKey] = value
	if err := b.cookies.Save(r, w, session); err != nil {
		return "", fmt.Errorf("make cookie: %w", err)
	}
	return hashed(value), nil
}

// drop takes the cookie away.
func (b *browsers) drop(w http.ResponseWriter) {
	http.SetCookie(w, sessions.NewCookie(cookieName, "", cookieOptions(-time.Second)))
}

// find returns the sign-in of a request; found is false when there is none that
// could still be renewed.
func (b *browsers) find(ctx context.Context, r *http.Request) (s SignIn, found bool, err error) {
	id := b.of(r)
	if id == "" {
		return s, false, nil
	}
	s, found, err = b.store.SignIn(ctx, id)
	now := b.now()
	old := now.Sub(s.Seen) > idleTime || now.Sub(s.Made) > signInTime
	return s, found && !old, err
}

// opensPage tells the request of a page that a person opens from all that scripts
// and programs ask for.
func opensPage(r *http.Request) bool {
	mode := r.Header.Get("Sec-Fetch-Mode")
	return (r.Method == http.MethodGet || r.Method == http.MethodHead) && (mode == "" || mode == "navigate") &&
		r.Header.Get("Upgrade") == "" && strings.Contains(r.Header.Get("Accept"), "text/html")
}
