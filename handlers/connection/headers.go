package connection

import (
	"errors"
	"fmt"

	"duplex/bridge"
	"duplex/bridge/dial"
	"duplex/bridge/dialect"
	"duplex/handlers/reply"
)

func (in *Input) readHeaders(s *bridge.Service) error {
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
		if err := requireHeader(p, where); err != nil {
			return err
		}
		pairs = append(pairs, dial.Pair{Name: p.Name, Value: p.Value}) // the disabled ones too
		row, err := in.rows.takeValue(bridge.HeadersField, where, s.Headers, p.parameter())
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

// requireHeader refuses a header that cannot be sent; where names the field.
func requireHeader(p pairInput, where string) error {
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

func (in *Input) readSubprotocols(s *bridge.Service) error {
	if in.Subprotocols == nil {
		return nil
	}
	if count := len(*in.Subprotocols); count > maxSubprotocols {
		return reply.TooMany("subprotocols", count, maxSubprotocols)
	}
	s.Subprotocols = nil
	for i, name := range *in.Subprotocols {
		if !dialect.HasTemplate(name) { // others are checked when they are filled in
			if err := requireSubprotocol(name, fmt.Sprintf("subprotocols[%d]", i), s.Subprotocols); err != nil {
				return err
			}
		}
		s.Subprotocols = append(s.Subprotocols, name)
	}
	return nil
}
