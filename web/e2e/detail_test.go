//go:build e2e

package e2e

import (
	"bytes"
	"compress/gzip"
	"compress/zlib"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// payload is a message with the views that it should have, the first of which opens.
type payload struct {
	name, opcode string
	body         string
	views        string
	shows        string // of the first view
	notice       string
}

func fixture(t *testing.T, name string) string {
	t.Helper()
	raw, err := os.ReadFile(filepath.Join("..", "..", "static", "test", "testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	return string(raw)
}

func packed(t *testing.T, make func(io.Writer) io.WriteCloser, text string) string {
	t.Helper()
	var out bytes.Buffer
	w := make(&out)
	if _, err := io.WriteString(w, text); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

func gzipped(w io.Writer) io.WriteCloser { return gzip.NewWriter(w) }
func zlibbed(w io.Writer) io.WriteCloser { return zlib.NewWriter(w) }

// fields are Protocol Buffers of a number, a text and a message.
const fields = "\x08\x96\x01\x1a\x07testing\x22\x07\x0a\x05inner"

func payloads(t *testing.T) []payload {
	t.Helper()
	json := `{"list": [` + strings.Repeat(`{"serial": 12345678901234567890},`, 300) + `1]}`
	bomb := packed(t, gzipped, strings.Repeat("\x00", 40<<20))
	return []payload{
		{"json", "text", `{"big": 12345678901234567890, "twice": 1, "twice": 2}`, "pretty tree raw hex", "12345678901234567890", ""},
		{"json in binary", "binary", `{"a": 1.0}`, "pretty tree raw hex", "1.0", ""},
		{"json lines", "text", "{\"a\": 1}\n{\"b\": 2}\n", "pretty tree raw hex", `"b": 2`, ""},
		{"events", "text", "event: delta\ndata: {\"n\":[1,2]}\n\n", "pretty raw hex", `"n": [`, ""},
		{"xml", "text", `<?xml version="1.0"?><a><b>1</b></a>`, "pretty raw hex", "  <b>1</b>", ""},
		{"svg", "text", `<svg xmlns="http://www.w3.org/2000/svg"><rect width="9" height="9"/></svg>`, "pretty raw preview hex", "  <rect", ""},
		{"html", "text", "<!doctype html><div><p>hi</div>", "pretty raw preview hex", "  <p>hi", ""},
		{"text", "text", "x", "raw hex", "x", ""},
		{"not utf-8", "binary", "text\xff\xfe", "hex raw", "ff fe", ""},
		{"png", "binary", fixture(t, "test.png"), "preview hex raw", "61 × 43", ""},
		{"avif", "binary", fixture(t, "test.avif"), "preview hex raw", "61 × 43", ""},
		{"wav", "binary", fixture(t, "tone.wav"), "preview hex raw", "WAV, PCM · 16 kHz · mono · 16 bit · 0.25 s", ""},
		{"mp3", "binary", fixture(t, "tone.mp3"), "preview hex raw", "MP3 · 16 kHz", ""},
		{"ogg", "binary", fixture(t, "tone.ogg"), "preview hex raw", "Vorbis · 16 kHz", ""},
		{"flac", "binary", fixture(t, "tone.flac"), "preview hex raw", "FLAC · 16 kHz", ""},
		{"aac", "binary", fixture(t, "tone.aac"), "preview hex raw", "AAC · 16 kHz", ""},
		{"m4a", "binary", fixture(t, "tone.m4a"), "preview hex raw", "MP4, AAC · 16 kHz", ""},
		{"gzip of json", "binary", packed(t, gzipped, json), "pretty tree raw hex", `"serial": 12345678901234567890`, "→ 9.9 kB"},
		{"zlib of gzip of text", "binary", packed(t, zlibbed, packed(t, gzipped, "deep inside")), "raw hex", "deep inside", "gzip, "},
		{"gzip bomb", "binary", bomb, "hex raw", "1f 8b 08", "unpacking stopped at 33.6 MB"},
		{"gzip cut off", "binary", packed(t, gzipped, json)[:100], "raw hex", `{"list"`, "damaged"},
		{"protobuf", "binary", fields, "tree hex raw", `3: string "testing"`, "guess"},
		{"pdf", "binary", "%PDF-1.7\n\xe2\xe3\xcf\xd3", "hex raw", "25 50 44 46", "PDF document: download"},
		{"bytes", "binary", "\xff\xfe\xfd", "hex raw", "ff fe fd", ""},
		{"json with a mistake", "text", `{"a": 1,}`, "raw hex", `{"a": 1,}`, "ine 1, column 9"},
		{"empty", "text", "", "", "", "0 bytes"},
	}
}

// openBody scrolls to a message of the log and opens it.
func (p *page) openBody(seq int) {
	p.t.Helper()
	p.eval(fmt.Sprintf(`document.querySelector(".log-list").scrollTop = %d * 24 - 100`, seq))
	p.openRow(seq)
}

func (p *page) offered() string {
	p.t.Helper()
	return p.eval(`[...document.querySelectorAll("[data-testid=detail-view] [data-view]:not([aria-disabled=true])")].map((b) => b.dataset.view).join(" ")`)
}

// view chooses a view and waits for it.
func (p *page) view(name string) {
	p.t.Helper()
	p.eval(`document.querySelector("[data-testid=detail-view] [data-view=` + name + `]").click()`)
	p.until(`document.querySelector("[data-testid=detail-body]").dataset.view === "` + name + `" && document.querySelector("[data-testid=detail-body]").dataset.ready === "1"`)
}

func TestEveryKindOfPayloadOpensInItsBestView(t *testing.T) {
	t.Parallel()
	s := start(t, t.TempDir())
	p := browse(t, 1440, 900)
	session := s.open(object{"address": s.demo("echo", "none").Address})
	all := payloads(t)
	var seqs []int
	for _, v := range all {
		seqs = append(seqs, int(s.send(session, v.opcode, []byte(v.body))))
	}
	p.visit(s.URL + "/sessions/" + session)
	p.untilCount(1 + 2*len(all))
	for i, v := range all {
		t.Run(v.name, func(t *testing.T) {
			p.t = t
			p.openBody(seqs[i])
			p.until(fmt.Sprintf(`document.querySelector("[data-testid=detail-body]").innerText.includes(%q)`, v.shows))
			if notice := p.eval(`document.querySelector(".detail-notice").textContent`); !strings.Contains(notice, v.notice) || v.notice == "" && notice != "" {
				t.Errorf("the notice says %q", notice)
			}
			first, _, _ := strings.Cut(v.views, " ")
			if now := p.eval(`document.querySelector("[data-testid=detail-body]").dataset.view`); first != "" && now != first {
				t.Errorf("it opens in %s", now)
			}
			for _, view := range []string{"pretty", "tree", "raw", "hex", "preview"} {
				if is, should := strings.Contains(" "+p.offered()+" ", " "+view+" "), strings.Contains(" "+v.views+" ", " "+view+" "); is != should {
					t.Errorf("%s is offered: %v", view, is)
				} else if is {
					p.view(view)
				} else if why := p.eval(`document.querySelector("[data-view=` + view + `]").title`); len(why) < 20 {
					t.Errorf("no %s, and it says %q", view, why)
				}
			}
			if first != "" {
				p.view(first) // which is kept for the next of its kind
			}
			if link := p.eval(`document.querySelector("[data-testid=detail-download]").getAttribute("href")`); link != fmt.Sprintf("/api/sessions/%s/messages/%d", session, seqs[i]) {
				t.Errorf("the download leads to %s", link)
			}
		})
	}
	p.t = t
	if problems := p.unexpected("sandboxed", "about:srcdoc"); len(problems) > 0 {
		t.Errorf("the console says:\n%s", strings.Join(problems, "\n"))
	}
}

func TestSoundPlays(t *testing.T) {
	t.Parallel()
	s := start(t, t.TempDir())
	p := browse(t, 1440, 900)
	session := s.open(object{"address": s.demo("echo", "none").Address})
	p.visit(s.URL + "/sessions/" + session)
	for _, name := range []string{"tone.wav", "tone.mp3", "tone.ogg", "tone.opus", "tone.flac", "tone.aac", "tone.m4a"} {
		p.openRow(int(s.send(session, "binary", []byte(fixture(t, name)))))
		p.until(`document.querySelector("audio")?.readyState >= 1`)
		if length := p.eval(`document.querySelector("audio").duration >= 0.2`); length != "true" {
			t.Errorf("%s lasts %s s", name, p.eval(`document.querySelector("audio").duration`))
		}
	}
}

func TestHugeImageWaitsToBeAskedFor(t *testing.T) {
	t.Parallel()
	s := start(t, t.TempDir())
	p := browse(t, 1440, 900)
	session := s.open(object{"address": s.demo("echo", "none").Address})
	p.visit(s.URL + "/sessions/" + session)
	huge := []byte(fixture(t, "test.png"))
	copy(huge[16:], "\x00\x00\xc3\x50\x00\x00\xc3\x50")
	s.send(session, "binary", huge)
	p.openRow(3)
	p.until(`document.querySelector(".preview-media").textContent.includes("50,000 × 50,000")`)
	if p.eval(`document.querySelector("[data-testid=detail-body] img") === null`) != "true" {
		t.Error("it is drawn before anyone asked")
	}
	p.eval(`document.querySelector(".preview-media button").click()`)
	p.until(`document.querySelector(".preview-media").textContent.includes("cannot be shown")`)
}

func TestViewsAreChosenByKeys(t *testing.T) {
	t.Parallel()
	s := start(t, t.TempDir())
	p := browse(t, 1440, 900)
	session := s.open(object{"address": s.demo("echo", "none").Address})
	s.send(session, "text", []byte(`{"a": [1, 2]}`))
	p.visit(s.URL + "/sessions/" + session)
	p.openRow(3)
	shows := func(view string) {
		t.Helper()
		p.until(`document.querySelector("[data-testid=detail-body]").dataset.view === "` + view + `" && document.querySelector("[data-view=` + view + `]").getAttribute("aria-checked") === "true"`)
	}
	p.eval(`document.querySelector(".scroller").focus()`)
	for key, view := range map[string]string{"2": "tree", "3": "raw", "4": "hex", "1": "pretty"} {
		p.do(chromedp.KeyEvent(key))
		shows(view)
		p.until(`document.activeElement.classList.contains("scroller")`)
	}
	p.do(chromedp.KeyEvent("5"))
	p.until(`document.querySelector(".detail-notice").textContent.includes("Preview shows HTML")`)

	p.view("pretty")
	p.eval(`document.querySelector("[data-view=pretty]").focus()`)
	for _, view := range []string{"tree", "raw", "hex"} {
		p.do(chromedp.KeyEvent(kb.ArrowRight))
		shows(view)
	}
	p.do(chromedp.KeyEvent(kb.ArrowLeft))
	shows("raw")

	p.click("detail-find")
	p.until(`document.activeElement.dataset.testid === "detail-search"`)
	p.do(chromedp.KeyEvent("2"))
	p.untilText("detail", "1/1")
	p.do(chromedp.KeyEvent(kb.Escape))
	p.until(`document.querySelector("[data-testid=detail-search]").value === ""`)
	p.do(chromedp.KeyEvent(kb.Escape))
	p.until(`document.activeElement.classList.contains("log-list") && document.querySelector(".log-row.active").dataset.seq === "3"`)
	p.do(chromedp.KeyEvent(kb.Escape))
	p.until(`document.querySelector("[data-testid=detail]").dataset.seq === ""`)
}

func TestSearchOpensTheBranchThatHoldsTheMatch(t *testing.T) {
	t.Parallel()
	s := start(t, t.TempDir())
	p := browse(t, 1440, 900)
	session := s.open(object{"address": s.demo("echo", "none").Address})
	s.send(session, "text", []byte(`{"a": {"b": {"needle": [0, "x"]}}, "c": "the needle"}`))
	message := int(s.send(session, "binary", []byte(fields)))
	p.visit(s.URL + "/sessions/" + session)
	p.openRow(2)
	p.view("tree")
	p.put("detail-search", "needle")
	p.until(`document.querySelector(".tree-row.active .hit.current")?.textContent === "needle" && document.querySelector(".tree-row.active").getAttribute("aria-level") === "4"`)
	p.click("detail-find")
	p.until(`document.activeElement.dataset.testid === "detail-search"`)
	p.do(chromedp.KeyEvent(kb.Enter))
	p.until(`document.querySelector(".tree-row.active")?.textContent.startsWith("c: ") && document.querySelector(".find-count").nextSibling !== null`)
	p.untilText("detail", "2/2")
	p.openRow(message)
	p.put("detail-search", "inner")
	p.until(`document.querySelector(".tree-row.active .hit.current")?.textContent === "inner"`)
}

func TestCopyTakesWhatTheViewShows(t *testing.T) {
	t.Parallel()
	s := start(t, t.TempDir())
	p := browse(t, 1440, 900)
	session := s.open(object{"address": s.demo("echo", "none").Address})
	s.send(session, "text", []byte(`{"a":[10,20]}`))
	p.visit(s.URL + "/sessions/" + session)
	p.allowClipboard()
	p.openRow(3)
	for _, tt := range []struct{ view, want string }{
		{"pretty", "{\n  \"a\": [\n    10,\n    20\n  ]\n}"}, {"raw", `{"a":[10,20]}`}, {"hex", "7b2261223a5b31302c32305d7d"}, {"tree", `[10,20]`},
	} {
		p.view(tt.view)
		if tt.view == "tree" {
			p.do(chromedp.Focus(chromedp.CSS(".scroller")), chromedp.KeyEvent(kb.ArrowDown))
		}
		p.click("detail-copy")
		p.until(`document.querySelector("[data-testid=detail-copy]").classList.contains("done")`)
		if text := p.await(`navigator.clipboard.readText()`); text != tt.want {
			t.Errorf("%s: %q", tt.view, text)
		}
		p.until(`!document.querySelector("[data-testid=detail-copy]").classList.contains("done")`)
	}
}

func TestOpeningARowDoesNotMoveTheList(t *testing.T) {
	t.Parallel()
	s := start(t, t.TempDir())
	session := s.open(object{"address": s.demo("ticker", "none").Address, "params": []object{
		{"name": "rate", "value": "2000"}, {"name": "size", "value": "128"}, {"name": "count", "value": "500"},
	}})
	s.awaitReceived(session, 500)
	for _, width := range []int{1440, 900} {
		p := browse(t, width, 900)
		p.visit(s.URL + "/sessions/" + session)
		p.until(`document.querySelector("[data-testid=log]").dataset.shown === "502"`)
		for _, scroll := range []string{"", "4000", "0"} {
			if scroll != "" {
				p.eval(`document.querySelector(".log-list").scrollTop = ` + scroll)
			}
			p.settle()
			p.until(`[...document.querySelectorAll("[data-testid=row]")].some((row) => row.dataset.seq)`)
			for _, which := range []string{"0", ".5", "1"} { // at the top, in the middle, at the bottom
				p.eval(`window.opened = (() => {
					const rows = [...document.querySelectorAll("[data-testid=row]")].filter((row) => row.dataset.seq)
					rows.sort((a, b) => a.dataset.seq - b.dataset.seq)
					return rows[Math.round((rows.length - 1) * ` + which + `)].dataset.seq
				})()`)
				place := `document.querySelector(".log-list").scrollTop + " " + document.querySelector('[data-testid=row][data-seq="' + opened + '"]').getBoundingClientRect().y`
				before := p.eval(place)
				p.eval(`document.querySelector('[data-testid=row][data-seq="' + opened + '"]').click()`)
				p.until(`document.querySelector("[data-testid=detail-body]").dataset.ready === "1"`)
				p.settle()
				if after := p.eval(place); after != before {
					t.Errorf("at %d, row %s went from %s to %s", width, p.eval("opened"), before, after)
				}
			}
		}
	}
}
