package identity_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"duplex/handlers/identity"
	"duplex/handlers/identity/proxy"

	"duplex/bridge/testkit"
)

// ada adds the headers that the proxy sends for a person, under canonical keys.
func ada(r *http.Request) {
	r.Header["X-Forwarded-User"] = []string{"ada"}
	r.Header["X-Forwarded-Email"] = []string{"ada@example.com"}
	r.Header["X-Forwarded-Name"] = []string{"Ada Lovelace"}
	r.Header["X-Forwarded-Groups"] = []string{"staff, dev"}
}

func TestHeadersOfTheProxyAreBelieved(t *testing.T) {
	d := newDoor(t, headerSettings())
	p, r, _, err := d.ask(ada)
	if err != nil {
		t.Fatal(err)
	}
	if p.ID != "headers|ada" || p.Name != "Ada Lovelace" || p.Email != "ada@example.com" || p.Role != identity.Member || p.RoleBy != "dev" {
		t.Errorf("person %+v", p)
	}
	if diff := cmp.Diff([]string{"staff", "dev"}, p.Groups); diff != "" {
		t.Error(diff)
	}
	for name := range r.Header {
		if strings.HasPrefix(name, "X-Forwarded") {
			t.Errorf("handlers see %s", name)
		}
	}
	if want := d.clock.Now().Add(d.Settings.Lease); !p.Until.Equal(want) {
		t.Errorf("holds until %v", p.Until)
	}
}

const identityFigure = "identity"

