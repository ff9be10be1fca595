package dial

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"os"
	"os/exec"
	"slices"
	"sync"
	"syscall"
	"testing"

	"duplex/bridge/testkit"
)

// verdictCases is testdata/ssrf-cases.json.
type verdictCases struct {
	Policies map[string]verdictPolicy
	Cases    []verdictCase
}

type verdictPolicy struct {
	AllowPrivate  bool             `json:"allow_private"`
	AllowLoopback bool             `json:"allow_loopback"`
	Allow         []netip.Prefix   `json:"allow"`
	Deny          []netip.Prefix   `json:"deny"`
	HostAllow     []string         `json:"host_allow"`
	HostDeny      []string         `json:"host_deny"`
	Ports         []uint16         `json:"ports"`
	NAT64         []netip.Prefix   `json:"nat64"`
	Self          []netip.AddrPort `json:"self"`
}

type verdictCase struct {
	ID, Input, Why string
	Resolve        [][]netip.Addr    // the answers of one lookup after another
	Expect         map[string]string // policy to verdict
}

// turns answers each lookup with the next of its answers, and the last for ever.
type turns struct {
	mu      sync.Mutex // guards all below
	answers [][]netip.Addr
	lookups int
}

func (r *turns) LookupNetIP(_ context.Context, _, host string) ([]netip.Addr, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.lookups++
	if len(r.answers) == 0 {
		return nil, &net.DNSError{Err: "no such host", Name: host, IsNotFound: true}
	}
	answer := r.answers[0]
	if len(r.answers) > 1 {
		r.answers = r.answers[1:]
	}
	return answer, nil
}

// errAllowed stops a connection that the guard has allowed, before it begins.
var errAllowed = errors.New("allowed")

// stopped returns a Dialer that stores the addresses and does not connect to them.
func stopped(p *Policy, r Resolver) (*Dialer, *[]netip.AddrPort) {
	var mu sync.Mutex // guards allowed: on a slow machine attempts overlap
	var allowed []netip.AddrPort
	return &Dialer{Policy: p, Resolver: r, control: func(_ context.Context, _, address string, _ syscall.RawConn) error {
		mu.Lock()
		defer mu.Unlock()
		allowed = append(allowed, netip.MustParseAddrPort(address))
		return errAllowed
	}}, &allowed
}

// verdict returns the decision on an address, from parsing to connecting.
func verdict(t *testing.T, p *Policy, input string, r Resolver) string {
	t.Helper()
	u, err := ParseAddress(input)
	if refused, ok := errors.AsType[*AddressError](err); ok {
		return "deny:" + string(refused.Reason)
	}
	dialer, allowed := stopped(p, r)
	conn, report, err := dialer.Dial(t.Context(), Request{URL: u})
	if conn != nil {
		t.Fatalf("%s was connected to", input)
	}
	for _, to := range *allowed {
		if err := p.CheckAddr(to); err != nil {
			t.Errorf("%v would be connected to: %v", to, err)
		}
	}
	blocked, isBlocked := errors.AsType[*BlockedError](err)
	switch {
	case isBlocked && report.Phase == PhasePolicy && len(*allowed) == 0:
		return "deny:" + string(blocked.Reason)
	case errors.Is(err, errAllowed):
		return "allow"
	default:
		return "error"
	}
}

func TestVerdicts(t *testing.T) {
	raw, err := os.ReadFile("testdata/ssrf-cases.json")
	if err != nil {
		t.Fatal(err)
	}
	var file verdictCases
	if err := json.Unmarshal(raw, &file); err != nil {
		t.Fatal(err)
	}
	right, all := 0, 0
	for _, c := range file.Cases {
		for name, want := range c.Expect {
			all++
			t.Run(fmt.Sprintf("%s/%s", c.ID, name), func(t *testing.T) {
				policy := Policy(file.Policies[name])
				resolver := &turns{answers: slices.Clone(c.Resolve)}
				if got := verdict(t, &policy, c.Input, resolver); got == want {
					right++
				} else {
					t.Errorf("%s (%s): %s, want %s", c.Input, c.Why, got, want)
				}
				if resolver.lookups > 1 {
					t.Errorf("%d lookups, want one at most", resolver.lookups)
				}
			})
		}
	}
	testkit.AtLeast(t, guardFigure, "right verdicts, under five policies", float64(right), float64(max(114, all)), "")
}

