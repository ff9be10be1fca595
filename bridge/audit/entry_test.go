package audit_test

import (
	"encoding/json"
	"reflect"
	"strings"
	"testing"

	"duplex/bridge/audit"
)

func TestTextsAreMadeFitToBeKeptAndShown(t *testing.T) {
	m := newMemory(t, 0)
	e := full(1)
	e.Person.Name = "a\x00b\x1b[2Jc\xff\u202e敏"
	e.Object.ServiceName = strings.Repeat("敏", 301)
	entries := []audit.Entry{e}
	m.head = audit.Link(m.keys, m.head, entries)
	m.entries = entries
	if got := entries[0].Person.Name; got != "a\ufffdb\ufffd[2Jc\ufffd\ufffd敏" {
		t.Errorf("name %q", got)
	}
	if got := entries[0].Object.ServiceName; got != strings.Repeat("敏", 300)+"…" {
		t.Errorf("%d bytes are kept of a long name", len(got))
	}
	if seq, kind := found(t, m, audit.Point{}); seq != 0 {
		t.Errorf("it does not verify: %d %s", seq, kind)
	}
}

func TestFilterLooksIntoTexts(t *testing.T) {
	e := full(7)
	e.Object.ServiceName = "ASR ÄRGER"
	for _, c := range []struct {
		filter audit.Filter
		want   bool
	}{
		{audit.Filter{}, true},
		{audit.Filter{Who: "li wei"}, true},
		{audit.Filter{Who: " P7 "}, true},
		{audit.Filter{Who: "ASR"}, false},
		{audit.Filter{Text: "asr"}, true},
		{audit.Filter{Text: "192.0.2"}, true},
		{audit.Filter{Text: "session.o"}, true},
		{audit.Filter{Text: "nothing"}, false},
		{audit.Filter{Text: "okdetail"}, false}, // of two texts
		{audit.Filter{Text: "ärger"}, true},
		{audit.Filter{Who: "li", Text: "nothing"}, false},
	} {
		if got := c.filter.Matcher()(&e); got != c.want {
			t.Errorf("%+v: %v", c.filter, got)
		}
	}
}

func TestExportHoldsEveryField(t *testing.T) {
	m := newMemory(t, 2)
	var out strings.Builder
	if err := audit.WriteJSONL(&out, m.AuditEntries(t.Context(), audit.Filter{})); err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(strings.TrimSuffix(out.String(), "\n"), "\n")
	if len(lines) != 2 {
		t.Fatalf("%d lines", len(lines))
	}
	var fields map[string]any
	if err := json.Unmarshal([]byte(lines[1]), &fields); err != nil {
		t.Fatal(err)
	}
	for name, value := range fields {
		if value == "" || value == nil || reflect.ValueOf(value).IsZero() {
			t.Errorf("%s is empty", name)
		}
	}
	if len(fields) != 18 || fields["seq"] != 2.0 || fields["person_name"] != "Li Wei" || fields["at"] != "2027-01-15T08:00:00.000002Z" {
		t.Errorf("%d fields: %s", len(fields), lines[1])
	}
}
