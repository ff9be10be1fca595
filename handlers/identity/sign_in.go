package identity

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
	"github.com/gorilla/sessions"
	"golang.org/x/oauth2"

	"duplex/bridge/vault"
)

const (
	attemptTime   = 10 * time.Minute // for a person to sign in at the provider
	attemptPrefix = "__Host-duplex-sign-in-"
	attemptsKept  = 8 // a browser that restores many tabs begins many: their cookies must not fill its requests
)

// SignIn begins a sign-in, or lets one that has ended begin again. The address is
// where the browser goes on: the provider, or back.
func (g *Guard) SignIn(w http.ResponseWriter, r *http.Request, back string) (address string, err error) {
	back = Back(back)
	if g.signIn != nil {
		return g.signIn.begin(w, r, back)
	}
	return back, g.Renew(w, r)
}

// FinishSignIn takes what the provider sent a person back with, and returns where
// they wanted to go.
func (g *Guard) FinishSignIn(w http.ResponseWriter, r *http.Request) (back string, err error) {
	if g.signIn == nil {
		return "", refuse(RefusedStale, errors.New("people do not sign in here"))
	}
	back, p, err := g.signIn.finish(w, r)
	if err != nil {
		g.refused(r, &p, err)
		return "", err
	}
	g.tell(r, Event{Kind: EventSignedIn, Person: p})
	return back, nil
}

// SignsInHere reports whether pages can send people to sign in.
func (g *Guard) SignsInHere() bool { return g.signIn != nil }

