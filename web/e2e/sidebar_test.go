//go:build e2e

package e2e

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/PuerkitoBio/goquery"
	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
	"github.com/google/go-cmp/cmp"
)

// entryOf returns the entry of the side list with the link of an id.
func entryOf(id string) string {
	return fmt.Sprintf(`document.querySelector('#sidebar li:has(> [data-id="%s"])')`, id)
}

// saves saves a service of the echo demo's address.
func (s *server) saves(name, folder string) string {
	s.t.Helper()
	var made struct{ ID string }
	s.call(http.MethodPost, "/api/services", object{"name": name, "folder": folder, "address": s.demo("echo", "none").Address}, &made)
	return made.ID
}

// choose opens the menu of an entry and presses an item by its name.
func (p *page) chooseIn(id, item string) {
	p.t.Helper()
	p.until(entryOf(id) + ` !== null`)
	p.eval(entryOf(id) + `.querySelector(".more").click()`)
	p.until(`document.querySelector("[data-testid=menu]") !== null`)
	p.eval(fmt.Sprintf(`[...document.querySelectorAll("[data-testid=menu] [role=menuitem]")].find((item) => item.querySelector(".pop-name").textContent === %q).click()`, item))
}

// The pointer presses every 8 px of a session's and of a service's entry. Each press
// opens its page or its menu, and nothing is sent, ended or deleted.
func TestPressAnywhereInTheListOnlyOpens(t *testing.T) {
	t.Parallel()
	s := start(t, t.TempDir())
	p := browse(t, 1440, 900)
	p.onEveryPage(`(() => {
		const real = window.fetch
		window.fetch = (url, options) => {
			const method = options?.method ?? "GET"
			if (method !== "GET") sessionStorage.setItem("acted", (sessionStorage.getItem("acted") ?? "") + method + " " + url + "; ")
			return real(url, options)
		}
	})()`)
	session, service := s.open(object{"service": s.demo("echo", "none").ID}), s.saves("pressed", "")
	s.awaitReceived(session, 0)
	for _, target := range []struct{ id, path string }{{session, "/sessions/" + session}, {service, "/services/" + service}} {
		opened, menus, idle := 0, 0, 0
		p.visit(s.URL + "/history")
		p.until(entryOf(target.id) + ` !== null`)
		if target.id == session { // with the badge of unread messages
			s.send(session, "text", []byte("news"))
			p.until(sessionLink(session) + `.querySelector(".unread") !== null`)
		}
		var left, top, width, height float64
		if _, err := fmt.Sscan(p.eval(`(() => { const r = `+entryOf(target.id)+`.getBoundingClientRect(); return [r.left, r.top, r.width, r.height].join(" ") })()`), &left, &top, &width, &height); err != nil {
			t.Fatal(err)
		}
		for x := left + 2; x < left+width-1; x += stride() {
			p.visit(s.URL + "/history")
			p.until(`document.querySelector("[data-testid=history]")?.dataset.ready === "1" && ` + entryOf(target.id) + ` !== null`)
			p.pressAt(x, top+height/2, 1)
			switch p.comes(5*time.Second, `location.pathname === "`+target.path+`" || document.querySelector("[data-testid=menu]") !== null`) {
			case false:
				idle++
			case p.is(`location.pathname === "/history"`):
				menus++
			default:
				opened++
			}
		}
		if all := opened + menus + idle; opened < all*3/5 || menus == 0 || menus > all/7 || idle > 0 {
			t.Errorf("%s: %d presses opened it, %d its menu, %d did nothing", target.path, opened, menus, idle)
		}
	}
	if acted := p.eval(`sessionStorage.getItem("acted") ?? ""`); acted != "" {
		t.Errorf("presses did %s", acted)
	}
	if state := s.state(session); state.State != "open" || state.Sent != 1 {
		t.Errorf("the session is %s after %d messages", state.State, state.Sent)
	}
	// A link with Ctrl is the browser's own: it opens another tab.
	p.visit(s.URL + "/history")
	p.until(entryOf(service) + ` !== null`)
	if !p.is(`(() => { const e = new MouseEvent("click", {bubbles: true, cancelable: true, ctrlKey: true}); let left = false; window.addEventListener("click", (event) => { left = !event.defaultPrevented; event.preventDefault() }, {once: true}); ` + entryOf(service) + `.querySelector("a").dispatchEvent(e); return left })()`) {
		t.Error("Ctrl and a click do not open a tab")
	}
}

