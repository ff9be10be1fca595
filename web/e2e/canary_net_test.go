//go:build e2e

package e2e

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"syscall"
	"testing"

	"github.com/chromedp/chromedp"

	"duplex/web/internal/canary"
)

// planted returns the secret for an encoding. A net of its own looks for it, so that it
// may be found.
func planted(encoding string) string {
	for i, name := range canary.Encodings() {
		if name == encoding {
			return fmt.Sprintf(`%d/+="&<~~~???>>>Zq8Xw2kR5tY1u%dN`, i, i)
		}
	}
	panic("no encoding " + encoding)
}

func plantedNet() *canary.Watch {
	n := canary.New()
	for _, encoding := range canary.Encodings() {
		n.Add(canary.Secret{Name: encoding, Value: planted(encoding)})
	}
	return n.Watch()
}

// spelled returns the secret of an encoding, encoded.
func spelled(encoding string) string { return canary.Spellings(encoding, planted(encoding))[0] }

// caught fails the test unless each secret was found in each place.
func caught(t *testing.T, watch *canary.Watch, places ...string) {
	t.Helper()
	found := map[string]bool{}
	for _, hit := range watch.Hits() {
		found[hit.Place+hit.Secret] = true
	}
	for _, place := range places {
		for _, encoding := range canary.Encodings() {
			if !found[place+encoding] {
				t.Errorf("in %s, %s is not found", place, encoding)
			}
		}
	}
}

// A program shows a message in many places. A secret in a message is found in each.
func TestNetCatchesEveryEncodingInWhatAProgramGivesAway(t *testing.T) {
	t.Parallel()
	watch, data := plantedNet(), t.TempDir()
	s := startUnder(t, watch, data)
	session := s.open(object{"service": s.demo("echo", "none").ID})
	for _, encoding := range canary.Encodings() {
		seq := s.send(session, "text", []byte("a "+spelled(encoding)+" b"))
		s.body(session, seq)
		_, _ = s.Write([]byte("as if it were logged: " + spelled(encoding)))
		s.call(http.MethodPost, "/api/services/x/messages?name="+url.QueryEscape(spelled(encoding)), nil, nil)
	}
	s.awaitReceived(session, len(canary.Encodings()))
	s.do(http.MethodGet, "/sessions/"+session+"?q=b", "", nil, nil)
	s.do(http.MethodGet, "/api/sessions/"+session+"/export?format=txt", "", nil, nil)
	s.signal(syscall.SIGKILL)
	s.search()
	caught(t, watch, "the address of a request", "the body of an answer (200 application/octet-stream)", "the body of an answer (200 text/plain)",
		"the messages of a socket", "file duplex.db-wal", "the program's log")

	startUnder(t, watch, data).signal(syscall.SIGTERM) // which moves the WAL into the database
	s.search()
	caught(t, watch, "file duplex.db")
}

// plants leave a secret in each place where a page may keep one; %[1]q is the name, %[2]q the secret.
var plants = map[string]string{
	"the document of a page":  `document.body.setAttribute("data-" + %[1]q, %[2]q)`,
	"the title of a page":     `document.title += %[2]q`,
	"the local of a page":     `localStorage.setItem(%[1]q, %[2]q)`,
	"the session of a page":   `sessionStorage.setItem(%[2]q, %[1]q)`,
	"the address of a page":   `history.replaceState(null, "", location.href + "?" + encodeURIComponent(%[2]q))`,
	"a cookie":                `document.cookie = %[1]q + "=" + encodeURIComponent(%[2]q)`,
	onConsole:                 `console.log(%[1]q + ": " + %[2]q)`,
	"the IndexedDB of a page": `await put(%[1]q, %[2]q)`,
}

const put = `const put = (name, secret) => new Promise((resolve) => {
	const request = indexedDB.open(name)
	request.onupgradeneeded = () => request.result.createObjectStore("store").put({deep: [secret]}, 1)
	request.onsuccess = () => { request.result.close(); resolve() }
})
`

func TestNetCatchesEveryEncodingInWhatAPageKeeps(t *testing.T) {
	t.Parallel()
	site := httptest.NewServer(http.NotFoundHandler())
	defer site.Close()
	watch := plantedNet()
	p := openTab(t, watch, 900, 700, chromedp.WithNewBrowserContext())
	p.visit(site.URL)
	for place, plant := range plants {
		for _, encoding := range canary.Encodings() {
			p.await("(async () => { " + put + fmt.Sprintf(plant, encoding, spelled(encoding)) + `; return "" })()`)
		}
		p.settle()
		p.searchPage()
		caught(t, watch, place)
	}
}

// A page that is left is searched in its last state.
func TestNetCatchesWhatAPageShowedLast(t *testing.T) {
	t.Parallel()
	site := httptest.NewServer(http.NotFoundHandler())
	defer site.Close()
	watch := plantedNet()
	p := openTab(t, watch, 900, 700, chromedp.WithNewBrowserContext())
	for i, leave := range []func(){
		func() { p.visit(site.URL + "/next") },
		func() { p.do(chromedp.Reload()) },
		func() { p.eval(`location.assign("/other")`) },
		func() { p.eval(`history.back()`) },
	} {
		p.visit(fmt.Sprint(site.URL, "/", i))
		encoding := canary.Encodings()[i]
		p.eval(fmt.Sprintf(`document.body.dataset.x = %q`, spelled(encoding)))
		leave()
		p.until(`document.body !== null && document.body.dataset.x === undefined`)
		p.searchLeft()
		if hits := watch.Hits(); len(hits) == 0 || hits[len(hits)-1].Secret != encoding || hits[len(hits)-1].Place != "the document of a page" {
			t.Errorf("left in way %d: %v", i, hits)
		}
	}
}

func TestRunFailsForAHitOrASecretThatNobodySaw(t *testing.T) {
	t.Parallel()
	n := canary.New(canary.Secret{Name: "one", Value: planted("plain")})
	n.Watch().Search("here", []byte("nothing"))
	needed := []string{"one"}
	if said, passed := verdict(n, needed, true); passed || !strings.Contains(said, "no peer ever saw these in use: one") {
		t.Errorf("unused: %v, %s", passed, said)
	}
	if said, passed := verdict(n, needed, false); !passed {
		t.Errorf("a part of the tests: %s", said)
	}
	n.Use("one")
	if said, passed := verdict(n, needed, true); !passed || !strings.Contains(said, "1 of them seen in use") {
		t.Errorf("used: %v, %s", passed, said)
	}
	n.Watch().Search("here", []byte(planted("plain")))
	if said, passed := verdict(n, needed, false); passed {
		t.Errorf("a hit: %s", said)
	}
}
