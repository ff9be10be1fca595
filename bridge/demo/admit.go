package demo

import (
	"crypto/subtle"
	"net/http"
)

// admitToken checks X-Auth-Token.
func (d *Demo) admitToken(_ service, r *http.Request) *refusal {
	token := r.Header.Get("X-Auth-Token")
	if token == "" {
		return missing(r, "ModelArts.0201", "no token in the request header")
	}
	known, found := d.tokens.find(token)
	switch {
	case !found:
		return unauthorized("APIG.0301", "Incorrect IAM authentication information: decrypt token fail")
	case known.revoked || !d.now().Before(known.expires):
		return unauthorized("APIG.0307", "The token must be updated")
	case !known.scoped:
		return unauthorized("ModelArts.0204", "no project ID in token")
	}
	return nil
}

// admitAppCode checks X-Apig-AppCode.
func admitAppCode(_ *Demo, _ service, r *http.Request) *refusal {
	return admitApp(r, "X-Apig-AppCode", func(a app) string { return a.code })
}

// admitAppKey checks apikey.
func admitAppKey(_ *Demo, _ service, r *http.Request) *refusal {
	return admitApp(r, "apikey", func(a app) string { return a.key })
}

// admitApp checks the two ways in which an app shows a key without signing.
func admitApp(r *http.Request, name string, keyOf func(app) string) *refusal {
	value := r.Header.Get(name)
	if value == "" {
		return missing(r, "APIG.0305", "Incorrect authentication information: no "+name+" in the request header")
	}
	for _, a := range apps() {
		if same(value, keyOf(a)) {
			return unlessBound(a)
		}
	}
	return unauthorized("APIG.0303", "Incorrect app authentication information: app not found")
}

func unlessBound(a app) *refusal {
	if a.bound {
		return nil
	}
	return &refusal{status: http.StatusForbidden, code: "APIG.0304", message: "The app is not authorized to access the API"}
}

// missing refuses a request without the credential that the service asks for. One
// of another kind is worth a word of its own: the address may be the wrong one.
func missing(r *http.Request, code, message string) *refusal {
	for _, name := range []string{"Authorization", "X-Auth-Token", "X-Apig-AppCode", "apikey"} {
		if r.Header.Get(name) != "" {
			return unauthorized("APIG.0305", "Incorrect authentication information: "+name+" is not how this API authenticates")
		}
	}
	return unauthorized(code, message)
}

func unauthorized(code, message string) *refusal {
	return &refusal{status: http.StatusUnauthorized, code: code, message: message}
}

// same compares without telling by its time how much was right.
func same(a, b string) bool { return subtle.ConstantTimeCompare([]byte(a), []byte(b)) == 1 }
