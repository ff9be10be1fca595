package audit_test

import (
	"errors"
	"reflect"
	"slices"
	"testing"

	"duplex/bridge/audit"

	"duplex/bridge/testkit"
)

// found returns the seq and the kind of the break of m; 0 and "" for a whole chain.
func found(t *testing.T, m *memory, since audit.Point) (int64, audit.Kind) {
	t.Helper()
	c := &audit.Checker{Ledger: m, Keys: m.keys, Since: since}
	err := c.Verify(t.Context())
	if broken, ok := errors.AsType[*audit.BreakError](err); ok {
		if broken.Error() == "" || !errors.Is(c.Standing().Broken, broken) {
			t.Errorf("%v, and it stands at %+v", err, c.Standing())
		}
		return broken.Seq, broken.Kind
	}
	if err != nil {
		t.Fatal(err)
	}
	if at := c.Standing().Checked; at.Seq != m.head.Seq || !slices.Equal(at.Hash, m.head.Hash) {
		t.Errorf("whole, and checked up to %v", at)
	}
	return 0, ""
}

func TestWhatWasDoneToAChainIsFound(t *testing.T) {
	forge := func(m *memory, from int) { // makes all hashes right again, without the key
		var before audit.Head
		if from > 0 {
			before = audit.Head{Seq: m.entries[from-1].Seq, Hash: m.entries[from-1].Hash}
		}
		audit.Link(stranger(t), before, m.entries[from:])
	}
	tried, missed := 0, 0
	for name, c := range map[string]struct {
		do   func(m *memory)
		seq  int64
		kind audit.Kind
	}{
		"nothing":          {func(*memory) {}, 0, ""},
		"edited":           {func(m *memory) { m.entries[4].Person.Name = "Somebody" }, 5, audit.Edited},
		"first edited":     {func(m *memory) { m.entries[0].Detail = "" }, 1, audit.Edited},
		"last edited":      {func(m *memory) { m.entries[9].Outcome = audit.Refused }, 10, audit.Edited},
		"two fields swap":  {func(m *memory) { e := &m.entries[4]; e.Peer, e.Detail = e.Detail, e.Peer }, 5, audit.Edited},
		"text moved over":  {func(m *memory) { e := &m.entries[4]; e.Person.ID, e.Person.Name = "p", "5Li Wei" }, 5, audit.Edited},
		"edited, rehashed": {func(m *memory) { m.entries[4].Person.Name = "Somebody"; forge(m, 4) }, 5, audit.Edited},
		"last rehashed":    {func(m *memory) { m.entries[9].Detail = ""; forge(m, 9) }, 10, audit.Edited},
		"removed":          {func(m *memory) { m.entries = slices.Delete(m.entries, 4, 5) }, 5, audit.Removed},
		"first removed":    {func(m *memory) { m.entries = slices.Delete(m.entries, 0, 1) }, 1, audit.Removed},
		"removed, numbered anew": {func(m *memory) {
			m.entries = slices.Delete(m.entries, 4, 5)
			m.renumber()
		}, 5, audit.Removed},
		"inserted": {func(m *memory) {
			m.entries = slices.Insert(m.entries, 4, full(99))
			m.renumber()
		}, 5, audit.Inserted},
		"inserted, rehashed": {func(m *memory) {
			m.entries = slices.Insert(m.entries, 4, full(99))
			m.renumber()
			forge(m, 4)
		}, 5, audit.Inserted},
		"a genuine one inserted again": {func(m *memory) {
			m.entries = slices.Insert(m.entries, 4, m.entries[7])
			m.renumber()
		}, 5, audit.Inserted},
		"inserted at the end": {func(m *memory) {
			m.entries = append(m.entries, full(11))
			m.renumber()
		}, 11, audit.Inserted},
		"inserted behind the end": {func(m *memory) {
			e := m.entries[9]
			e.Seq = 99
			m.entries = append(m.entries, e)
		}, 11, audit.Inserted},
		"inserted at the end, rehashed": {func(m *memory) {
			m.entries = append(m.entries, full(11))
			forge(m, 10)
		}, 11, audit.Inserted},
		"two swapped": {func(m *memory) {
			m.entries[2], m.entries[6] = m.entries[6], m.entries[2]
			m.renumber()
		}, 3, audit.Reordered},
		"neighbours swapped": {func(m *memory) {
			m.entries[8], m.entries[9] = m.entries[9], m.entries[8]
			m.renumber()
		}, 9, audit.Reordered},
		"last removed": {func(m *memory) { m.entries = m.entries[:9] }, 10, audit.Truncated},
		"all removed":  {func(m *memory) { m.entries = nil }, 1, audit.Truncated},
		"all and head": {func(m *memory) { m.entries, m.head = nil, audit.Head{} }, 1, audit.Empty},
		"last removed, head made of the one before": {func(m *memory) {
			m.entries = m.entries[:9]
			e := m.entries[8]
			m.head = audit.Head{Seq: 9, Hash: e.Hash, Key: e.Key, MAC: e.MAC}
		}, 9, audit.HeadAltered},
		"head's count": {func(m *memory) { m.head.Seq = 9 }, 10, audit.Inserted},
		"head's hash":  {func(m *memory) { m.head.Hash = m.entries[8].Hash }, 10, audit.HeadAltered},
		"head's code":  {func(m *memory) { m.head.MAC = m.entries[9].MAC }, 10, audit.HeadAltered},
		"head's key":   {func(m *memory) { m.head.Key = "k9" }, 10, audit.KeyMissing},
		"keys that nobody has": {func(m *memory) {
			for i := range m.entries[4:] {
				e := &m.entries[4+i]
				e.Detail = "forged"
			}
			m.head = audit.Link(keyring(t, "k9"), audit.Head{Seq: 4, Hash: m.entries[3].Hash}, m.entries[4:])
		}, 5, audit.KeyMissing},
	} {
		m := newMemory(t, 10)
		c.do(m)
		if seq, kind := found(t, m, audit.Point{}); seq != c.seq || kind != c.kind {
			t.Errorf("%s: %d %s, want %d %s", name, seq, kind, c.seq, c.kind)
			missed++
		}
		tried++
	}
	testkit.AtLeast(t, supplyFigure, "kinds of tampering with the audit log", float64(tried), 20, "")
	testkit.AtMost(t, supplyFigure, "of these not found", float64(missed), 0, "")
}

