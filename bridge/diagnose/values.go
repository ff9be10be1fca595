package diagnose

import (
	"cmp"
	"errors"
	"maps"
	"net"
	"net/http"
	"strconv"
	"strings"
	"syscall"
	"time"

	"duplex/bridge/dial"
	"duplex/bridge/sign"
)

// collectValues returns the known values for sentences and facts.
func (c *clues) collectValues() map[string]string {
	all := map[string]string{}
	for _, part := range []map[string]string{c.request(), c.failure(), c.certificate(), c.refusal(), c.clock(), c.closing()} {
		for name, value := range part {
			if value != "" {
				all[name] = value
			}
		}
	}
	return all
}

func (c *clues) request() map[string]string {
	r := c.Report
	return map[string]string{
		"host":               r.Host,
		"name":               c.url.Hostname(),
		"path":               clip(cmp.Or(c.url.Path, "/"), maxQuote),
		"addresses":          resolved(c.url.Hostname(), r.Addresses),
		"remote":             c.remote(),
		"proxy":              r.Proxy,
		"phases":             phases(r.Phases),
		"offered":            redact(strings.Join(r.Offered, ", ")),
		"credential_headers": strings.Join(c.hiddenHeaders(), ", "),
		"credential_params":  strings.Join(c.hiddenParams(), ", "),
	}
}

// remote returns the target's address; "" with a proxy, which alone knows it.
func (c *clues) remote() string {
	if c.Report.Proxy != "" {
		return ""
	}
	return c.Report.RemoteAddr
}

func (c *clues) hiddenHeaders() []string {
	var names []string
	for _, h := range c.Report.RequestHeader {
		if strings.Contains(h.Value, sign.Masked) {
			names = append(names, h.Name)
		}
	}
	return names
}

func (c *clues) hiddenParams() []string {
	var names []string
	for pair := range strings.SplitSeq(c.url.RawQuery, "&") {
		if name, value, _ := strings.Cut(pair, "="); strings.Contains(value, sign.Masked) {
			names = append(names, name)
		}
	}
	return names
}

// failure returns the values of the error.
func (c *clues) failure() map[string]string {
	values := map[string]string{
		"reason": string(c.reason()),
		"detail": detail(c.Err),
	}
	if field, ok := errors.AsType[*sign.FieldError](c.Err); ok {
		values["field"] = field.Field
	}
	if bound, ok := errors.AsType[*dial.BoundError](c.Err); ok {
		values["field"] = strings.ReplaceAll(bound.Field, "_", " ")
		values["bound_to"], values["refused"] = strings.Join(bound.Targets, ", "), bound.Refused
	}
	if proxy := c.proxy(); proxy != nil {
		values["proxy"], values["proxy_target"], values["challenge"] = proxy.Proxy, proxy.Target, redact(proxy.Challenge)
		if proxy.Status != 0 {
			values["proxy_status"] = strings.TrimSpace(strconv.Itoa(proxy.Status) + " " + http.StatusText(proxy.Status))
		}
	} else if c.direct() {
		values[map[bool]string{true: "proxy_exempt", false: "no_proxy"}[c.Report.ProxyExempt]] = "1"
	}
	if mint := c.mint(); mint != nil {
		values["host_of_mint"] = mint.Host
		if mint.Err == nil && mint.Status == 0 {
			values["detail"] = redact(mint.Message)
		}
	}
	if option, ok := errors.AsType[*dial.OptionError](c.Err); ok {
		values["field"] = option.Field
	}
	if refused, ok := errors.AsType[*dial.HeaderError](c.Err); ok {
		values["header"] = cmp.Or(redact(refused.Name), `""`)
	}
	return values
}

// reason returns why the policy, the address check or the certificate check refused.
func (c *clues) reason() dial.Reason {
	if blocked, ok := errors.AsType[*dial.BlockedError](c.Err); ok {
		return blocked.Reason
	}
	if address, ok := errors.AsType[*dial.AddressError](c.Err); ok {
		return address.Reason
	}
	if certificate, ok := errors.AsType[*dial.ClientCertificateError](c.Err); ok {
		return certificate.Reason
	}
	return ""
}

