package main

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/coder/websocket"

	"duplex/bridge/wire"
	"duplex/web/internal/ssotest"

	"duplex/bridge/testkit"
)

// A place to come back to that no cookie holds is forgotten, and the sign-in goes on.
func TestSignInFromALongAddressComesBackToTheFirstPage(t *testing.T) {
	t.Parallel()
	m := startTeam(t, ssotest.Options{})
	for _, back := range []string{"/history?q=" + strings.Repeat("x", 2200), "/history?" + strings.Repeat("&", 700), "/" + strings.Repeat("%E6%97%A5", 400)} {
		b := m.browser()
		res, body := b.signIn("ada", "/sign-in?back="+url.QueryEscape(back))
		if res.StatusCode != http.StatusOK || res.Request.URL.Path != "/" {
			t.Errorf("%d at %.60s: %.200s", res.StatusCode, res.Request.URL, body)
		}
	}
	b := m.browser()
	if res, _ := b.signIn("ada", "/sign-in?back="+url.QueryEscape("/history?q="+strings.Repeat("x", 500))); res.Request.URL.Path != "/history" {
		t.Errorf("at %s", res.Request.URL)
	}
}

func TestPeopleSignInAtTheProvider(t *testing.T) {
	t.Parallel()
	m := startTeam(t, ssotest.Options{})
	b := m.browser()
	res, body := b.signIn("ada", "/history?x=1")
	if res.StatusCode != http.StatusOK || res.Request.URL.RequestURI() != "/history?x=1" || !strings.Contains(body, "ada of the company") {
		t.Fatalf("%d at %s", res.StatusCode, res.Request.URL)
	}
	if hsts := res.Header.Get("Strict-Transport-Security"); hsts == "" {
		t.Error("no HSTS")
	}
	u, _ := url.Parse(m.public)
	for _, c := range b.http.Jar.Cookies(u) {
		if c.Name != "__Host-duplex" && c.Name != "sso" {
			t.Errorf("cookie %s is left behind", c.Name)
		}
	}
	_, body = b.ask("GET", "/api/lease", "")
	if !strings.Contains(body, `"role":"member"`) || !strings.Contains(body, m.provider.Issuer+"|ada") || strings.Contains(body, `"expires_at":null`) {
		t.Errorf("lease: %s", body)
	}
	if res, _ := b.ask("GET", "/settings", "", page); res.StatusCode != http.StatusForbidden {
		t.Errorf("a member sees settings: %d", res.StatusCode)
	}
	if res, body := m.enter("olga").ask("GET", "/settings/identity", "", page); res.StatusCode != http.StatusOK || !strings.Contains(body, "Oidc") && !strings.Contains(body, "oidc") {
		t.Errorf("an admin: %d %s", res.StatusCode, body)
	}
}

func TestPagesAreRedirectedAndScriptsAreTold(t *testing.T) {
	t.Parallel()
	m := startTeam(t, ssotest.Options{})
	b := m.browser()
	b.http.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	tests := []struct {
		name, path string
		edit       func(*http.Request)
		want       int
	}{
		{"page", "/sessions/1?after=2", page, http.StatusFound},
		{"page of an old browser", "/", func(*http.Request) {}, http.StatusFound},
		{"page that a script asks for", "/", func(r *http.Request) { r.Header.Set("Sec-Fetch-Mode", "cors") }, http.StatusUnauthorized},
		{"API", "/api/lease", page, http.StatusUnauthorized},
		{"socket of a viewer", "/api/sessions/x/attach", upgrade, http.StatusUnauthorized},
		{"relay", "/relay/x/", upgrade, http.StatusUnauthorized},
		{"socket at a page", "/", upgrade, http.StatusUnauthorized},
		{"health", "/healthz", func(*http.Request) {}, http.StatusOK},
		{"signed out", "/signed-out", page, http.StatusOK},
	}
	for _, tt := range tests {
		res, body := b.ask("GET", tt.path, "", tt.edit)
		if res.StatusCode != tt.want {
			t.Errorf("%s: %d %s", tt.name, res.StatusCode, body)
		}
		if tt.want == http.StatusFound && res.Header.Get("Location") != "/sign-in?back="+url.QueryEscape(tt.path) {
			t.Errorf("%s: sent to %s", tt.name, res.Header.Get("Location"))
		}
		if tt.want == http.StatusUnauthorized && (codeOf(body) != "sign_in_required" && !strings.Contains(body, "You are not signed in") || res.Header.Get("WWW-Authenticate") == "") {
			t.Errorf("%s: %v %s", tt.name, res.Header, body)
		}
	}
}

