package dialect

import "testing"

func TestErrorsAreExplainedByCodeReasonAndCloseCode(t *testing.T) {
	t.Parallel()
	sentence := func(cause string) Sentence { return Sentence{Cause: map[string]string{"en": cause}} }
	d := &Dialect{Errors: map[string]Sentence{
		"SIS.0304": sentence("by code"), "NET-0001": sentence("by word"), "NET": sentence("by a shorter word"), "4008": sentence("by close code"),
	}}
	for _, c := range []struct {
		code, words string
		want        string
	}{
		{"SIS.0304", "Failed to receive audio", "by code"},
		{"other", "SIS.0304: no audio", "by code"},
		{"", "closed: NET-0001, no audio", "by word"},
		{"", "NET failed", "by a shorter word"},
		{"", "INTERNET failed", ""},
		{"", "after 14008 ms", ""},
		{"", "", ""},
	} {
		got, known := d.Explain(c.code, c.words)
		if got.Cause["en"] != c.want || known != (c.want != "") {
			t.Errorf("%q %q: %v %v, want %q", c.code, c.words, got, known, c.want)
		}
	}
	for _, c := range []struct {
		code   int
		reason string
		want   string
	}{
		{1011, "NET-0001", "by word"},
		{4008, "", "by close code"},
		{4008, "NET-0001", "by word"},
		{1000, "", ""},
	} {
		got, known := d.ExplainClose(c.code, c.reason)
		if got.Cause["en"] != c.want || known != (c.want != "") {
			t.Errorf("%d %q: %v %v, want %q", c.code, c.reason, got, known, c.want)
		}
	}
}
