//go:build e2e

package e2e

import (
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"

	"duplex/bridge/testkit"
)

// beacons is a server that nothing may reach. It records requests and counts connections.
type beacons struct {
	*httptest.Server
	mu          sync.Mutex // guards the rest
	requests    []string
	connections int
}

func beaconsOn(t *testing.T) *beacons {
	t.Helper()
	b := &beacons{}
	b.Server = httptest.NewUnstartedServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		b.mu.Lock()
		defer b.mu.Unlock()
		b.requests = append(b.requests, r.Method+" "+r.URL.Path)
	}))
	b.Config.ConnState = func(_ net.Conn, state http.ConnState) {
		if state == http.StateNew {
			b.mu.Lock()
			defer b.mu.Unlock()
			b.connections++
		}
	}
	b.Start()
	t.Cleanup(b.Close)
	return b
}

// seen returns the requests and the number of connections.
func (b *beacons) seen() ([]string, int) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return slices.Clone(b.requests), b.connections
}

// beaconHost is a name that only dns-prefetch would look up.
const beaconHost = "dns.beacon.invalid"

// hostile are documents that try to run a script, or to reach BEACON or the name server.
// HIT is a script that would leave a mark on whatever page it runs in.
func hostile() []string {
	return []string{
		`<script>HIT</script>`,
		`<script src="BEACON/script"></script>`,
		`<script type="module">import "BEACON/module"</script>`,
		`<img src=x onerror="HIT">`,
		`<svg onload="HIT"><script>HIT</script></svg>`,
		`<body onload="HIT"><p onpointerenter="HIT" onclick="HIT">press me</p>`,
		`<details open ontoggle="HIT"><summary>x</summary></details>`,
		`<input autofocus onfocus="HIT"><video autoplay onplay="HIT"></video><marquee onstart="HIT">x</marquee>`,
		`<iframe srcdoc="<script>HIT</script><img src=BEACON/srcdoc>"></iframe>`,
		`<iframe src="javascript:HIT"></iframe><iframe src="BEACON/iframe"></iframe><iframe src="data:text/html,<script>HIT</script>"></iframe>`,
		`<img src="BEACON/img"><img srcset="BEACON/srcset 1x"><picture><source srcset="BEACON/source"><img></picture>`,
		`<video poster="BEACON/poster" src="BEACON/video" autoplay></video><audio src="BEACON/audio" autoplay></audio><video><track default src="BEACON/track"></video>`,
		`<object data="BEACON/object"></object><embed src="BEACON/embed"><applet code="BEACON/applet"></applet>`,
		`<portal src="BEACON/portal"></portal><fencedframe></fencedframe><frameset><frame src="BEACON/frame"></frameset>`,
		`<style>@import "BEACON/import"; body { background: url(BEACON/css) } @font-face { font-family: f; src: url(BEACON/font) } p { font-family: f; content: url(BEACON/content) }</style><p>text`,
		`<p style="background: url(BEACON/style); cursor: url(BEACON/cursor), auto">text</p><table background="BEACON/background"><tr><td>x</table>`,
		`<link rel=stylesheet href="BEACON/sheet"><link rel=icon href="BEACON/icon"><link rel=manifest href="BEACON/manifest">`,
		`<link rel=prefetch href="BEACON/prefetch"><link rel=preload as=image href="BEACON/preload"><link rel=modulepreload href="BEACON/modulepreload"><link rel=prerender href="BEACON/prerender">`,
		`<link rel=preconnect href="BEACON">`,
		`<svg><style><!--</style><link rel=preconnect href="BEACON"><noscript><link rel=preconnect href="BEACON"></noscript></svg>`,
		`<link rel=dns-prefetch href="//` + beaconHost + `"><meta http-equiv=x-dns-prefetch-control content=on><a href="//` + beaconHost + `">x</a>`,
		`<script type=speculationrules>{"prefetch": [{"urls": ["BEACON/rules"], "eagerness": "immediate"}], "prerender": [{"urls": ["BEACON/rules"], "eagerness": "immediate"}]}</script>`,
		`<meta http-equiv=refresh content="0; url=BEACON/refresh">`,
		`<meta http-equiv=Content-Security-Policy content="default-src *"><meta http-equiv=refresh content="0; url=javascript:HIT"><img src="BEACON/policy">`,
		`<base href="BEACON/" target=_top><img src="based"><a href="based">press</a>`,
		`<a href="BEACON/top" target=_top ping="BEACON/ping">` + strings.Repeat("press me ", 200) + `</a>`,
		`<a href="BEACON/blank" target=_blank rel=opener>` + strings.Repeat("press me ", 200) + `</a>`,
		`<a href="javascript:HIT">` + strings.Repeat("press me ", 200) + `</a>`,
		`<a href="data:text/html,<script>HIT</script>" download>` + strings.Repeat("press me ", 200) + `</a>`,
		`<form action="BEACON/form" method=post target=_top><button autofocus style="width: 100%; height: 100vh">` + strings.Repeat("press me ", 200) + `</button></form>`,
		`<form id=f action="BEACON/action"></form><input form=f type=image src="BEACON/input" formaction="BEACON/formaction">`,
		`<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink"><use href="BEACON/use#x"/><image href="BEACON/image"/><feImage href="BEACON/feimage"/>` +
			`<a xlink:href="javascript:HIT"><rect width="1000" height="1000"/><animate attributeName="href" values="javascript:HIT"/></a><foreignObject><img src="BEACON/foreign"/></foreignObject></svg>`,
		`<?xml version="1.0"?><!DOCTYPE svg [<!ENTITY x SYSTEM "BEACON/entity">]><svg xmlns="http://www.w3.org/2000/svg"><style>@import url(BEACON/svgimport);</style><text>&x;</text><set attributeName="onload" to="HIT"/></svg>`,
		`<?xml version="1.0"?><?xml-stylesheet href="BEACON/xsl" type="text/xsl"?><a><b xmlns:xi="http://www.w3.org/2001/XInclude"><xi:include href="BEACON/include"/></b></a>`,
		`<math href="javascript:HIT"><mi xlink:href="BEACON/math">` + strings.Repeat("press me ", 200) + `</mi><annotation-xml encoding="text/html"><img src="BEACON/mathimg"></annotation-xml></math>`,
		`<template shadowrootmode=open><img src="BEACON/shadow"><style>@import "BEACON/shadowcss"</style></template><div><template shadowrootmode=open><img src="BEACON/shadow"></template></div>`,
		`<p>mutated <noscript><p title="</noscript><img src=BEACON/noscript onerror=HIT>"></noscript><math><mtext><table><mglyph><style><img src=BEACON/mxss onerror=HIT></style></table></mtext></math>`,
		`<img src="data:image/svg+xml,<svg xmlns='http://www.w3.org/2000/svg' onload='HIT'><image href='BEACON/nested'/></svg>"><object data="data:text/html,<img src=BEACON/data>"></object>`,
		"<p>\x00<\x00script>HIT</script><li\x00nk rel=preconnect href=BEACON><LINK\x0crel=preconnect\x0chref=BEACON><link/rel=preconnect/href=BEACON>",
		`{"html": "<img src=BEACON/json onerror=HIT>", "</script><script>HIT</script>": 1}`,
		`<p>` + "\u202e" + `reversed` + "\u2066\u200b" + `</p>`,
	}
}