func upgrade(r *http.Request) {
	for name, value := range map[string]string{
		"Connection": "Upgrade", "Upgrade": "websocket", "Sec-Websocket-Version": "13", "Sec-Websocket-Key": "AAAAAAAAAAAAAAAAAAAAAA==",
		"Sec-Websocket-Protocol": "duplex.v1",
	} {
		r.Header.Set(name, value)
	}
	if r.Header.Get("Origin") == "" {
		r.Header.Set("Origin", "https://"+r.URL.Host)
	}
}

func TestRolesBoundWhatPeopleMay(t *testing.T) {
	t.Parallel()
	m := startTeam(t, ssotest.Options{})
	ada, vic, olga := m.enter("ada"), m.enter("vic"), m.enter("olga")
	session := ada.open()
	calls := []struct {
		method, path, body string
		need               string
	}{
		{"GET", "/api/services", "", "viewer"},
		{"GET", "/api/sessions/" + session, "", "viewer"},
		{"GET", "/api/sessions/" + session + "/messages", "", "viewer"},
		{"GET", "/api/sessions/" + session + "/export?format=txt", "", "viewer"},
		{"GET", "/account", "", "viewer"},
		{"POST", "/api/sessions", `{"address":"ws://127.0.0.1:1"}`, "member"},
		{"POST", "/api/services", `{"name":"x","address":"ws://127.0.0.1:1"}`, "member"},
		{"PUT", "/api/services/x", `{"name":"x","address":"ws://127.0.0.1:1"}`, "member"},
		{"DELETE", "/api/services/x", `{}`, "member"},
		{"POST", "/api/sessions/" + session + "/messages?opcode=text", `{}`, "member"},
		{"GET", "/settings", "", "admin"},
		{"GET", "/settings/identity", "", "admin"},
		{"GET", "/api/people", "", "admin"},
		{"POST", "/api/people/sign-out", `{"person":"x"}`, "admin"},
		{"POST", "/api/sessions/" + session + "/close", `{}`, "member"}, // last
	}
	ranks := map[string]int{"viewer": 1, "member": 2, "admin": 3}
	for _, b := range []struct {
		*browser
		role string
	}{{vic, "viewer"}, {ada, "member"}, {olga, "admin"}} {
		for _, c := range calls[:len(calls)-1] {
			res, body := b.ask(c.method, c.path, c.body)
			refused := res.StatusCode == http.StatusForbidden
			if refused == (ranks[b.role] >= ranks[c.need]) || refused && !strings.Contains(body, "role "+c.need) {
				t.Errorf("%s %s as %s: %d %.200s", c.method, c.path, b.role, res.StatusCode, body)
			}
		}
	}
	if res, body := vic.ask("POST", "/api/sessions/"+session+"/close", `{}`); res.StatusCode != http.StatusForbidden {
		t.Errorf("a viewer closes: %d %s", res.StatusCode, body)
	}
	if _, res, err := vic.dial("/relay/x/"); err == nil || res.StatusCode != http.StatusForbidden {
		t.Errorf("a viewer relays: %v", err)
	}
	viewerWatchesOnly(t, vic, session)
}

