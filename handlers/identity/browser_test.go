package identity_test

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"duplex/bridge/vault"
	"duplex/handlers/identity"
)

// page is the request of a browser that opens a page, with its cookies.
func page(cookies ...*http.Cookie) func(*http.Request) {
	return func(r *http.Request) {
		ada(r)
		r.Header.Set("Accept", "text/html")
		for _, c := range cookies {
			r.AddCookie(c)
		}
	}
}

// fetch is the request of its scripts.
func fetch(cookies ...*http.Cookie) func(*http.Request) {
	return func(r *http.Request) {
		page(cookies...)(r)
		r.Header.Set("Accept", "application/json")
	}
}

func cookieIn(t *testing.T, w *httptest.ResponseRecorder) *http.Cookie {
	t.Helper()
	cookies := w.Result().Cookies()
	if len(cookies) != 1 {
		t.Fatalf("%d cookies", len(cookies))
	}
	return cookies[0]
}

func TestCookieHoldsOnlyAnIdAndIsClosedToOthers(t *testing.T) {
	d := newDoor(t, headerSettings())
	_, _, w, err := d.ask(page())
	if err != nil {
		t.Fatal(err)
	}
	c := cookieIn(t, w)
	if c.Name != "__Host-duplex" || !c.Secure || !c.HttpOnly || c.SameSite != http.SameSiteLaxMode || c.Path != "/" || c.Domain != "" ||
		c.MaxAge != 24*60*60 || len(c.Value) > 400 {
		t.Errorf("cookie %+v", c)
	}
	if strings.Contains(c.Value, "ada") || len(d.store.signIns) != 1 {
		t.Errorf("cookie %q, sign-ins %v", c.Value, d.store.signIns)
	}
	for id := range d.store.signIns {
		if strings.Contains(c.Value, id) {
			t.Error("who reads the rows has the cookie")
		}
	}
	if _, _, w, err = d.ask(fetch(c)); err != nil || len(w.Result().Cookies()) != 0 || len(d.store.signIns) != 1 {
		t.Errorf("a second request: %v, %v, %v", err, w.Result().Cookies(), d.store.signIns)
	}
	if d.events[0].Kind != identity.EventSignedIn || len(d.events) != 1 {
		t.Errorf("events %+v", d.events)
	}
}

func TestProgramsNeedNoCookie(t *testing.T) {
	d := newDoor(t, headerSettings())
	for range 3 {
		if _, _, w, err := d.ask(fetch()); err != nil || len(w.Result().Cookies()) != 0 {
			t.Error(err, w.Result().Cookies())
		}
	}
	if len(d.store.signIns) != 0 {
		t.Errorf("sign-ins %v", d.store.signIns)
	}
}

func TestCookiesThatAreNotOursCountNothing(t *testing.T) {
	d := newDoor(t, headerSettings())
	_, _, w, _ := d.ask(page())
	own := cookieIn(t, w)
	_, _, w, _ = newDoor(t, headerSettings()).ask(page())
	foreign := cookieIn(t, w)
	for name, cookies := range map[string][]*http.Cookie{
		"another console's":           {foreign},
		"nonsense":                    {{Name: own.Name, Value: "nonsense"}},
		"cut short":                   {{Name: own.Name, Value: own.Value[:len(own.Value)-4]}},
		"twice":                       {own, foreign},
		"under a name without prefix": {{Name: "duplex", Value: own.Value}},
		"over-long":                   {{Name: own.Name, Value: strings.Repeat("A", 8000)}},
	} {
		_, _, w, err := d.ask(page(cookies...))
		if err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if c := cookieIn(t, w); c.Value == own.Value || c.Value == foreign.Value {
			t.Errorf("%s: keeps an id that somebody chose", name)
		}
	}
}

func TestCookieOfAnotherPersonIsReplaced(t *testing.T) {
	d := newDoor(t, headerSettings())
	_, _, w, _ := d.ask(page())
	of := cookieIn(t, w)
	_, _, w, err := d.ask(func(r *http.Request) {
		page(of)(r)
		r.Header.Set("X-Forwarded-User", "bob")
	})
	if err != nil || cookieIn(t, w).Value == of.Value {
		t.Error("bob goes on with ada's cookie", err)
	}
}

