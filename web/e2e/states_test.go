//go:build e2e

package e2e

import (
	"encoding/json"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"duplex/bridge/testkit"
)

// states returns the states of the page that must have no barriers and no violations of
// its policy.
func states() []scene {
	tab := func(name string) scene {
		return scene{"tab " + name, func(p *page, s *server) {
			p.visit(s.URL + "/services/" + s.demo("echo", "aksk").ID)
			p.ready()
			p.opensTab(name)
		}}
	}
	visit := func(name, path string) scene {
		return scene{name, func(p *page, s *server) { p.visit(s.URL + path) }}
	}
	return append(turnScenes(), []scene{
		visit("home", "/"), visit("new service", "/services/new"),
		tab("timing"), tab("params"), tab("headers"), tab("auth"), tab("settings"),
		{"live session", func(p *page, s *server) {
			p.visit(s.URL + "/services/" + s.demo("echo", "none").ID)
			p.dial()
			p.compose("json", `{"a": [1, "two", null]}`)
			p.sent(3)
			p.openRow(3)
		}},
		{"share panel", func(p *page, s *server) {
			p.visit(s.URL + "/services/" + s.demo("echo", "none").ID)
			p.dial()
			p.click("share")
			p.until(`document.querySelector("[data-testid=share-viewers]").children.length === 1`)
		}},
		{"where a secret may go", func(p *page, s *server) {
			p.visit(s.URL + "/services/" + s.demo("echo", "bearer").ID)
			p.ready()
			p.opensTab("auth")
			p.click("auth-token-bind")
		}},
		{"saved messages", savedMessages},
		{"menu of a saved message", func(p *page, s *server) {
			savedMessages(p, s)
			p.eval(`document.querySelector("[data-testid=saved-more]").click()`)
			p.until(`document.activeElement.getAttribute("role") === "menuitem"`)
		}},
		{"saving a message", func(p *page, s *server) {
			p.visit(s.URL + "/services/" + s.demo("echo", "none").ID)
			p.ready()
			p.openSaved(2)
			p.click("saved-keep")
			p.until(`document.activeElement?.dataset.testid === "saved-name"`)
			p.put("saved-name", strings.Repeat("n", 101))
		}},
		{"service without saved messages", func(p *page, s *server) {
			p.visit(s.URL + "/connect")
			p.ready()
			p.click("saved")
			p.until(`document.querySelector("[data-testid=saved-note]").textContent !== ""`)
		}},
		{"row under the pointer", func(p *page, s *server) {
			p.visit(s.URL + "/services/" + s.demo("echo", "none").ID)
			p.dial()
			p.untilCount(1)
			p.until(`document.querySelector('` + rowOf(1) + `') !== null`)
			p.hover(rowOf(1))
			p.until(`document.querySelector(".row-tools") !== null`)
		}},
		{"menu of a row", func(p *page, _ *server) {
			p.rightClick(rowOf(1))
			p.until(`document.activeElement.getAttribute("role") === "menuitem"`)
		}},
		{"long message", func(p *page, s *server) {
			p.visit(s.URL + "/services/" + s.demo("echo", "none").ID)
			p.ready()
			p.drop("[data-testid=composer]", file(p.t, "long.txt", []byte(strings.Repeat("long ", 300_000))))
			p.untilText("attached", "long.txt")
		}},
		{"mistakes", func(p *page, s *server) {
			p.visit(s.URL + "/connect")
			p.fill("address", "ftp://host/path")
			p.click("save")
			p.click("connect")
			p.until(`document.querySelectorAll("[aria-invalid=true]").length === 2`)
		}},
		{"failed connect", func(p *page, s *server) {
			p.visit(s.URL + "/connect")
			p.fill("address", demoHost(s)+"/v1/infers/nothing/ws")
			p.click("connect")
			p.until(`!document.querySelector("[data-testid=diagnosis]").hidden`)
		}},
		{"refused token that can be pasted anew", func(p *page, s *server) {
			p.visit(s.URL + "/services/" + s.refusedToken())
			p.until(composerBuilt)
			p.click("connect")
			p.until(`document.querySelector("[data-testid=paste-secret]")?.checkVisibility()`)
		}},
		{"connecting", func(p *page, s *server) {
			p.visit(s.URL + "/connect")
			p.fill("address", mute(p.t)+"/v1/infers/nothing/ws")
			p.click("connect")
			p.until(`document.querySelector("[data-testid=live-steps] [data-state=started]") !== null`)
		}},
		{"quiet connection", func(p *page, s *server) {
			p.visit(s.URL + "/services/" + s.demo("echo", "none").ID)
			p.dial()
			p.until(`document.querySelector("[data-testid=send-example]").checkVisibility()`)
		}},
		{"what a prompt becomes", func(p *page, s *server) {
			p.visit(s.URL + "/services/" + s.demo("stream", "none").ID)
			p.dial()
			p.until(`document.querySelector("[data-testid=send-example]").checkVisibility()`)
			if p.is(`document.querySelector("[data-testid=turns-empty]").checkVisibility()`) {
				p.t.Error("two sentences say that nothing came")
			}
			if p.is(`!document.querySelector("[data-testid=prompt-sends]").checkVisibility()`) {
				return // a narrow composer has no room for it
			}
			p.click("prompt-sends")
			p.until(`document.querySelector("[data-testid=send-preview]").matches(":popover-open")`)
		}},
		{"failed connect again", func(p *page, s *server) {
			p.visit(s.URL + "/connect")
			p.fill("address", demoHost(s)+"/v1/infers/nothing/ws")
			p.click("connect")
			p.until(`!document.querySelector("[data-testid=diagnosis]").hidden`)
		}},
		{"failed connect folded", func(p *page, _ *server) {
			p.do(chromedp.KeyEvent(kb.Escape))
			p.until(lineShown)
		}},
		{"menu of a session", func(p *page, s *server) {
			session := s.said("none", "one")
			p.visit(s.URL + "/sessions/" + session)
			p.until(sessionLink(session) + `?.parentElement.querySelector("[data-testid=session-more]") != null`)
			p.opensSideList()
			p.eval(sessionLink(session) + `.parentElement.querySelector("[data-testid=session-more]").click()`)
			p.until(`document.activeElement.getAttribute("role") === "menuitem"`)
		}},
		{"log searched and gone through", func(p *page, s *server) {
			session := s.said("none", "one needle", "two")
			p.visit(s.URL + "/sessions/" + session + "?q=needle")
			p.until(`document.querySelector("[data-testid=row] mark:not([hidden])") !== null`)
			p.goTo("nowhere")
			p.until(`document.querySelector("[data-testid=goto-note]").textContent !== ""`)
		}},
		{"history searched", func(p *page, s *server) {
			p.visit(s.URL + "/history?q=needle&in=messages")
			p.until(`document.querySelector("[data-testid=found-hit]") !== null`)
		}},
		{"history selected", func(p *page, s *server) {
			p.visit(s.URL + "/history")
			p.until(`document.querySelector("[data-testid=history-select]") !== null`)
			p.click("history-select")
			p.click("filter-days")
			p.until(`document.querySelector(".filter-menu[open]") !== null && !document.querySelector("[data-testid=bulk]").hidden`)
		}},
		visit("history", "/history"), visit("audit log", "/audit"), visit("settings page", "/settings"), visit("account", "/account"),
		visit("identity", "/settings/identity"), visit("signed out", "/signed-out"), visit("problem", "/sessions/nothing-here"),
		{"languages", func(p *page, s *server) {
			p.visit(s.URL + "/history")
			p.opensSideList()
			p.click("language")
			p.until(`document.querySelector("details.menu[open]") !== null`)
		}},
		{"commands", func(p *page, s *server) {
			p.visit(s.URL + "/services/" + s.demo("echo", "none").ID)
			p.ready()
			p.ctrl("k")
			p.until(`document.querySelector("[data-testid=commands]")?.open && document.querySelector("#command-list [aria-selected=true]") !== null`)
		}},
		{"shortcuts", func(p *page, s *server) {
			p.visit(s.URL + "/history")
			p.do(chromedp.KeyEvent("?"))
			p.until(`document.querySelector("[data-testid=shortcuts]")?.open`)
		}},
	}...)
}

