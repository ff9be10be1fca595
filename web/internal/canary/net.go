// Package canary searches the output of a program, its answers, files and log, for
// known secrets. It is for tests. It does not know the use of the secrets.
package canary

import (
	"fmt"
	"slices"
	"sync"
)

// ShortestSecret is the length, in bytes, below which a secret is refused: something
// shorter would be found by chance, and slow the search down.
const ShortestSecret = 12

// Secret is a secret to search for. Reports show its Name.
type Secret struct{ Name, Value string }

// Net holds the secrets to search for and counts the searches. Its methods may be
// called concurrently.
type Net struct {
	mu      sync.Mutex // guards the fields below
	secrets []Secret
	finder  *finder // nil until somebody searches
	used    map[string]int
	places  int64
	bytes   int64
	hits    int64
}

// New returns a net that looks for secrets.
func New(secrets ...Secret) *Net {
	n := &Net{used: map[string]int{}}
	for _, s := range secrets {
		n.Add(s)
	}
	return n
}

// Add makes n look for one more secret from now on, such as one that a program makes
// up and shows once.
func (n *Net) Add(s Secret) {
	if len(s.Value) < ShortestSecret {
		panic(fmt.Sprintf("canary: the secret %s is shorter than %d bytes", s.Name, ShortestSecret))
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	if !slices.Contains(n.secrets, s) {
		n.secrets = append(n.secrets, s)
		n.finder = nil
	}
}

// Use counts that a secret did its work somewhere: a net that catches nothing proves
// nothing about a secret that went nowhere.
func (n *Net) Use(name string) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.used[name]++
}

// Unused returns those of the names that were never used.
func (n *Net) Unused(names []string) []string {
	n.mu.Lock()
	defer n.mu.Unlock()
	return slices.DeleteFunc(slices.Clone(names), func(name string) bool { return n.used[name] > 0 })
}

// Totals counts the searches of a Net.
type Totals struct{ Secrets, Used, Places, Bytes, Hits int64 }

// Totals returns the counts so far.
func (n *Net) Totals() Totals {
	n.mu.Lock()
	defer n.mu.Unlock()
	return Totals{Secrets: int64(len(n.secrets)), Used: int64(len(n.used)), Places: n.places, Bytes: n.bytes, Hits: n.hits}
}

func (n *Net) current() *finder {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.finder == nil {
		n.finder = newFinder(needlesOf(n.secrets))
	}
	return n.finder
}

func (n *Net) count(places, bytes, hits int64) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.places += places
	n.bytes += bytes
	n.hits += hits
}

// Hit locates a secret in a searched text. It does not contain the secret.
type Hit struct {
	Secret, Encoding, Place string
	Offset                  int64 // of the place, in bytes
}

// String implements fmt.Stringer.
func (h Hit) String() string {
	return fmt.Sprintf("the secret %s stands in %s (%s, at byte %d)", h.Secret, h.Place, h.Encoding, h.Offset)
}
