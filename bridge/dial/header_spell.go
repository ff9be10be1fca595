package dial

import (
	"net/http"
	"strings"
)

// headerOf returns the headers that a person set, with their spelling. A header in two
// spellings becomes one with two lines, in the first spelling: net/http would sort them
// apart.
func headerOf(pairs []Pair) http.Header {
	header, spelled := http.Header{}, map[string]string{}
	for _, pair := range pairs {
		key := http.CanonicalHeaderKey(pair.Name)
		if spelled[key] == "" {
			spelled[key] = pair.Name
		}
		header[spelled[key]] = append(header[spelled[key]], pair.Value)
	}
	return header
}

// setUserAgent sets User-Agent to "duplex" unless a person or a credential has set it. If
// they have in another spelling, the canonical name is set to "", or net/http would send its
// own as well.
func setUserAgent(header http.Header) {
	const name = "User-Agent"
	if _, found := header[name]; found {
		return
	}
	header[name] = []string{"duplex"}
	for spelled := range header {
		if spelled != name && strings.EqualFold(spelled, name) {
			header[name] = []string{""}
		}
	}
}

// handshakeNames maps Go's spelling of handshake headers to that of RFC 6455 section 11.3.
// Names are case-insensitive, but some peers know only the latter.
var handshakeNames = map[string]string{
	"Sec-Websocket-Accept":     "Sec-WebSocket-Accept",
	"Sec-Websocket-Extensions": "Sec-WebSocket-Extensions",
	"Sec-Websocket-Key":        "Sec-WebSocket-Key",
	"Sec-Websocket-Protocol":   "Sec-WebSocket-Protocol",
	"Sec-Websocket-Version":    "Sec-WebSocket-Version",
}

// SpellHandshake changes the names of handshake headers to the spelling of RFC 6455. Restore
// changes them back for http.Header.Get.
func SpellHandshake(h http.Header) (restore func()) {
	rename := func(from, to string) {
		if values, found := h[from]; found {
			delete(h, from)
			h[to] = values
		}
	}
	for canonical, spelled := range handshakeNames {
		rename(canonical, spelled)
	}
	return func() {
		for canonical, spelled := range handshakeNames {
			rename(spelled, canonical)
		}
	}
}

// handshakeSpeller is a transport that applies SpellHandshake.
type handshakeSpeller struct{ next http.RoundTripper }

// RoundTrip implements http.RoundTripper.
func (t handshakeSpeller) RoundTrip(r *http.Request) (*http.Response, error) {
	r = r.Clone(r.Context())
	SpellHandshake(r.Header)
	return t.next.RoundTrip(r)
}
