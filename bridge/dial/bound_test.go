package dial

import (
	"crypto/tls"
	"errors"
	"net/http"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"duplex/bridge/sign"
	"duplex/bridge/testkit"
	"duplex/bridge/vault"
)

func TestSecretGoesWhereItIsBoundTo(t *testing.T) {
	plain, secure := vault.Binding{Targets: []string{"a.example"}}, vault.Binding{Targets: []string{"a.example"}, TLS: true}
	for _, test := range []struct {
		binding vault.Binding
		address string
		allowed bool
	}{
		{plain, "ws://a.example/", true},
		{plain, "wss://a.example/x?y=1", true}, // more secure than the binding
		{plain, "ws://A.Example.:80/", true},
		{plain, "ws://a.example:8080/", false},
		{plain, "wss://a.example:80/", false},
		{plain, "ws://b.example/", false},
		{plain, "ws://a.example.evil.example/", false},
		{plain, "ws://evila.example/", false},
		{plain, "ws://x.a.example/", false},
		{secure, "wss://a.example/", true},
		{secure, "https://a.example:443/", true},
		{secure, "ws://a.example/", false},
		{secure, "ws://a.example:443/", false},
		{secure, "wss://a.example:8443/", false},
		{vault.Binding{Targets: []string{"a.example:8443"}}, "wss://a.example:8443/", true},
		{vault.Binding{Targets: []string{"a.example:8443"}}, "wss://a.example/", false},
		{vault.Binding{Targets: []string{"a.example:443"}}, "wss://a.example/", true},
		{vault.Binding{Targets: []string{"127.0.0.1:9"}}, "ws://127.0.0.1:9/", true},
		{vault.Binding{Targets: []string{"127.0.0.1:9"}}, "ws://localhost:9/", false}, // a name of the same address
		{vault.Binding{Targets: []string{"127.0.0.1:9"}}, "ws://[::ffff:127.0.0.1]:9/", false},
		{vault.Binding{Targets: []string{"[::1]:9"}}, "ws://[::1]:9/", true},
		{vault.Binding{Targets: []string{"[::1]"}}, "ws://[::1]/", true},
		{vault.Binding{Targets: []string{"*.b.example"}}, "ws://x.b.example/", true},
		{vault.Binding{Targets: []string{"*.b.example"}}, "ws://x.y.b.example./", true},
		{vault.Binding{Targets: []string{"*.b.example"}}, "ws://b.example/", false},
		{vault.Binding{Targets: []string{"*.b.example"}}, "ws://xb.example/", false},
		{vault.Binding{Targets: []string{"*.b.example:81"}}, "ws://x.b.example/", false},
		{vault.Binding{Targets: []string{"*.b.example:81"}}, "ws://x.b.example:81/", true},
		{vault.Binding{}, "ws://a.example/", false},
		{vault.Binding{Targets: []string{""}}, "ws://a.example/", false},
		{vault.Binding{Targets: []string{"a.example"}, Endpoint: "https://iam.example"}, "ws://a.example/", false},
	} {
		c := boundToken(test.binding)
		err := CheckBound(mustParse(t, test.address), c, false)
		if refused, ok := errors.AsType[*BoundError](err); ok == test.allowed || ok && (refused.Field != "token" || refused.Refused == "") {
			t.Errorf("%+v to %s: %v", test.binding, test.address, err)
		}
	}
}

func boundToken(b vault.Binding) sign.Credential {
	return sign.Credential{Kind: sign.KindBearer, Secrets: map[string]vault.Secret{"token": vault.NewSecret("canaryToken123").Bind(b)}}
}

func TestSecretEnteredForAnAddressGoesThere(t *testing.T) {
	for _, address := range []string{"ws://a.example/", "wss://a.example/", "ws://a.example:8080/", "wss://[::1]:9/", "ws://127.0.0.1/", "wss://A.example./x"} {
		u := mustParse(t, address)
		b := BindingOf(u, sign.Credential{Kind: sign.KindBearer}, false, "ann")
		if err := CheckBound(u, boundToken(b), false); err != nil || b.TLS != (u.Scheme == "wss") || b.Owner != "ann" {
			t.Errorf("%s: %+v, %v", address, b, err)
		}
	}
}