// The list is the same from the server and after the script has drawn it.
func TestListIsTheSameFromTheServerAndTheScript(t *testing.T) {
	t.Parallel()
	s := start(t, t.TempDir())
	p := browse(t, 1440, 900)
	service := s.saves("Docs assistant", "ModelArts")
	s.saves("loose", "")
	s.saves("Strasz", "") // behind Straßen: ß is ordered as ss
	s.saves("Straßen", "")
	s.saves("Alpha", "speech")
	s.call(http.MethodPost, "/api/services", object{"name": "private", "address": s.demo("echo", "none").Address, "shared": false, "credential": object{"kind": "api_key", "key": "k-0123456789"}}, nil)
	s.open(object{"service": service})
	s.open(object{"service": s.demo("stream", "none").ID})
	p.visit(s.URL + "/services/" + service)
	p.ready()
	// A press is lost when the element below it is replaced: the script keeps those of the server.
	p.eval(`document.querySelectorAll(".side-lists *").forEach((element) => { element.served = true })`)
	p.until(`document.querySelector("#sessions").dataset.stale === "false"`)
	p.eval(`document.querySelector("#services").dispatchEvent(new Event("pointerenter"))`)
	p.until(`performance.getEntriesByType("resource").some(({name, responseEnd}) => name.endsWith("/api/services") && responseEnd > 0)`)
	p.settle()
	if replaced := p.eval(`[...document.querySelectorAll(".side-lists *")].filter((element) => !element.served).map((element) => element.outerHTML).join("\n")`); replaced != "" {
		t.Errorf("the script has replaced\n%s", replaced)
	}
	served := plainList(t, p.await(`fetch(location.href).then((r) => r.text())`))
	if diff := cmp.Diff(served, plainList(t, p.eval(`document.documentElement.outerHTML`))); diff != "" {
		t.Errorf("server (-) and script (+):\n%s", diff)
	}
	p.eval(`document.querySelectorAll("#sessions, #side-loose, #side-folders").forEach((list) => list.replaceChildren())`)
	p.eval(`document.dispatchEvent(new Event("visibilitychange"))`) // all is asked for again
	p.until(`document.querySelector("#sessions li") !== null && document.querySelectorAll("#services a").length === 11`)
	if diff := cmp.Diff(served, plainList(t, p.eval(`document.documentElement.outerHTML`))); diff != "" {
		t.Errorf("server (-) and script from nothing (+):\n%s", diff)
	}
}

// plainList returns the elements of the side list of a page, one a line, without what only
// the script knows.
func plainList(t *testing.T, page string) []string {
	t.Helper()
	document, err := goquery.NewDocumentFromReader(strings.NewReader(page))
	if err != nil {
		t.Fatal(err)
	}
	var lines []string
	document.Find(".side-lists *").Each(func(_ int, element *goquery.Selection) {
		var attributes []string
		for _, a := range element.Nodes[0].Attr {
			if slices.Contains([]string{"title", "aria-label", "aria-keyshortcuts", "data-opened", "data-unread", "data-stale", "data-at", "href"}, a.Key) && !strings.HasPrefix(a.Val, "/") {
				continue
			}
			attributes = append(attributes, a.Key+"="+a.Val)
		}
		slices.Sort(attributes)
		text := ""
		if element.Is(".name, .n, .auth, .where > span, .face") {
			text = element.Text()
		}
		lines = append(lines, strings.TrimSpace(element.Nodes[0].Data+" "+strings.Join(attributes, " ")+" "+text))
	})
	return lines
}

