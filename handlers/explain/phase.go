package explain

import (
	"time"

	"duplex/bridge/dial"
	"duplex/bridge/wire"
)

// PhaseDone maps a phase of a dial that has succeeded, with the facts that it brought. Took is
// used where the report has no duration of the phase.
func PhaseDone(phase dial.Phase, r *dial.Report, took time.Duration) wire.DialPhase {
	p := wire.DialPhase{Phase: string(phase), State: wire.PhaseDone}
	switch phase {
	case dial.PhaseDNS:
		took = r.Phases.DNS
		for _, addr := range r.Addresses {
			p.Addresses = append(p.Addresses, addr.String())
		}
	case dial.PhaseTCP:
		took, p.Remote = r.Phases.TCP, r.RemoteAddr
	case dial.PhaseProxy:
		took, p.Proxy = r.Phases.Proxy, r.Proxy
	case dial.PhaseTLS:
		took, p.TLS = r.Phases.TLS, tlsOf(r.TLS)
	case dial.PhaseUpgrade:
		took, p.Status, p.Subprotocol = r.Phases.Upgrade, r.Status, r.Subprotocol
	default:
	}
	p.TookUS = took.Microseconds()
	return p
}
