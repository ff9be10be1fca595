package sign

import "testing"

func TestMaskKeepsWhatHelpsAndHidesTheRest(t *testing.T) {
	for _, c := range []struct{ name, value, want string }{
		{
			"Authorization", "SDK-HMAC-SHA256 Access=AK, SignedHeaders=host;x-sdk-date, Signature=abc",
			"SDK-HMAC-SHA256 Access=AK, SignedHeaders=host;x-sdk-date, Signature=••••",
		},
		{
			"authorization", "V11-HMAC-SHA256 Credential=AK/20261123/r/apic, SignedHeaders=host, Signature=abc",
			"V11-HMAC-SHA256 Credential=AK/20261123/r/apic, SignedHeaders=host, Signature=••••",
		},
		{
			"Authorization", "AWS4-HMAC-SHA256 Credential=AK/d/r/s/aws4_request,SignedHeaders=host,Signature=abc,leak",
			"AWS4-HMAC-SHA256 Credential=AK/d/r/s/aws4_request, SignedHeaders=host, Signature=••••, ••••",
		},
		{"Authorization", "Bearer abc", "Bearer ••••"},
		{"Authorization", "Basic QTpC", "Basic ••••"},
		{"Authorization", "Token abc", "Token ••••"},
		{"Authorization", "abc", "••••"}, // PAI-EAS: no scheme
		{"Authorization", "abc def", "••••"},
		{"Proxy-Authorization", "Basic QTpC", "Basic ••••"},
		{"Cookie", "a=b", "••••"},
		{"Set-Cookie", "a=b; Secure", "••••"},
		{"X-Auth-Token", "MII", "••••"},
		{"X-Subject-Token", "MII", "••••"},
		{"X-Security-Token", "t", "••••"},
		{"apikey", "k", "••••"},
		{"APIKEY", "k", "••••"},
		{"X-Apig-AppCode", "c", "••••"},
		{"X-HW-AppKey", "k", "••••"},
		{"api-key", "k", "••••"},
		{"client_secret", "k", "••••"},
		{"X-Password", "k", "••••"},
		{"X-Auth-Token", "", ""},
		{"X-Sdk-Date", "20261123T080000Z", "20261123T080000Z"},
		{"X-Project-Id", "p", "p"},
		{"Sec-WebSocket-Key", "nonce", "nonce"},
		{"WWW-Authenticate", `Bearer realm="x"`, `Bearer realm="x"`},
		{"Server", "ModelArts", "ModelArts"},
		{"max_tokens", "5", "5"},
	} {
		if got := Mask(c.name, c.value); got != c.want {
			t.Errorf("%s: %s\ngot  %s\nwant %s", c.name, c.value, got, c.want)
		}
	}
}

func TestAppliedMaskHidesAFreeName(t *testing.T) {
	applied := Applied{Headers: []string{"X-Mine"}}
	for name, want := range map[string]string{"x-mine": Masked, "X-Other": "value"} {
		if got := applied.Mask(name, "value"); got != want {
			t.Errorf("%s: %s, want %s", name, got, want)
		}
	}
}

func TestMaskQueryHidesNamedAndSensitiveParameters(t *testing.T) {
	for _, c := range []struct {
		raw   string
		names []string
		want  string
	}{
		{"wss://h/p?b=2&a=%41+1", nil, "wss://h/p?b=2&a=%41+1"},
		{"wss://h/p", []string{"a"}, "wss://h/p"},
		{"wss://h/p?mine=s&b=2&mine=t", []string{"mine"}, "wss://h/p?mine=••••&b=2&mine=••••"},
		{"wss://h/p?m%69ne=s", []string{"mine"}, "wss://h/p?m%69ne=••••"},
		{"wss://h/p?access_token=s=t&X-Amz-Signature=x&X-Amz-Credential=AK", nil, "wss://h/p?access_token=••••&X-Amz-Signature=••••&X-Amz-Credential=AK"},
		{"wss://h/p?a=1;token=s", nil, "wss://h/p?a=••••"},
		{"wss://h/p?token=s;t", nil, "wss://h/p?token=••••"},
		{"wss://h/p?%zztoken=s", nil, "wss://h/p?%zztoken=••••"},
		{"wss://u:pass@h/p?a", nil, "wss://u:xxxxx@h/p?a"},
	} {
		if got := MaskQuery(mustURL(t, c.raw), c.names); got != c.want {
			t.Errorf("%s:\ngot  %s\nwant %s", c.raw, got, c.want)
		}
	}
}

func TestSubprotocolsThatHoldASecretAreMasked(t *testing.T) {
	const key = "Zq8Xw2kR5tY1uN4v"
	for _, c := range []struct{ offered, want string }{
		{"realtime, openai-insecure-api-key.sk-proj-" + key + ", openai-beta.realtime-v1", "realtime, openai-insecure-api-key.••••, openai-beta.realtime-v1"},
		{"token, " + key, "token, ••••"},
		{"bearer," + key, "bearer,••••"},
		{"v4.channel.k8s.io, base64url.bearer.authorization.k8s.io." + key, "v4.channel.k8s.io, base64url.bearer.••••"},
		{"sk-" + key + "abcd", "••••"},
		{"chat, eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0." + key, "chat, ••••"},
		{"0123456789abcdef0123456789abcdef", "••••"},
		{"access_token." + key + ".more", "access_token.••••"},
		{"graphql-transport-ws, graphql-ws", "graphql-transport-ws, graphql-ws"},
		{"mqtt, v12.stomp, wamp.2.json", "mqtt, v12.stomp, wamp.2.json"},
		{"actioncable-v1-json, actioncable-unsupported", "actioncable-v1-json, actioncable-unsupported"},
		{"com.microsoft.minecraft.wsencrypt", "com.microsoft.minecraft.wsencrypt"},
		{"", ""},
	} {
		if got := Mask("sec-websocket-protocol", c.offered); got != c.want {
			t.Errorf("%s:\ngot  %s\nwant %s", c.offered, got, c.want)
		}
	}
}