func TestServicesMoveBetweenFolders(t *testing.T) {
	t.Parallel()
	s := start(t, t.TempDir())
	p := browse(t, 1440, 900)
	chat, voice := s.saves("chat", ""), s.saves("voice", "Speech")
	p.visit(s.URL + "/services/" + chat)
	p.ready()
	in := func(id, folder string) {
		t.Helper()
		p.until(fmt.Sprintf(`(%s.closest(".folder")?.dataset.folder ?? "") === %q`, entryOf(id), folder))
	}
	in(voice, "Speech")
	// By the mouse.
	p.until(`document.querySelector('[data-folder="Speech"] .folder-head[aria-expanded=true]') !== null`)
	p.eval(`(() => {
		const data = new DataTransfer()
		const fire = (element, type) => element.dispatchEvent(new DragEvent(type, {bubbles: true, cancelable: true, dataTransfer: data}))
		fire(` + entryOf(chat) + `.querySelector("a"), "dragstart")
		const folder = document.querySelector('[data-folder="Speech"] .folder-head')
		fire(folder, "dragover")
		fire(folder, "drop")
	})()`)
	in(chat, "Speech")
	p.untilText("toast", "Moved chat to Speech")
	p.click("toast-action") // Undo
	in(chat, "")
	// By the menu, into a new folder.
	p.chooseIn(chat, "Move to folder…")
	p.until(`document.querySelector("[data-testid=move]")?.open`)
	p.do(chromedp.SendKeys(id("folder-name"), "Models"+kb.Enter))
	in(chat, "Models")
	// A folder is made, named in its place, folded, and deleted; its services stay.
	p.click("new-folder")
	p.until(`document.activeElement.dataset.testid === "rename-entry"`)
	p.do(chromedp.KeyEvent("Voice agents"), chromedp.KeyEvent(kb.Enter))
	p.until(`document.querySelector('[data-folder="Voice agents"]') !== null && document.querySelector(".rename") === null`)
	p.eval(`document.querySelector('[data-folder="Models"] .folder-head').click()`)
	p.do(chromedp.Reload())
	p.ready()
	p.until(`document.querySelector('[data-folder="Models"] .folder-head[aria-expanded=false]') !== null && !` + entryOf(chat) + `.checkVisibility()`)
	p.eval(`document.querySelector('[data-folder="Models"] .more').click()`)
	p.until(`document.querySelector("[data-testid=menu]") !== null`)
	p.eval(`[...document.querySelectorAll("[data-testid=menu] [role=menuitem]")].at(-1).click()`)
	p.click("confirm-yes")
	in(chat, "")
	p.until(`document.querySelector('[data-folder="Models"]') === null && document.querySelector('[data-folder="Voice agents"]') !== null`)
}

func TestEntriesAreRenamedInPlace(t *testing.T) {
	t.Parallel()
	s := start(t, t.TempDir())
	p := browse(t, 1440, 900)
	service := s.saves("before", "")
	s.saves("taken", "")
	session := s.open(object{"service": service})
	p.visit(s.URL + "/services/" + service)
	p.ready()
	p.until(entryOf(service) + `?.dataset.mayChange === "true"`)
	rename := func(id, name string) {
		p.eval(entryOf(id) + `.querySelector("a").focus()`)
		p.do(chromedp.KeyEvent(kb.F2))
		p.until(`document.activeElement.dataset.testid === "rename-entry"`)
		p.do(chromedp.KeyEvent(name), chromedp.KeyEvent(kb.Enter))
	}
	rename(service, "TAKEN")
	p.until(`document.querySelector("[data-testid=rename-entry]").getAttribute("aria-invalid") === "true"`)
	p.do(chromedp.KeyEvent(kb.Escape))
	p.until(`document.querySelector(".rename") === null && document.activeElement === ` + entryOf(service) + `.querySelector("a")`)
	rename(service, "after")
	p.until(entryOf(service) + `.querySelector(".name").textContent === "after" && document.querySelector("[data-testid=service-name]").value === "after"`)
	rename(session, "my run")
	p.until(entryOf(session) + `.querySelector(".name").textContent === "my run"`)
	p.visit(s.URL + "/history")
	p.until(entryOf(session) + `?.querySelector(".name").textContent === "my run"`)
}