// Back is where to go after a sign-in: a path of the console, whatever was asked
// for. Browsers read a backslash as a slash, and two slashes as another site.
func Back(asked string) string {
	u, err := url.Parse(asked)
	switch {
	case err != nil, !strings.HasPrefix(asked, "/"), strings.HasPrefix(asked, "//"), strings.ContainsAny(asked, `\`),
		!printable(asked), u.Host != "", u.Scheme != "", strings.Contains(u.Path, "//"), strings.Contains(u.Path, `\`):
		return "/"
	case u.Path == "/sign-in", u.Path == CallbackPath, u.Path == SignedOutPath:
		return "/"
	}
	return u.RequestURI()
}

// attempt is a sign-in that has begun. It is in a cookie of the browser that began
// it, so that nobody can finish it in another.
type attempt struct{ State, Nonce, Verifier, Back string }

func (p *provider) begin(w http.ResponseWriter, r *http.Request, back string) (string, error) {
	e, err := p.endpoints(r.Context())
	if err != nil {
		return "", err
	}
	a := attempt{State: rand.Text(), Nonce: rand.Text(), Verifier: oauth2.GenerateVerifier(), Back: back}
	p.tidy(w, r)
	if err = p.remember(w, r, a); err != nil && back != "/" {
		a.Back = "/" // it did not fit into a cookie: better to sign in and come to the first page
		err = p.remember(w, r, a)
	}
	if err != nil {
		return "", err
	}
	return e.oauth.AuthCodeURL(a.State, oidc.Nonce(a.Nonce), oauth2.S256ChallengeOption(a.Verifier)), nil
}

// remember puts an attempt into a cookie of its own.
func (p *provider) remember(w http.ResponseWriter, r *http.Request, a attempt) error {
	session := sessions.NewSession(p.attempts, attemptName(a.State))
	session.Options = cookieOptions(attemptTime)
	raw, err := json.Marshal(a)
	if err != nil {
		return err
	}
	session.Values[valueKey] = string(raw)
	if err := p.attempts.Save(r, w, session); err != nil {
		return fmt.Errorf("make cookie: %w", err)
	}
	return nil
}

// attemptName gives each attempt a cookie of its own: people sign in again in two
// tabs at once.
func attemptName(state string) string { return attemptPrefix + state[:min(len(state), 8)] }

// tidy forgets what a browser began and did not finish, when that is too much.
func (p *provider) tidy(w http.ResponseWriter, r *http.Request) {
	var begun []string
	for _, c := range r.Cookies() {
		if strings.HasPrefix(c.Name, attemptPrefix) {
			begun = append(begun, c.Name)
		}
	}
	if len(begun) < attemptsKept {
		return
	}
	for _, name := range begun {
		http.SetCookie(w, sessions.NewCookie(name, "", cookieOptions(-time.Second)))
	}
}

// attempt finds what this browser began, and forgets it: a code is used once.
func (p *provider) attempt(w http.ResponseWriter, r *http.Request) (a attempt, err error) {
	state := r.URL.Query().Get("state")
	session, err := p.attempts.Get(r, attemptName(state))
	if err != nil {
		return a, refuse(RefusedStale, err)
	}
	raw, _ := session.Values[valueKey].(string)
	if raw == "" {
		return a, refuse(RefusedStale, errors.New("this browser did not begin it"))
	}
	if err := json.Unmarshal([]byte(raw), &a); err != nil {
		return a, refuse(RefusedStale, err)
	}
	if a.State == "" || subtle.ConstantTimeCompare([]byte(a.State), []byte(state)) != 1 {
		return a, refuse(RefusedStale, errors.New("the state is another's"))
	}
	session.Options = cookieOptions(-time.Second)
	return a, p.attempts.Save(r, w, session)
}

// finish exchanges the code for tokens and begins the sign-in of this browser.
func (p *provider) finish(w http.ResponseWriter, r *http.Request) (back string, person Person, err error) {
	a, err := p.attempt(w, r)
	if err != nil {
		return "", person, err
	}
	q := r.URL.Query()
	if reason := q.Get("error"); reason != "" {
		return "", person, refuse(RefusedSignIn, fmt.Errorf("the provider answers %.80q", reason))
	}
	if issuer := q.Get("iss"); issuer != "" && issuer != p.Settings.Provider.Issuer { // RFC 9207
		return "", person, refuse(RefusedSignIn, fmt.Errorf("it comes from %.80q", issuer))
	}
	c, refresh, err := p.exchange(r.Context(), q.Get("code"), &a)
	if err != nil {
		return "", person, err
	}
	person = p.person(&c.claims)
	if person.Role == Nobody {
		if err := p.meet(r.Context(), &person); err != nil {
			return "", person, err
		}
		return "", person, refuse(RefusedNoRole, fmt.Errorf("none of the groups %q has a role", c.groups))
	}
	if err := p.enter(w, r, c, refresh, &person); err != nil {
		return "", person, err
	}
	return a.Back, person, nil
}

func (p *provider) exchange(ctx context.Context, code string, a *attempt) (*tokenClaims, string, error) {
	e, err := p.endpoints(ctx)
	if err != nil {
		return nil, "", err
	}
	token, err := e.oauth.Exchange(p.ask(ctx), code, oauth2.VerifierOption(a.Verifier))
	if err != nil {
		return nil, "", denied(err)
	}
	c, err := p.claimsOf(ctx, e, token, a.Nonce)
	if err != nil {
		if _, ok := errors.AsType[*RefusedError](err); !ok {
			err = refuse(RefusedSignIn, err)
		}
		return nil, "", err
	}
	return c, token.RefreshToken, nil
}

// enter gives the browser an id that nobody can have known before (fixation), and
// ends what it was signed in as. What the same person holds open there stays open.
func (p *provider) enter(w http.ResponseWriter, r *http.Request, c *tokenClaims, refresh string, person *Person) error {
	ctx := r.Context()
	id, err := p.browsers.give(w, r)
	if err != nil {
		return err
	}
	person.browser = id
	now := p.Now()
	err = p.Guard.begin(ctx, person, SignIn{
		ID: id, Person: person.ID, Issuer: c.issuer, Subject: c.subject, Name: c.name, Email: c.email, Groups: c.groups,
		Refresh: vault.NewSecret(refresh), Made: now, Seen: now, Until: p.proven(c, refresh),
	})
	before := p.browsers.of(r)
	if err != nil || before == "" {
		return err
	}
	p.leases.move(before, person)
	if err := p.Store.EndSignIn(ctx, before); err != nil {
		return fmt.Errorf("end sign-in: %w", err)
	}
	return nil
}

// denied tells a provider that refuses from one that does not answer.
func denied(err error) error {
	answer, ok := errors.AsType[*oauth2.RetrieveError](err)
	refusals := []int{http.StatusBadRequest, http.StatusUnauthorized, http.StatusForbidden} // RFC 6749 section 5.2, and kin
	if ok && answer.Response != nil && slices.Contains(refusals, answer.Response.StatusCode) {
		return refuse(RefusedSignIn, fmt.Errorf("the provider answers %d %s", answer.Response.StatusCode, answer.ErrorCode))
	}
	return refuse(RefusedUnreachable, errors.New("the provider does not answer")) // the cause may quote a token
}

// checkNonce refuses an ID token that was made for another sign-in.
func checkNonce(payload []byte, nonce string) error {
	o, err := parseObject(payload)
	if err != nil {
		return fmt.Errorf("read claims: %w", err)
	}
	said, err := o.text("nonce")
	if err != nil {
		return err
	}
	if nonce != "" && subtle.ConstantTimeCompare([]byte(nonce), []byte(said)) != 1 {
		return errors.New("the ID token was made for another sign-in")
	}
	return nil
}
