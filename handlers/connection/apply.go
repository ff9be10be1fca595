package connection

import (
	"encoding/json"
	"errors"
	"time"

	"duplex/bridge"
	"duplex/handlers/reply"
)

// applyTo sets all fields of s but the credential. The error names the first wrong input.
func (in *Input) applyTo(s *bridge.Service) error {
	for _, part := range []func(*bridge.Service) error{
		in.readAddress, in.readHeaders, in.readSubprotocols, in.readTLS, in.readClientCertificate, in.readPing, in.readLimits,
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

// readPing reads the ping interval and the pong timeout. A timeout needs pings, and must not
// be shorter than the interval.
func (in *Input) readPing(s *bridge.Service) error {
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

// readDuration reads seconds, "20s", or "off" into d; an omitted value leaves d.
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

func (in *Input) readLimits(s *bridge.Service) error {
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