// People are shown by name, whatever tells them apart.
func TestSecretSaysWhoEnteredIt(t *testing.T) {
	t.Parallel()
	m := startTeam(t, ssotest.Options{})
	ada, olga := m.enter("ada"), m.enter("olga")
	ada.ask("POST", "/api/services", `{"name":"asr","address":"wss://gateway.example/","credential":{"kind":"bearer","token":"entered-by-ada"}}`)
	for b, bind := range map[*browser]bool{ada: true, m.enter("vic"): false, olga: true} {
		_, body := b.ask("GET", "/api/services/asr", "")
		var saved object
		if err := json.Unmarshal([]byte(body), &saved); err != nil {
			t.Fatal(err)
		}
		token := at(saved, "credential", "secrets", "token")
		if at(token, "owner_name") != "ada of the company" || at(token, "may_bind") != bind {
			t.Errorf("%s", body)
		}
	}
	olga.ask("POST", "/api/services", `{"name":"of olga","address":"wss://gateway.example/","credential":{"kind":"bearer","token":"entered-by-olga"}}`)
	if _, body := ada.ask("PUT", "/api/services/of%20olga/secrets/token", `{"tls":false}`); codeOf(body) != "not_secret_owner" || !strings.Contains(body, "olga of the company") {
		t.Errorf("%s", body)
	}
}

func viewerWatchesOnly(t *testing.T, vic *browser, session string) {
	t.Helper()
	v := vic.attach(session, 0)
	v.awaitRows(3)
	v.say(wire.ViewerEvent{Type: wire.TypeSend, ClientID: "c1", Opcode: "text", Text: "hello"})
	v.await(func(e wire.ServerEvent) bool {
		return e.Type == "refused" && e.ClientID == "c1" && e.Error.Code == "role_required" && strings.Contains(e.Error.Message, "member")
	})
	v.say(wire.ViewerEvent{Type: wire.TypeClose, Code: 1000})
	v.await(func(e wire.ServerEvent) bool { return e.Type == "refused" && e.Error.Code == "role_required" })
	v.awaitRows(v.after + 3) // it goes on
}

func TestStrangersOfTheCompanyAreRefused(t *testing.T) {
	t.Parallel()
	m := startTeam(t, ssotest.Options{})
	b := m.browser()
	if res, body := b.signIn("mallory", "/"); res.StatusCode != http.StatusForbidden || !strings.Contains(body, "none of your groups") {
		t.Errorf("%d %s", res.StatusCode, body)
	}
	if res, _ := b.ask("GET", "/api/lease", ""); res.StatusCode != http.StatusUnauthorized {
		t.Errorf("signed in nevertheless: %d", res.StatusCode)
	}
}

// Nobody can make a browser finish a sign-in that it did not begin, which would put
// its person into somebody else's account, nor choose the id it gets.
func TestSignInsCannotBeForced(t *testing.T) {
	t.Parallel()
	m := startTeam(t, ssotest.Options{})
	attacker, victim := m.browser(), m.browser()
	var callback string
	attacker.http.CheckRedirect = func(r *http.Request, _ []*http.Request) error {
		if r.URL.Path == "/sign-in/callback" {
			callback = r.URL.RequestURI()
			return http.ErrUseLastResponse
		}
		return nil
	}
	attacker.signIn("ada", "/")
	for name, path := range map[string]string{
		"another's callback": callback,
		"a forged state":     "/sign-in/callback?code=x&state=AAAAAAAAAAAAAAAAAAAAAAAAAA",
		"no state":           "/sign-in/callback?code=x",
		"nothing":            "/sign-in/callback",
	} {
		if res, body := victim.ask("GET", path, "", page); res.StatusCode != http.StatusBadRequest || !strings.Contains(body, "began in another browser") {
			t.Errorf("%s: %d %s", name, res.StatusCode, body)
		}
	}
	changed, _ := url.Parse(callback)
	q := changed.Query()
	q.Set("state", q.Get("state")[:8]+"AAAAAAAAAAAAAAAAAA")
	changed.RawQuery = q.Encode()
	if res, _ := attacker.ask("GET", changed.RequestURI(), "", page); res.StatusCode != http.StatusBadRequest {
		t.Errorf("a state that begins alike: %d", res.StatusCode)
	}
	if res, _ := attacker.ask("GET", callback, "", page); res.StatusCode != http.StatusOK {
		t.Errorf("their own callback: %d", res.StatusCode)
	}
	if res, _ := attacker.ask("GET", callback, "", page); res.StatusCode != http.StatusBadRequest {
		t.Errorf("the same callback again: %d", res.StatusCode)
	}
	for name, back := range map[string]string{"another site": "//evil.example", "backslashes": `/\evil.example`, "an address": "https://evil.example"} {
		res, _ := m.enter("ada").ask("GET", "/sign-in?back="+url.QueryEscape(back), "", page)
		if got := res.Request.URL.String(); got != m.public+"/" {
			t.Errorf("%s: sent to %s", name, got)
		}
	}
}

