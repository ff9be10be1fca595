package explain

import (
	"strings"

	"duplex/bridge/diagnose"
	"duplex/bridge/dial"
	"duplex/bridge/wire"
	"duplex/views/text"
)

// AddDial adds the diagnosis, the status, the body and the handshake of a failed dial to
// e.
func AddDial(t *text.Catalogue, e *wire.Error, dial *dial.Error) {
	if finding, found := diagnose.Explain(diagnose.Evidence{Report: dial.Report, Err: dial.Err}); found {
		e.Diagnosis = Diagnosis(t, finding)
	}
	e.Status = dial.Report.Status
	e.Body = strings.ToValidUTF8(string(dial.Report.Body), "\uFFFD")
	e.Handshake = Handshake(dial.Report)
}

// Handshake maps the report of a dial. Its times are in microseconds.
func Handshake(r *dial.Report) *wire.Handshake {
	return &wire.Handshake{
		Status: r.Status,
		PhasesUS: wire.Phases{
			DNS: r.Phases.DNS.Microseconds(), TCP: r.Phases.TCP.Microseconds(), Proxy: r.Phases.Proxy.Microseconds(), TLS: r.Phases.TLS.Microseconds(),
			Upgrade: r.Phases.Upgrade.Microseconds(), Total: r.Phases.Total.Microseconds(),
		},
		Remote: r.RemoteAddr, Proxy: r.Proxy, TLS: tlsOf(r.TLS),
		RequestHeaders: headerPairs(r.RequestHeader), ResponseHeaders: headerPairs(r.ResponseHeader),
	}
}

func tlsOf(t *dial.TLSInfo) *wire.TLS {
	if t == nil {
		return nil
	}
	return &wire.TLS{
		Version: t.Version, ServerName: t.ServerName, Subject: t.Subject, Issuer: t.Issuer,
		DNSNames: append([]string{}, t.DNSNames...), NotBeforeUS: wire.Micros(t.NotBefore), NotAfterUS: wire.Micros(t.NotAfter),
		Unverified: t.Unverified,
	}
}

func headerPairs(pairs []dial.Pair) []wire.Pair {
	out := make([]wire.Pair, len(pairs))
	for i, p := range pairs {
		out[i] = wire.Pair{Name: p.Name, Value: p.Value}
	}
	return out
}
