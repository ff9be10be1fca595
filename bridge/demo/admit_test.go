package demo_test

import (
	"encoding/base64"
	"net/http"
	"strings"
	"testing"
	"time"

	"duplex/bridge/demo"
	"duplex/bridge/sign"
)

func TestGatewayLetsInAndRefusesByKind(t *testing.T) {
	basic := func(pair string) string { return "Basic " + base64.StdEncoding.EncodeToString([]byte(pair)) }
	authorization := func(value string) http.Header { return http.Header{"Authorization": {value}} }
	tests := []struct {
		name    string
		kind    sign.Kind
		header  http.Header
		query   string
		status  int
		code    string
		message string // a part of it
	}{
		{"none", sign.KindNone, nil, "", 101, "", ""},
		{"token", sign.KindToken, http.Header{"X-Auth-Token": {demo.Token}}, "", 101, "", ""},
		{"token missing", sign.KindToken, nil, "", 401, "ModelArts.0201", "no token"},
		{"token wrong", sign.KindToken, http.Header{"X-Auth-Token": {"MIIwrong"}}, "", 401, "APIG.0301", "decrypt token fail"},
		{"token expired", sign.KindToken, http.Header{"X-Auth-Token": {demo.ExpiredToken}}, "", 401, "APIG.0307", "must be updated"},
		{"token where an API key is due", sign.KindAPIKey, http.Header{"X-Auth-Token": {demo.Token}}, "", 401, "APIG.0305", "X-Auth-Token"},
		{"IAM user missing", sign.KindIAMPassword, nil, "", 401, "ModelArts.0201", ""},
		{"API key", sign.KindAPIKey, authorization("Bearer " + demo.APIKey), "", 101, "", ""},
		{"API key missing", sign.KindAPIKey, nil, "", 401, "ModelArts.0205", ""},
		{"API key wrong", sign.KindAPIKey, authorization("Bearer nope"), "", 401, "ModelArts.0203", ""},
		{"AK/SK missing", sign.KindAKSK, nil, "", 401, "APIG.0305", "no signature"},
		{"AK/SK given a token", sign.KindAKSK, http.Header{"X-Auth-Token": {demo.Token}}, "", 401, "APIG.0305", "X-Auth-Token"},
		{"AK/SK malformed", sign.KindAKSK, authorization("SDK-HMAC-SHA256 Access=x"), "", 401, "APIG.0301", "format is incorrect"},
		{"AppCode", sign.KindAppCode, http.Header{"X-Apig-AppCode": {demo.AppCode}}, "", 101, "", ""},
		{"AppCode missing", sign.KindAppCode, nil, "", 401, "APIG.0305", ""},
		{"AppCode wrong", sign.KindAppCode, http.Header{"X-Apig-AppCode": {"nope"}}, "", 401, "APIG.0303", "app not found"},
		{"AppCode of an unbound app", sign.KindAppCode, http.Header{"X-Apig-AppCode": {demo.UnboundAppCode}}, "", 403, "APIG.0304", "not authorized"},
		{"AppKey", sign.KindAppKey, http.Header{"apikey": {demo.AppKey}}, "", 101, "", ""},
		{"AppKey wrong", sign.KindAppKey, http.Header{"apikey": {"nope"}}, "", 401, "APIG.0303", "app not found"},
		{"AppKey of an unbound app", sign.KindAppKey, http.Header{"apikey": {demo.UnboundAppKey}}, "", 403, "APIG.0304", ""},
		{"AppKey given an AppCode", sign.KindAppKey, http.Header{"X-Apig-AppCode": {demo.AppCode}}, "", 401, "APIG.0305", ""},
		{"app signature missing", sign.KindAppSignature, nil, "", 401, "APIG.0305", ""},
		{"bearer", sign.KindBearer, authorization("Bearer " + demo.Bearer), "", 101, "", ""},
		{"bearer wrong", sign.KindBearer, authorization("Bearer nope"), "", 401, "", "bearer"},
		{"bearer under another scheme", sign.KindBearer, authorization("Token " + demo.Bearer), "", 401, "", "bearer"},
		{"basic", sign.KindBasic, authorization(basic(demo.Username + ":" + demo.Password)), "", 101, "", ""},
		{"basic wrong password", sign.KindBasic, authorization(basic(demo.Username + ":nope")), "", 401, "", "password"},
		{"basic missing", sign.KindBasic, nil, "", 401, "", "password"},
		{"header", sign.KindHeader, http.Header{demo.HeaderName: {demo.HeaderValue}}, "", 101, "", ""},
		{"header wrong", sign.KindHeader, http.Header{demo.HeaderName: {"nope"}}, "", 401, "", demo.HeaderName},
		{"query", sign.KindQuery, nil, "?a=1&" + demo.QueryName + "=" + demo.QueryValue, 101, "", ""},
		{"query wrong", sign.KindQuery, nil, "?" + demo.QueryName + "=nope", 401, "", "parameter"},
		{"subprotocol", sign.KindSubprotocol, http.Header{"Sec-Websocket-Protocol": {"a, " + demo.SubprotocolName + demo.SubprotocolValue}}, "", 101, "", ""},
		{"subprotocol wrong", sign.KindSubprotocol, http.Header{"Sec-Websocket-Protocol": {demo.SubprotocolName + "nope"}}, "", 401, "", demo.SubprotocolName},
		{"SigV4 missing", sign.KindSigV4, nil, "", 403, "", "Missing Authentication Token"},
	}
	r := newRig(t)
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got := r.try(t, demo.Path(tt.kind, "echo")+tt.query, tt.header)
			if got.Status != tt.status || got.Code != tt.code || !strings.Contains(got.Message, tt.message) {
				t.Errorf("got %d %s %q, want %d %s ...%q...", got.Status, got.Code, got.Message, tt.status, tt.code, tt.message)
			}
			if got.Header.Get("Server") != "api-gateway" || got.Header.Get("X-Request-Id") == "" {
				t.Errorf("header %v does not look like a gateway's", got.Header)
			}
			if got.Header.Get("Date") != r.clock.Now().Format(http.TimeFormat) {
				t.Errorf("Date %q is not the gateway's clock", got.Header.Get("Date"))
			}
		})
	}
}

