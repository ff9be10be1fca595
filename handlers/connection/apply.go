package connection

import (
	"strings"

	"duplex/bridge"
)

// applyTo sets all fields of s but the credential. The error names the first wrong input.
func (in *Input) applyTo(s *bridge.Service) error {
	if in.Environment != nil {
		s.Environment = strings.TrimSpace(*in.Environment)
	}
	for _, part := range []func(*bridge.Service) error{
		in.readAddress, in.readHeaders, in.readSubprotocols, in.readTLS, in.readClientCertificate, in.settings.applyTo,
	} {
		if err := part(s); err != nil {
			return err
		}
	}
	return nil
}
