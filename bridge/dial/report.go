// Package dial is the only package that dials out: it checks addresses, applies the policy to
// every connection, performs the opening handshake, and reports each step. It knows nothing
// of sessions or browsers.
package dial

import (
	"net/netip"
	"time"

	"duplex/bridge/sign"
)

// Pair is a header or a query parameter. A slice of pairs keeps order and repetitions.
type Pair struct {
	Name  string `json:"name"`
	Value string `json:"value"`
}

// Phase is a step of a dial.
type Phase string

// The phases, in order.
const (
	PhaseAddress    Phase = "address"    // the address was refused before anything was sent
	PhaseCredential Phase = "credential" // the credential is incomplete, may not be sent there, or IAM refused it
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

// Phases holds the duration of each step; 0 when it did not happen. With an egress proxy, DNS
// and TCP are those of the proxy.
type Phases struct {
	DNS     time.Duration
	TCP     time.Duration
	Proxy   time.Duration // TLS to the egress proxy and its answer to CONNECT
	TLS     time.Duration
	Upgrade time.Duration // from the request to the response
	Total   time.Duration
}

// TLSInfo describes the certificate of the peer, trusted or not.
type TLSInfo struct {
	Version    string // "TLS 1.3"
	ServerName string // the requested name
	Subject    string
	Issuer     string
	DNSNames   []string
	NotBefore  time.Time
	NotAfter   time.Time
	Unverified bool // the certificate was not checked, as requested

	MissingIssuer  string    // the intermediate CA that the peer should have sent; "" when none is known to be missing
	ClientAsked    bool      // the peer asked for a client certificate
	ClientSubject  string    // of the client certificate that was sent; "" for none
	ClientNotAfter time.Time // of that certificate
}

// Report describes one dial. It holds no secret: values with the credential are masked.
type Report struct {
	URL            string // as dialled, credential parameters masked
	Host           string // host:port
	Phase          Phase  // the last phase reached; PhaseOpen on success
	Phases         Phases
	Addresses      []netip.Addr // of the name; none with a proxy, which resolves it
	RemoteAddr     string       // of the target, or of the proxy
	Proxy          string       // host:port of the egress proxy; "" when the target was dialled directly
	ProxyExempt    bool         // dialled directly although its scheme has a proxy
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

// MaxRefusalBody is the number of bytes that are kept of the body of a refusal.
const MaxRefusalBody = 64 << 10