// Every row is a request that must not be taken for somebody.
func TestSpoofedHeadersAreRefused(t *testing.T) {
	set := func(name string, values ...string) func(*http.Request) {
		return func(r *http.Request) { r.Header[name] = values }
	}
	from := func(peer string) func(*http.Request) { return func(r *http.Request) { r.RemoteAddr = peer } }
	alone := func(name string, values ...string) func(*http.Request) {
		return func(r *http.Request) {
			r.Header = http.Header{}
			r.Header[name] = values
		}
	}
	tests := []struct {
		name string
		edit func(*http.Request)
		want string
	}{
		{"another peer", from("10.0.3.8:4000"), identity.RefusedProxy},
		{"loopback, which is not the proxy", from("127.0.0.1:4000"), identity.RefusedProxy},
		{"a peer that looks alike", from("10.0.3.70:4000"), identity.RefusedProxy},
		{"a peer of another network", from("[2001:db8:8::1]:4000"), identity.RefusedProxy},
		{"no address", from("@"), identity.RefusedProxy},
		{"an address without port", from("10.0.3.7"), identity.RefusedProxy},
		{"the proxy's address in X-Forwarded-For", func(r *http.Request) { from("192.0.2.1:1")(r); set("X-Forwarded-For", "10.0.3.7")(r) }, identity.RefusedProxy},
		{"the proxy's address in X-Real-Ip", func(r *http.Request) { from("192.0.2.1:1")(r); set("X-Real-Ip", "10.0.3.7")(r) }, identity.RefusedProxy},
		{"the proxy's address in Forwarded", func(r *http.Request) { from("192.0.2.1:1")(r); set("Forwarded", "for=10.0.3.7")(r) }, identity.RefusedProxy},
		{"user twice", set("X-Forwarded-User", "ada", "root"), identity.RefusedAmbiguous},
		{"user twice, alike", set("X-Forwarded-User", "ada", "ada"), identity.RefusedAmbiguous},
		{"user twice, the first empty", set("X-Forwarded-User", "", "ada"), identity.RefusedAmbiguous},
		{"email twice", set("X-Forwarded-Email", "a@example.com", "b@example.com"), identity.RefusedAmbiguous},
		{"groups twice", set("X-Forwarded-Groups", "staff", "ops"), identity.RefusedAmbiguous},
		{"name twice", set("X-Forwarded-Name", "Ada", "Root"), identity.RefusedAmbiguous},
		{"user with underscores", set("X_forwarded_user", "root"), identity.RefusedAmbiguous},
		{"user with dots", set("X.forwarded.user", "root"), identity.RefusedAmbiguous},
		{"user with one underscore", set("X-Forwarded_user", "root"), identity.RefusedAmbiguous},
		{"user with one dot", set("X.forwarded-User", "root"), identity.RefusedAmbiguous},
		{"user with both", set("X_forwarded.user", "root"), identity.RefusedAmbiguous},
		{"user with a plus", set("X+forwarded+user", "root"), identity.RefusedAmbiguous},
		{"user with a tilde", set("X-Forwarded~user", "root"), identity.RefusedAmbiguous},
		{"user with a bar", set("X|forwarded|user", "root"), identity.RefusedAmbiguous},
		{"user with an empty alias", set("X_forwarded_user", ""), identity.RefusedAmbiguous},
		{"groups with underscores", set("X_forwarded_groups", "ops"), identity.RefusedAmbiguous},
		{"groups with dots", set("X.forwarded.groups", "ops"), identity.RefusedAmbiguous},
		{"email with underscores", set("X_forwarded_email", "root@example.com"), identity.RefusedAmbiguous},
		{"name with dots", set("X.forwarded.name", "Root"), identity.RefusedAmbiguous},
		{"two users that a proxy has joined", set("X-Forwarded-User", "ada, root"), identity.RefusedAmbiguous},
		{"two users without a blank", set("X-Forwarded-User", "root,ada"), identity.RefusedAmbiguous},
		{"two addresses", set("X-Forwarded-Email", "a@example.com,b@example.com"), identity.RefusedAmbiguous},
		{"a NUL in the user", set("X-Forwarded-User", "ada\x00root"), identity.RefusedAmbiguous},
		{"a line break in the user", set("X-Forwarded-User", "ada\nX-Role: admin"), identity.RefusedAmbiguous},
		{"a character that turns the line around", set("X-Forwarded-User", "ada\u202etoor"), identity.RefusedAmbiguous},
		{"a blank of no width", set("X-Forwarded-User", "a\u200bda"), identity.RefusedAmbiguous},
		{"not UTF-8", set("X-Forwarded-User", "ad\xff"), identity.RefusedAmbiguous},
		{"a user of 2 KiB", set("X-Forwarded-User", strings.Repeat("a", 2048)), identity.RefusedAmbiguous},
		{"groups of 20 KiB", set("X-Forwarded-Groups", strings.Repeat("staff,", 4000)), identity.RefusedAmbiguous},
		{"an empty user", set("X-Forwarded-User", ""), identity.RefusedNobody},
		{"a blank user", set("X-Forwarded-User", "  "), identity.RefusedNobody},
		{"Apache's nobody", set("X-Forwarded-User", "(null)"), identity.RefusedNobody},
		{"no user", alone("X-Forwarded-Email", "ada@example.com"), identity.RefusedNobody},
		{"another proxy's header", alone("Remote-User", "ada"), identity.RefusedNobody},
		{"a user of HTTP Basic", alone("Authorization", "Basic cm9vdDo="), identity.RefusedNobody},
		{"a group that only looks like one", set("X-Forwarded-Groups", "ops2,OPS,dev "+"x"), identity.RefusedNoRole},
		{"no groups", func(r *http.Request) { delete(r.Header, "X-Forwarded-Groups") }, identity.RefusedNoRole},
	}
	refused := 0
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			d := newDoor(t, headerSettings())
			p, r, _, err := d.ask(func(r *http.Request) {
				ada(r)
				tt.edit(r)
			})
			if got := codeOf(err); got == tt.want {
				refused++
			} else {
				t.Errorf("%q as %+v, want %q", got, p, tt.want)
			}
			if r.Header.Get("X-Forwarded-User") != "" {
				t.Error("a handler would see the header")
			}
			refusals := d.Refusals()
			if len(refusals) != 1 || refusals[0].Code != tt.want {
				t.Errorf("the operator sees %+v", refusals)
			}
		})
	}
	testkit.AtLeast(t, identityFigure, "spoofed requests that are refused", float64(refused), float64(max(40, len(tests))), "")
}

