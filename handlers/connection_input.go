package handlers

import (
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"golang.org/x/net/http/httpguts"

	"duplex/bridge"
	"duplex/bridge/dial"
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

// connectionInput is the part of a request that says what to connect to and how.
// What is left out stays as it is.
type connectionInput struct {
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

	rows rowSecrets // of headers and params
}

// pairInput is a header.
type pairInput struct {
	Name    string `json:"name"`
	Value   string `json:"value"`
	Enabled *bool  `json:"enabled"` // left out is yes
	Secret  bool   `json:"secret"`  // sealed; without a value the kept one stays
	Field   string `json:"field"`   // of the kept one, as answers name it
}

func (p pairInput) parameter() bridge.Parameter {
	return bridge.Parameter{Name: p.Name, Value: p.Value, Enabled: p.Enabled == nil || *p.Enabled, Secret: p.Secret, Field: p.Field}
}

// paramInput is a query parameter.
type paramInput struct {
	Name    *string `json:"name"` // left out, as value, when raw alone says both
	Value   *string `json:"value"`
	Enabled *bool   `json:"enabled"` // left out is yes
	Secret  bool    `json:"secret"`  // as of a header
	Field   string  `json:"field"`
	Raw     string  `json:"raw"` // how it is spelled in the address; one that reads otherwise than name and value is dropped
}

func (p paramInput) parameter() bridge.Parameter {
	raw := strings.ReplaceAll(dial.EscapeQuery(p.Raw), "#", "%23")
	if p.Name == nil && p.Value == nil && !p.Secret {
		if alone := bridge.ParametersOf(raw); len(alone) == 1 {
			alone[0].Enabled = p.Enabled == nil || *p.Enabled
			return alone[0]
		}
	}
	var name, value string
	if p.Name != nil {
		name = *p.Name
	}
	if p.Value != nil {
		value = *p.Value
	}
	out := pairInput{name, value, p.Enabled, p.Secret, p.Field}.parameter()
	out.Raw = raw
	if !out.IsSpelled() {
		out.Raw = ""
	}
	return out
}

// apply puts everything but the credential into s, or says which input is wrong.
func (in *connectionInput) apply(s *bridge.Service) error {
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

// address takes the address apart: its query becomes the first of the parameters,
// in place of those that s has. A query without a parameter in it stays in the address.
func (in *connectionInput) address(s *bridge.Service) error {
	if in.Address == nil {
		return in.params(s, nil)
	}
	if size := len(*in.Address); size > dial.MaxAddress {
		return reply.TooLong("address", size, dial.MaxAddress)
	}
	u, err := dial.ParseAddress(*in.Address)
	if err != nil {
		return err
	}
	var first []bridge.Parameter
	if u.RawQuery != "" || u.ForceQuery {
		if first, s.Params = bridge.ParametersOf(u.RawQuery), nil; first != nil {
			u.RawQuery, u.ForceQuery = "", false
		}
	}
	s.Address = u.String()
	return in.params(s, first)
}

func (in *connectionInput) params(s *bridge.Service, first []bridge.Parameter) error {
	if in.Params != nil {
		s.Params = nil
		for i, given := range *in.Params {
			p := given.parameter()
			where := fmt.Sprintf("params[%d]", i)
			if p.Name == "" && p.Value == "" && p.Raw == "" {
				if given.Name == nil && given.Value == nil && given.Raw != "" {
					return reply.Breaks(reply.RuleOneParameter, where+".raw")
				}
				continue
			}
			if err := checkParam(&p, where); err != nil {
				return err
			}
			p, err := in.rows.row(bridge.ParamsField, where, s.Params, p)
			if err != nil {
				return err
			}
			s.Params = append(s.Params, p)
		}
	}
	s.Params = append(first, s.Params...)
	if count := len(s.Params); count > maxParams {
		return reply.TooMany("params", count, maxParams)
	}
	return checkAddressSize(s)
}

// checkAddressSize measures the address as it is dialled.
func checkAddressSize(s *bridge.Service) error {
	u, err := s.URL()
	if err != nil {
		return err
	}
	if size := len(u.String()); size > dial.MaxAddress {
		return reply.TooLong("params", size, dial.MaxAddress)
	}
	return nil
}

// checkParam refuses what is no parameter; where names it. What its spelling holds is
// percent-encoded, and may be anything.
func checkParam(p *bridge.Parameter, where string) error {
	switch {
	case len(p.Name) > maxParam:
		return reply.TooLong(where+".name", len(p.Name), maxParam)
	case len(p.Value) > maxParam:
		return reply.TooLong(where+".value", len(p.Value), maxParam)
	case p.Raw != "":
		return nil
	case p.Name == "":
		return reply.Bad("missing_field", where+".name")
	case strings.ContainsFunc(p.Name, reply.IsControl):
		return reply.Breaks(reply.RuleNoControls, where+".name")
	case strings.ContainsFunc(p.Value, reply.IsControl):
		return reply.Breaks(reply.RuleNoControls, where+".value")
	}
	return nil
}

func (in *connectionInput) headers(s *bridge.Service) error {
	if in.Headers == nil {
		return nil
	}
	var pairs []dial.Pair
	s.Headers = nil
	for i, p := range *in.Headers {
		if p.Name == "" && p.Value == "" {
			continue
		}
		where := fmt.Sprintf("headers[%d]", i)
		if err := checkHeader(p, where); err != nil {
			return err
		}
		pairs = append(pairs, dial.Pair{Name: p.Name, Value: p.Value}) // the disabled ones too
		row, err := in.rows.row(bridge.HeadersField, where, s.Headers, p.parameter())
		if err != nil {
			return err
		}
		s.Headers = append(s.Headers, row)
	}
	if wrong, ok := errors.AsType[*dial.HeaderError](dial.CheckHeaders(pairs)); ok {
		return reply.MapHeader(wrong, "headers")
	}
	return nil
}

// checkHeader refuses what cannot be sent; where names it.
func checkHeader(p pairInput, where string) error {
	err := dial.CheckHeader(dial.Pair{Name: p.Name, Value: p.Value})
	wrong, ok := errors.AsType[*dial.HeaderError](err)
	switch {
	case !ok:
		return err
	case wrong.Reason == dial.ReasonBadValue, wrong.Reason == dial.ReasonTooLong:
		return reply.MapHeader(wrong, where+".value")
	default:
		return reply.MapHeader(wrong, where+".name")
	}
}

func (in *connectionInput) subprotocols(s *bridge.Service) error {
	if in.Subprotocols == nil {
		return nil
	}
	if count := len(*in.Subprotocols); count > maxSubprotocols {
		return reply.TooMany("subprotocols", count, maxSubprotocols)
	}
	s.Subprotocols = nil
	seen := map[string]bool{}
	for i, name := range *in.Subprotocols {
		// Each is a token and stands once, RFC 6455 section 4.1.
		if !httpguts.ValidHeaderFieldName(name) {
			return reply.Breaks(reply.RuleToken, fmt.Sprintf("subprotocols[%d]", i))
		}
		if seen[name] {
			return reply.Breaks(reply.RuleUnique, fmt.Sprintf("subprotocols[%d]", i))
		}
		seen[name] = true
		s.Subprotocols = append(s.Subprotocols, name)
	}
	return nil
}

func (in *connectionInput) tls(s *bridge.Service) error {
	if in.TLS == nil {
		return nil
	}
	if in.TLS.SkipVerify != nil {
		s.SkipVerify = *in.TLS.SkipVerify
	}
	if in.TLS.CAPEM == nil {
		return nil
	}
	pem := strings.TrimSpace(*in.TLS.CAPEM)
	if len(pem) > maxCAPEM {
		return reply.TooLong("tls.ca_pem", len(pem), maxCAPEM)
	}
	// A key would be kept and shown in plain.
	if pem != "" && (strings.Contains(pem, "\x00") || strings.Contains(pem, aKeyInPEM) || !x509.NewCertPool().AppendCertsFromPEM([]byte(pem))) {
		return reply.Bad("bad_value", "tls.ca_pem")
	}
	s.CAPEM = pem
	return nil
}

// ping reads how the connection is kept alive. Without pings no pong can be missed, and
// a wait that is shorter than the time between pings would end in between.
func (in *connectionInput) ping(s *bridge.Service) error {
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

func (in *connectionInput) limits(s *bridge.Service) error {
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