func TestSignInGivesAFreshId(t *testing.T) {
	t.Parallel()
	m := startTeam(t, ssotest.Options{})
	b := m.enter("ada")
	u, _ := url.Parse(m.public)
	cookie := func() string {
		for _, c := range b.http.Jar.Cookies(u) {
			if c.Name == "__Host-duplex" {
				return c.Value
			}
		}
		return ""
	}
	before := cookie()
	old := m.browser()
	old.http.Jar.SetCookies(u, []*http.Cookie{{Name: "__Host-duplex", Value: before, Path: "/", Secure: true}})
	if res, _ := old.ask("GET", "/api/lease", ""); res.StatusCode != http.StatusOK {
		t.Fatalf("a copy of the cookie: %d", res.StatusCode)
	}
	b.ask("GET", "/sign-in?back=/history", "", page)
	if after := cookie(); after == before || after == "" {
		t.Error("the id is the same after a sign-in")
	}
	if res, _ := old.ask("GET", "/api/lease", ""); res.StatusCode != http.StatusUnauthorized {
		t.Errorf("the id from before still counts: %d", res.StatusCode)
	}
}

const (
	lease = 3 * time.Second
	grace = time.Second
)

func leaseArgs() []string { return []string{"--lease-seconds=3", "--grace-seconds=1"} }

// renewing asks for the lease as the page does, until the returned function has been
// called, which waits for a request under way.
func (b *browser) renewing() (stop func()) {
	b.t.Helper()
	over := make(chan struct{})
	var task sync.WaitGroup
	task.Go(func() {
		for {
			select {
			case <-over:
				return
			case <-time.After(lease / 3):
				b.ask("GET", "/api/lease", "")
			}
		}
	})
	return func() {
		close(over)
		task.Wait()
	}
}

// The provider is asked again and again, and a socket ends within the lease and two
// seconds of its last yes, while the session goes on.
func TestSocketLivesAsLongAsTheProviderVouches(t *testing.T) {
	t.Parallel()
	m := startTeam(t, ssotest.Options{Lifetime: 10 * time.Second}, leaseArgs()...)
	ada, olga := m.enter("ada"), m.enter("olga")
	session := ada.open()
	v := ada.attach(session, 0)
	ended := followed(v)
	stop := ada.renewing()
	defer stop()
	select {
	case e := <-ended:
		t.Fatalf("ended %+v while the provider vouches", e)
	case <-time.After(2 * (lease + grace)):
	}
	if n := m.provider.Renewals(); n < 2 {
		t.Errorf("the provider was asked %d times", n)
	}
	out := time.Now()
	m.provider.SignOut("ada")
	e := <-ended
	testkit.AtMost(t, "identity", fmt.Sprintf("a socket ends after the sign-in does, lease %v", lease), e.at.Sub(out).Seconds(), (lease + 2*time.Second).Seconds(), "s")
	if took := e.at.Sub(out); e.code != 4401 || e.bye == nil || e.bye.Code != "lease_ended" {
		t.Errorf("ended after %v with %+v", took, e)
	} else {
		t.Logf("ended %v after the provider's sign-in, lease %v", took.Round(time.Millisecond), lease)
	}
	if _, body := olga.ask("GET", "/api/sessions/"+session, ""); !strings.Contains(body, `"state":"open"`) {
		t.Errorf("the session: %s", body)
	}
	if res, _ := ada.ask("GET", "/api/lease", ""); res.StatusCode != http.StatusUnauthorized {
		t.Errorf("ada: %d", res.StatusCode)
	}
	ada.signIn("ada", "/")
	again := ada.attach(session, v.after)
	again.awaitRows(v.after + 20) // next fails the test where a row is missing
}

