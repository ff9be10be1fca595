package transcript

import (
	"bytes"
	"errors"
	"strings"
	"testing"
	"unicode/utf8"
)

// shown is a snippet as a reader sees it: before[match]after.
func shown(s Snippet) string {
	return string(s.Before) + "[" + string(s.Match) + "]" + string(s.After)
}

// snippetIn looks as a list does: in the preview, then in the payload.
func snippetIn(t *testing.T, q Query, opcode Opcode, payload string) (Snippet, bool) {
	t.Helper()
	f, err := NewFinder(q)
	if err != nil {
		t.Fatal(err)
	}
	m := Message{Opcode: opcode, Payload: []byte(payload)}
	row := m.Row()
	if s, found := f.InPreview(&row); found {
		return s, true
	}
	s, found, err := f.InPayload(opcode, strings.NewReader(payload))
	if err != nil {
		t.Fatal(err)
	}
	return s, found
}

func TestSnippetShowsTheFirstMatchWithItsSurroundings(t *testing.T) {
	far := strings.Repeat("é", 500)
	dots := strings.Repeat(".", 1<<20)
	for _, c := range []struct {
		name    string
		q       Query
		payload string
		want    string
		offset  int64
	}{
		{"text at the beginning", Query{Text: "one"}, "one two one", "[one] two one", 0},
		{"text in any case", Query{Text: "TWO", FoldCase: true}, "one two", "one [two]", 4},
		{"beyond ASCII in any case", Query{Text: "ÉCOLE", FoldCase: true}, "une école", "une [école]", 4},
		{"text that looks like an expression", Query{Text: "a.b", FoldCase: true}, "axb A.B", "axb [A.B]", 4},
		{"expression", Query{Text: `t\w+`, Regex: true}, "one two three", "one [two] three", 4},
		{"expression that matches nothing at all", Query{Text: "x*", Regex: true}, "one", "[]one", 0},
		{"beyond the preview", Query{Text: "needle"}, far + "needle!", far[len(far)-64:] + "[needle]!", 1000},
		{"expression beyond the preview", Query{Text: "n[e]+dle", Regex: true}, far + "needle!", far[len(far)-64:] + "[needle]!", 1000},
		{"no character is cut", Query{Text: "x"}, "a" + far + "x" + far, far[len(far)-64:] + "[x]" + far[:192], 1001},
		{"no character is cut before", Query{Text: "ax"}, far + "ax", far[len(far)-64:] + "[ax]", 1000},
		{"a long match is cut", Query{Text: "e+", Regex: true}, far + strings.Repeat("e", 400) + "x", far[len(far)-64:] + "[" + strings.Repeat("e", 192) + "]", 1000},
		{"longer than one reading", Query{Text: "needle"}, dots + "needle" + dots, dots[:64] + "[needle]" + dots[:192], 1 << 20},
		{"across two readings", Query{Text: "needle"}, dots[:64<<10+3] + "needle", dots[:64] + "[needle]", 64<<10 + 3},
		{"expression over many readings", Query{Text: `needle$`, Regex: true}, "needle" + dots + "needle", dots[:64] + "[needle]", 6 + 1<<20},
	} {
		s, found := snippetIn(t, c.q, Text, c.payload)
		if !found || shown(s) != c.want || s.Offset != c.offset {
			t.Errorf("%s: %t, %d, %s", c.name, found, s.Offset, shown(s))
		}
	}
}

func TestSnippetOfBinaryIsHalfAsLong(t *testing.T) {
	payload := strings.Repeat("\x00", 1000) + "\xff\xfe" + strings.Repeat("\x80", 1000)
	s, found := snippetIn(t, Query{Text: "\xff\xfe"}, Binary, payload)
	if !found || len(s.Before) != 32 || string(s.Match) != "\xff\xfe" || len(s.After) != 96 || s.Offset != 1000 {
		t.Errorf("%t, %+v", found, s)
	}
}

func TestNoSnippetWithoutAMatch(t *testing.T) {
	for _, q := range []Query{{Text: "needle"}, {Text: "needle", FoldCase: true}, {Text: "nee+dle", Regex: true}} {
		for _, payload := range []string{"", "need", strings.Repeat("needl ", 100_000)} {
			if s, found := snippetIn(t, q, Text, payload); found {
				t.Errorf("%+v found %s", q, shown(s))
			}
		}
	}
}

func TestSnippetStopsWhereItsPayloadCannotBeRead(t *testing.T) {
	broken := errors.New("broken")
	for _, q := range []Query{{Text: "needle"}, {Text: "needle", Regex: true}} {
		f, err := NewFinder(q)
		if err != nil {
			t.Fatal(err)
		}
		if _, found, err := f.InPayload(Text, unreadable{broken}); found || !errors.Is(err, broken) {
			t.Errorf("%+v: %t, %v", q, found, err)
		}
	}
	if _, err := NewFinder(Query{Text: "(", Regex: true}); err == nil {
		t.Error("a broken expression is taken")
	}
}

// unreadable is a payload that cannot be read.
type unreadable struct{ err error }

func (u unreadable) Read([]byte) (int, error)       { return 0, u.err }
func (u unreadable) Seek(int64, int) (int64, error) { return 0, nil }

func FuzzSnippet(f *testing.F) {
	f.Add("needle", []byte("a needle"), false, false)
	f.Add("x*", []byte(""), true, true)
	f.Add("É+", []byte(strings.Repeat("é", 400)), true, true)
	f.Fuzz(func(t *testing.T, text string, payload []byte, regex, fold bool) {
		finder, err := NewFinder(Query{Text: text, Regex: regex, FoldCase: fold})
		if err != nil || text == "" {
			return
		}
		s, found, err := finder.InPayload(Text, bytes.NewReader(payload))
		if err != nil {
			t.Fatal(err)
		}
		if !found {
			return
		}
		whole := bytes.Join([][]byte{s.Before, s.Match, s.After}, nil)
		start := s.Offset - int64(len(s.Before))
		if start < 0 || !bytes.HasPrefix(payload[start:], whole) {
			t.Fatalf("%q does not stand at %d of %q", whole, start, payload)
		}
		if utf8.Valid(payload) && !regex && !utf8.Valid(whole) {
			t.Fatalf("%q is cut inside a character", whole)
		}
	})
}
