package connection

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/net/http/httpguts"

	"duplex/bridge"
	"duplex/bridge/dial"
	"duplex/bridge/dialect"
	"duplex/bridge/vault"
	"duplex/handlers/reply"
)

// resolved is a service with its templates filled in.
type resolved struct {
	bridge.Service // without the headers and parameters of sealed

	sealed []dial.Sealed           // headers and parameters that contain a secret
	used   map[string]vault.Secret // secrets of the environment that are sent, by name
}

// resolve fills in the templates of s: in its address, parameters, headers and subprotocols.
// The first params of s that came with the address are named as a part of it in errors.
func (v *variables) resolve(s *bridge.Service, ofAddress int) (*resolved, error) {
	r := &resolved{Service: *s, used: maps.Clone(v.spoken)}
	if r.used == nil {
		r.used = map[string]vault.Secret{}
	}
	if err := v.resolveAddress(r); err != nil {
		return nil, err
	}
	if err := v.resolveParams(r, ofAddress); err != nil {
		return nil, err
	}
	if err := v.resolveHeaders(r); err != nil {
		return nil, err
	}
	return r, v.resolveSubprotocols(r)
}

// fill fills in one text; where names it in errors.
func (v *variables) fill(r *resolved, where, text string) (dialect.Resolved, error) {
	out, err := dialect.Resolve(text, v.values, v.secrets, v.now)
	if err != nil {
		return out, reply.MapTemplate(err, where, text)
	}
	for _, name := range out.Secrets {
		r.used[name] = v.secrets[name]
	}
	return out, nil
}

// resolveAddress fills in the address. A secret in it would be shown with every session.
func (v *variables) resolveAddress(r *resolved) error {
	if !dialect.HasTemplate(r.Address) {
		return nil
	}
	text, err := v.fill(r, "address", r.Address)
	if err != nil {
		return err
	}
	if len(text.Secrets) > 0 {
		return reply.Breaks(reply.RuleNoSecret, "address")
	}
	u, err := dial.ParseAddress(string(text.Wire))
	if err != nil {
		return err
	}
	if u.RawQuery != "" && len(r.Params) > 0 {
		r.Params = append(bridge.ParametersOf(u.RawQuery), r.Params...)
		u.RawQuery = ""
	}
	r.Address = u.String()
	return nil
}

func (v *variables) resolveParams(r *resolved, ofAddress int) error {
	params := r.Params
	r.Params = nil
	for i, p := range params {
		template := p.Template()
		if template == "" || p.Secret || !p.Enabled {
			r.Params = append(r.Params, p)
			continue
		}
		where := fmt.Sprintf("params[%d].value", i-ofAddress)
		if i < ofAddress {
			where = "address"
		}
		text, err := v.fill(r, where, template)
		if err != nil {
			return err
		}
		p.Value, p.Raw = string(text.Wire), ""
		if !text.HasSecret() {
			r.Params = append(r.Params, p)
			continue
		}
		r.sealed = append(r.sealed, dial.Sealed{Field: where, Name: p.Name, Value: vault.NewSecret(p.Value), Query: true})
	}
	return requireAddressSize(&r.Service)
}

func (v *variables) resolveHeaders(r *resolved) error {
	headers := r.Headers
	r.Headers = nil
	for i, p := range headers {
		if !dialect.HasTemplate(p.Value) || p.Secret || !p.Enabled {
			r.Headers = append(r.Headers, p)
			continue
		}
		where := fmt.Sprintf("headers[%d].value", i)
		text, err := v.fill(r, where, p.Value)
		if err != nil {
			return err
		}
		p.Value = string(text.Wire)
		if err := requireHeader(pairInput{Name: p.Name, Value: p.Value}, strings.TrimSuffix(where, ".value")); err != nil {
			return err
		}
		if !text.HasSecret() {
			r.Headers = append(r.Headers, p)
			continue
		}
		r.sealed = append(r.sealed, dial.Sealed{Field: where, Name: p.Name, Value: vault.NewSecret(p.Value)})
	}
	return nil
}

func (v *variables) resolveSubprotocols(r *resolved) error {
	names := r.Subprotocols
	r.Subprotocols = nil
	for i, name := range names {
		where := "subprotocols[" + strconv.Itoa(i) + "]"
		text, err := v.fill(r, where, name)
		if err != nil {
			return err
		}
		name := string(text.Wire)
		if err := requireSubprotocol(name, where, r.Subprotocols); err != nil {
			return err
		}
		r.Subprotocols = append(r.Subprotocols, name)
	}
	return nil
}

// requireSubprotocol refuses a name that cannot be offered beside the names before it: each
// is a token and occurs once, RFC 6455 section 4.1.
func requireSubprotocol(name, where string, before []string) error {
	if !httpguts.ValidHeaderFieldName(name) {
		return reply.Breaks(reply.RuleToken, where)
	}
	if slices.Contains(before, name) {
		return reply.Breaks(reply.RuleUnique, where)
	}
	return nil
}
