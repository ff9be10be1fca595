package vault

import "encoding/json"

// Binding limits the hosts that a secret may be sent to, and names its owner. It is
// sealed with the secret, so a change of the database cannot widen it.
type Binding struct {
	// Targets is hosts as in an address, "host" or "host:port", or every name below
	// one, "*.example.com".
	Targets []string `json:"targets"`
	// TLS says that it goes over TLS only.
	TLS bool `json:"tls"`
	// Unverified says that the certificate there was not to be checked either when the
	// secret was entered.
	Unverified bool `json:"unverified,omitempty"`
	// Endpoint receives a secret that is exchanged for a token ("https://iam.example");
	// Targets then receive only the token.
	Endpoint string `json:"endpoint,omitempty"`
	// Owner is the id of the person who entered it.
	Owner string `json:"owner"`
}

// Bind returns the secret as one that may go where b says, and nowhere else.
func (s Secret) Bind(b Binding) Secret {
	text, err := json.Marshal(b)
	if err != nil {
		panic(err) // strings and flags always encode
	}
	return newBound(s.Reveal(), string(text))
}

// Binding returns where the secret may go; bound is false for one that was never
// bound.
func (s Secret) Binding() (b Binding, bound bool) {
	text, _ := s.parts()
	return ParseBinding(text), text != ""
}

// ParseBinding reads the text of a Sealed, to show it. Text that is no binding allows
// nothing. Only opening the secret proves that it was not changed.
func ParseBinding(text string) Binding {
	var b Binding
	if json.Unmarshal([]byte(text), &b) != nil {
		return Binding{}
	}
	return b
}
