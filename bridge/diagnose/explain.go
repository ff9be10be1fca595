package diagnose

import "slices"

// rule is one row of the table: a name, which is also the catalogue key, and a function that
// reports whether it explains the evidence.
type rule struct {
	name  string
	match func(*clues) (Finding, bool)
}

// rules is the table. The first match wins, so in each family special rules come before
// general ones, and the last row matches the rest.
var rules = slices.Concat(
	under(refusedHere, addressRules),
	under(withoutProxy, egressRules),
	under(withoutCredential, credentialRules),
	under(reached, schemeRules),
	under(withoutAnswer, tlsRules),
	under(withoutAnswer, networkRules),
	under(answered, clientCertificateRules),
	under(answered, peerRules),
	under(answered, kindRules),
	under(answered, modelArtsRules),
	under(answered, gatewayRules),
	under(answered, statusRules),
	under(ended, closeRules),
)

// Explain returns why a connection failed or broke. It returns false if nothing went wrong:
// the connection is open, we closed it, or the target closed it without an error.
func Explain(e Evidence) (Finding, bool) {
	c := parseEvidence(e)
	for _, r := range rules {
		if finding, ok := r.match(c); ok {
			finding.Rule, finding.Values, finding.Said, finding.Facts, finding.By = r.name, c.values, c.saidFact(), c.facts(), c.by()
			if c.said.strong {
				finding.MessageSeq = c.Closing.LastError.Seq
			}
			if r.name == dialectRule {
				finding.Known = c.Closing.Known
			}
			return finding, true
		}
	}
	return Finding{}, false
}

// Rules returns the names of all rules in the order they are tried.
func Rules() []string {
	names := make([]string, len(rules))
	for i, r := range rules {
		names[i] = r.name
	}
	return names
}

// under limits rules to the evidence of their family.
func under(family condition, members []rule) []rule {
	out := make([]rule, len(members))
	for i, r := range members {
		out[i] = rule{r.name, func(c *clues) (Finding, bool) {
			if !family(c) {
				return Finding{}, false
			}
			return r.match(c)
		}}
	}
	return out
}