const guardFigure = "guard"

// TestMoreVerdicts has cases that are not among the shared ones.
func TestMoreVerdicts(t *testing.T) {
	self := []netip.AddrPort{netip.MustParseAddrPort("10.0.0.5:8443"), netip.MustParseAddrPort("[::]:8080")}
	corporate := &Policy{AllowPrivate: true, Self: self}
	laptop := &Policy{AllowPrivate: true, AllowLoopback: true, Self: self}
	listed := &Policy{
		HostAllow: []string{"*.corp.example", "one.example", "10.20.0.9"}, Ports: []uint16{80, 22},
		Allow: []netip.Prefix{netip.MustParsePrefix("10.20.0.0/16")}, Deny: []netip.Prefix{netip.MustParsePrefix("93.184.0.0/16")},
	}
	named := &Policy{HostAllow: []string{"*.corp.example"}, HostDeny: []string{"hr.corp.example", "*.secret.corp.example"}}
	tests := []struct {
		policy       *Policy
		input        string
		answer, want string
	}{
		{corporate, "wss://10.0.0.5:8443/", "", "deny:self"},
		{corporate, "wss://[::ffff:10.0.0.5]:8443/", "", "deny:self"},
		{laptop, "ws://127.0.0.2:8080/", "", "deny:self"},
		{laptop, "ws://[::1]:8080/", "", "deny:self"},
		{laptop, "ws://[::1]:8081/", "", "allow"},
		{laptop, "ws://93.184.216.34:8080/", "", "allow"},
		{corporate, "ws://[::1]/", "", "deny:loopback"},
		{corporate, "ws://localhost/", "::1", "deny:loopback"},
		{corporate, "ws://100.64.0.1/", "", "allow"},
		{&Policy{}, "ws://100.127.255.254/", "", "deny:private"},
		{corporate, "ws://192.0.0.192/", "", "deny:metadata"},
		{corporate, "ws://192.0.0.8/", "", "deny:reserved"},
		{corporate, "ws://[fd00:ec2::23]/", "", "deny:metadata"},
		{corporate, "ws://[fd00:42::42]/", "", "deny:metadata"},
		{corporate, "ws://169.254.170.23/", "", "deny:metadata"},
		{corporate, "ws://[::ffff:169.254.169.254]/", "", "deny:metadata"},
		{corporate, "ws://169.254.1.1/", "", "deny:link-local"},
		{corporate, "ws://192.88.99.1/", "", "deny:reserved"},
		{corporate, "ws://240.0.0.1/", "", "deny:reserved"},
		{corporate, "ws://192.0.2.1/", "", "deny:reserved"},
		{corporate, "ws://198.51.100.1/", "", "deny:reserved"},
		{corporate, "ws://[2001:db8::1]/", "", "deny:reserved"},
		{corporate, "ws://[3fff:1000::1]/", "", "allow"}, // 3fff::/20 ends before it
		{corporate, "ws://[3fff:fff::1]/", "", "deny:reserved"},
		{corporate, "ws://[5f00::1]/", "", "deny:reserved"},
		{corporate, "ws://[100::1]/", "", "deny:reserved"},
		{corporate, "ws://[4000::1]/", "", "deny:reserved"},
		{corporate, "ws://[2001:20::1]/", "", "deny:reserved"},
		{corporate, "ws://[2001:10::1]/", "", "deny:reserved"},
		{corporate, "ws://[ff02::1]/", "", "deny:multicast"},
		{corporate, "ws://[64:ff9b:1::a00:1]/", "", "deny:embedded-ipv4"},
		{corporate, "ws://[::7f00:1]/", "", "deny:embedded-ipv4"},
		{corporate, "ws://[::ffff:0:7f00:1]/", "", "deny:embedded-ipv4"},
		{corporate, "ws://10.0.0.1:22/", "", "deny:port"},
		{corporate, "ws://10.0.0.1:6379/", "", "deny:port"},
		{laptop, "ws://127.0.0.1:6379/", "", "allow"},
		{laptop, "ws://10.0.0.1:6379/", "", "deny:port"},
		{&Policy{Ports: []uint16{6379}}, "ws://93.184.216.34:6379/", "", "allow"},
		{&Policy{Ports: []uint16{443}}, "ws://93.184.216.34/", "", "deny:port"},
		{named, "wss://a.corp.example/", "93.184.216.34", "allow"},
		{named, "wss://hr.corp.example/", "93.184.216.34", "deny:host-denied"},
		{named, "wss://HR.Corp.example./", "93.184.216.34", "deny:host-denied"},
		{named, "wss://x.secret.corp.example/", "93.184.216.34", "deny:host-denied"},
		{named, "wss://secret.corp.example/", "93.184.216.34", "allow"},
		{named, "wss://other.example/", "93.184.216.34", "deny:host-not-listed"},
		{&Policy{HostDeny: []string{"*.xn--bcher-kva.example"}}, "wss://a.Bücher.example/", "93.184.216.34", "deny:host-denied"},
		{&Policy{HostAllow: []string{"xn--r8jz45g.xn--zckzah"}}, "例え.テスト/ws", "93.184.216.34", "allow"},
		{&Policy{HostAllow: []string{"xn--r8jz45g.xn--zckzah"}}, "例え.テス/ws", "93.184.216.34", "deny:host-not-listed"},
		{corporate, "127.0.0.1:8443/x", "", "deny:loopback"},
		{corporate, "localhost:8443", "127.0.0.1", "deny:loopback"},
		{&Policy{}, "10.0.0.1/x?y", "", "deny:private"},
		{laptop, "169.254.169.254/latest", "", "deny:metadata"},
		{&Policy{HostDeny: []string{"*"}}, "wss://other.example/", "93.184.216.34", "deny:host-denied"},
		{listed, "ws://a.b.corp.example:22/", "10.20.1.1", "allow"},
		{listed, "ws://a.corp.example.:80/", "10.20.1.1", "allow"},
		{listed, "ws://A.CORP.example:8080/", "10.20.1.1", "deny:port"},
		{listed, "ws://corp.example/", "10.20.1.1", "deny:host-not-listed"},
		{listed, "ws://evilcorp.example/", "10.20.1.1", "deny:host-not-listed"},
		{listed, "ws://one.example/", "10.21.1.1", "deny:private"},
		{listed, "ws://one.example/", "93.184.216.34", "deny:denied-by-policy"},
		{listed, "ws://one.example/", "8.8.8.8", "allow"},
		{listed, "ws://10.20.0.9/", "", "allow"},
		{corporate, "ws://zoned.example/", "fe80::1%eth0", "deny:zone"},
	}
	for _, test := range tests {
		resolver := &turns{}
		if test.answer != "" {
			resolver.answers = [][]netip.Addr{{netip.MustParseAddr(test.answer)}}
		}
		if got := verdict(t, test.policy, test.input, resolver); got != test.want {
			t.Errorf("%s: %s, want %s", test.input, got, test.want)
		}
	}
}

