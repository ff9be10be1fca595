package views

import (
	"encoding/json"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/PuerkitoBio/goquery"
	"github.com/a-h/templ"
	"github.com/google/go-cmp/cmp"

	"duplex/views/text"
)

// testShell fails the test for a key without a sentence.
func testShell(t *testing.T) Shell {
	t.Helper()
	catalogue, err := text.Load("en")
	if err != nil {
		t.Fatal(err)
	}
	return Shell{
		Title: "Duplex", Nonce: "n", Language: "en", Sentences: "/assets/text-en.js", User: "li.wei", Path: "/history", Place: "/history?a=1",
		Languages: []Language{{Name: "en", Tag: "en", Title: "English", Chosen: true}, {Name: "zh", Tag: "zh-CN", Title: "简体中文"}},
		Assets:    map[string]string{"app.js": "/assets/app.js", "console.js": "/assets/console.js", "style.css": "/assets/style.css", "icons.svg": "/assets/icons.svg"},
		Say: func(key string) string {
			if !catalogue.Has(key) {
				t.Errorf("no sentence for %q", key)
			}
			return catalogue.Say(key, nil)
		},
		Count: catalogue.Count,
	}
}

func render(t *testing.T, component templ.Component) *goquery.Document {
	t.Helper()
	var page strings.Builder
	if err := component.Render(t.Context(), &page); err != nil {
		t.Fatal(err)
	}
	document, err := goquery.NewDocumentFromReader(strings.NewReader(page.String()))
	if err != nil {
		t.Fatal(err)
	}
	return document
}

var kinds = []string{
	"none", "token", "iam_password", "api_key", "aksk", "app_code", "app_key", "app_signature",
	"bearer", "basic", "header", "query", "sigv4",
}

func links() ServiceList {
	var out []ServiceLink
	for _, kind := range kinds {
		out = append(out, ServiceLink{ID: kind, Name: "S " + kind, Kind: kind})
	}
	demo := ServiceLink{ID: "d", Name: "Demo · token stream", Kind: "none", Demo: "stream", Selected: true}
	return ServiceList{Folders: []ServiceFolder{{Name: "Kinds", MayChange: true, Services: out}}, Demo: []ServiceLink{demo}, History: 1204}
}

func sessionLinks() []SessionLink {
	var out []SessionLink
	for _, state := range []string{"connecting", "open", "closing", "closed"} {
		out = append(out, SessionLink{ID: state, Name: state, State: state})
	}
	return out
}

func TestConsoleCarriesTheIdsThatTestsAndScriptsRelyOn(t *testing.T) {
	boot := map[string]string{"name": "</script><b>"}
	page := render(t, Console(ConsoleModel{Shell: testShell(t), Services: links(), Sessions: sessionLinks(), Boot: boot}))
	for _, id := range []string{
		"address", "connect", "disconnect", "reconnect", "status", "composer", "log", "detail", "diagnosis",
		"viewers", "share", "export", "save", "service-name",
		"tab-turns", "tab-messages", "tab-timing", "tab-params", "tab-headers", "tab-auth", "tab-settings",
	} {
		if n := page.Find(`[data-testid="` + id + `"]`).Length(); n != 1 {
			t.Errorf("%s stands %d times on the page", id, n)
		}
	}
	var got map[string]string
	if err := json.Unmarshal([]byte(page.Find("#boot").Text()), &got); err != nil || got["name"] != boot["name"] {
		t.Errorf("boot: %v %v", got, err)
	}
}

func TestSideListMarksWhatIsOpenAndShortensDemoNames(t *testing.T) {
	page := render(t, Console(ConsoleModel{Shell: testShell(t), Services: links(), Sessions: sessionLinks()}))
	open := page.Find(`[data-testid="service-link"][aria-current="page"]`)
	if id, _ := open.Attr("data-id"); id != "d" || open.Find(".name").Text() != "Chat" {
		t.Errorf("marked: %q %q", id, open.Find(".name").Text())
	}
	if got := page.Find(`[data-testid="folder"][data-folder="Kinds"] .n`).Text(); got != strconv.Itoa(len(kinds)) {
		t.Errorf("services in the folder: %q", got)
	}
	if got := page.Find(`[data-testid="history-total"]`).Text(); got != "1,204" {
		t.Errorf("sessions: %q", got)
	}
}

