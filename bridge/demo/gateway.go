package demo

import (
	"net/http"
	"net/url"
	"strings"

	"duplex/bridge/sign"
)

// serve is the gateway: it finds the service, checks the credential and passes the
// request on to the endpoint.
func (d *Demo) serve(w http.ResponseWriter, r *http.Request) {
	stamp(w.Header(), d.now())
	if !ownOrigin(r) {
		(&refusal{status: http.StatusForbidden, message: "pages of other hosts may not use the demo"}).write(w)
		return
	}
	if r.URL.Path == tokenPath {
		d.issue(w, r)
		return
	}
	if strings.HasPrefix(r.URL.Path, speechPath) {
		d.serveSpeech(w, r)
		return
	}
	s, name, refused := route(r)
	if refused == nil {
		refused = s.admit(d, s, r)
	}
	if refused != nil {
		refused.write(w)
		return
	}
	if page, ok := pages()[name]; ok {
		page(w, r)
		return
	}
	d.upgrade(w, r, s, name)
}

// ownOrigin refuses a browser's page of another host: the demo is for peers that
// are no browsers, and these send no Origin.
func ownOrigin(r *http.Request) bool {
	origin := r.Header.Get("Origin")
	if origin == "" {
		return true
	}
	u, err := url.Parse(origin)
	return err == nil && strings.EqualFold(u.Host, r.Host)
}

// route finds the service and the endpoint that a path names:
// /v1/infers/<service-id>/<endpoint>, or the same with v2.
func route(r *http.Request) (service, string, *refusal) {
	rest, found := strings.CutPrefix(r.URL.Path, "/v1/infers")
	if !found {
		rest, found = strings.CutPrefix(r.URL.Path, "/v2/infers")
	}
	id, name, _ := strings.Cut(strings.Trim(rest, "/"), "/")
	switch {
	case !found:
		return service{}, "", notPublished()
	case id == "":
		return service{}, "", &refusal{status: http.StatusBadRequest, code: "ModelArts.4201", message: "The URL has no service ID"}
	}
	for _, s := range deployed() {
		if s.id == id && known(s, name) {
			return s, name, nil
		}
	}
	return service{}, "", notPublished()
}

// known reports whether a service has an endpoint. The pages that answer without a
// WebSocket belong to the service that anybody may use.
func known(s service, name string) bool {
	_, isPage := pages()[name]
	_, isEndpoint := endpoints()[name]
	return isEndpoint || isPage && s.kind == sign.KindNone
}

func notPublished() *refusal {
	return &refusal{
		status: http.StatusNotFound, code: "APIG.0101",
		message: "The API does not exist or has not been published in the environment",
	}
}

// notUpgrade returns the refusal of plain HTTP by a WebSocket service, or nil for an
// upgrade.
func notUpgrade(r *http.Request) *refusal {
	switch {
	case r.Method != http.MethodGet:
		return &refusal{
			status: http.StatusMethodNotAllowed, message: "Method Not Allowed",
			header: map[string]string{"Allow": http.MethodGet},
		}
	case hasToken(r.Header, "Connection", "upgrade") && hasToken(r.Header, "Upgrade", "websocket"):
		return nil
	case strings.HasPrefix(r.URL.Path, "/v2/"):
		return &refusal{
			status: http.StatusBadRequest, code: "ModelArts.8910",
			message: "The request protocol HTTP differs from the service protocol WSS",
		}
	default:
		return &refusal{status: http.StatusBadRequest, code: "APIG.0607", message: "The request protocol is not allowed: the API is a WebSocket"}
	}
}

// hasToken looks for a word in a header that is a list, RFC 9110 section 5.6.1.
func hasToken(h http.Header, name, token string) bool {
	for _, line := range h.Values(name) {
		for word := range strings.SplitSeq(line, ",") {
			if strings.EqualFold(strings.TrimSpace(word), token) {
				return true
			}
		}
	}
	return false
}