// Who signs in again in time loses nothing, not even the socket.
func TestSigningInAgainInTimeKeepsTheSocket(t *testing.T) {
	t.Parallel()
	m := startTeam(t, ssotest.Options{}, "--lease-seconds=8", "--grace-seconds=2")
	ada := m.enter("ada")
	v := ada.attach(ada.open(), 0)
	ended := followed(v)
	m.provider.SignOut("ada")
	for {
		if res, _ := ada.ask("GET", "/api/lease", ""); res.StatusCode == http.StatusUnauthorized {
			break
		}
		<-time.After(200 * time.Millisecond)
	}
	ada.signIn("ada", "/")
	stop := ada.renewing()
	defer stop()
	select {
	case e := <-ended:
		t.Errorf("ended with %+v", e)
	case <-time.After(11 * time.Second):
	}
}

// The provider's refresh tokens are good once: of many requests one may ask.
func TestManyRequestsRenewOnce(t *testing.T) {
	t.Parallel()
	m := startTeam(t, ssotest.Options{}, leaseArgs()...)
	ada := m.enter("ada")
	<-time.After(lease * 2 / 3)
	var requests sync.WaitGroup
	for range 20 {
		requests.Go(func() {
			if res, body := ada.ask("GET", "/api/lease", ""); res.StatusCode != http.StatusOK {
				t.Errorf("%d %s", res.StatusCode, body)
			}
		})
	}
	requests.Wait()
	if n := m.provider.Renewals(); n != 1 {
		t.Errorf("the provider was asked %d times", n)
	}
}

// A provider that fails for a moment signs nobody out.
func TestProviderThatFailsForAMomentSignsNobodyOut(t *testing.T) {
	t.Parallel()
	m := startTeam(t, ssotest.Options{}, leaseArgs()...)
	ada := m.enter("ada")
	m.provider.Break(true)
	<-time.After(lease * 2 / 3)
	if res, body := ada.ask("GET", "/api/lease", ""); res.StatusCode != http.StatusOK {
		t.Errorf("while its last answer holds: %d %s", res.StatusCode, body)
	}
	<-time.After(lease / 2)
	if res, body := ada.ask("GET", "/api/lease", ""); res.StatusCode != http.StatusServiceUnavailable || codeOf(body) != "provider_unreachable" {
		t.Errorf("after that: %d %s", res.StatusCode, body)
	}
	m.provider.Break(false)
	if res, body := ada.ask("GET", "/api/lease", ""); res.StatusCode != http.StatusOK {
		t.Errorf("when it is back: %d %s", res.StatusCode, body)
	}
}

// Without a refresh token the ID token is all that vouches.
func TestSocketEndsWithTheIDTokenWhereThereIsNoOther(t *testing.T) {
	t.Parallel()
	m := startTeam(t, ssotest.Options{NoRefresh: true, Lifetime: 4 * time.Second}, "--lease-seconds=60", "--grace-seconds=1")
	ada := m.enter("ada")
	began := time.Now()
	ended := followed(ada.attach(ada.open(), 0))
	stop := ada.renewing()
	defer stop()
	if e := <-ended; e.code != 4401 || e.at.Sub(began) > 7*time.Second {
		t.Errorf("ended after %v with %+v", e.at.Sub(began), e)
	}
}