func TestUncheckedCertificateGetsNoSecretThatWantsOne(t *testing.T) {
	u := mustParse(t, "wss://a.example/")
	entered := func(skip bool) sign.Credential {
		return boundToken(BindingOf(u, sign.Credential{Kind: sign.KindBearer}, skip, "ann"))
	}
	err := CheckBound(u, entered(false), true)
	if refused, ok := errors.AsType[*BoundError](err); !ok || !refused.Unverified {
		t.Errorf("entered while it was checked: %v", err)
	}
	if err := CheckBound(u, entered(true), true); err != nil {
		t.Errorf("entered while it was not: %v", err)
	}
}

// The password goes to IAM and the token to the service, each nowhere else.
func TestIAMPasswordIsBoundToItsEndpoint(t *testing.T) {
	story := newIAMStory(t, 24*time.Hour)
	evil := serve(t, func(http.ResponseWriter, *http.Request) { t.Error("the other endpoint was asked") })
	bind := func(c sign.Credential) sign.Credential {
		b := BindingOf(story.request.URL, story.request.Credential, false, "ann")
		c.Secrets = map[string]vault.Secret{"password": vault.NewSecret("hunter22!").Bind(b)}
		return c
	}
	story.request.Credential = bind(story.request.Credential)
	story.dials(t, "MIItoken-1")
	for name, change := range map[string]func(*Request){
		"endpoint": func(r *Request) {
			r.Credential.Plain = map[string]string{"iam_endpoint": evil, "domain": "acme", "user": "ann", "project": "cn-north-4"}
		},
		"endpoint is the target": func(r *Request) {
			r.Credential.Plain = map[string]string{"iam_endpoint": "http://" + r.URL.Host, "domain": "acme", "user": "ann", "project": "cn-north-4"}
		},
		"target is the endpoint": func(r *Request) { r.URL = mustParse(t, r.Credential.Plain["iam_endpoint"]) },
		"kind": func(r *Request) {
			r.Credential.Kind, r.Credential.Plain = sign.KindBasic, map[string]string{"username": "ann"}
		},
		"renewed": func(r *Request) { r.URL, r.RenewToken = mustParse(t, evil), true },
	} {
		request := story.request
		change(&request)
		_, err := fail(t, story.dialer, request, PhaseCredential)
		if _, ok := errors.AsType[*BoundError](err); !ok {
			t.Errorf("%s: %v", name, err)
		}
	}
	if n := story.asked.Load(); n != 1 {
		t.Errorf("IAM was asked %d times", n)
	}
}

func TestRefusedTargetIsNotEvenConnectedTo(t *testing.T) {
	var connected atomic.Int64
	address := serve(t, func(http.ResponseWriter, *http.Request) { connected.Add(1) })
	resolver := &turns{}
	dialer := local()
	dialer.Resolver = resolver
	for _, to := range []string{address, strings.Replace(address, "127.0.0.1", "peer.example", 1)} {
		_, err := fail(t, dialer, Request{URL: mustParse(t, to), Credential: boundToken(vault.Binding{Targets: []string{"a.example"}})}, PhaseCredential)
		if _, ok := errors.AsType[*BoundError](err); !ok {
			t.Error(err)
		}
	}
	if connected.Load() != 0 || resolver.lookups != 0 {
		t.Errorf("%d connections, %d lookups", connected.Load(), resolver.lookups)
	}
}

// No kind of secret must follow a redirect: net/http would send custom headers and parameters
// along.
func TestSecretDoesNotFollowARedirect(t *testing.T) {
	var followed atomic.Int64
	evil := serve(t, func(http.ResponseWriter, *http.Request) { followed.Add(1) })
	for _, kind := range []sign.Kind{sign.KindBearer, sign.KindHeader, sign.KindQuery} {
		for _, status := range []int{301, 302, 303, 307, 308} {
			address := serve(t, func(w http.ResponseWriter, r *http.Request) {
				http.Redirect(w, r, evil+r.URL.RequestURI(), status)
			})
			u := mustParse(t, address)
			c := credential(kind, map[string]string{"name": "X-Plain"}, nil)
			secret := vault.NewSecret("canaryToken123").Bind(BindingOf(u, c, false, "ann"))
			c.Secrets = map[string]vault.Secret{"token": secret, "value": secret}
			report, err := fail(t, local(), Request{URL: u, Credential: c}, PhaseUpgrade)
			noCanary(t, err.Error(), report)
		}
	}
	if followed.Load() != 0 {
		t.Errorf("followed %d times", followed.Load())
	}
}