// vectors are the documents as they are, and said to be HTML, with the beacon in them.
func vectors(b *beacons) []string {
	var out []string
	for i, document := range hostile() {
		document = strings.NewReplacer(
			"BEACON", fmt.Sprintf("%s/%d", b.URL, i), "HIT", "top.pwned=parent.pwned=self.pwned=1;alert(1);fetch('"+b.URL+"/script')",
		).Replace(document)
		out = append(out, document, "<!doctype html>"+document)
	}
	return out
}

// Hostile messages are shown and pressed in every view: none runs a script, reaches a
// server or leaves the page.
func TestHostilePayloadsRunNothingAndReachNobody(t *testing.T) {
	t.Parallel()
	b := beaconsOn(t)
	s := start(t, t.TempDir())
	p := browse(t, 1440, 900)
	p.visit(s.URL + "/services/" + s.demo("echo", "none").ID)
	p.dial()
	session, address := p.session(), p.eval("location.href")
	previews, marked := 0, 0
	for i, document := range vectors(b) {
		s.send(session, "text", []byte(document))
		seq := 3 + 2*i
		p.untilCount(seq)
		// The row that is open stays where it is: the newest is gone to.
		p.until(`(document.querySelector(".log-pill:not([hidden])")?.click(), document.querySelector('` + rowOf(seq) + `') !== null)`)
		p.openRow(seq)
		for view := range strings.FieldsSeq(p.eval(`[...document.querySelectorAll("[data-testid=detail-view] [data-view]")].filter((view) => !view.disabled && view.ariaDisabled !== "true").map((view) => view.dataset.view).join(" ")`)) {
			p.eval(`document.querySelector("[data-testid=detail-view] [data-view=` + view + `]").click()`)
			p.until(`document.querySelector("[data-testid=detail-body]").dataset.ready === "1" && document.querySelector("[data-testid=detail-body]").dataset.view === "` + view + `"`)
			if view == "preview" {
				previews++
				p.settle()
				p.press("[data-testid=detail-body] iframe")
				p.settle()
			}
		}
		if marks := p.eval(`[window.pwned, document.querySelectorAll("script:not([src]):not([type='application/json'])").length].join()`); marks != ",0" {
			marked++
			t.Errorf("%s left a mark: %s", document, marks)
		}
		if now := p.eval("location.href"); now != address {
			t.Fatalf("%s led to %s", document, now)
		}
	}
	if previews < len(hostile()) {
		t.Errorf("only %d were previewed", previews)
	}
	testkit.AtLeast(t, "browser", "hostile documents, each shown in every view", float64(len(hostile())), 20, "")
	requests, connections := b.seen()
	if len(requests) > 0 || connections > 0 {
		t.Errorf("%d connections were opened, and asked for %v", connections, requests)
	}
	testkit.AtMost(t, "browser", "connections and requests that they cause", float64(len(requests)+connections), 0, "")
	testkit.AtMost(t, "browser", "scripts that they run", float64(marked), 0, "")
	t.Logf("%d payloads, %d previews", 2*len(hostile()), previews)
}