// A double click renames an entry, open or not: its page is opened, and the name is a field.
func TestDoubleClickRenamesAnyEntry(t *testing.T) {
	t.Parallel()
	s := start(t, t.TempDir())
	p := browse(t, 1440, 900)
	service := s.saves("one", "")
	session := s.open(object{"service": service})
	for _, entry := range []struct{ id, path, from string }{
		{service, "/services/" + service, "/services/" + service}, // open already
		{service, "/services/" + service, "/history"},
		{session, "/sessions/" + session, "/history"},
	} {
		for _, when := range []string{"at once", "on the next page"} {
			name := fmt.Sprintf("%s from %s %s", entry.path[1:9], entry.from[1:8], when)
			p.visit(s.URL + entry.from)
			p.until(entryOf(entry.id) + ` !== null && document.querySelector("#sessions").dataset.stale === "false"`)
			x, y := p.across(fmt.Sprintf(`#sidebar [data-id="%s"] .name`, entry.id), 20)
			switch {
			case entry.from == entry.path:
				p.pressAt(x, y, 2)
			case when == "at once": // in one task, before the page is left
				p.eval(fmt.Sprintf(`[["click", 1], ["click", 2], ["dblclick", 2]].forEach(([type, detail]) => document.elementFromPoint(%[1]f, %[2]f)
					.dispatchEvent(new MouseEvent(type, {bubbles: true, cancelable: true, view: window, clientX: %[1]f, clientY: %[2]f, detail})))`, x, y))
			default:
				p.pressAt(x, y, 1)
				p.until(`location.pathname === "` + entry.path + `" && document.querySelector(".side-lists") !== null`)
				p.eval(fmt.Sprintf("sessionStorage.setItem('duplex.pressed', Date.now() + 400 + ' %s')", entry.path)) // however slow the test is
				p.pressAt(x, y, 2)
			}
			p.until(`location.pathname === "` + entry.path + `" && document.activeElement.dataset.testid === "rename-entry"`)
			p.settle()
			if !p.is(entryOf(entry.id) + `.contains(document.activeElement)`) {
				t.Fatalf("%s: the field is gone, or another entry's", name)
			}
			p.do(chromedp.KeyEvent(name), chromedp.KeyEvent(kb.Enter))
			p.until(fmt.Sprintf(`%s.querySelector(".name").textContent === %q`, entryOf(entry.id), name))
		}
	}
}