func TestPatternsOfPeople(t *testing.T) {
	for raw, want := range map[string]string{
		"a.example": "a.example", " A.Example. ": "a.example", "a.example:8443": "a.example:8443", "a.example:443": "a.example",
		"*.b.example": "*.b.example", "*.b.example:81": "*.b.example:81", "10.0.0.1:9": "10.0.0.1:9", "[::1]:9": "[::1]:9",
		"": "", "*": "", "*.": "", "*.com": "", "*.com.": "", "*.*.example": "", "a.*.example": "", "*a.example": "", "*.10.0.0.1": "",
		"a.example/x": "", "a.example/": "", "a.example?x": "", "u@a.example": "", "a.example:0": "", "a.example:": "", "wss://a.example": "", "*.[::1]": "",
		"0177.0.0.1": "", "a example": "",
		"*.co.uk": "", "*.Co.UK.": "", "*.com.cn:443": "", "*.github.io": "", "*.kawasaki.jp": "", "*.city.kawasaki.jp": "*.city.kawasaki.jp",
		"*.example.co.uk": "*.example.co.uk", "co.uk": "co.uk", "*.corp.internal": "*.corp.internal", "*.myhuaweicloud.com": "*.myhuaweicloud.com",
	} {
		got, err := ParsePattern(raw)
		if got != want || (err == nil) != (want != "") {
			t.Errorf("%q: %q, %v", raw, got, err)
		}
		if _, isAddress := errors.AsType[*AddressError](err); err != nil && !isAddress {
			t.Errorf("%q: %T", raw, err)
		}
	}
}

func FuzzSecretStaysWithItsHost(f *testing.F) {
	for _, seed := range []string{"ws://a.example/", "ws://evil.example/@a.example", "wss://a.example:443/", "ws://a.example.:81", "http://A.EXAMPLE"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, raw string) {
		u, err := ParseAddress(raw)
		if err != nil {
			return
		}
		err = CheckBound(u, boundToken(vault.Binding{Targets: []string{"a.example"}, TLS: true}), false)
		again, parseErr := url.Parse(u.String())
		if parseErr != nil {
			t.Fatal(parseErr)
		}
		ours := strings.TrimSuffix(again.Hostname(), ".") == "a.example" && again.Port() == "" && again.Scheme == "wss"
		if (err == nil) != ours {
			t.Errorf("%q became %s: %v", raw, u, err)
		}
	})
}

func TestCertificateIsNotCheckedWhereAskedNotTo(t *testing.T) {
	expired := testkit.NewAuthority(t).Issue(t, testkit.ValidFor("other.example"), testkit.Ending(time.Now().Add(-time.Hour)))
	u := mustParse(t, serveTLS(t, expired, echo(nil)))
	conn, report := open(t, local(), Request{URL: u, SkipVerify: true})
	roundTrip(t, conn, 1, "hello")
	if report.TLS == nil || !report.TLS.Unverified || report.TLS.DNSNames[0] != "other.example" {
		t.Errorf("reported %+v", report.TLS)
	}
	report, _ = fail(t, local(), Request{URL: u}, PhaseTLS)
	if report.TLS.Unverified {
		t.Error("one that was checked is said not to be")
	}
	// IAM gets a password, so its certificate is always checked.
	c := credential(sign.KindIAMPassword, map[string]string{
		"iam_endpoint": "https://" + u.Host, "domain": "d", "user": "u", "project": "p",
	}, map[string]string{"password": "hunter22!"})
	_, err := fail(t, local(), Request{URL: u, SkipVerify: true, Credential: c}, PhaseCredential)
	if _, ok := errors.AsType[*tls.CertificateVerificationError](err); !ok {
		t.Errorf("IAM: %v", err)
	}
}
