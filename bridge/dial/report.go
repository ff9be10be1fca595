// Package dial is the only place that dials out: it checks addresses, guards
// every connection against addresses nobody may reach, performs the opening
// handshake and reports how it went. It knows nothing of sessions or of browsers.
package dial

import (
	"net/netip"
	"time"

	"duplex/bridge/sign"
)

// Pair is a name with a value: a header or a query parameter. A slice of pairs
// keeps order and repeats, which a map would lose.
type Pair struct {
	Name  string `json:"name"`
	Value string `json:"value"`
}

// Phase is a step of opening a connection.
type Phase string

// The phases, in order.
const (
	PhaseAddress    Phase = "address"    // the address was refused before anything was sent
	PhaseCredential Phase = "credential" // the credential could not become headers (IAM said no, a field is wrong)
	PhaseDNS        Phase = "dns"
	PhasePolicy     Phase = "policy" // the guard refused every resolved address
	PhaseTCP        Phase = "tcp"
	PhaseProxy      Phase = "proxy" // the egress proxy could not be reached, or did not let the connection through
	PhaseTLS        Phase = "tls"
	PhaseUpgrade    Phase = "upgrade" // the request was sent; no valid 101 came back
	PhaseOpen       Phase = "open"    // 101
)

// AllPhases returns the phases in order.
func AllPhases() []Phase {
	return []Phase{PhaseAddress, PhaseCredential, PhaseDNS, PhasePolicy, PhaseTCP, PhaseProxy, PhaseTLS, PhaseUpgrade, PhaseOpen}
}

// Phases is how long each step took; zero when it did not happen. With an egress
// proxy, DNS and TCP are the way to the proxy.
type Phases struct {
	DNS     time.Duration
	TCP     time.Duration
	Proxy   time.Duration // TLS to the egress proxy, and its answer to CONNECT
	TLS     time.Duration
	Upgrade time.Duration // request written to answer read
	Total   time.Duration
}

// TLSInfo is what the peer showed, also when it was not trusted.
type TLSInfo struct {
	Version    string // "TLS 1.3"
	ServerName string // the name that was asked for
	Subject    string
	Issuer     string
	DNSNames   []string
	NotBefore  time.Time
	NotAfter   time.Time
	Unverified bool // nobody checked the certificate: it was asked not to

	MissingIssuer  string    // whose certificate the peer should have sent with its own; "" when the chain is whole or cannot be told
	ClientAsked    bool      // the peer asked for a client certificate
	ClientSubject  string    // of the one that it got; "" for none
	ClientNotAfter time.Time // of the same
}

// Report is everything known about one attempt to open a connection. Nothing in
// it is secret: values that carry the credential are masked.
type Report struct {
	URL            string // as dialled, credential parameters masked
	Host           string // host:port
	Phase          Phase  // the last phase reached; PhaseOpen on success
	Phases         Phases
	Addresses      []netip.Addr // what the name resolved to; none through a proxy, which resolves it
	RemoteAddr     string       // who was connected to: the target, or the proxy
	Proxy          string       // host:port of the egress proxy; "" when the target was dialled directly
	ProxyExempt    bool         // dialled directly although there is a proxy for its scheme
	TLS            *TLSInfo     // nil for ws
	CredentialKind sign.Kind
	RequestHeader  []Pair // as sent, masked
	Offered        []string
	Subprotocol    string // chosen by the target; "" for none
	Status         int    // of the answer; 0 when none came
	ResponseHeader []Pair
	Body           []byte // of a refusal, at most MaxRefusalBody
	BodyTruncated  bool
	SentAt         time.Time // when the request was written, by our clock
	AnsweredAt     time.Time
}

// MaxRefusalBody is how much of a refused handshake's body is kept, in bytes.
const MaxRefusalBody = 64 << 10
