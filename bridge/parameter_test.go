package bridge

import (
	"testing"

	"duplex/bridge/dial"
)

func TestParameterIsSentInItsSpellingWhileItReadsAsThat(t *testing.T) {
	tests := []struct {
		p    Parameter
		want string
	}{
		{Parameter{Name: "a", Value: "b c"}, "a=b%20c"},
		{Parameter{Name: "a", Value: "b/c"}, "a=b%2Fc"},
		{Parameter{Name: "a", Value: "b c", Raw: "a=b+c"}, "a=b+c"},
		{Parameter{Name: "a", Value: "b+c", Raw: "a=b+c"}, "a=b%2Bc"},
		{Parameter{Name: "a", Raw: "&&a"}, "&&a"},
		{Parameter{Name: "a", Raw: "a&"}, "a&"},
		{Parameter{Name: "a", Value: "1&b=2", Raw: "a=1&b=2"}, "a=1%26b%3D2"}, // two parameters in place of one
		{Parameter{Name: "q", Value: "%C4%E3", Raw: "q=%C4%E3"}, "q=%C4%E3"},
		{Parameter{Name: "q", Value: "%C4%E3"}, "q=%25C4%25E3"},
		{Parameter{Value: "v", Raw: "=v"}, "=v"},
	}
	for _, tt := range tests {
		if got := tt.p.Spelling(); got != tt.want {
			t.Errorf("%+v: %s, want %s", tt.p, got, tt.want)
		}
	}
}

func TestServiceURLOfWhatWasSavedWithoutASpelling(t *testing.T) {
	s := Service{Address: "wss://h.example/p?&", Params: []Parameter{
		{Name: "t", Value: "00:00", Enabled: true}, {Name: "off", Value: "1"}, {Value: "unnamed", Enabled: true}, {Name: "flag", Enabled: true},
	}}
	if u, err := s.URL(); err != nil || u.String() != "wss://h.example/p?t=00%3A00&flag=" {
		t.Errorf("%v, %v", u, err)
	}
	s.Params = nil
	if u, err := s.URL(); err != nil || u.String() != "wss://h.example/p?&" {
		t.Errorf("%v, %v", u, err)
	}
}

// FuzzParametersOf: splitting and joining a query does not change it.
func FuzzParametersOf(f *testing.F) {
	for _, seed := range []string{"a=1&&b=2&", "&", "?=v&flag&x=", "q=%C4%E3&%=+;a", "é={|}&=&=="} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, query string) {
		query = dial.EscapeQuery(query)
		params := ParametersOf(query)
		for _, p := range params {
			if !p.IsSpelled() {
				t.Fatalf("%q: %+v reads otherwise", query, p)
			}
		}
		if got := queryOf(params); len(params) > 0 && got != query {
			t.Fatalf("%q became %q", query, got)
		}
	})
}