func TestNAT64OfEveryPrefixLength(t *testing.T) {
	// RFC 6052 section 2.4, with the address of the examples changed to metadata's.
	for prefix, addr := range map[string]string{
		"2001:db8::/32":         "2001:db8:a9fe:a9fe::",
		"2001:db8:100::/40":     "2001:db8:1a9:fea9:fe::",
		"2001:db8:122::/48":     "2001:db8:122:a9fe:a9:fe00::",
		"2001:db8:122:300::/56": "2001:db8:122:3a9:fe:a9fe::",
		"2001:db8:122:344::/64": "2001:db8:122:344:a9:fea9:fe00::",
		"2001:db8:122:344::/96": "2001:db8:122:344::a9fe:a9fe",
	} {
		policy := &Policy{NAT64: []netip.Prefix{netip.MustParsePrefix(prefix)}}
		err := policy.CheckAddr(netip.AddrPortFrom(netip.MustParseAddr(addr), 80))
		if blocked, ok := errors.AsType[*BlockedError](err); !ok || blocked.Reason != ReasonMetadata {
			t.Errorf("%s in %s: %v, want metadata", addr, prefix, err)
		}
	}
}

func TestEveryAddressRefusedGivesTheFirstReason(t *testing.T) {
	resolver := &turns{answers: [][]netip.Addr{{netip.MustParseAddr("127.0.0.1"), netip.MustParseAddr("169.254.169.254")}}}
	if got := verdict(t, &Policy{}, "ws://two.example/", resolver); got != "deny:loopback" {
		t.Errorf("verdict %s, want that of the first address", got)
	}
}

