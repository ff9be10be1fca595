package emulate

import (
	"encoding/json"
	"net/http"
	"slices"
	"strings"
)

// refuse answers a handshake with a status and a body in JSON.
func refuse(w http.ResponseWriter, status int, body any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(body) // the caller may have gone
}

// bearer returns the token of an Authorization header of that scheme, RFC 9110 section 11.4;
// "" when there is none.
func bearer(r *http.Request, scheme string) string {
	name, token, _ := strings.Cut(r.Header.Get("Authorization"), " ")
	if !strings.EqualFold(name, scheme) {
		return ""
	}
	return token
}

// offered returns the subprotocols that a caller offers.
func offered(r *http.Request) []string {
	var names []string
	for _, line := range r.Header.Values("Sec-WebSocket-Protocol") {
		for name := range strings.SplitSeq(line, ",") {
			names = append(names, strings.TrimSpace(name))
		}
	}
	return names
}

// foreignParam returns a query parameter that is none of known; "" when there is none.
func foreignParam(r *http.Request, known ...string) string {
	var foreign []string
	for name := range r.URL.Query() {
		if !slices.Contains(known, name) {
			foreign = append(foreign, name)
		}
	}
	slices.Sort(foreign)
	return strings.Join(foreign, ", ")
}