func TestMenusOfTheListOpenByPointerAndByKeys(t *testing.T) {
	t.Parallel()
	s := start(t, t.TempDir())
	p := browse(t, 1440, 900)
	p.allowClipboard()
	service := s.saves("listed", "")
	session := s.open(object{"service": service})
	p.visit(s.URL + "/history")
	p.until(entryOf(session) + ` !== null`)
	s.send(session, "text", []byte("news"))
	p.until(sessionLink(session) + `.querySelector(".unread") !== null`)
	x, y := p.across(fmt.Sprintf(`#sessions [data-id="%s"]`, session), 40)
	p.mouse(input.DispatchMouseEventTypeMouseMoved, input.MouseButtonNone, x, y)
	p.mouse(input.DispatchMouseEventTypeMousePressed, input.MouseButtonRight, x, y)
	p.mouse(input.DispatchMouseEventTypeMouseReleased, input.MouseButtonRight, x, y)
	p.until(`document.querySelector("[data-testid=menu]") !== null`)
	names := `[...document.querySelectorAll("[data-testid=menu] .pop-name")].map((name) => name.textContent).join("|")`
	if got, want := p.eval(names), "Open|Open in a new tab|Copy link|Mark as read|Rename…|Disconnect"; got != want {
		t.Errorf("the menu of a session has %s", got)
	}
	p.do(chromedp.KeyEvent(kb.Escape))
	p.chooseIn(session, "Mark as read")
	p.until(sessionLink(session) + `.querySelector(".unread") === null`)
	p.chooseIn(session, "Copy link")
	p.untilText("toast", "Link copied")

	p.until(entryOf(service) + ` !== null`)
	p.eval(entryOf(service) + `.querySelector("a").focus()`)
	p.do(chromedp.KeyEvent(kb.F10, chromedp.KeyModifiers(chromedp.ModifierShift)))
	p.until(`document.querySelector("[data-testid=menu]") !== null`)
	if got, want := p.eval(names), "Connect|Open in a new tab|Duplicate|Copy as wscat|Rename…|Move to folder…|Delete…"; got != want {
		t.Errorf("the menu of a service has %s", got)
	}
	p.do(chromedp.KeyEvent(kb.Escape))
	p.until(`document.activeElement === ` + entryOf(service) + `.querySelector("a")`)
	p.chooseIn(service, "Copy as wscat")
	p.untilText("toast", "Command copied")
	if got, want := p.await(`navigator.clipboard.readText()`), "wscat -c "+s.demo("echo", "none").Address; got != want {
		t.Errorf("copied %s", got)
	}

	// Disconnecting can be taken back for a while.
	p.chooseIn(session, "Disconnect")
	p.untilText("toast", "Disconnected from listed")
	s.awaitClosed(session)
	p.click("toast-action")
	p.until(`location.pathname.startsWith("/sessions/") && location.pathname !== "/sessions/` + session + `"`)
	p.untilOpen()

	p.chooseIn(service, "Duplicate")
	p.until(`document.querySelector("[data-testid=service-name]")?.value === "listed copy"`)
	p.ready()
	p.chooseIn(service, "Delete…")
	p.click("confirm-yes")
	p.untilText("toast", "Deleted listed")
	p.until(entryOf(service) + ` === null`)
}

// A session that ends leaves the list; one that ends with an error stays until it is seen.
func TestFailedSessionStaysInTheListUntilItIsSeen(t *testing.T) {
	t.Parallel()
	s := start(t, t.TempDir())
	p := browse(t, 1440, 900)
	p.visit(s.URL + "/history")
	p.until(`document.querySelector("#sessions").dataset.stale === "false"`)
	fails := s.open(object{"service": s.demo("close", "none").ID})
	ends := s.open(object{"service": s.demo("echo", "none").ID})
	p.until(entryOf(fails) + ` !== null && ` + entryOf(ends) + ` !== null`)
	s.send(fails, "text", []byte("go"))
	s.awaitClosed(fails)
	s.call(http.MethodPost, "/api/sessions/"+ends+"/close", object{"code": 1000}, nil)
	s.awaitClosed(ends)
	p.until(entryOf(ends) + ` === null && ` + entryOf(fails) + `.dataset.failed === "true"`)
	p.do(chromedp.Reload())
	p.until(entryOf(fails) + `?.checkVisibility()`)
	p.follow(sessionLink(fails), "/sessions/"+fails)
	p.until(entryOf(fails) + `?.checkVisibility()`)
	p.until(`JSON.parse(localStorage.getItem("duplex.seen")).includes("` + fails + `")`)
	p.visit(s.URL + "/history")
	p.until(entryOf(fails) + ` === null`)
}