func TestSignedOutBrowserStaysOutUntilItsPersonComesBack(t *testing.T) {
	d := newDoor(t, headerSettings())
	_, _, w, _ := d.ask(page())
	c := cookieIn(t, w)
	p, r, _, err := d.ask(fetch(c))
	if err != nil {
		t.Fatal(err)
	}
	if address, err := d.SignOut(httptest.NewRecorder(), r, &p); err != nil || address != identity.SignedOutPath {
		t.Error(address, err)
	}
	for name, ask := range map[string]func(*http.Request){"script": fetch(c), "page": page(c)} {
		if _, _, _, err := d.ask(ask); codeOf(err) != identity.RefusedSignedOut {
			t.Errorf("%s: %v", name, err)
		}
	}
	r = httptest.NewRequest(http.MethodGet, "https://duplex.example/sign-in", nil)
	r.RemoteAddr = "10.0.3.7:1"
	page(c)(r)
	w = httptest.NewRecorder()
	if back, err := d.SignIn(w, r, "/history"); err != nil || back != "/history" {
		t.Fatal(back, err)
	}
	if _, _, _, err := d.ask(fetch(cookieIn(t, w))); err != nil {
		t.Errorf("after coming back: %v", err)
	}
}

func TestBrowsersAreForgottenAfterSomeTime(t *testing.T) {
	d := newDoor(t, headerSettings())
	_, _, w, _ := d.ask(page())
	c := cookieIn(t, w)
	for range 3 { // seen now and then
		d.clock.Pass(7 * time.Hour)
		if _, _, w, err := d.ask(page(c)); err != nil || len(w.Result().Cookies()) != 0 {
			t.Fatal(err, w.Result().Cookies())
		}
	}
	d.clock.Pass(4 * time.Hour)
	if _, _, w, _ = d.ask(page(c)); cookieIn(t, w).Value == c.Value {
		t.Error("a browser outlives the absolute limit")
	}
	c = cookieIn(t, w)
	d.clock.Pass(9 * time.Hour)
	if _, _, w, _ = d.ask(page(c)); cookieIn(t, w).Value == c.Value {
		t.Error("a browser outlives the idle limit")
	}
}

// A new first key leaves cookies of the old key valid until its line is removed.
func TestCookiesOutliveANewKeyAndNotTheirOwn(t *testing.T) {
	old, fresh := "k1:"+strings.Repeat("1", 64)+"\n", "k2:"+strings.Repeat("2", 64)+"\n"
	store := newMemory(time.Now)
	at := func(lines string) *identity.Guard {
		file := filepath.Join(t.TempDir(), "keys")
		if err := os.WriteFile(file, []byte(lines), 0o600); err != nil {
			t.Fatal(err)
		}
		keys, err := vault.LoadOrCreate(file)
		if err != nil {
			t.Fatal(err)
		}
		g, err := identity.New(identity.Options{Settings: headerSettings(), Store: store, Keys: keys})
		if err != nil {
			t.Fatal(err)
		}
		return g
	}
	given := func(g *identity.Guard, edit func(*http.Request)) []*http.Cookie {
		r, w := httptest.NewRequest(http.MethodGet, "/", nil), httptest.NewRecorder()
		r.RemoteAddr = "10.0.3.7:1"
		edit(r)
		if _, err := g.Identify(w, r); err != nil {
			t.Fatal(err)
		}
		return w.Result().Cookies()
	}
	c := given(at(old), page())[0]
	if len(given(at(fresh+old), page(c))) != 0 {
		t.Error("the cookie does not outlive a new key")
	}
	if len(given(at(fresh), page(c))) != 1 {
		t.Error("the cookie outlives its own key")
	}
}

func TestStoreThatFailsLetsNobodyIn(t *testing.T) {
	d := newDoor(t, headerSettings())
	_, _, w, _ := d.ask(page())
	c := cookieIn(t, w)
	d.store.broken = errors.New("disk on fire")
	if _, _, _, err := d.ask(fetch(c)); !errors.Is(err, d.store.broken) {
		t.Error(err)
	}
}
