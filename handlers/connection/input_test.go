package connection

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"duplex/bridge"
)

func TestAddressWithQueryBecomesParameters(t *testing.T) {
	address := "https://Host.example/v1/a?b=1&&c=x%20y&d=%2F&e&q=%C4%E3&"
	in := Input{Address: &address, Params: &[]paramInput{
		{Name: new("f"), Value: new("+")},
		{},
		{Name: new("g"), Value: new(" "), Raw: "g=+"},
		{Name: new("h"), Value: new("new"), Raw: "h=old"},
		{Value: new("v"), Raw: "=v"},
		{Name: new("i"), Value: new("1&j=2"), Raw: "i=1&j=2"},
		{Name: new("k"), Value: new("#\n"), Raw: "k=#%0A"},
		{Raw: "q=%C4%E3"},
		{Raw: "flag"},
	}}
	s := bridge.NewService()
	if err := in.applyTo(&s); err != nil {
		t.Fatal(err)
	}
	want := []bridge.Parameter{
		{Name: "b", Value: "1", Enabled: true, Raw: "b=1"},
		{Name: "c", Value: "x y", Enabled: true, Raw: "&c=x%20y"},
		{Name: "d", Value: "/", Enabled: true, Raw: "d=%2F"},
		{Name: "e", Enabled: true, Raw: "e"},
		{Name: "q", Value: "%C4%E3", Enabled: true, Raw: "q=%C4%E3&"},
		{Name: "f", Value: "+", Enabled: true},
		{Name: "g", Value: " ", Enabled: true, Raw: "g=+"},
		{Name: "h", Value: "new", Enabled: true},
		{Value: "v", Enabled: true, Raw: "=v"},
		{Name: "i", Value: "1&j=2", Enabled: true},
		{Name: "k", Value: "#\n", Enabled: true, Raw: "k=%23%0A"},
		{Name: "q", Value: "%C4%E3", Enabled: true, Raw: "q=%C4%E3"},
		{Name: "flag", Enabled: true, Raw: "flag"},
	}
	if diff := cmp.Diff(want, s.Params); diff != "" || s.Address != "wss://host.example/v1/a" {
		t.Errorf("%s %s", s.Address, diff)
	}
	sent := "b=1&&c=x%20y&d=%2F&e&q=%C4%E3&&f=%2B&g=+&h=new&=v&i=1%26j%3D2&k=%23%0A&q=%C4%E3&flag"
	if u, err := s.URL(); err != nil || u.RawQuery != sent {
		t.Errorf("dialled with %s, want %s (%v)", u, sent, err)
	}
}
