package demo_test

import (
	"crypto/hkdf"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"strings"
	"testing"
	"time"

	"duplex/bridge/demo"
	"duplex/bridge/sign"
)

const emptyHash = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"

// signed is a request signed step by step as the vendor's guide says, for a path
// without a query.
type signed struct {
	access, secret, path string
	scope                string // of V11
	token                string // X-Security-Token
}

func (s signed) header(host string, at time.Time) http.Header {
	date := at.UTC().Format("20060102T150405Z")
	headers, names := "host:"+host+"\nx-sdk-date:"+date+"\n", "host;x-sdk-date"
	out := http.Header{"X-Sdk-Date": {date}}
	if s.token != "" {
		headers, names = headers+"x-security-token:"+s.token+"\n", names+";x-security-token"
		out.Set("X-Security-Token", s.token)
	}
	canonical := "GET\n" + s.path + "/\n\n" + headers + "\n" + names + "\n" + emptyHash
	hash := sha256.Sum256([]byte(canonical))
	algorithm, holder, key, scope := "SDK-HMAC-SHA256", "Access="+s.access, s.secret, ""
	if s.scope != "" {
		derived, _ := hkdf.Key(sha256.New, []byte(s.secret), []byte(s.access), s.scope, 32)
		algorithm, holder, key, scope = "V11-HMAC-SHA256", "Credential="+s.access+"/"+s.scope, hex.EncodeToString(derived), s.scope+"\n"
	}
	mac := hmac.New(sha256.New, []byte(key))
	mac.Write([]byte(algorithm + "\n" + date + "\n" + scope + hex.EncodeToString(hash[:])))
	out.Set("Authorization", algorithm+" "+holder+", SignedHeaders="+names+", Signature="+hex.EncodeToString(mac.Sum(nil)))
	return out
}

func TestGatewayChecksSignatures(t *testing.T) {
	aksk, app := demo.Path(sign.KindAKSK, "echo"), demo.Path(sign.KindAppSignature, "echo")
	v11 := "/v1/infers/" + demo.V11ServiceID + "/echo"
	good := signed{access: demo.AccessKey, secret: demo.SecretKey, path: aksk}
	tests := []struct {
		name    string
		signed  signed
		target  string
		skew    time.Duration
		status  int
		code    string
		message string
	}{
		{"access key", good, aksk, 0, 101, "", ""},
		{"14 minutes slow", good, aksk, -14 * time.Minute, 101, "", ""},
		{"16 minutes slow", good, aksk, -16 * time.Minute, 401, "APIG.0301", "signature expired"},
		{"16 minutes fast", good, aksk, 16 * time.Minute, 401, "APIG.0301", "signature expired"},
		{"unknown access key", signed{access: "NOSUCHKEY", secret: "x", path: aksk}, aksk, 0, 401, "APIG.0301", "err:ak not exist"},
		{"another path signed", signed{access: demo.AccessKey, secret: demo.SecretKey, path: "/other"}, aksk, 0, 401, "APIG.0301", "verify aksk signature fail, canonicalRequest:GET|" + aksk + "/||host:"},
		{"a query that was not signed", good, aksk + "?a=1&b", 0, 401, "APIG.0301", "|a=1&b=|"},
		{"temporary key", signed{access: demo.TemporaryKey, secret: demo.SecretKey, path: aksk, token: demo.SecurityToken}, aksk, 0, 101, "", ""},
		{"temporary key without its token", signed{access: demo.TemporaryKey, secret: demo.SecretKey, path: aksk}, aksk, 0, 401, "APIG.0301", "security token"},
		{"V11", signed{access: demo.AccessKey, secret: demo.SecretKey, path: aksk, scope: "20261123/cn-north-4/apic"}, aksk, 0, 101, "", ""},
		{"V11 of another day", signed{access: demo.AccessKey, secret: demo.SecretKey, path: aksk, scope: "20261122/cn-north-4/apic"}, aksk, 0, 401, "APIG.0624", ""},
		{"V11 with a wrong secret", signed{access: demo.AccessKey, secret: "nope", path: aksk, scope: "20261123/cn-north-4/apic"}, aksk, 0, 401, "APIG.0624", "canonicalRequest"},
		{"V11 where it is insisted on", signed{access: demo.AccessKey, secret: demo.SecretKey, path: v11, scope: "20261123/cn-north-4/apic"}, v11, 0, 101, "", ""},
		{"not V11 where it is insisted on", signed{access: demo.AccessKey, secret: demo.SecretKey, path: v11}, v11, 0, 401, "APIG.0624", "V11"},
		{"app", signed{access: demo.AppKey, secret: demo.AppSecret, path: app}, app, 0, 101, "", ""},
		{"app with a wrong secret", signed{access: demo.AppKey, secret: "nope", path: app}, app, 0, 401, "APIG.0303", "verify signature fail, canonicalRequest:GET|"},
		{"app with a slow clock", signed{access: demo.AppKey, secret: demo.AppSecret, path: app}, app, -time.Hour, 401, "APIG.0303", "signature expired"},
		{"unknown app", signed{access: "nope", secret: "x", path: app}, app, 0, 401, "APIG.0303", "app not found, appkey nope"},
		{"unbound app", signed{access: demo.UnboundAppKey, secret: demo.UnboundAppSecret, path: app}, app, 0, 403, "APIG.0304", ""},
	}
	r := newRig(t)
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got := r.try(t, tt.target, tt.signed.header(r.host(), r.clock.Now().Add(tt.skew)))
			if got.Status != tt.status || got.Code != tt.code || !strings.Contains(got.Message, tt.message) {
				t.Errorf("got %d %s %q, want %d %s ...%q...", got.Status, got.Code, got.Message, tt.status, tt.code, tt.message)
			}
		})
	}
}

