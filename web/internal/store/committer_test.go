package store

import (
	"testing"

	"duplex/bridge"
	"duplex/bridge/transcript"
)

// When the answer to a commit is lost, the batch may be stored or not; either way
// it is stored once and acknowledged.
func TestBatchOfAnUnsureCommitIsStoredOnce(t *testing.T) {
	s, err := Open(t.Context(), Options{DataDir: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = s.Close() }()
	if err := s.StartSession(t.Context(), bridge.Record{ID: "one"}); err != nil {
		t.Fatal(err)
	}
	r := newRequest("one", []transcript.Message{{Seq: 1, Direction: transcript.Received}}, 0)
	for _, state := range []string{"not stored", "stored", "stored, and asked for once more"} {
		s.commits.unsure["one"] = 1
		if err := s.commits.commitAlone(r); err != nil {
			t.Errorf("%s: %v", state, err)
		}
	}
	if err := s.commits.commitAlone(r); err == nil {
		t.Error("a batch that is stored was stored again")
	}
	record, err := s.Session(t.Context(), "one")
	if err != nil || record.LastSeq != 1 || record.Counts.Received != 1 {
		t.Errorf("record = %+v, %v", record, err)
	}
}
