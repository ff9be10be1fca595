package wire

// Handshake reports the handshake with the target. Values that carry the credential are
// masked.
type Handshake struct {
	Status          int    `json:"status"` // of the answer; 0 when none came
	PhasesUS        Phases `json:"phases_us"`
	Remote          string `json:"remote"`          // who was connected to
	Proxy           string `json:"proxy,omitempty"` // host:port of the egress proxy that led there
	TLS             *TLS   `json:"tls"`             // null for ws
	RequestHeaders  []Pair `json:"request_headers"`
	ResponseHeaders []Pair `json:"response_headers"`
}

// PhaseState is the state of a DialPhase.
type PhaseState string

// The states of a DialPhase.
const (
	PhaseStarted PhaseState = "started"
	PhaseDone    PhaseState = "done"
	PhaseFailed  PhaseState = "failed"
	PhaseNone    PhaseState = "none" // the first message did not come
)

// PhaseStates returns the states of a DialPhase.
func PhaseStates() []PhaseState {
	return []PhaseState{PhaseStarted, PhaseDone, PhaseFailed, PhaseNone}
}

// DialPhase is a step of a connection that is being opened or tested. The facts that are known
// depend on the phase, and come when it is done.
type DialPhase struct {
	Phase  string     `json:"phase"`
	State  PhaseState `json:"state"`
	AtUS   int64      `json:"at_us"` // since the beginning
	TookUS int64      `json:"took_us,omitempty"`

	Addresses   []string `json:"addresses,omitempty"` // dns
	Remote      string   `json:"remote,omitempty"`    // tcp
	Proxy       string   `json:"proxy,omitempty"`     // proxy: its host:port
	TLS         *TLS     `json:"tls,omitempty"`
	Status      int      `json:"status,omitempty"` // upgrade
	Subprotocol string   `json:"subprotocol,omitempty"`

	Expects  bool            `json:"expects,omitempty"`  // a first message, by the dialect
	Expected string          `json:"expected,omitempty"` // its label
	First    *GreetedMessage `json:"first,omitempty"`
	Closed   *Closed         `json:"closed,omitempty"`
}

// GreetedMessage is the first message of a tested connection.
type GreetedMessage struct {
	Opcode  string `json:"opcode"`
	Size    int64  `json:"size"`
	Label   string `json:"label,omitempty"`
	AfterUS int64  `json:"after_us"`
}

// Closed is the end of a tested connection.
type Closed struct {
	Code   int    `json:"code"`
	Reason string `json:"reason,omitempty"`
	Clean  bool   `json:"clean"`
	ByUs   bool   `json:"by_us"`
}

// TestResult is the outcome of a test of a connection whose handshake succeeded.
type TestResult struct {
	Handshake *Handshake      `json:"handshake"`
	First     *GreetedMessage `json:"first"` // null when none came in time
	Closed    Closed          `json:"closed"`
	Diagnosis *Diagnosis      `json:"diagnosis"` // null when nothing is unusual
}

// Phases holds the duration of each step, in microseconds; 0 for a step that did not
// happen. With an egress proxy, DNS and TCP are those of the connection to the proxy.
type Phases struct {
	DNS     int64 `json:"dns"`
	TCP     int64 `json:"tcp"`
	Proxy   int64 `json:"proxy,omitempty"` // TLS to the egress proxy, and its answer to CONNECT
	TLS     int64 `json:"tls"`
	Upgrade int64 `json:"upgrade"`
	Total   int64 `json:"total"`
}

// TLS describes the TLS connection and the target's certificate.
type TLS struct {
	Version     string   `json:"version"`
	ServerName  string   `json:"server_name"`
	Subject     string   `json:"subject"`
	Issuer      string   `json:"issuer"`
	DNSNames    []string `json:"dns_names"`
	NotBeforeUS int64    `json:"not_before_us"` // microseconds since 1970
	NotAfterUS  int64    `json:"not_after_us"`
	Unverified  bool     `json:"unverified,omitempty"` // nobody checked the certificate
}

// Pair is a header with its value.
type Pair struct {
	Name  string `json:"name"`
	Value string `json:"value"`
}
