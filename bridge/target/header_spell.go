package target

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

// handshakeNames is how RFC 6455 spells the headers of the handshake. Their names are
// case-insensitive, and some servers know this spelling only.
var handshakeNames = map[string]string{
	"Sec-Websocket-Key":        "Sec-WebSocket-Key",
	"Sec-Websocket-Version":    "Sec-WebSocket-Version",
	"Sec-Websocket-Protocol":   "Sec-WebSocket-Protocol",
	"Sec-Websocket-Extensions": "Sec-WebSocket-Extensions",
}

// handshakeSpeller spells the headers of the handshake, which http.Header.Set has put
// into Go's canonical spelling.
type handshakeSpeller struct{ next http.RoundTripper }

// RoundTrip implements http.RoundTripper.
func (t handshakeSpeller) RoundTrip(r *http.Request) (*http.Response, error) {
	r = r.Clone(r.Context())
	for canonical, spelled := range handshakeNames {
		if values, found := r.Header[canonical]; found {
			delete(r.Header, canonical)
			r.Header[spelled] = values
		}
	}
	return t.next.RoundTrip(r)
}