// savedMessages opens the list of a service that has two.
func savedMessages(p *page, s *server) {
	service := s.demo("echo", "none").ID
	if len(s.saved(service)) == 0 {
		s.keep(service, "", "ping", "text", []byte("ping"))
		s.keep(service, "Prompts", "poem", "json", []byte("{}"))
	}
	p.visit(s.URL + "/services/" + service)
	p.ready()
	p.openSaved(2)
}

// Every state of the page keeps to the page's own policy, in every language and at every
// width. At the usual width it has no barrier that axe knows: in light in English, by its
// colours in dark in Chinese, and in full in both themes. In Chinese no English is left and
// all controls have room for their text. On a phone nothing scrolls sideways: the states in
// English are narrowed once they are reached, and in full walked at 900 and 390 as well.
func TestEveryStateIsCleanAndAccessibleInEnglish(t *testing.T) {
	t.Parallel()
	walkStates(t, "en", 1440)
}

func TestEveryStateIsCleanAndAccessibleInChinese(t *testing.T) {
	t.Parallel()
	walkStates(t, "zh", 1440)
}

func TestEveryStateIsTranslatedWhereItIsNarrower(t *testing.T) {
	t.Parallel()
	if !testkit.Full() {
		t.Skip("in full alone: Chinese is walked at 1440, and what is narrow at 390")
	}
	walkStates(t, "zh", 900)
}

