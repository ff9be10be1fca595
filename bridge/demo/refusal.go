package demo

import (
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"net/http"
	"time"
)

// refusal is an answer that is not 101.
type refusal struct {
	status  int
	code    string // APIG.xxxx or ModelArts.xxxx; "" where no gateway has a code
	message string
	header  map[string]string // further headers
}

// body is a refusal as JSON. The message comes first, as at APIG: a client that keeps
// only the first bytes of a long body loses the code.
type body struct {
	Message   string `json:"error_msg"`
	Code      string `json:"error_code,omitempty"`
	RequestID string `json:"request_id"`
}

func (f *refusal) write(w http.ResponseWriter) {
	for name, value := range f.header {
		w.Header().Set(name, value)
	}
	writeJSON(w, f.status, body{f.message, f.code, w.Header().Get("X-Request-Id")})
}

// writeJSON answers with v; "&" stays readable, as in the gateway's own bodies. A
// peer that is gone cannot be told, so errors of writing are dropped.
func writeJSON(w http.ResponseWriter, status int, v any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	encoder := json.NewEncoder(w)
	encoder.SetEscapeHTML(false)
	_ = encoder.Encode(v)
}

// stamp sets the headers of every answer of a gateway. Date comes from the Demo's
// clock, so that a test can cause a clock skew.
func stamp(h http.Header, now time.Time) {
	h.Set("Server", "api-gateway")
	h.Set("X-Request-Id", randomHex(16))
	h.Set("Date", now.UTC().Format(http.TimeFormat))
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Cache-Control", "no-store")
}

func randomHex(size int) string {
	raw := make([]byte, size)
	_, _ = rand.Read(raw) // never fails
	return hex.EncodeToString(raw)
}
