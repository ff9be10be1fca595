package dialect

import (
	"net/url"
	"testing"
	"time"
)

// FuzzMinted takes answers of mint requests. A value that is taken is bounded and hidden, and
// an expiry is a time that a clock can reach.
func FuzzMinted(f *testing.F) {
	d, err := Parse([]byte(`
dialect: 1
name: minted
mint: {url: /token, take: {url: $.url, expires: $.data.expires, handler: "$.list[0]"}}
handshake: {headers: [[X-H, "{{handler}}"]]}
in: {text: {send: [{text: "{{text}}"}]}}
`))
	if err != nil {
		f.Fatal(err)
	}
	for _, seed := range []string{
		`{"url":"wss://a.example","data":{"expires":3600},"list":["x"]}`, `{"url":"u","data":{"expires":"2026-11-29T12:00:00Z"},"list":[1]}`,
		`{"url":"u","data":{"expires":"nan"},"list":["x"]}`, `{"url":"u","data":{"expires":"inf"},"list":["x"]}`, `{"url":"u","data":{"expires":1e300},"list":["x"]}`,
		`{"url":"u","data":{"expires":1795437000000},"list":[{}]}`, `{"url":"","list":[]}`, `[]`, `{"url":"u"} {`,
	} {
		f.Add([]byte(seed))
	}
	now, u := time.Unix(1_795_437_000, 0), &url.URL{Scheme: "wss", Host: "a.example", Path: "/"}
	f.Fuzz(func(t *testing.T, answer []byte) {
		c, err := d.Connect(Values{}, u, now)
		if err != nil {
			t.Fatal(err)
		}
		address, err := c.Minted(answer)
		if err != nil {
			if address != "" {
				t.Errorf("%q with %v", address, err)
			}
			return
		}
		for name, value := range c.Scope.Captured {
			if value == "" || len(value) > MaxCapture || !c.Scope.Hidden[name] {
				t.Errorf("%s is taken with %d bytes, hidden: %v", name, len(value), c.Scope.Hidden[name])
			}
		}
		if year := c.expires.Year(); !c.expires.IsZero() && (year < 0 || year > 9999) {
			t.Errorf("it ends in the year %d", year)
		}
	})
}