func TestEveryStateFitsAPhone(t *testing.T) {
	t.Parallel()
	if !testkit.Full() {
		t.Skip("in full alone: states reached at 1440 are narrowed")
	}
	walkStates(t, "en", phone)
}

func walkStates(t *testing.T, language string, width int) {
	t.Helper()
	source, err := os.ReadFile(filepath.Join("..", "..", "static", "node_modules", "axe-core", "axe.min.js"))
	if err != nil {
		t.Fatal(err)
	}
	sentences := englishSentences(t)
	s := start(t, t.TempDir())
	p := browse(t, width, 900)
	p.reads(language)
	p.onEveryPage(`window.violations = []; document.addEventListener("securitypolicyviolation", (v) => violations.push([v.effectiveDirective, v.blockedURI, v.sample, v.sourceFile, v.lineNumber, v.columnNumber].join(" ")))`)
	isDark := language == "zh" && width == 1440
	p.dark(isDark)
	seen, violations := 0, 0
	for _, state := range states() {
		t.Run(state.name, func(t *testing.T) { // one that fails does not hide the next
			whole := p.t
			p.t, s.t = t, t
			defer func() { p.t, s.t = whole, whole }()
			state.set(p, s)
			p.settle()
			seen++
			if found := p.eval(`violations.join("\n")`); found != "" {
				violations++
				t.Errorf("violations of the policy:\n%s", found)
			}
			if language == "zh" {
				p.checkChinese(t, state.name, sentences)
			}
			if width == 1440 {
				p.checkBarriers(t, state.name, string(source), isDark)
			}
			if language == "en" {
				p.checkPhone(t, width)
			}
		})
	}
	testkit.AtLeast(t, "browser", "states of the page, in each language", float64(seen), float64(len(states())), "")
	testkit.AtMost(t, "browser", "violations of the page's policy in them", float64(violations), 0, "")
}

// phone is the width of a phone, in px.
const phone = 390

// checkPhone demands that on a phone nothing scrolls sideways, and gives the window its width
// back.
func (p *page) checkPhone(t *testing.T, width int) {
	t.Helper()
	p.do(chromedp.EmulateViewport(phone, 900))
	defer p.do(chromedp.EmulateViewport(int64(width), 900))
	p.settle()
	if found := p.eval(sideways); found != "" {
		t.Errorf("scrolls sideways:\n%s", found)
	}
}

// sideways lists the page and its parts where they are wider than their place. What is
// written in code keeps its lines and may scroll.
const sideways = `[...document.querySelectorAll("*")].filter((e) => e.checkVisibility() && !e.matches("pre, .cm-scroller") &&
		(e === document.documentElement || e.matches("body, main") || ["auto", "scroll"].includes(getComputedStyle(e).overflowX)) &&
		e.scrollWidth > Math.min(innerWidth, e.clientWidth))
	.map((e) => e.scrollWidth + " px in " + e.clientWidth + ": " + e.cloneNode().outerHTML).join("\n")`

// checkBarriers lets axe search the page in its theme, the dark one for its colours alone. In
// full it applies all rules and searches the other theme as well.
func (p *page) checkBarriers(t *testing.T, state, axe string, isDark bool) {
	t.Helper()
	if p.is(`window.axe === undefined`) {
		p.await("(async () => {" + axe + `; return "" })()`)
	}
	rules := allRules
	if isDark && !testkit.Full() {
		rules = rulesOfColour
	}
	if found := p.barriers(rules); found != "" {
		t.Errorf("%s (dark: %v): barriers:\n%s", state, isDark, found)
	}
	if testkit.Full() {
		p.dark(!isDark)
		defer p.dark(isDark)
		if found := p.barriers(rulesOfColour); found != "" {
			t.Errorf("%s (dark: %v): barriers:\n%s", state, !isDark, found)
		}
	}
}

// opensTab opens a tab of the console; where it is narrow a menu stands for the tabs.
func (p *page) opensTab(name string) {
	p.t.Helper()
	p.until(`((tab) => tab?.getAttribute("aria-selected") === "true" || tab?.click())(document.querySelector("[data-testid=tab-` + name + `]")) === true`)
}

// opensSideList opens the side list where it is narrow; elsewhere it is always shown.
func (p *page) opensSideList() {
	p.t.Helper()
	if p.is(`document.querySelector("[data-testid=drawer-open]").checkVisibility()`) {
		p.click("drawer-open")
		p.until(`document.querySelector("#sidebar").getBoundingClientRect().left === 0 && document.querySelector("#sidebar").contains(document.activeElement)`)
	}
}