// A browser that restores many tabs begins many sign-ins.
func TestUnfinishedSignInsDoNotFillTheBrowser(t *testing.T) {
	t.Parallel()
	m := startTeam(t, ssotest.Options{})
	b := m.browser()
	for range 30 {
		b.ask("GET", "/history", "", page)
	}
	u, _ := url.Parse(m.public)
	if n := len(b.http.Jar.Cookies(u)); n > 9 {
		t.Errorf("%d cookies", n)
	}
	if res, _ := b.signIn("ada", "/history"); res.Request.URL.Path != "/history" {
		t.Errorf("then at %s", res.Request.URL)
	}
}

// Who leaves nothing but a socket behind is not vouched for.
func TestSocketThatNobodyRenewsEnds(t *testing.T) {
	t.Parallel()
	m := startTeam(t, ssotest.Options{}, leaseArgs()...)
	vouched := time.Now() // at the earliest
	ada := m.enter("ada")
	session := ada.open()
	relay, _, err := ada.dial("/relay/" + url.PathEscape(demoName(t, ada, "echo")) + "/")
	if err != nil {
		t.Fatal(err)
	}
	began := time.Now()
	ended := followed(ada.attach(session, 0))
	_, _, err = relay.Read(t.Context())
	if websocket.CloseStatus(err) != 4401 {
		t.Errorf("the relay ends with %v", err)
	}
	e := <-ended
	if took := e.at.Sub(began); e.at.Sub(vouched) < lease || took > lease+grace+2*time.Second || e.code != 4401 {
		t.Errorf("ended after %v, %v after the sign-in began, with %+v", took, e.at.Sub(vouched), e)
	}
}

// demoName finds the demo service of an endpoint without a credential.
func demoName(t *testing.T, b *browser, endpoint string) string {
	t.Helper()
	var list struct{ Services []savedService }
	_, body := b.ask("GET", "/api/services", "")
	if err := json.Unmarshal([]byte(body), &list); err != nil {
		t.Fatal(err)
	}
	for _, s := range list.Services {
		if s.Demo == endpoint && s.Credential["kind"] == "none" {
			return s.Name
		}
	}
	t.Fatalf("no demo service %s", endpoint)
	return ""
}

func TestSigningOutEndsSocketsInTwoSeconds(t *testing.T) {
	t.Parallel()
	m := startTeam(t, ssotest.Options{})
	laptop, phone, olga := m.enter("ada"), m.enter("ada"), m.enter("olga")
	session := laptop.open()
	soon := func(ended <-chan end, since time.Time, what string) {
		t.Helper()
		select {
		case e := <-ended:
			testkit.AtMost(t, "identity", "a socket ends after a revocation", e.at.Sub(since).Seconds(), 2, "s")
			if e.code != 4401 || e.bye == nil || e.bye.Code != "signed_out" {
				t.Errorf("%s: %+v after %v", what, e, e.at.Sub(since))
			}
		case <-time.After(5 * time.Second):
			t.Errorf("%s: goes on", what)
		}
	}
	atLaptop, atPhone := followed(laptop.attach(session, 0)), followed(phone.attach(session, 0))
	out := time.Now()
	res, body := laptop.ask("POST", "/api/sign-out", `{}`)
	if res.StatusCode != http.StatusOK || !strings.Contains(body, m.provider.Issuer) {
		t.Errorf("sign out: %d %s", res.StatusCode, body)
	}
	soon(atLaptop, out, "this browser")
	if res, _ := phone.ask("GET", "/api/lease", ""); res.StatusCode != http.StatusOK {
		t.Errorf("the other browser: %d", res.StatusCode)
	}
	laptop = m.enter("ada")
	atLaptop = followed(laptop.attach(session, 0))
	out = time.Now()
	if res, body := phone.ask("POST", "/api/sign-out", `{"everywhere":true}`); res.StatusCode != http.StatusOK {
		t.Errorf("sign out everywhere: %d %s", res.StatusCode, body)
	}
	soon(atLaptop, out, "the laptop, from the phone")
	soon(atPhone, out, "the phone")
	laptop = m.enter("ada")
	atLaptop = followed(laptop.attach(session, 0))
	atOlga := followed(olga.attach(session, 0))
	out = time.Now()
	if res, body := olga.ask("POST", "/api/people/sign-out", `{"person":"`+m.provider.Issuer+`|ada"}`); res.StatusCode != http.StatusOK {
		t.Errorf("by an admin: %d %s", res.StatusCode, body)
	}
	soon(atLaptop, out, "by an admin")
	if res, _ := laptop.ask("GET", "/api/lease", ""); res.StatusCode != http.StatusUnauthorized {
		t.Errorf("the laptop is still let in: %d", res.StatusCode)
	}
	select {
	case e := <-atOlga:
		t.Errorf("the admin's own socket ends: %+v", e)
	default:
	}
	if _, body := olga.ask("GET", "/api/people", ""); !strings.Contains(body, `"name":"ada of the company"`) || !strings.Contains(body, `"sign_ins":1`) {
		t.Errorf("people: %s", body)
	}
}