func TestGatewayAnswersToWrongPathsAndPlainHTTP(t *testing.T) {
	r := newRig(t)
	v1 := demo.Path(sign.KindAppCode, "echo")
	app := http.Header{"X-Apig-AppCode": {demo.AppCode}}
	tests := []struct {
		name, method, target string
		header               http.Header
		status               int
		code                 string
	}{
		{"another path", "GET", "/nope", handshakeHeader(), 404, "APIG.0101"},
		{"no service id", "GET", "/v1/infers/", handshakeHeader(), 400, "ModelArts.4201"},
		{"unknown service", "GET", "/v1/infers/468d146d-278a-4ca2-8830-0b6fb37d3b72/echo", handshakeHeader(), 404, "APIG.0101"},
		{"unknown endpoint", "GET", demo.Path(sign.KindNone, "nope"), handshakeHeader(), 404, "APIG.0101"},
		{"pages only without a credential", "GET", demo.Path(sign.KindAppCode, "status"), handshakeHeader(), 404, "APIG.0101"},
		{"no upgrade, new service", "GET", demo.Path(sign.KindNone, "echo"), nil, 400, "ModelArts.8910"},
		{"no upgrade, old service", "GET", v1, app, 400, "APIG.0607"},
		{"a POST", "POST", demo.Path(sign.KindNone, "echo"), nil, 405, ""},
		{"a wrong parameter", "GET", demo.Path(sign.KindNone, "ticker?rate=fast"), handshakeHeader(), 400, ""},
		{"a close code nobody may send", "GET", demo.Path(sign.KindNone, "close?code=1015"), handshakeHeader(), 400, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			request, err := http.NewRequestWithContext(t.Context(), tt.method, r.server.URL+tt.target, nil)
			if err != nil {
				t.Fatal(err)
			}
			if tt.header != nil {
				request.Header = tt.header
			}
			if got := r.do(t, request); got.Status != tt.status || got.Code != tt.code {
				t.Errorf("got %d %s %q, want %d %s", got.Status, got.Code, got.Message, tt.status, tt.code)
			}
		})
	}
}

func TestBothGenerationsOfPathsWork(t *testing.T) {
	r := newRig(t)
	for _, generation := range []string{"v1", "v2"} {
		target := "/" + generation + strings.TrimPrefix(demo.Path(sign.KindNone, "echo"), "/v2")
		if got := r.try(t, target, nil); got.Status != 101 {
			t.Errorf("%s: %d %s", generation, got.Status, got.Message)
		}
	}
}

func TestPagesOfOtherHostsMayNotUseTheDemo(t *testing.T) {
	r := newRig(t)
	for origin, want := range map[string]int{
		"http://" + r.host(): 101, "https://evil.example": 403, "null": 403, "http://127.0.0.1:1": 403,
	} {
		if got := r.try(t, demo.Path(sign.KindNone, "echo"), http.Header{"Origin": {origin}}); got.Status != want {
			t.Errorf("Origin %s: %d, want %d", origin, got.Status, want)
		}
	}
}

func TestRefusalsAsTold(t *testing.T) {
	r := newRig(t)
	got := r.try(t, demo.Path(sign.KindNone, "status?code=403&error_code=APIG.0302&error_msg=IAM+user+%26+co"), nil)
	if got.Status != 403 || got.Code != "APIG.0302" || got.Message != "IAM user & co" {
		t.Errorf("status: %+v", got)
	}
	if got := r.try(t, demo.Path(sign.KindNone, "status?code=101"), nil); got.Status != 400 {
		t.Errorf("status 101: %+v", got)
	}
	got = r.try(t, demo.Path(sign.KindNone, "redirect?to=https%3A%2F%2Fexample.com%2Fa%3Fb"), nil)
	if got.Status != 302 || got.Header.Get("Location") != "https://example.com/a?b" {
		t.Errorf("redirect: %+v", got)
	}
	got = r.try(t, demo.Path(sign.KindNone, "html"), nil)
	if got.Status != 200 || !strings.HasPrefix(got.Header.Get("Content-Type"), "text/html") || !strings.Contains(got.Message, "Sign in") {
		t.Errorf("html: %+v", got)
	}
}

func TestDateFollowsTheGatewaysClock(t *testing.T) {
	r := newRig(t)
	r.clock.Pass(20 * time.Minute)
	got := r.try(t, demo.Path(sign.KindToken, "echo"), nil)
	if want := "Mon, 23 Nov 2026 08:20:00 GMT"; got.Header.Get("Date") != want {
		t.Errorf("Date %q, want %q", got.Header.Get("Date"), want)
	}
}