// static/test/sidebar.test.ts has the same table for the page's script.
func TestCredentialIsNamedInFewWords(t *testing.T) {
	for _, row := range []struct {
		kind string
		keys int
		want string
	}{{"none", 0, ""}, {"", 0, ""}, {"token", 1, "IAM token"}, {"dialect", 0, ""}, {"dialect", 1, "1 key"}, {"dialect", 2, "2 keys"}} {
		if got := credentialLabel(testShell(t), ServiceLink{Kind: row.kind, Keys: row.keys}); got != row.want {
			t.Errorf("%s with %d: %q, not %q", row.kind, row.keys, got, row.want)
		}
	}
}

// static/test/sidebar.test.ts has the same table for the page's script.
func TestAddressKeepsItsEnd(t *testing.T) {
	for address, want := range map[string][2]string{
		"wss://host.example/v1/infers/8f2c0d/v1/realtime": {"host.example/v1/infers/8f2c0d", "/v1/realtime"},
		"wss://host.example/api/v3/sauc/bigmodel_async":   {"host.example/api/v3/sauc", "/bigmodel_async"},
		"wss://host.example/v1/realtime?model=a/b":        {"host.example", "/v1/realtime"},
		"wss://host.example/":                             {"host.example", ""},
		"ws://127.0.0.1:9101/echo":                        {"127.0.0.1:9101", "/echo"},
		"{{host}}/a/b/":                                   {"{{host}}", "/a/b"},
	} {
		if head, tail := splitAddress(address); head != want[0] || tail != want[1] {
			t.Errorf("%s: %q and %q", address, head, tail)
		}
	}
}

func TestNothingOnAPageNeedsAnInlineStyleOrScript(t *testing.T) {
	shell := testShell(t)
	for name, component := range map[string]templ.Component{
		"console":  Console(ConsoleModel{Shell: shell, Services: links(), Sessions: sessionLinks()}),
		"history":  History(HistoryModel{Shell: shell, Services: links(), Sessions: sessionLinks(), Days: historyOf(HistoryRow{ID: "1", State: "open"})}),
		"audit":    Audit(AuditModel{Shell: shell, Actions: []Choice{{"share", "Share"}}, Rows: []AuditRow{{Seq: 1}}, Older: "/audit?before=1"}),
		"settings": Settings(SettingsModel{Shell: shell, Rows: []SettingRow{{Name: "listen"}}}),
		"notice":   Notice(NoticeModel{Shell: shell, Name: "signed_out", Heading: "Out", Link: "/sign-in", LinkText: "In"}),
		"account":  Account(AccountModel{Shell: shell, Role: "member", RoleBy: "dev", Groups: []string{"dev"}, SignsOut: true}),
		"identity": Identity(IdentityModel{Shell: shell, Facts: []Fact{{"Mode", "oidc"}}, Refusals: []ArrivalRow{{Why: "why", Headers: []HeaderName{{"X", true}}}}, People: []PersonRow{{ID: "1"}}}),
		"problem":  Problem(ProblemModel{Shell: shell, Status: 404, Heading: "Not here", Hint: "Look elsewhere."}),
	} {
		page := render(t, component)
		if n := page.Find("[style], style").Length(); n != 0 {
			t.Errorf("%s: %d inline styles", name, n)
		}
		page.Find("script").Each(func(_ int, s *goquery.Selection) {
			if kind, _ := s.Attr("type"); kind != "application/json" && strings.TrimSpace(s.Text()) != "" {
				t.Errorf("%s: inline script %q", name, s.Text())
			}
		})
	}
}

func TestSentencesAreLoadedBeforeTheScriptThatSaysThem(t *testing.T) {
	var order []string
	render(t, Console(ConsoleModel{Shell: testShell(t)})).Find("script[src]").Each(func(_ int, s *goquery.Selection) {
		if _, waits := s.Attr("defer"); waits || s.AttrOr("type", "") == "module" { // these run in document order
			order = append(order, s.AttrOr("src", ""))
		}
	})
	if diff := cmp.Diff([]string{"/assets/text-en.js", "/assets/console.js"}, order); diff != "" {
		t.Error(diff)
	}
}

