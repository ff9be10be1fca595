package views

import (
	"slices"
	"strings"
	"time"
)

// ServiceList is the part of the side list with the saved services.
type ServiceList struct {
	Folders []ServiceFolder // by name
	Loose   []ServiceLink   // in no folder, by name
	Demo    []ServiceLink   // of the demo, in no folder
	History int64           // sessions that the person may see
}

// ServiceFolder is a folder with its services.
type ServiceFolder struct {
	Name      string
	MayChange bool
	Services  []ServiceLink
}

// ServiceLink is a saved service in the side list.
type ServiceLink struct {
	ID        string
	Name      string
	Kind      string // of its credential
	Keys      int    // secrets that are saved with it
	Demo      string // name of the demo endpoint; "" for other services
	Address   string
	Private   bool // visible to its owner and admins only
	MayChange bool
	Selected  bool
	Context   bool // the page shows a session of it
}

// SessionLink is a session in the side list.
type SessionLink struct {
	ID       string
	Name     string
	Service  *ServiceLink // that names it; nil for a session with a name of its own
	Address  string
	State    string // connecting, open, closing, closed
	Failed   bool   // it ended with an error
	Owner    string // "" for the person's own sessions
	OpenedBy string
	OpenedAt time.Time
	Selected bool
}

// demoPrefix begins the names of the demo's services. Their folder repeats it.
const demoPrefix = "Demo · "

// demoEntries are the endpoints that the folder of the demo lists. The others are its samples.
func demoEntries() []string { return []string{"stream", "recognition", "echo", "big", "close"} }

// entry returns the demo's entry that a service is, until somebody renames it; "" for other
// services. Services that show a kind of credential are samples.
func (s *ServiceLink) entry() string {
	isEntry := slices.Contains(demoEntries(), s.Demo) && strings.HasPrefix(s.Name, demoPrefix)
	if !isEntry || s.Demo == "echo" && s.Kind != "none" {
		return ""
	}
	return s.Demo
}

// entries returns the demo's services that its folder lists, in its order.
func (l *ServiceList) entries() []ServiceLink {
	var out []ServiceLink
	for _, entry := range demoEntries() {
		for _, s := range l.Demo {
			if s.entry() == entry {
				out = append(out, s)
			}
		}
	}
	for _, s := range l.Demo { // that people renamed
		if !strings.HasPrefix(s.Name, demoPrefix) {
			out = append(out, s)
		}
	}
	return out
}

// serviceName returns the name of a service on the page. Those of the demo have the page's
// words until somebody renames them.
func serviceName(m Shell, s ServiceLink) string {
	if s.Demo == "" || !strings.HasPrefix(s.Name, demoPrefix) {
		return s.Name
	}
	name := m.Say("sidebar.demo." + s.Demo)
	if s.Demo == "echo" && s.Kind != "none" {
		name += " · " + m.Say("auth.kind."+s.Kind+".chip")
	}
	return name
}

// credentialLabel names the credential of a service in few words; "" for none. The kind
// dialect says little about it, so the number of keys takes its place.
func credentialLabel(m Shell, s ServiceLink) string {
	switch {
	case s.Kind == "" || s.Kind == "none" || s.Kind == "dialect" && s.Keys == 0:
		return ""
	case s.Kind == "dialect":
		return m.Count("sidebar.keys", int64(s.Keys))
	}
	return m.Say("auth.kind." + s.Kind + ".chip")
}

// ServiceTitle returns the name of a service as the side list has it, for the title of its page.
func ServiceTitle(m Shell, s ServiceLink) string { return serviceName(m, s) }

// SessionTitle returns the name of a session as the side list has it, for the title of its page.
func SessionTitle(m Shell, s SessionLink) string { return sessionName(m, s) }

// sessionName returns the name of a session on the page.
func sessionName(m Shell, s SessionLink) string {
	if s.Service == nil {
		return s.Name
	}
	return serviceName(m, *s.Service)
}

// shortTail is the longest end of an address with two parts of its path, in bytes.
const shortTail = 12

// splitAddress returns an address without its scheme and query in two parts: the second is the
// last part of its path, or the last two when they are short. It stays when the first is cut.
func splitAddress(address string) (head, tail string) {
	_, rest, found := strings.Cut(address, "://")
	if !found {
		rest = address
	}
	rest, _, _ = strings.Cut(rest, "?")
	rest = strings.TrimSuffix(rest, "/")
	at := strings.LastIndexByte(rest, '/')
	if at <= 0 {
		return rest, ""
	}
	if before := strings.LastIndexByte(rest[:at], '/'); before > 0 && len(rest)-before <= shortTail {
		at = before
	}
	return rest[:at], rest[at:]
}

// dotLabel returns the key of the state that the dot of a session shows.
func dotLabel(s SessionLink) string {
	if s.Failed {
		return "sidebar.failed"
	}
	return "page.state." + s.State
}

// more returns the label of the menu of an entry.
func more(m Shell, name string) string {
	return strings.ReplaceAll(m.Say("sessions.more"), "{name}", name)
}

// All returns all services.
func (l *ServiceList) All() []ServiceLink {
	out := slices.Concat(l.Loose, l.Demo)
	for _, f := range l.Folders {
		out = append(out, f.Services...)
	}
	return out
}