func TestProxyHasToSayItsSecret(t *testing.T) {
	s := headerSettings()
	s.ProxySecret = "a-secret-of-the-proxy"
	d := newDoor(t, s)
	for name, tt := range map[string]struct {
		edit func(*http.Request)
		want string
	}{
		"right":   {func(r *http.Request) { r.Header.Set("X-Proxy-Secret", s.ProxySecret) }, ""},
		"missing": {func(*http.Request) {}, identity.RefusedProxy},
		"wrong":   {func(r *http.Request) { r.Header.Set("X-Proxy-Secret", "a-secret-of-the-prox") }, identity.RefusedProxy},
		"twice":   {func(r *http.Request) { r.Header["X-Proxy-Secret"] = []string{s.ProxySecret, "x"} }, identity.RefusedAmbiguous},
		"alias": {func(r *http.Request) {
			r.Header.Set("X-Proxy-Secret", "x")
			r.Header["X_proxy_secret"] = []string{s.ProxySecret}
		}, identity.RefusedAmbiguous},
	} {
		_, r, _, err := d.ask(func(r *http.Request) {
			ada(r)
			tt.edit(r)
		})
		if codeOf(err) != tt.want {
			t.Errorf("%s: %v", name, err)
		}
		if r.Header.Get("X-Proxy-Secret") != "" {
			t.Errorf("%s: handlers see the secret", name)
		}
	}
}

// Apache writes the names of mod_auth_openidc with underscores.
func TestHeaderWhoseOwnNameHasUnderscores(t *testing.T) {
	s := headerSettings()
	preset, _ := proxy.FindPreset("mod-auth-openidc")
	s.Headers = preset.Headers
	d := newDoor(t, s)
	claims := func(r *http.Request) {
		r.Header["Oidc_claim_sub"] = []string{"ada"}
		r.Header["Oidc_claim_groups"] = []string{"ops"}
	}
	if p, _, _, err := d.ask(claims); err != nil || p.ID != "headers|ada" || p.Role != identity.Admin {
		t.Errorf("%+v, %v", p, err)
	}
	if _, _, _, err := d.ask(func(r *http.Request) { claims(r); r.Header["Oidc-Claim-Sub"] = []string{"root"} }); codeOf(err) != identity.RefusedAmbiguous {
		t.Error(err)
	}
}

func TestGroupsGiveTheGreatestRole(t *testing.T) {
	for groups, want := range map[string]struct {
		role identity.Role
		by   string
	}{
		"staff":          {identity.Viewer, "staff"},
		"staff,dev,ops":  {identity.Admin, "ops"},
		" 语音 ,":          {identity.Member, "语音"},
		"unknown, staff": {identity.Viewer, "staff"},
	} {
		d := newDoor(t, headerSettings())
		p, _, _, err := d.ask(func(r *http.Request) { ada(r); r.Header.Set("X-Forwarded-Groups", groups) })
		if err != nil || p.Role != want.role || p.RoleBy != want.by {
			t.Errorf("%q: %v by %q, %v", groups, p.Role, p.RoleBy, err)
		}
	}
	s := headerSettings()
	s.Roles.Default = identity.Viewer
	if p, _, _, err := newDoor(t, s).ask(func(r *http.Request) { ada(r); r.Header.Set("X-Forwarded-Groups", "unknown") }); err != nil || p.Role != identity.Viewer || p.RoleBy != "" {
		t.Errorf("%+v, %v", p, err)
	}
}

func FuzzHeadersGiveNobodyTwoNames(f *testing.F) {
	f.Add("X_Forwarded_User", "root", "ada")
	f.Add("X-Forwarded-User", "root", "")
	f.Fuzz(func(t *testing.T, name, value, user string) {
		d := newDoor(t, headerSettings())
		key := http.CanonicalHeaderKey(name)
		p, r, _, err := d.ask(func(r *http.Request) {
			ada(r)
			r.Header.Set("X-Forwarded-User", user)
			r.Header[key] = append(r.Header[key], value)
		})
		if err == nil && p.ID != "headers|"+strings.TrimSpace(user) {
			t.Errorf("taken for %q", p.ID)
		}
		if r.Header.Get("X-Forwarded-User") != "" {
			t.Error("handlers see the header")
		}
	})
}
