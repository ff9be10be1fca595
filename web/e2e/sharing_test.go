//go:build e2e

package e2e

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"strconv"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// office is a console for several people. A proxy in front of it reads a person from a
// cookie and names them in headers.
type office struct {
	t       *testing.T
	console string
}

// groupsOf maps a person to a group.
var groupsOf = map[string]string{"ada": "dev", "ben": "dev", "vic": "staff"}

func openOffice(t *testing.T) *office {
	t.Helper()
	var backend *url.URL
	proxy := &httputil.ReverseProxy{Rewrite: func(r *httputil.ProxyRequest) {
		r.SetURL(backend)
		r.Out.Host = r.In.Host
		if who, err := r.In.Cookie("who"); err == nil {
			r.Out.Header.Set("X-Forwarded-User", who.Value)
			r.Out.Header.Set("X-Forwarded-Groups", groupsOf[who.Value])
		}
	}}
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/enter" {
			http.SetCookie(w, &http.Cookie{Name: "who", Value: r.URL.Query().Get("as"), Path: "/"})
			http.Redirect(w, r, r.URL.Query().Get("back"), http.StatusFound)
			return
		}
		proxy.ServeHTTP(w, r)
	}))
	_, port, _ := strings.Cut(server.Listener.Addr().String(), ":")
	s := start(t, t.TempDir(), "--public-url="+consoleAt(port), "--identity=headers", "--identity-preset=oauth2-proxy",
		"--trusted-proxies=127.0.0.1/32", "--admins=ops", "--members=dev", "--viewers=staff", "--demo=true", "--targets=loopback")
	var err error
	if backend, err = url.Parse(s.URL); err != nil {
		t.Fatal(err)
	}
	server.Start()
	t.Cleanup(server.Close)
	return &office{t, consoleAt(port)}
}

// enter opens a page as a person, with cookies of their own.
func (o *office) enter(who, path string) *page {
	o.t.Helper()
	p := browse(o.t, 1440, 900)
	p.visit(o.console + "/enter?as=" + who + "&back=" + url.QueryEscape(path))
	return p
}

// streams opens a session on the ticker and waits for count messages.
func (p *page) streams(count int) (session string) {
	p.t.Helper()
	p.fill("address", p.demo("ticker", "address")+"?rate=40&size=128&count=0")
	p.connect()
	p.untilCount(count)
	return p.session()
}

// everyRow scrolls through the log from its beginning and returns the messages up to last
// that were shown.
func (p *page) everyRow(last int) map[int]bool {
	p.t.Helper()
	seen := map[int]bool{}
	for next := 1; next <= last; {
		p.goTo(strconv.Itoa(next))
		p.until(selected(int64(next)))
		for seq := range strings.FieldsSeq(p.eval(`[...document.querySelectorAll("[data-testid=row]")].map((row) => row.dataset.seq).join(" ")`)) {
			n, err := strconv.Atoi(seq)
			if err != nil {
				p.t.Fatal(err)
			}
			seen[n] = true
		}
		for seen[next] {
			next++
		}
	}
	return seen
}

