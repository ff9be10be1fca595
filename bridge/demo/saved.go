package demo

import (
	"strings"

	"duplex/bridge/sign"
)

// Param is a query parameter of a saved service.
type Param struct{ Name, Value string }

// Saved is a service as a newcomer finds it: it works as it is.
type Saved struct {
	Name         string
	Endpoint     string // "echo", "stream", ...
	Address      string // without the parameters
	Params       []Param
	Credential   sign.Credential // with its secrets, which are made up
	Subprotocols []string
	Dialect      string // "" for none
}

// Services returns the services to save for a Demo that is reached at base, such
// as "ws://127.0.0.1:8081": the endpoints to look at, a stream of tokens first, services
// that hear and speak, and then an echo for each kind of credential.
func (d *Demo) Services(base string) []Saved {
	base = strings.TrimSuffix(base, "/")
	saved := endpointServices(base)
	for _, s := range deployed() {
		if s.name != "" {
			saved = append(saved, Saved{
				Name: "Demo · echo · " + s.name, Endpoint: "echo",
				Address: base + Path(s.kind, "echo"), Credential: s.credential(base),
			})
		}
	}
	return saved
}

func endpointServices(base string) []Saved {
	open := func(name, endpoint string, params ...Param) Saved {
		return Saved{
			Name: "Demo · " + name, Endpoint: endpoint, Params: params,
			Address: base + Path(sign.KindNone, endpoint), Credential: sign.Credential{Kind: sign.KindNone},
		}
	}
	stream := open("token stream", "stream", Param{"interval_ms", "30"})
	stream.Subprotocols, stream.Dialect = []string{"duplex.demo"}, "modelarts-chat"
	return append(append([]Saved{stream}, speechServices(base)...),
		open("ticker", "ticker", Param{"rate", "10"}, Param{"size", "128"}, Param{"count", "0"}),
		open("12 MB JSON", "big", Param{"size", "12582912"}, Param{"shape", "json"}),
		open("slow answer", "slow", Param{"delay_ms", "2000"}),
		open("close codes", "close", Param{"code", "1011"}, Param{"reason", "the model crashed"}, Param{"after", "1"}),
	)
}