func TestEachLanguageIsOfferedInItself(t *testing.T) {
	shell := testShell(t)
	for name, page := range map[string]templ.Component{
		"foot of the side list": History(HistoryModel{Shell: shell}), "settings": Settings(SettingsModel{Shell: shell}),
	} {
		forms := render(t, page).Find(`form[method="post"][action="/language"]`)
		if back, _ := forms.Find(`input[name="back"]`).Attr("value"); back != shell.Place {
			t.Errorf("%s leads back to %q", name, back)
		}
		if got := forms.Last().Find(`button[name="language"][value="zh"][lang="zh-CN"][aria-current="false"]`).Text(); got != "简体中文" {
			t.Errorf("%s offers %q", name, got)
		}
		if got := forms.Last().Find(`button[aria-current="true"]`).Text(); got != "English" {
			t.Errorf("%s marks %q", name, got)
		}
	}
}

func TestPagesOfferWhatARoleMay(t *testing.T) {
	for role, want := range map[string][3]int{"viewer": {0, 0, 1}, "member": {0, 1, 0}, "admin": {1, 1, 0}} {
		shell := testShell(t)
		shell.Role = role
		page := render(t, Console(ConsoleModel{Shell: shell}))
		got := [3]int{
			page.Find(`a[href="/settings"]`).Length(), page.Find(`[data-testid="new-service"]`).Length(), page.Find(`[data-testid="role-note"]`).Length(),
		}
		if got != want {
			t.Errorf("%s: settings, new service and note stand %v times, want %v", role, got, want)
		}
	}
}

func TestNobodySignsThemselvesOutFromTheListOfPeople(t *testing.T) {
	page := render(t, Identity(IdentityModel{Shell: testShell(t), People: []PersonRow{{ID: "me", Self: true}, {ID: "x|ada", Name: "Ada"}}}))
	buttons := page.Find("[data-sign-out]")
	if id, _ := buttons.Attr("data-sign-out"); buttons.Length() != 1 || id != "x|ada" {
		t.Errorf("%d buttons, the first for %q", buttons.Length(), id)
	}
}

func historyOf(rows ...HistoryRow) []HistoryDay {
	return []HistoryDay{{Name: "Today", Full: "Sunday 29 November", Count: "9 sessions", Rows: rows}}
}

func TestHistoryLinksEverySessionAndShowsItsOutcome(t *testing.T) {
	page := render(t, History(HistoryModel{Shell: testShell(t), Days: historyOf(
		HistoryRow{ID: "a", Name: "ASR", State: "open", Outcome: "open", OpenedAt: time.Unix(0, 0), Lasted: Elapsed(72 * time.Second)},
		HistoryRow{ID: "b", State: "closed", Outcome: "1011, the model crashed", Failed: true, Pinned: true, OpenedAt: time.Unix(0, 0)},
	)}))
	rows := page.Find(`[data-testid="history-row"]`)
	if rows.Length() != 2 {
		t.Fatalf("%d rows", rows.Length())
	}
	if href, _ := rows.Eq(1).Find("a").Attr("href"); href != "/sessions/b" {
		t.Errorf("link: %q", href)
	}
	if got := strings.TrimSpace(rows.Eq(1).Find(".h-state").Text()); got != "1011, the model crashed" {
		t.Errorf("state: %q", got)
	}
	if got := rows.Eq(0).Find(".h-lasted").Text(); got != "01:12" {
		t.Errorf("lasted: %q", got)
	}
	if rows.Eq(0).Find(`[data-testid="history-pin"]`).Length() != 0 || rows.Eq(1).Find(`[data-testid="history-pin"]`).Length() != 1 {
		t.Error("the pinned row is not marked, or another is")
	}
	if link, _ := page.Find(`a[href="/history"]`).Attr("aria-current"); link != "page" {
		t.Errorf("own link is marked %q", link)
	}
}