func TestTwoPeopleShareASession(t *testing.T) {
	t.Parallel()
	o := openOffice(t)
	ada := o.enter("ada", "/connect")
	session := ada.streams(60)

	// Nobody else may open it before it is shared, and the panel says so.
	ben := o.enter("ben", "/sessions/"+session)
	ben.until(`document.querySelector("[data-testid=composer]") === null && document.body.innerText.includes("404")`)
	ada.click("share")
	ada.untilText("share-who", "Only you")
	if link := ada.eval(`document.querySelector("[data-testid=share-link]").value`); link != o.console+"/sessions/"+session {
		t.Errorf("the link is %s", link)
	}
	ada.click("share-shared")
	ada.untilText("share-who", "Everybody signed in")

	ben.visit(o.console + "/sessions/" + session)
	ben.untilOpen()
	ben.untilCount(120)
	last := 120
	seen := ben.everyRow(last)
	for seq := 1; seq <= last; seq++ {
		if !seen[seq] {
			t.Errorf("message %d is not shown", seq)
		}
	}
	if twice := ben.eval(`(() => { const all = [...document.querySelectorAll("[data-testid=row]")].map((r) => r.dataset.seq); return all.length - new Set(all).size })()`); twice != "0" {
		t.Errorf("%s messages stand there twice", twice)
	}
	ada.untilText("share-viewers", "ben")
	ben.until(`document.querySelector("#sessions .owner")?.title === "Opened by ada"`)
	if !ada.is(`document.querySelector("#sessions .owner") === null`) {
		t.Error("a session of one's own is marked as somebody's")
	}

	// Ben may only watch until Ada lets him send, and his draft is kept.
	ben.untilText("composer", "session of ada")
	ben.compose("text", "written while watching")
	ben.do(chromedp.KeyEvent(kb.Enter, chromedp.KeyModifiers(chromedp.ModifierCtrl)))
	if !ben.is(`document.querySelector("[data-testid=send]").disabled && document.querySelector("[data-testid=disconnect]").disabled`) {
		t.Error("who may only watch can send or disconnect")
	}
	ada.choose("share-rights", "send")
	ben.until(`!document.querySelector("[data-testid=send]").disabled`)
	ben.click("send")
	ada.until(`[...document.querySelectorAll("[data-testid=row][data-direction=sent]")].some((row) => row.textContent.includes("written while watching"))`)

	ada.handsOverTo(ben)
	vic := o.enter("vic", "/sessions/"+session)
	vic.untilOpen()
	vic.compose("text", "never sent")
	vic.do(chromedp.KeyEvent(kb.Enter, chromedp.KeyModifiers(chromedp.ModifierCtrl)))
	vic.untilText("composer", "member")
	if !vic.is(`document.querySelector("[data-testid=send]").disabled`) {
		t.Error("who has the role viewer can send")
	}
	ben.click("share")
	ben.click("share-shared")
	vic.untilText("problem", "ben no longer shares")
	if vic.is(`document.querySelectorAll("[data-testid=row]").length === 0`) {
		t.Error("what was seen is gone")
	}
	ben.do(chromedp.KeyEvent(kb.Escape))
	ben.click("disconnect")
	ben.until(`document.querySelector("[data-testid=disconnect]").hidden`)
	if rows := ben.await(fmt.Sprintf(`fetch("/api/sessions/%s/messages?direction=sent").then((r) => r.json()).then((list) => list.messages.map((m) => m.sender + ": " + m.preview).join())`, session)); rows != "ben: written while watching" {
		t.Errorf("sent were %s", rows)
	}
}

func TestServiceIsKeptToOneselfAndGivenToTheTeam(t *testing.T) {
	t.Parallel()
	o := openOffice(t)
	ada := o.enter("ada", "/connect")
	ada.fill("address", "ws://localhost:1/asr")
	ada.fill("service-name", "asr of ada")
	ada.click("tab-settings")
	ada.click("setting-shared")
	ada.click("save")
	ada.until(`document.querySelector("#services [aria-current=page] .private") !== null`)
	path := ada.eval(`location.pathname`)

	ben := o.enter("ben", path)
	ben.until(`document.body.innerText.includes("404") && !document.body.innerText.includes("asr of ada")`)
	ada.do(chromedp.Reload())
	ada.ready()
	ada.until(`document.querySelector("#services [aria-current=page] .private") !== null`)
	ada.click("tab-settings")
	ada.click("setting-shared")
	ada.click("save")
	ada.until(`document.querySelector("#services [aria-current=page] .private") === null`)

	ben.visit(o.console + path)
	ben.until(`!document.querySelector("[data-testid=connect]").disabled`)
	ben.fill("address", "ws://localhost:2/asr")
	ben.until(`document.querySelector("[data-testid=save]").title.includes("ada")`)
	if !ben.is(`document.querySelector("[data-testid=save]").disabled`) {
		t.Error("a service can be saved by who may not change it")
	}
}

// handsOverTo gives the session to somebody who watches it.
func (p *page) handsOverTo(to *page) {
	p.t.Helper()
	p.click("share-hand-over")
	p.click("confirm-yes")
	to.until(`!document.querySelector("[data-testid=disconnect]").disabled`)
	p.until(`document.querySelector("[data-testid=disconnect]").disabled`)
}

// The cache of a browser that two people use shows neither the messages of the other.
func TestBrowserKeepsNoMessageForTheNextPerson(t *testing.T) {
	t.Parallel()
	o := openOffice(t)
	p := o.enter("ada", "/connect")
	session := p.streams(5)
	status := `fetch("/api/sessions/` + session + `/messages/3").then((r) => r.arrayBuffer().then(() => String(r.status)))`
	if got := p.await(status); got != "200" {
		t.Fatalf("ada: %s", got)
	}
	p.visit(o.console + "/enter?as=ben&back=/history")
	if got := p.await(status); got != "404" {
		t.Errorf("ben, in the same browser: %s", got)
	}
}