func TestListIsADrawerInANarrowWindow(t *testing.T) {
	t.Parallel()
	s := start(t, t.TempDir())
	p := browse(t, 900, 700)
	p.visit(s.URL + "/services/" + s.demo("echo", "none").ID)
	p.ready()
	shown := `document.querySelector("#sidebar").checkVisibility({visibilityProperty: true})`
	p.until(`!(` + shown + `)`)
	open := func() {
		p.click("drawer-open")
		p.until(shown + ` && document.activeElement.id === "drawer-close" && document.querySelector("#sidebar").getBoundingClientRect().left === 0`)
	}
	open()
	for range 60 {
		p.do(chromedp.KeyEvent(kb.Tab))
		if !p.is(`document.activeElement === document.body || document.querySelector("#sidebar").contains(document.activeElement)`) {
			t.Fatal("the focus left the drawer")
		}
	}
	p.do(chromedp.KeyEvent(kb.Escape))
	p.until(`!(` + shown + `) && document.activeElement.id === "drawer-open"`)
	open()
	p.pressAt(700, 400, 1)
	p.until(`!(` + shown + `)`)
	open()
	p.click("drawer-close")
	p.until(`!(` + shown + `)`)
}

func TestWidthOfTheListIsKept(t *testing.T) {
	t.Parallel()
	s := start(t, t.TempDir())
	p := browse(t, 1440, 900)
	p.visit(s.URL + "/history")
	width := func(want string) {
		t.Helper()
		p.until(`String(document.querySelector("#sidebar").getBoundingClientRect().width) === "` + want + `"`)
	}
	width("264")
	p.until(`document.querySelector("#sessions").dataset.stale === "false"`)
	x, y := p.across("#side-grip", 50)
	p.mouse(input.DispatchMouseEventTypeMouseMoved, input.MouseButtonNone, x, y)
	p.mouse(input.DispatchMouseEventTypeMousePressed, input.MouseButtonLeft, x, y)
	p.mouse(input.DispatchMouseEventTypeMouseMoved, input.MouseButtonLeft, x+50, y)
	width("314")
	p.mouse(input.DispatchMouseEventTypeMouseMoved, input.MouseButtonLeft, x+400, y)
	width("420")
	p.mouse(input.DispatchMouseEventTypeMouseReleased, input.MouseButtonLeft, x+400, y)
	p.do(chromedp.Reload())
	width("420")
	p.until(`document.querySelector("#sessions").dataset.stale === "false"`)
	p.eval(`document.querySelector("#side-grip").focus()`)
	p.do(chromedp.KeyEvent(kb.Home))
	width("200")
	x, y = p.across("#side-grip", 50)
	p.pressAt(x, y, 2)
	width("264")
	p.do(chromedp.Reload())
	width("264")
}

// The folder of the demo lists what a newcomer tries; the other services are behind its menu.
func TestDemoListsFiveServicesAndKeepsItsSamplesBehind(t *testing.T) {
	t.Parallel()
	s := start(t, t.TempDir())
	p := browse(t, 1440, 900)
	p.visit(s.URL + "/history")
	demo := `document.querySelector("#side-folders [data-role=demo]")`
	p.until(demo + `?.querySelector(".folder-head[aria-expanded=false]") != null`)
	if got := p.eval(`[...` + demo + `.querySelectorAll(".service .name")].map((name) => name.textContent).join("|")`); got != "Chat|Speech|Echo|Large message|Failing service" {
		t.Errorf("the demo lists %s", got)
	}
	p.until(`document.querySelector("#sessions").dataset.stale === "false"`)
	p.eval(demo + `.querySelector(".more").click()`)
	p.until(`document.querySelector("[data-testid=menu]") !== null`)
	p.eval(`document.querySelector("[data-testid=menu] [role=menuitem]").click()`)
	p.until(`document.querySelector("[data-testid=samples]")?.open`)
	all := len(s.services())
	p.until(fmt.Sprintf(`document.querySelectorAll("[data-testid=sample]").length === %d`, all-5))
	bearer := s.demo("echo", "bearer").ID
	p.eval(fmt.Sprintf(`document.querySelector('[data-testid=sample][data-id="%s"]').click()`, bearer))
	p.arrive("/services/" + bearer)
}
