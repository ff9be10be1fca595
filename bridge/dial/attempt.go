package dial

import (
	"maps"
	"net"
	"net/http"
	"net/http/httptrace"
	"net/netip"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"

	"duplex/bridge/sign"
	"duplex/bridge/vault"
)

// attempt collects the Report of one dial.
type attempt struct {
	now      func() time.Time
	began    time.Time
	redactor redactor
	onPhase  func(Report) // of the request; may be nil
	applied  sign.Applied // set before the request is written
	moved    bool         // the address came with a minted token, and its path may be one too

	mu     sync.Mutex // guards report: the transport writes from goroutines that may outlive the dial
	report Report
}

func newAttempt(r Request, now func() time.Time) *attempt {
	a := &attempt{now: now, began: now(), onPhase: r.OnPhase}
	a.redactor.addAll(r)
	a.report = Report{
		URL: sign.MaskQuery(r.URL, nil), Host: HostOf(r.URL), Phase: PhaseAddress,
		CredentialKind: r.Credential.Kind, Offered: a.maskOffered(r.Subprotocols),
	}
	return a
}

// note changes the report.
func (a *attempt) note(change func(*Report)) {
	a.mu.Lock()
	defer a.mu.Unlock()
	change(&a.report)
}

// enter begins a phase.
func (a *attempt) enter(p Phase) {
	a.blame(p)
	a.tell()
}

// blame names the phase that a dial failed in. Unlike enter it tells nobody: what ran has not
// succeeded.
func (a *attempt) blame(p Phase) { a.note(func(r *Report) { r.Phase = p }) }

// tell passes the report so far to the watcher of the dial.
func (a *attempt) tell() {
	if a.onPhase != nil {
		a.onPhase(*a.end())
	}
}

// time runs step as phase p and stores its duration.
func (a *attempt) time(p Phase, took func(*Phases) *time.Duration, step func() error) error {
	a.enter(p)
	start := a.now()
	err := step()
	a.note(func(r *Report) { *took(&r.Phases) = a.now().Sub(start) })
	return err
}

// noteSigned stores the request with its credential, and redacts its signatures.
func (a *attempt) noteSigned(h *sign.Handshake, applied sign.Applied) {
	a.applied = applied
	for _, name := range applied.Headers {
		for _, value := range h.Header[name] {
			a.redactor.addSignature(value)
		}
	}
	for _, name := range applied.Query { // a signature too, which a reader could use
		a.redactor.add(vault.NewSecret(h.URL.Query().Get(name)))
	}
	a.note(func(r *Report) {
		r.URL, r.Offered = a.shownURL(h.URL, applied.Query), a.maskOffered(h.Subprotocols)
	})
}

// shownURL returns the address for display, with the values of some parameters masked.
func (a *attempt) shownURL(u *url.URL, names []string) string {
	if !a.moved {
		return a.redactor.text(sign.MaskQuery(u, names))
	}
	shown := *u
	shown.Path, shown.RawPath = "", ""
	address, query, _ := strings.Cut(sign.MaskQuery(&shown, names), "?")
	return strings.TrimSuffix(address+"/"+sign.Masked+"?"+query, "?")
}

// maskOffered masks secrets in subprotocols.
func (a *attempt) maskOffered(subprotocols []string) []string {
	shown := sign.MaskSubprotocols(subprotocols)
	for i, name := range shown {
		shown[i] = a.redactor.text(name)
	}
	return shown
}

func (a *attempt) noteResolved(addrs []netip.Addr) { a.note(func(r *Report) { r.Addresses = addrs }) }

func (a *attempt) noteConnected(conn net.Conn) {
	a.note(func(r *Report) { r.RemoteAddr = conn.RemoteAddr().String() })
}

// trace stores the request headers as they are written, in their order and spelling.
func (a *attempt) trace() *httptrace.ClientTrace {
	return &httptrace.ClientTrace{
		WroteHeaderField: func(name string, values []string) {
			a.note(func(r *Report) {
				for _, value := range values {
					shown := a.redactor.text(a.applied.Mask(name, value))
					r.RequestHeader = append(r.RequestHeader, Pair{name, shown})
				}
			})
		},
		// Not WroteRequest: the answer may arrive before it is called.
		WroteHeaders: func() { a.note(func(r *Report) { r.SentAt = a.now() }) },
	}
}

func (a *attempt) noteAnswer(response *http.Response) {
	var header []Pair
	for _, name := range slices.Sorted(maps.Keys(response.Header)) {
		for _, value := range response.Header[name] {
			header = append(header, Pair{name, a.redactor.text(sign.Mask(name, value))})
		}
	}
	a.note(func(r *Report) {
		r.Status, r.ResponseHeader, r.AnsweredAt = response.StatusCode, header, a.now()
		if !r.SentAt.IsZero() { // a peer may answer before it has read the request
			r.Phases.Upgrade = r.AnsweredAt.Sub(r.SentAt)
		}
	})
}

func (a *attempt) noteRefusal(body []byte, cut bool) {
	body = a.redactor.body(body, cut)
	if len(body) > MaxRefusalBody { // masks may be longer than secrets
		body, cut = body[:MaxRefusalBody], true
	}
	a.note(func(r *Report) { r.Body, r.BodyTruncated = body, cut })
}

func (a *attempt) noteOpen(subprotocol string) {
	shown := a.redactor.text(subprotocol) // it may hold a secret
	a.note(func(r *Report) { r.Subprotocol = shown })
	a.enter(PhaseOpen)
}

// end returns a copy of the report.
func (a *attempt) end() *Report {
	a.mu.Lock()
	defer a.mu.Unlock()
	report := a.report
	report.Phases.Total = a.now().Sub(a.began)
	return &report
}
