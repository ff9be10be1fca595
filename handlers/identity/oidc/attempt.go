package oidc

import (
	"crypto/rand"
	"crypto/subtle"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
	"github.com/gorilla/sessions"
	"golang.org/x/oauth2"

	"duplex/handlers/identity/browser"
	"duplex/handlers/identity/principal"
)

const (
	attemptTime   = 10 * time.Minute // for a person to sign in at the provider
	attemptPrefix = "__Host-duplex-sign-in-"
	maxAttempts   = 8 // of one browser: restored tabs begin many, and their cookies must not fill its requests
)

// attempt is a sign-in that has begun. It is kept in a cookie of its browser, so that no
// other browser can finish it.
type attempt struct{ State, Nonce, Verifier, Back string }

// Begin begins a sign-in that will lead back to a path of the console. It returns the
// address of the provider's page.
func (p *Provider) Begin(w http.ResponseWriter, r *http.Request, back string) (address string, err error) {
	m, err := p.discover(r.Context())
	if err != nil {
		return "", err
	}
	a := attempt{State: rand.Text(), Nonce: rand.Text(), Verifier: oauth2.GenerateVerifier(), Back: back}
	dropOldAttempts(w, r)
	if err = p.saveAttempt(w, r, a); err != nil && back != "/" {
		a.Back = "/" // the path did not fit into a cookie
		err = p.saveAttempt(w, r, a)
	}
	if err != nil {
		return "", err
	}
	return m.oauth.AuthCodeURL(a.State, oidc.Nonce(a.Nonce), oauth2.S256ChallengeOption(a.Verifier)), nil
}

// Result is a finished sign-in.
type Result struct {
	Claims  *principal.Claims
	Refresh string    // refresh token; may be ""
	Until   time.Time // end of the proof of identity
	Back    string    // path where the sign-in began
}

// Finish exchanges the code with which the provider sent the browser back.
func (p *Provider) Finish(w http.ResponseWriter, r *http.Request) (*Result, error) {
	a, err := p.takeAttempt(w, r)
	if err != nil {
		return nil, err
	}
	q := r.URL.Query()
	if reason := q.Get("error"); reason != "" {
		return nil, principal.Refuse(principal.RefusedSignIn, fmt.Errorf("the provider answers %.80q", reason))
	}
	if issuer := q.Get("iss"); issuer != "" && issuer != p.Settings.Issuer { // RFC 9207
		return nil, principal.Refuse(principal.RefusedSignIn, fmt.Errorf("it comes from %.80q", issuer))
	}
	c, refresh, err := p.exchangeCode(r.Context(), q.Get("code"), &a)
	if err != nil {
		return nil, err
	}
	return &Result{Claims: &c.Claims, Refresh: refresh, Until: p.provenUntil(c, refresh), Back: a.Back}, nil
}

// cookieOf names the cookie of an attempt. Each has its own, because people sign in again
// in two tabs at once.
func cookieOf(state string) string { return attemptPrefix + state[:min(len(state), 8)] }

func (p *Provider) saveAttempt(w http.ResponseWriter, r *http.Request, a attempt) error {
	session := sessions.NewSession(p.attempts, cookieOf(a.State))
	session.Options = browser.Options(attemptTime)
	raw, err := json.Marshal(a)
	if err != nil {
		return err
	}
	session.Values[browser.ValueKey] = string(raw)
	if err := p.attempts.Save(r, w, session); err != nil {
		return fmt.Errorf("make cookie: %w", err)
	}
	return nil
}

// dropOldAttempts deletes the unfinished attempts of a browser when there are too many.
func dropOldAttempts(w http.ResponseWriter, r *http.Request) {
	var names []string
	for _, c := range r.Cookies() {
		if strings.HasPrefix(c.Name, attemptPrefix) {
			names = append(names, c.Name)
		}
	}
	if len(names) < maxAttempts {
		return
	}
	for _, name := range names {
		http.SetCookie(w, sessions.NewCookie(name, "", browser.Options(-time.Second)))
	}
}

// takeAttempt returns this browser's attempt and deletes it: a code is used once.
func (p *Provider) takeAttempt(w http.ResponseWriter, r *http.Request) (a attempt, err error) {
	state := r.URL.Query().Get("state")
	session, err := p.attempts.Get(r, cookieOf(state))
	if err != nil {
		return a, principal.Refuse(principal.RefusedStale, err)
	}
	raw, _ := session.Values[browser.ValueKey].(string)
	if raw == "" {
		return a, principal.Refuse(principal.RefusedStale, errors.New("this browser did not begin it"))
	}
	if err := json.Unmarshal([]byte(raw), &a); err != nil {
		return a, principal.Refuse(principal.RefusedStale, err)
	}
	if a.State == "" || subtle.ConstantTimeCompare([]byte(a.State), []byte(state)) != 1 {
		return a, principal.Refuse(principal.RefusedStale, errors.New("the state is another's"))
	}
	session.Options = browser.Options(-time.Second)
	return a, p.attempts.Save(r, w, session)
}