const supplyFigure = "supply"

// A field of Entry that is not in the hash could be edited unnoticed.
func TestEveryFieldIsInTheChain(t *testing.T) {
	fields := 0
	var each func(path []int, typ reflect.Type)
	each = func(path []int, typ reflect.Type) {
		for i := range typ.NumField() {
			field, at := typ.Field(i), append(slices.Clone(path), i)
			if field.Type.Kind() == reflect.Struct && field.Type.PkgPath() != "time" {
				each(at, field.Type)
				continue
			}
			fields++
			m := newMemory(t, 5)
			change(t, reflect.ValueOf(&m.entries[2]).Elem().FieldByIndex(at))
			if seq, kind := found(t, m, audit.Point{}); seq != 3 || kind != audit.Edited && kind != audit.Removed {
				t.Errorf("%s changed: %d %s", field.Name, seq, kind)
			}
		}
	}
	each(nil, reflect.TypeFor[audit.Entry]())
	if fields != 17 {
		t.Errorf("%d fields", fields)
	}
}

func change(t *testing.T, v reflect.Value) {
	t.Helper()
	switch v.Kind() {
	case reflect.String:
		v.SetString(v.String() + "x")
	case reflect.Int64:
		v.SetInt(v.Int() + 100)
	case reflect.Slice:
		b := slices.Clone(v.Bytes())
		b[0] ^= 1
		v.SetBytes(b)
	default:
		e := full(999)
		v.Set(reflect.ValueOf(e.At))
	}
}

