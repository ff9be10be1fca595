package dial

import (
	"net/http"
	"strings"
)

// headerOf returns the headers that a person set, every name in that spelling. One
// header in two spellings is one header with two lines, under the first: net/http
// would sort them apart.
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

// setUserAgent says "duplex" where neither a person nor a credential set another
// User-Agent. Beside one in another spelling net/http would send its own, unless the
// canonical one is there and empty.
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

// handshakeNames is how RFC 6455 section 11.3 spells the headers of a handshake, by
// their spelling in Go. Names are case-insensitive, and some peers know this one only.
var handshakeNames = map[string]string{
	"Sec-Websocket-Accept":     "Sec-WebSocket-Accept",
	"Sec-Websocket-Extensions": "Sec-WebSocket-Extensions",
	"Sec-Websocket-Key":        "Sec-WebSocket-Key",
	"Sec-Websocket-Protocol":   "Sec-WebSocket-Protocol",
	"Sec-Websocket-Version":    "Sec-WebSocket-Version",
}

// SpellHandshake spells the names of a handshake's headers as RFC 6455 does. Restore
// brings Go's spelling back, which http.Header.Get needs.
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

// handshakeSpeller spells the headers of a request, which http.Header.Set has put into
// Go's spelling.
type handshakeSpeller struct{ next http.RoundTripper }

// RoundTrip implements http.RoundTripper.
func (t handshakeSpeller) RoundTrip(r *http.Request) (*http.Response, error) {
	r = r.Clone(r.Context())
	SpellHandshake(r.Header)
	return t.next.RoundTrip(r)
}
