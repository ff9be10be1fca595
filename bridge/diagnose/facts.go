package diagnose

import "duplex/bridge/dial"

// factRow is a fact that is shown when all its values are known.
type factRow struct {
	key    string
	values []string
}

// factRows lists all facts in the order of display: the response, then the request, then the
// durations.
var factRows = []factRow{
	{"status", []string{"status_line"}},
	{"gateway_code", []string{"code"}},
	{"gateway_message", []string{"message"}},
	{"request_id", []string{"request_id"}},
	{"from_container", []string{"from_container"}},
	{"server", []string{"server"}},
	{"challenge", []string{"challenge"}},
	{"location", []string{"location"}},
	{"last_error", []string{"last_error"}},
	{"close_code", []string{"close_code"}},
	{"close_reason", []string{"close_reason"}},
	{"open_for", []string{"open_for"}},
	{"messages", []string{"sent", "received"}},
	{"since_sent", []string{"since_sent", "size"}},
	{"idle", []string{"idle"}},
	{"pings_off", []string{"pings_off"}},
	{"ping_interval", []string{"ping_interval"}},
	{"pings_missed", []string{"pings_missed"}},
	{"region", []string{"region"}},
	{"credential_headers", []string{"credential_headers"}},
	{"credential_params", []string{"credential_params"}},
	{"canonical_request", []string{"canonical"}},
	{"clock_ahead", []string{"ahead"}},
	{"clock_behind", []string{"behind"}},
	{"subprotocols", []string{"offered"}},
	{"subprotocol_chosen", []string{"chosen"}},
	{"server_name", []string{"server_name"}},
	{"certificate_names", []string{"certificate_names"}},
	{"certificate_issuer", []string{"issuer"}},
	{"certificate_dates", []string{"not_before", "not_after"}},
	{"client_certificate", []string{"client_subject", "client_not_after"}},
	{"client_certificate_asked", []string{"client_asked"}},
	{"tls_version", []string{"tls_version"}},
	{"proxy_answer", []string{"proxy_status"}},
	{"proxy", []string{"proxy"}},
	{"no_proxy", []string{"no_proxy"}},
	{"proxy_exempt", []string{"proxy_exempt"}},
	{"resolved", []string{"name", "addresses"}},
	{"connected_to", []string{"remote"}},
	{"detail", []string{"detail"}},
	{"phases", []string{"phases"}},
}

// FactKeys returns every key that a Fact may have; the catalogue has a sentence
// "evidence.<key>" for each.
func FactKeys() []string {
	var keys []string
	for _, row := range factRows {
		keys = append(keys, row.key)
	}
	for _, reason := range dial.Reasons() {
		keys = append(keys, "reason."+string(reason))
	}
	return keys
}

func (c *clues) facts() []Fact {
	var out []Fact
	if reason := c.reason(); reason != "" {
		out = append(out, Fact{Key: "reason." + string(reason)})
	}
	for _, row := range factRows {
		if values, known := c.pick(row.values); known {
			out = append(out, Fact{Key: row.key, Values: values})
		}
	}
	return out
}

func (c *clues) pick(names []string) (map[string]string, bool) {
	values := make(map[string]string, len(names))
	for _, name := range names {
		value, known := c.values[name]
		if !known {
			return nil, false
		}
		values[name] = value
	}
	return values, true
}
