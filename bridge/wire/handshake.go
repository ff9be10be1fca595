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