func TestSignatureCoversHost(t *testing.T) {
	r := newRig(t)
	path := demo.Path(sign.KindAKSK, "echo")
	header := signed{access: demo.AccessKey, secret: demo.SecretKey, path: path}.header("other.example.com", r.clock.Now())
	if got := r.try(t, path, header); got.Code != "APIG.0301" || !strings.Contains(got.Message, "|host:"+r.host()+"|") {
		t.Errorf("%+v", got)
	}
	header.Set("Host", "other.example.com")
	if got := r.try(t, path, header); got.Status != 101 {
		t.Errorf("with that Host: %+v", got)
	}
}

func TestFiveWrongSignaturesLockTheKeyForFiveMinutes(t *testing.T) {
	r := newRig(t)
	path := demo.Path(sign.KindAKSK, "echo")
	attempt := func(secret string) answer {
		return r.try(t, path, signed{access: demo.AccessKey, secret: secret, path: path}.header(r.host(), r.clock.Now()))
	}
	for range 4 {
		attempt("wrong")
	}
	if got := attempt(demo.SecretKey); got.Status != 101 {
		t.Fatalf("after four failures: %+v", got)
	}
	for range 5 { // the success began a new row
		if got := attempt("wrong"); !strings.Contains(got.Message, "verify aksk signature fail") {
			t.Fatalf("%+v", got)
		}
	}
	locked := "AK access failed to reach the limit, forbidden"
	if got := attempt(demo.SecretKey); got.Status != 401 || got.Code != "APIG.0301" || !strings.Contains(got.Message, locked) {
		t.Errorf("after five failures: %+v", got)
	}
	r.clock.Pass(5*time.Minute - time.Second)
	if got := attempt(demo.SecretKey); !strings.Contains(got.Message, locked) {
		t.Errorf("a second too early: %+v", got)
	}
	r.clock.Pass(time.Second)
	if got := attempt(demo.SecretKey); got.Status != 101 {
		t.Errorf("after five minutes: %+v", got)
	}
}
