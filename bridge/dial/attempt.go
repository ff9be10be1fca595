package dial

import (
	"maps"
	"net"
	"net/http"
	"net/http/httptrace"
	"net/netip"
	"slices"
	"sync"
	"time"

	"duplex/bridge/sign"
	"duplex/bridge/vault"
)

// attempt gathers the Report of one dial.
type attempt struct {
	now      func() time.Time
	began    time.Time
	redactor redactor
	applied  sign.Applied // set before the request is written

	mu     sync.Mutex // guards report: the transport writes from goroutines that may outlive the dial
	report Report
}

func newAttempt(r Request, now func() time.Time) *attempt {
	a := &attempt{now: now, began: now()}
	a.redactor.addAll(r)
	a.report = Report{
		URL: sign.MaskQuery(r.URL, nil), Host: HostOf(r.URL), Phase: PhaseAddress,
		CredentialKind: r.Credential.Kind, Offered: a.offered(r.Subprotocols),
	}
	return a
}

func (a *attempt) note(change func(*Report)) {
	a.mu.Lock()
	defer a.mu.Unlock()
	change(&a.report)
}

func (a *attempt) enter(p Phase) { a.note(func(r *Report) { r.Phase = p }) }

// time runs step as phase p and notes how long it took.
func (a *attempt) time(p Phase, took func(*Phases) *time.Duration, step func() error) error {
	a.enter(p)
	start := a.now()
	err := step()
	a.note(func(r *Report) { *took(&r.Phases) = a.now().Sub(start) })
	return err
}

// signed notes what the credential made of the request.
func (a *attempt) signed(h *sign.Handshake, applied sign.Applied) {
	a.applied = applied
	for _, name := range applied.Headers {
		for _, value := range h.Header[name] {
			a.redactor.addSignature(value)
		}
	}
	for _, name := range applied.Query { // a signature too: whoever reads it could use it
		a.redactor.add(vault.NewSecret(h.URL.Query().Get(name)))
	}
	a.note(func(r *Report) { r.URL, r.Offered = sign.MaskQuery(h.URL, applied.Query), a.offered(h.Subprotocols) })
}

// offered returns subprotocols as they may be shown.
func (a *attempt) offered(subprotocols []string) []string {
	shown := sign.MaskSubprotocols(subprotocols)
	for i, name := range shown {
		shown[i] = a.redactor.text(name)
	}
	return shown
}

func (a *attempt) resolved(addrs []netip.Addr) { a.note(func(r *Report) { r.Addresses = addrs }) }

func (a *attempt) connected(conn net.Conn) {
	a.note(func(r *Report) { r.RemoteAddr = conn.RemoteAddr().String() })
}

// trace notes the request as it is written, in the order and spelling of the wire.
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
		// Not WroteRequest: the answer may be there before it is called.
		WroteHeaders: func() { a.note(func(r *Report) { r.SentAt = a.now() }) },
	}
}

func (a *attempt) answered(response *http.Response) {
	var header []Pair
	for _, name := range slices.Sorted(maps.Keys(response.Header)) {
		for _, value := range response.Header[name] {
			header = append(header, Pair{name, a.redactor.text(sign.Mask(name, value))})
		}
	}
	a.note(func(r *Report) {
		r.Status, r.ResponseHeader, r.AnsweredAt = response.StatusCode, header, a.now()
		if !r.SentAt.IsZero() { // a peer may answer before it has read all
			r.Phases.Upgrade = r.AnsweredAt.Sub(r.SentAt)
		}
	})
}

func (a *attempt) refused(body []byte, cut bool) {
	body = a.redactor.body(body, cut)
	if len(body) > MaxRefusalBody { // masks may be longer than what they hide
		body, cut = body[:MaxRefusalBody], true
	}
	a.note(func(r *Report) { r.Body, r.BodyTruncated = body, cut })
}

func (a *attempt) opened(subprotocol string) {
	shown := a.redactor.text(subprotocol) // the target may choose the one that holds the secret
	a.note(func(r *Report) { r.Phase, r.Subprotocol = PhaseOpen, shown })
}

// end returns the report as it is now.
func (a *attempt) end() *Report {
	a.mu.Lock()
	defer a.mu.Unlock()
	report := a.report
	report.Phases.Total = a.now().Sub(a.began)
	return &report
}
