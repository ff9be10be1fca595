package sign

import (
	"encoding/base64"
	"slices"
)

// applyHeader adds the kinds that are one header and no signature.
//
// Sources: X-Auth-Token, X-Apig-AppCode and apikey are in Huawei Cloud's
// "Accessing real-time services" pages; Bearer is RFC 6750 section 2.1, Basic is
// RFC 7617.
func applyHeader(h *Handshake, c Credential) (Applied, error) {
	switch c.Kind {
	case KindToken:
		return h.set(header{name: "X-Auth-Token", value: c.secret("token")})
	case KindAPIKey:
		return h.set(header{name: "Authorization", value: "Bearer " + c.secret("key")})
	case KindBearer:
		return h.set(header{name: "Authorization", value: "Bearer " + c.secret("token")})
	case KindAppCode:
		return h.set(header{name: "X-Apig-AppCode", value: c.secret("app_code")})
	case KindAppKey:
		return h.set(header{name: "apikey", value: c.secret("app_key")})
	case KindBasic:
		pair := c.plain("username") + ":" + c.secret("password")
		return h.set(header{name: "Authorization", value: "Basic " + base64.StdEncoding.EncodeToString([]byte(pair))})
	case KindHeader:
		return h.set(header{name: c.plain("name"), value: c.secret("value")})
	default: // none
		return Applied{}, nil
	}
}

// applyQuery adds the kind that is a query parameter. What is in the query already
// stays byte for byte.
func applyQuery(h *Handshake, c Credential) (Applied, error) {
	name := c.plain("name")
	if slices.Contains(QueryNames(h.URL.RawQuery), name) {
		return Applied{}, &FieldError{Field: "params", Code: CodeQueryConflict}
	}
	h.URL.RawQuery = appendQuery(h.URL.RawQuery, name, c.secret("value"))
	return Applied{Query: []string{name}}, nil
}

// applySubprotocol adds the kind that browsers use where they cannot set a header: one
// more subprotocol, which is the secret behind a fixed text. It is offered last: a
// service that takes the first subprotocol it is offered names none that holds a
// secret.
//
// Sources: "openai-insecure-api-key." in OpenAI's Realtime guide for WebSocket,
// "base64url.bearer.authorization.k8s.io." in Kubernetes' API server, "token, KEY" in
// Deepgram's streaming guide.
func applySubprotocol(h *Handshake, c Credential) (Applied, error) {
	name := c.plain("name") + c.secret("value")
	if !slices.Contains(h.Subprotocols, name) { // each may be offered once, RFC 6455 section 4.1
		h.Subprotocols = append(slices.Clone(h.Subprotocols), name)
	}
	return Applied{}, nil
}