func TestOnlyGoodAnswersAreConnectedTo(t *testing.T) {
	resolver := &turns{answers: [][]netip.Addr{{
		netip.MustParseAddr("10.0.0.1"), netip.MustParseAddr("93.184.216.34"), netip.MustParseAddr("::1"),
	}}}
	dialer, allowed := stopped(&Policy{}, resolver)
	_, report, err := dialer.Dial(t.Context(), Request{URL: mustParse(t, "ws://mixed.example/")})
	if !errors.Is(err, errAllowed) || len(*allowed) != 1 || (*allowed)[0].String() != "93.184.216.34:80" {
		t.Errorf("connected to %v (%v)", *allowed, err)
	}
	if len(report.Addresses) != 3 {
		t.Errorf("report has %v", report.Addresses)
	}
}

func TestNoAnswerIsARefusal(t *testing.T) {
	dialer, allowed := stopped(&Policy{}, &turns{answers: [][]netip.Addr{{}}})
	_, report, err := dialer.Dial(t.Context(), Request{URL: mustParse(t, "ws://empty.example/")})
	if _, ok := errors.AsType[*net.DNSError](err); !ok || report.Phase != PhaseDNS || len(*allowed) > 0 {
		t.Errorf("phase %s, error %v", report.Phase, err)
	}
}

// TestSystemResolver uses the resolver of the process, which takes "localhost" from
// the hosts file.
func TestSystemResolver(t *testing.T) {
	if got := verdict(t, &Policy{}, "ws://localhost:8080/", nil); got != "deny:loopback" {
		t.Errorf("localhost: %s", got)
	}
	for _, name := range []string{"2130706433", "0x7f000001", "0177.0.0.1", "127.1", "127.0.0.1."} {
		if got := verdict(t, &Policy{AllowLoopback: true}, "ws://"+name+"/", nil); got != "deny:ambiguous-number" {
			t.Errorf("%s: %s", name, got)
		}
	}
}

// TestVerdictsUnderBothResolvers runs the tests above with Go's resolver and with
// that of the C library, which reads "127.1" as an address.
func TestVerdictsUnderBothResolvers(t *testing.T) {
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	right := 0
	for _, setting := range []string{"netdns=go", "netdns=cgo"} {
		t.Setenv("GODEBUG", setting)
		command := exec.CommandContext(t.Context(), self, "-test.run=^(TestVerdicts|TestMoreVerdicts|TestSystemResolver|TestRebinding.*)$", "-test.count=1")
		if out, err := command.CombinedOutput(); err != nil {
			t.Errorf("%s: %v\n%s", setting, err, out)
		} else {
			right++
		}
	}
	testkit.AtLeast(t, guardFigure, "resolvers with the same verdicts", float64(right), 2, "")
}