func TestHistoryKeepsItsFormAndLeadsOn(t *testing.T) {
	m := HistoryModel{
		Shell: testShell(t), Services: links(), Days: historyOf(HistoryRow{ID: "a", State: "open"}, HistoryRow{ID: "b", State: "closed"}),
		Filter: HistoryFilter{Service: `a"b`, State: "broken", Regex: true, From: time.Date(2026, 11, 23, 14, 2, 59, 0, time.UTC)},
		Total:  "1,204 sessions", Older: "/history?before=b",
	}
	page := render(t, History(m))
	for id, want := range map[string]string{"history-service": `a"b`, "history-from": "2026-11-23T14:02", "history-to": ""} {
		if got, _ := page.Find(`[data-testid="` + id + `"]`).Attr("value"); got != want {
			t.Errorf("%s has the value %q", id, got)
		}
	}
	if got, _ := page.Find(`[name="state"][checked]`).Attr("value"); got != "broken" {
		t.Errorf("state: %q", got)
	}
	if page.Find(`[data-testid="history-regex"][checked]`).Length() != 1 || page.Find(`[data-testid="history-case"][checked]`).Length() != 0 {
		t.Error("the switches are not as they were")
	}
	if got := page.Find(`[data-testid="history-count"]`).Text(); got != "1,204 sessions" {
		t.Errorf("count: %q", got)
	}
	if page.Find(`[data-testid="history-older"]`).Length() != 1 || page.Find(`[data-testid="history-newer"]`).Length() != 0 {
		t.Error("the links to other pages are wrong")
	}
	m.Filter.Text = "needle"
	page = render(t, History(m))
	if page.Find("#history-list").Children().Length() != 0 || !strings.Contains(page.Find("noscript").Text(), "history-row") {
		t.Error("results have no place, or there is no list without script")
	}
}

func TestAuditLogLinksWhatCanBeLookedAt(t *testing.T) {
	page := render(t, Audit(AuditModel{
		Shell: testShell(t), Filter: map[string]string{"who": "li", "action": "share"}, Actions: []Choice{{"export", "Export"}, {"share", "Share"}},
		Chain: AuditChain{State: "broken", Text: "Entry 2 was edited.", Head: strings.Repeat("ab", 32)}, Export: "/api/audit?format=jsonl&who=li",
		Rows: []AuditRow{
			{Seq: 2, Session: "019ac-0001", HasLog: true, Service: "s", ServiceName: "ASR", Peer: "[2001:db8::1]:443"},
			{Seq: 1, Session: "019ac-0002", ServiceName: "gone", Peer: "192.0.2.1:443"},
		},
	}))
	rows := page.Find(`[data-testid="audit-row"]`)
	var links []string
	rows.Find("a").Each(func(_ int, a *goquery.Selection) { links = append(links, a.AttrOr("href", "")) })
	if got := strings.Join(links, " "); got != "/services/s /sessions/019ac-0001" {
		t.Errorf("links: %s", got)
	}
	if got := rows.Eq(0).Find("td").Last().Text() + " " + rows.Eq(1).Find("td").Last().Text(); got != "2001:db8::1 192.0.2.1" {
		t.Errorf("peers: %s", got)
	}
	chain := page.Find(`[data-testid="audit-chain"]`)
	if chain.AttrOr("data-state", "") != "broken" || chain.Find("code").Text() != "abababababab…" {
		t.Errorf("chain: %s", chain.Text())
	}
	who, action := page.Find("[name=who]").AttrOr("value", ""), page.Find("[name=action] [selected]").AttrOr("value", "")
	if who != "li" || action != "share" {
		t.Errorf("the form forgot %q %q", who, action)
	}
}

func TestAmountsAndDurationsAreFormatted(t *testing.T) {
	for d, want := range map[time.Duration]string{-time.Second: "00:00", 41 * time.Second: "00:41", 371 * time.Second: "06:11", 3725 * time.Second: "1:02:05"} {
		if got := Elapsed(d); got != want {
			t.Errorf("Elapsed(%v) = %q, want %q", d, got, want)
		}
	}
	for bytes, want := range map[int64]string{171: "171 B", 3200: "3.2 kB", 99_960: "100 kB", 999_600: "1.0 MB", 10_000_000_000: "10.0 GB"} {
		if got := Size(bytes); got != want {
			t.Errorf("Size(%d) = %q, want %q", bytes, got, want)
		}
	}
}

func TestNumbersReadAsPeopleReadThem(t *testing.T) {
	for n, want := range map[int64]string{0: "0", 999: "999", 1204: "1,204", 1234567: "1,234,567"} {
		if got := count(n); got != want {
			t.Errorf("count(%d) = %q", n, got)
		}
	}
	for name, want := range map[string]string{"ASR prod": "AP", "语音 识别": "语识", "x": "X", "": ""} {
		if got := initials(name); got != want {
			t.Errorf("initials(%q) = %q", name, got)
		}
	}
}
