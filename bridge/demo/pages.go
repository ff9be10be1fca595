package demo

import (
	"io"
	"net/http"

	"duplex/bridge/sign"
)

// pages is the table of paths that answer a handshake with something that is no
// WebSocket, as misdirected ones are answered.
func pages() map[string]http.HandlerFunc {
	return map[string]http.HandlerFunc{"status": status, "redirect": redirect, "html": signInPage}
}

// status refuses as told: ?code=401&error_code=APIG.0307&error_msg=...
func status(w http.ResponseWriter, r *http.Request) {
	q := params{values: wireQuery(r)}
	told := &refusal{
		status:  q.number("code", http.StatusUnauthorized, 200, 599),
		code:    q.values.Get("error_code"),
		message: q.values.Get("error_msg"),
	}
	if told.code == "" && told.message == "" {
		told.code, told.message = "APIG.0307", "The token must be updated"
	}
	if q.refused != nil {
		told = q.refused
	}
	told.write(w)
}

// redirect sends the peer to ?to=, or to the echo.
func redirect(w http.ResponseWriter, r *http.Request) {
	to := wireQuery(r).Get("to")
	if to == "" {
		to = Path(sign.KindNone, "echo")
	}
	w.Header().Set("Location", to)
	w.WriteHeader(http.StatusFound)
}

// signInPage is the page that a proxy shows to people who have not signed in.
func signInPage(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Header().Set("Content-Security-Policy", "default-src 'none'")
	_, _ = io.WriteString(w, `<!doctype html>
<html lang="en">
<head><title>Sign in</title></head>
<body>
<h1>Sign in</h1>
<form><label>User <input name="user"></label> <label>Password <input name="password" type="password"></label></form>
</body>
</html>
`)
}
