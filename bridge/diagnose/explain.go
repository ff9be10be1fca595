package diagnose

import "slices"

// rule is one row of the table: a name, which is also the catalogue key, and the
// question whether it explains the evidence.
type rule struct {
	name  string
	match func(*clues) (Finding, bool)
}

// rules is the table. The first match wins, so in each family the special stands
// before the general, and the last row of a family takes whatever is left.
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

// Explain says why a connection failed or broke. It finds nothing only where
// nothing went wrong: the connection is open, we closed it, or the target closed
// it in the usual way.
func Explain(e Evidence) (Finding, bool) {
	c := read(e)
	for _, r := range rules {
		if finding, ok := r.match(c); ok {
			finding.Rule, finding.Values, finding.Said, finding.Facts = r.name, c.values, c.saidFact(), c.facts()
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

// under keeps a family of rules to the evidence it is about.
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