// detail returns the part of an error that cannot hold a credential: the error of the system,
// or the TLS alert of the target.
func detail(err error) string {
	if system, ok := errors.AsType[syscall.Errno](err); ok {
		return system.Error()
	}
	if alert, ok := errors.AsType[*net.OpError](err); ok && alert.Op == "remote error" {
		return alert.Err.Error()
	}
	return ""
}

func (c *clues) refusal() map[string]string {
	r := c.Report
	if c.status == 0 || c.Closing != nil {
		return nil
	}
	values := map[string]string{
		"status":      strconv.Itoa(c.status),
		"region":      region(c.url.Hostname()),
		"status_line": strings.TrimSpace(strconv.Itoa(c.status) + " " + http.StatusText(c.status)),
		"code":        redact(c.answer.code),
		"message":     redact(c.answer.message),
		"canonical":   c.redactCanonical(c.answer.canonical),
		"request_id":  clip(control.ReplaceAllString(c.answer.requestID, ""), 80),
		"server":      redact(header(r.ResponseHeader, "Server")),
		"challenge":   redact(header(r.ResponseHeader, "Www-Authenticate")),
		"location":    c.location(),
		"chosen":      redact(header(r.ResponseHeader, "Sec-Websocket-Protocol")),
	}
	// ModelArts adds its name to responses of a container, and an error code to its own.
	if strings.EqualFold(values["server"], "ModelArts") && !strings.HasPrefix(c.answer.code, "ModelArts.") {
		values["from_container"] = "1"
	}
	return values
}

func (c *clues) clock() map[string]string {
	switch {
	case c.skew >= time.Minute:
		return map[string]string{"ahead": span(c.skew)}
	case c.skew <= -time.Minute:
		return map[string]string{"behind": span(-c.skew)}
	}
	return nil
}

func (c *clues) closing() map[string]string {
	e := c.Closing
	if e == nil {
		return nil
	}
	if e.Interrupted != nil {
		return interruption(e)
	}
	values := map[string]string{
		"close_code":   strconv.Itoa(e.Code),
		"close_reason": redact(e.Reason),
		"last_error":   c.lastError(),
		"open_for":     span(e.OpenFor),
		"idle":         span(e.Idle),
		"sent":         strconv.FormatInt(e.Sent, 10),
		"received":     strconv.FormatInt(e.Received, 10),
	}
	maps.Copy(values, e.limitValues())
	if e.Sent > 0 {
		values["since_sent"], values["size"] = span(e.SinceSent), size(e.LastSentSize)
	}
	if e.PingInterval > 0 {
		values["ping_interval"] = span(e.PingInterval)
	} else {
		values["pings_off"] = "1"
	}
	if e.PingsMissed > 0 {
		values["pings_missed"] = strconv.Itoa(e.PingsMissed)
	}
	return values
}

// lastError returns the error of the last message, with its code.
func (c *clues) lastError() string {
	if !c.said.strong {
		return ""
	}
	return strings.TrimSpace(redact(c.said.code) + " " + redact(c.said.words))
}

// interruption returns the values of closing that a store can know.
func interruption(e *Closing) map[string]string {
	values := map[string]string{
		"close_code":   strconv.Itoa(e.Code),
		"open_for":     span(e.OpenFor),
		"sent":         strconv.FormatInt(e.Sent, 10),
		"received":     strconv.FormatInt(e.Received, 10),
		"last_message": moment(e.Interrupted.At),
		"kept":         strconv.FormatInt(e.Interrupted.Kept, 10),
	}
	if e.Interrupted.Unsure > 0 {
		values["unsure"] = strconv.FormatInt(e.Interrupted.Unsure, 10)
		values["from"], values["to"] = strconv.FormatInt(e.Interrupted.From, 10), strconv.FormatInt(e.Interrupted.To, 10)
	}
	return values
}
