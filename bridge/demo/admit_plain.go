package demo

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
)

// The services below are behind no Huawei gateway. Their refusals are those of plain
// HTTP.

func admitBearer(_ *Demo, _ service, r *http.Request) *refusal {
	if !isBearer(r, Bearer) {
		return challenge("the bearer token is missing or not valid", `Bearer realm="demo", error="invalid_token"`)
	}
	return nil
}

func admitBasic(_ *Demo, _ service, r *http.Request) *refusal {
	user, password, ok := r.BasicAuth()
	if !ok || !same(user, Username) || !same(password, Password) {
		return challenge("the user name or the password is wrong", `Basic realm="demo", charset="UTF-8"`)
	}
	return nil
}

func admitHeader(_ *Demo, _ service, r *http.Request) *refusal {
	if !same(r.Header.Get(HeaderName), HeaderValue) {
		return challenge("the header "+HeaderName+" is missing or wrong", "")
	}
	return nil
}

func admitQuery(_ *Demo, _ service, r *http.Request) *refusal {
	if !same(wireQuery(r).Get(QueryName), QueryValue) {
		return challenge("the query parameter "+QueryName+" is missing or wrong", "")
	}
	return nil
}

func admitSubprotocol(_ *Demo, _ service, r *http.Request) *refusal {
	offered := strings.Split(r.Header.Get("Sec-WebSocket-Protocol"), ",")
	if !slices.ContainsFunc(offered, func(name string) bool { return same(strings.TrimSpace(name), SubprotocolName+SubprotocolValue) }) {
		return challenge("the subprotocol "+SubprotocolName+" with the key behind it is missing or wrong", "")
	}
	return nil
}

// admitAPIKey checks the key of a new ModelArts service.
func admitAPIKey(_ *Demo, _ service, r *http.Request) *refusal {
	switch {
	case r.Header.Get("Authorization") == "":
		return missing(r, "ModelArts.0205", "no Authorization in the request header")
	case !isBearer(r, APIKey):
		return unauthorized("ModelArts.0203", "the API key is not valid")
	default:
		return nil
	}
}

// isBearer reports whether r has the bearer token want, RFC 6750 section 2.1.
func isBearer(r *http.Request, want string) bool {
	scheme, token, _ := strings.Cut(r.Header.Get("Authorization"), " ")
	return strings.EqualFold(scheme, "Bearer") && same(token, want)
}

// challenge refuses with 401 and, when scheme is not "", with WWW-Authenticate.
func challenge(message, scheme string) *refusal {
	f := unauthorized("", message)
	if scheme != "" {
		f.header = map[string]string{"WWW-Authenticate": scheme}
	}
	return f
}

// wireTarget splits the request target as it arrived into path and query, neither
// decoded.
func wireTarget(r *http.Request) (path, query string) {
	path, query, _ = strings.Cut(r.RequestURI, "?")
	return path, query
}

// wireQuery parses the query as it arrived; pairs that cannot be decoded are left out.
func wireQuery(r *http.Request) url.Values {
	_, query := wireTarget(r)
	values, _ := url.ParseQuery(query)
	return values
}
