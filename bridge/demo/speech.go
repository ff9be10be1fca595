package demo

import (
	"bufio"
	"maps"
	"net"
	"net/http"
	"strings"
	"time"

	"duplex/bridge/demo/emulate"
	"duplex/bridge/sign"
	"duplex/bridge/vault"
)

// speechPath is before the endpoints of services that speak a public protocol.
const speechPath = "/speech/"

// speech is an emulated service of the demo.
type speech struct {
	name     string // of its saved service
	endpoint string
	dialect  string
	answer   string // "" for the emulator's own
}

// speeches returns the emulated services. None of them understands anything: what they hear
// and answer is fixed, and they say so.
func speeches() []speech {
	return []speech{
		{
			name: "speech recognition", endpoint: "recognition", dialect: "huawei-sis-asr",
			answer: "You speak to the demo. It understands no speech. It hears these sentences from everybody, one word for each third of a second of sound. " +
				"The words come while you speak, and may still change. At the end of each sentence the text is final. " +
				"A real service does the same, with your own words. Stop whenever you like, and read how long the answer took.",
		},
		{name: "speech synthesis", endpoint: "synthesis", dialect: "huawei-sis-tts"},
		{name: "voice agent", endpoint: "agent", dialect: "openai-realtime"},
	}
}

// patience lengthens the time limits of the emulated services: people read the page meanwhile.
const patience = 90

// speechHandlers returns the emulated services by endpoint.
func speechHandlers(now func() time.Time) map[string]http.Handler {
	handlers := map[string]http.Handler{}
	for _, s := range speeches() {
		if e, found := emulate.Find(s.dialect); found {
			handlers[s.endpoint] = e.New(emulate.Options{Answer: s.answer, Scale: patience, Interval: 60 * time.Millisecond, Now: now})
		}
	}
	return handlers
}

// serveSpeech passes a request on to the emulated service that its path names.
func (d *Demo) serveSpeech(w http.ResponseWriter, r *http.Request) {
	endpoint, _, _ := strings.Cut(strings.TrimPrefix(r.URL.Path, speechPath), "/")
	handler, found := d.speech[endpoint]
	if !found {
		notPublished().write(w)
		return
	}
	kept := &keptWriter{ResponseWriter: w, demo: d}
	http.StripPrefix(speechPath+endpoint, handler).ServeHTTP(kept, r)
	if kept.conn != nil {
		d.forget(kept.conn)
	}
}

// keptWriter lets Close of the Demo cut a connection that a handler takes over.
type keptWriter struct {
	http.ResponseWriter

	demo *Demo
	conn net.Conn // set by Hijack
}

// Hijack implements http.Hijacker.
func (w *keptWriter) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	conn, buffers, err := http.NewResponseController(w.ResponseWriter).Hijack()
	if err != nil {
		return nil, nil, err
	}
	w.conn = conn
	w.demo.keep(conn, func() {}) // the handler ends when its connection is cut
	return conn, buffers, nil
}

// speechServices returns the saved services of the emulated ones.
func speechServices(base string) []Saved {
	var saved []Saved
	for _, s := range speeches() {
		e, found := emulate.Find(s.dialect)
		if !found {
			continue
		}
		c := sign.Credential{Kind: sign.KindDialect, Plain: maps.Clone(e.Vars), Secrets: map[string]vault.Secret{}}
		for name, secret := range e.Secrets {
			c.Secrets[name] = vault.NewSecret(secret)
		}
		saved = append(saved, Saved{
			Name: "Demo · " + s.name, Endpoint: s.endpoint, Address: base + speechPath + s.endpoint + e.Path,
			Dialect: s.dialect, Credential: c,
		})
	}
	return saved
}
