// Package connection reads from a request what to connect to and how, and prepares the
// dial. Secrets of the request and of the saved service are combined here.
package connection

import (
	"encoding/json"
	"errors"
	"time"

	"duplex/bridge"
	"duplex/handlers/reply"
)

// Limits of what describes a connection.
const (
	maxParams       = 100
	maxParam        = 32 << 10 // bytes of a name, and of a value: an IAM token has up to that
	maxSubprotocols = 32
	maxCAPEM        = 256 << 10 // bytes
	minPing         = time.Second
	maxPing         = 10 * time.Minute
	maxPong         = time.Hour
)

// Input is the part of a request that says what to connect to and how.
// What is left out stays as it is.
type Input struct {
	Address      *string         `json:"address"`
	Params       *[]paramInput   `json:"params"`
	Headers      *[]pairInput    `json:"headers"`
	Subprotocols *[]string       `json:"subprotocols"`
	Credential   json.RawMessage `json:"credential"`
	Compression  *bool           `json:"compression"`
	TLS          *struct {
		CAPEM         *string `json:"ca_pem"`
		SkipVerify    *bool   `json:"skip_verify"`
		ClientCertPEM *string `json:"client_cert_pem"`
		ClientKeyPEM  *string `json:"client_key_pem"` // see clientKey

		// What answers say of them; taken, so that what was read can be sent back.
		ClientCertificate json.RawMessage `json:"client_certificate"`
		ClientKey         json.RawMessage `json:"client_key"`
	} `json:"tls"`
	PingInterval json.RawMessage `json:"ping_interval"`
	PongTimeout  json.RawMessage `json:"pong_timeout"`
	Limits       *struct {
		MaxMessageBytes *int64 `json:"max_message_bytes"`
	} `json:"limits"`

	rows RowSecrets // of headers and params
}

// apply puts everything but the credential into s, or says which input is wrong.
func (in *Input) apply(s *bridge.Service) error {
	for _, part := range []func(*bridge.Service) error{
		in.address, in.headers, in.subprotocols, in.tls, in.clientCertificate, in.ping, in.limits,
	} {
		if err := part(s); err != nil {
			return err
		}
	}
	if in.Compression != nil {
		s.Compression = *in.Compression
	}
	return nil
}

// ping reads how the connection is kept alive. Without pings no pong can be missed, and
// a wait that is shorter than the time between pings would end in between.
func (in *Input) ping(s *bridge.Service) error {
	if err := readDuration(in.PingInterval, &s.PingInterval); err != nil ||
		s.PingInterval != 0 && (s.PingInterval < minPing || s.PingInterval > maxPing) {
		return reply.OutOfRange("ping_interval", int64(minPing.Seconds()), int64(maxPing.Seconds()))
	}
	if err := readDuration(in.PongTimeout, &s.PongTimeout); err != nil ||
		s.PongTimeout != 0 && (s.PingInterval == 0 || s.PongTimeout < s.PingInterval || s.PongTimeout > maxPong) {
		return reply.OutOfRange("pong_timeout", int64(max(s.PingInterval, minPing).Seconds()), int64(maxPong.Seconds()))
	}
	return nil
}

// readDuration reads seconds, "20s", or "off" into d, which stays when nothing is said.
func readDuration(raw json.RawMessage, d *time.Duration) error {
	if len(raw) == 0 || string(raw) == "null" {
		return nil
	}
	var seconds float64
	if json.Unmarshal(raw, &seconds) == nil {
		if seconds < 0 || seconds > maxPong.Seconds() {
			return errors.New("out of range")
		}
		*d = time.Duration(seconds * float64(time.Second))
		return nil
	}
	var words string
	if err := json.Unmarshal(raw, &words); err != nil {
		return err
	}
	if words == "off" {
		*d = 0
		return nil
	}
	read, err := time.ParseDuration(words)
	*d = read
	return err
}

func (in *Input) limits(s *bridge.Service) error {
	if in.Limits == nil || in.Limits.MaxMessageBytes == nil {
		return nil
	}
	limit := *in.Limits.MaxMessageBytes
	if limit < 1 || limit > bridge.MaxMessageBytes {
		return reply.OutOfRange("limits.max_message_bytes", 1, bridge.MaxMessageBytes)
	}
	s.MaxMessageBytes = limit
	return nil
}

// newService is what a service is before anything is said of it.
func newService() bridge.Service {
	return bridge.Service{PingInterval: bridge.DefaultPingInterval, MaxMessageBytes: bridge.MaxMessageBytes}
}