// refusedToken returns a service whose token its gateway refuses.
func (s *server) refusedToken() string {
	s.t.Helper()
	for _, known := range s.services() {
		if known.Name == "refused token" {
			return known.ID
		}
	}
	var saved service
	s.call(http.MethodPost, "/api/services", object{"name": "refused token", "address": s.demo("echo", "token").Address, "credential": object{"kind": "token", "token": "no-token-of-anybody"}}, &saved)
	return saved.ID
}

// Rules of axe: all of them, and those that can find something new in the other theme of a page.
const (
	allRules      = `null`
	rulesOfColour = `["color-contrast", "link-in-text-block"]`
)

// barriers returns the violations of rules that axe, loaded before, finds in the theme that the
// page has.
func (p *page) barriers(rules string) string {
	p.t.Helper()
	return p.await(`axe.run({resultTypes: ["violations"], ...(` + rules + ` && {runOnly: ` + rules + `})}).then((r) => r.violations.map((v) => v.id + " " + v.nodes.map((n) => n.html + " " + n.failureSummary).join("; ")).join("\n"))`)
}

// barriersIn searches a theme: light for all, dark for its colours.
func (p *page) barriersIn(dark bool) string {
	p.t.Helper()
	p.dark(dark)
	if dark {
		return p.barriers(rulesOfColour)
	}
	return p.barriers(allRules)
}

// englishSentences returns the sentences that a Chinese page must not hold, by key, as
// expressions that match them with any values in their places.
func englishSentences(t *testing.T) map[string]*regexp.Regexp {
	t.Helper()
	files, err := filepath.Glob(filepath.Join("..", "..", "views", "text", "en", "*.json"))
	if err != nil || len(files) == 0 {
		t.Fatal(files, err)
	}
	number, placeholder := regexp.MustCompile(`\\\{(count|n)\\\}`), regexp.MustCompile(`\\\{[a-z_]+\\\}`)
	out := map[string]*regexp.Regexp{}
	for _, file := range files {
		ours, theirs := sentencesOf(t, file), sentencesOf(t, strings.Replace(file, "/en/", "/zh/", 1))
		for key, sentence := range ours {
			words := regexp.MustCompile(`[A-Za-z]{3}`).MatchString(placeholder.ReplaceAllString(regexp.QuoteMeta(sentence), ""))
			if words && sentence != theirs[key] && !strings.HasPrefix(key, "language.") {
				numbered := number.ReplaceAllString(regexp.QuoteMeta(sentence), `.*[0-9].*`)
				out[key] = regexp.MustCompile(`^` + placeholder.ReplaceAllString(numbered, `.+`) + `$`)
			}
		}
	}
	return out
}

func sentencesOf(t *testing.T, file string) map[string]string {
	t.Helper()
	raw, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var out map[string]string
	if err := json.Unmarshal(raw, &out); err != nil {
		t.Fatal(err)
	}
	return out
}

// ownTexts lists the texts of the page that Duplex wrote, visible or for screen readers:
// no messages, headers, names or parts that are marked as another language.
const ownTexts = `(() => {
	const out = new Set([document.title])
	const foreign = "script, style, pre, [lang]:not(html), .cm-content, .log-preview, .detail-body, .facts-list.mono, .links .name:not(.sidebar-foot *), [data-testid=segment-words], .grew > dd, [data-testid=turn-text], .turn-row > .gist"
	const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT | NodeFilter.SHOW_ELEMENT)
	while (walker.nextNode()) {
		const node = walker.currentNode
		if ((node.parentElement ?? node).closest(foreign)) continue
		const texts = node instanceof Text ? [node.data] : ["aria-label", "title", "placeholder", "alt"].map((name) => node.getAttribute(name))
		for (const text of texts) if (text?.trim()) out.add(text.trim())
	}
	return JSON.stringify([...out])
})()`

// clippedControls lists the controls that are too small for their text.
const clippedControls = `[...document.querySelectorAll(".button, [role=tab], .segments label, .segments button, .switch button, summary, .kind")]
	.filter((e) => e.checkVisibility() && (e.scrollWidth > e.clientWidth + 1 || e.scrollHeight > e.clientHeight + 1)).map((e) => e.outerHTML).join("\n")`

// checkChinese checks a page that is to be Chinese: none of the English sentences is on
// it, and the text of each control fits.
func (p *page) checkChinese(t *testing.T, state string, sentences map[string]*regexp.Regexp) {
	t.Helper()
	p.untilLanguage("zh-CN")
	var texts []string
	if err := json.Unmarshal([]byte(p.eval(ownTexts)), &texts); err != nil {
		t.Fatal(err)
	}
	for _, text := range texts {
		for key, sentence := range sentences {
			if sentence.MatchString(text) {
				t.Errorf("%s: %q is %s in English", state, text, key)
			}
		}
	}
	if found := p.eval(clippedControls); found != "" {
		t.Errorf("%s: no room for\n%s", state, found)
	}
	t.Logf("%s: %d texts", state, len(texts))
}