// A chain cannot prove that it was once longer. A head noted elsewhere does.
func TestOlderCopyIsFoundByWhoeverNotedAHead(t *testing.T) {
	m := newMemory(t, 6)
	older := *m
	older.entries = slices.Clone(m.entries)
	m.add(4)
	noted := audit.Point{Seq: m.head.Seq, Hash: m.head.Hash}
	if seq, kind := found(t, &older, audit.Point{}); seq != 0 {
		t.Errorf("an older copy is in order by itself: %d %s", seq, kind)
	}
	if seq, kind := found(t, &older, noted); seq != 7 || kind != audit.Truncated {
		t.Errorf("compared with a later head: %d %s", seq, kind)
	}
	other := []audit.Entry{full(1), full(1), full(1), full(1)}
	older.head = audit.Link(older.keys, older.head, other)
	older.entries = append(older.entries, other...)
	if seq, kind := found(t, &older, noted); seq != 10 || kind != audit.Replaced {
		t.Errorf("grown in another way: %d %s", seq, kind)
	}
	if seq, kind := found(t, m, noted); seq != 0 {
		t.Errorf("the log itself: %d %s", seq, kind)
	}
}

func TestKeyThatHasLeftIsVouchedForByTheNext(t *testing.T) {
	m := newMemory(t, 5)
	m.keys = keyring(t, "k2", "k1")
	m.add(5)
	m.keys = keyring(t, "k2")
	if seq, kind := found(t, m, audit.Point{}); seq != 0 {
		t.Errorf("the older key is gone: %d %s", seq, kind)
	}
	m.entries[2].Detail = "edited"
	if seq, kind := found(t, m, audit.Point{}); seq != 3 || kind != audit.Edited {
		t.Errorf("edited where the key is gone: %d %s", seq, kind)
	}
	whole := newMemory(t, 5)
	whole.keys = keyring(t, "k2")
	if seq, kind := found(t, whole, audit.Point{}); seq != 1 || kind != audit.KeyMissing {
		t.Errorf("no entry of a key that is there: %d %s", seq, kind)
	}
}

func TestCheckerGoesOnWhereItWasAndNoticesWhatIsGone(t *testing.T) {
	m := newMemory(t, 10)
	c := &audit.Checker{Ledger: m, Keys: m.keys}
	if more, err := c.Advance(t.Context(), 4); !more || err != nil || c.Standing().Checked.Seq != 4 {
		t.Errorf("more %v, %v, %+v", more, err, c.Standing())
	}
	if err := c.Verify(t.Context()); err != nil || c.Standing().Checked.Seq != 10 {
		t.Errorf("%v, %+v", err, c.Standing())
	}
	m.add(2)
	if err := c.Verify(t.Context()); err != nil || c.Standing().Checked.Seq != 12 {
		t.Errorf("%v, %+v", err, c.Standing())
	}
	older := newMemory(t, 8) // with its own head: a whole chain by itself
	m.entries, m.head = older.entries, older.head
	err := c.Verify(t.Context())
	if broken, ok := errors.AsType[*audit.BreakError](err); !ok || broken.Kind != audit.Truncated || broken.Seq != 9 {
		t.Errorf("rolled back while it was watched: %v", err)
	}
	m.add(4)
	if err := c.Verify(t.Context()); err == nil {
		t.Error("a broken chain healed")
	}
}

func TestPointIsReadAsItIsPrinted(t *testing.T) {
	m := newMemory(t, 3)
	want := audit.Point{Seq: 3, Hash: m.head.Hash}
	got, err := audit.ParsePoint(" " + want.String() + "\n")
	if err != nil || got.String() != want.String() {
		t.Errorf("%v, %v", got, err)
	}
	for _, bad := range []string{"", "3", "3:", "3:ab", "0:" + want.String()[2:], "x:" + want.String()[2:], want.String() + "0"} {
		if _, err := audit.ParsePoint(bad); err == nil {
			t.Errorf("%q was taken", bad)
		}
	}
}
