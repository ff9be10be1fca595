package connection

import (
	"fmt"
	"strings"

	"duplex/bridge"
	"duplex/bridge/dial"
	"duplex/bridge/dialect"
	"duplex/handlers/reply"
)

// readAddress parses the address. The parameters of its query replace those of s and come
// first. A query without parameters stays in the address.
func (in *Input) readAddress(s *bridge.Service) error {
	if in.Address == nil {
		return in.readParams(s, nil)
	}
	if size := len(*in.Address); size > dial.MaxAddress {
		return reply.TooLong("address", size, dial.MaxAddress)
	}
	var first []bridge.Parameter
	if dialect.HasTemplate(*in.Address) {
		if strings.Contains(*in.Address, "#") {
			return &dial.AddressError{Reason: dial.ReasonFragment}
		}
		if first, s.Address = cutTemplate(*in.Address); first != nil {
			in.ofAddress, s.Params = len(first), nil
		}
		if !dialect.HasTemplate(s.Address) { // they are in the query alone
			u, err := dial.ParseAddress(s.Address)
			if err != nil {
				return err
			}
			s.Address = u.String()
		}
		return in.readParams(s, first)
	}
	u, err := dial.ParseAddress(*in.Address)
	if err != nil {
		return err
	}
	if u.RawQuery != "" || u.ForceQuery {
		if first, s.Params = bridge.ParametersOf(u.RawQuery), nil; first != nil {
			u.RawQuery, u.ForceQuery = "", false
		}
	}
	in.ofAddress, s.Address = len(first), u.String()
	return in.readParams(s, first)
}

// cutTemplate splits the query off an address that holds templates. A rest with templates is
// checked when they are filled in.
func cutTemplate(raw string) (params []bridge.Parameter, address string) {
	address, query, found := strings.Cut(strings.Trim(raw, " \t"), "?")
	if params = bridge.ParametersOf(dial.EscapeQuery(query)); params == nil && found {
		address += "?" + query
	}
	return params, address
}

func (in *Input) readParams(s *bridge.Service, first []bridge.Parameter) error {
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
			if err := requireParam(&p, where); err != nil {
				return err
			}
			p, err := in.rows.takeValue(bridge.ParamsField, where, s.Params, p)
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
	return requireAddressSize(s)
}

// requireAddressSize bounds the address as it is dialled, with its query.
func requireAddressSize(s *bridge.Service) error {
	if dialect.HasTemplate(s.Address) {
		return nil // it is checked when it is filled in
	}
	u, err := s.URL()
	if err != nil {
		return err
	}
	if size := len(u.String()); size > dial.MaxAddress {
		return reply.TooLong("params", size, dial.MaxAddress)
	}
	return nil
}

// requireParam refuses a parameter that cannot be sent; where names the field. A spelling
// is percent-encoded and may hold any character.
func requireParam(p *bridge.Parameter, where string) error {
	switch {
	case len(p.Name) > maxParam:
		return reply.TooLong(where+".name", len(p.Name), maxParam)
	case len(p.Value) > maxParam:
		return reply.TooLong(where+".value", len(p.Value), maxParam)
	case p.Raw != "":
		return nil
	case p.Name == "":
		return reply.Bad(reply.CodeMissingField, where+".name")
	case strings.ContainsFunc(p.Name, reply.IsControl):
		return reply.Breaks(reply.RuleNoControls, where+".name")
	case strings.ContainsFunc(p.Value, reply.IsControl):
		return reply.Breaks(reply.RuleNoControls, where+".value")
	}
	return nil
}
