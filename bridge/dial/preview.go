package dial

import (
	"context"
	"maps"
	"slices"

	"duplex/bridge/sign"
)

// Preview returns a Report of the handshake that Dial would send, and sends nothing. Headers
// that the connection itself sets are left out, and so is a token that is asked for first. The
// error is an *Error.
func (d *Dialer) Preview(ctx context.Context, r Request) (*Report, error) {
	a := newAttempt(r, d.now)
	h, err := d.previewed(ctx, r, a)
	report := a.end()
	if err != nil {
		return report, &Error{Report: report, Err: a.redactor.error(err)}
	}
	for _, name := range slices.Sorted(maps.Keys(h.Header)) {
		for _, value := range h.Header[name] {
			report.RequestHeader = append(report.RequestHeader, Pair{name, a.redactor.text(a.applied.Mask(name, value))})
		}
	}
	return report, nil
}

func (d *Dialer) previewed(ctx context.Context, r Request, a *attempt) (*sign.Handshake, error) {
	if _, err := r.check(); err != nil {
		return nil, err
	}
	a.enter(PhaseCredential)
	if err := r.checkBound(); err != nil {
		return nil, err
	}
	if r.Credential.Kind == sign.KindIAMPassword { // only a dial exchanges it
		r.Credential = sign.Credential{Kind: sign.KindNone}
	}
	return d.prepare(ctx, r, nil, a)
}