// Another site's page that a browser shows cannot open a socket or post, whatever
// name it says it asks for.
func TestOriginAndHostHaveToBeExactlyOurs(t *testing.T) {
	t.Parallel()
	m := startTeam(t, ssotest.Options{})
	ada := m.enter("ada")
	session := ada.open()
	host := strings.TrimPrefix(m.public, "https://")
	tests := []struct {
		name, origin, host string
		socket, post       int
	}{
		{"own", m.public, host, 101, 200},
		{"no origin", "", host, 403, 200}, // a program
		{"null", "null", host, 403, 403},
		{"without TLS", "http://" + host, host, 403, 403},
		{"another port", "https://127.0.0.1:1", host, 403, 403},
		{"another site", "https://evil.example", host, 403, 403},
		{"a name that begins alike", m.public + ".evil.example", host, 403, 403},
		{"a name that was pointed here", "https://evil.example", "evil.example", 421, 403},
		{"own origin, another host", m.public, "evil.example", 421, 403},
		{"own origin, localhost", m.public, strings.Replace(host, "127.0.0.1", "localhost", 1), 421, 403},
	}
	right := 0
	for _, tt := range tests {
		edit := func(r *http.Request) {
			r.Host = tt.host
			r.Header.Del("Origin")
			if tt.origin != "" {
				r.Header.Set("Origin", tt.origin)
			}
		}
		res, _ := ada.ask("POST", "/api/sign-out", `{"nothing":1}`, edit)
		if got := res.StatusCode; got != tt.post && (tt.post != 200 || got != http.StatusBadRequest) {
			t.Errorf("%s: a post gets %d, want %d", tt.name, got, tt.post)
		}
		req := must(http.NewRequestWithContext(t.Context(), http.MethodGet, m.public+"/api/sessions/"+session+"/attach", nil))
		upgrade(req)
		edit(req)
		for _, c := range ada.http.Jar.Cookies(req.URL) {
			req.AddCookie(c)
		}
		res, err := ada.http.Transport.RoundTrip(req)
		if err != nil {
			t.Fatal(err)
		}
		_ = res.Body.Close()
		if res.StatusCode == tt.socket {
			right++
		} else {
			t.Errorf("%s: a socket gets %d, want %d", tt.name, res.StatusCode, tt.socket)
		}
	}
	testkit.AtLeast(t, "browser", "origins and hosts, each with a socket and a post, that are judged right", float64(right), float64(max(8, len(tests))), "")
}
