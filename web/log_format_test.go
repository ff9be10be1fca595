package main

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"duplex/bridge/wire"
)

// A person who reports an error can name the lines of the log about it.
func TestRequestIDLeadsFromAnErrorToTheLog(t *testing.T) {
	t.Parallel()
	p := startProgram(t, "--log-format", "json")
	res, raw := p.do("GET", "/api/services/nothing", "", nil)
	id := res.Header.Get("X-Request-Id")
	var answer struct{ Error wire.Error }
	if err := json.Unmarshal(raw, &answer); err != nil || res.StatusCode != http.StatusNotFound || id == "" || answer.Error.RequestID != id {
		t.Fatalf("%d, header %q: %s %v", res.StatusCode, id, raw, err)
	}
	if other, _ := p.do("GET", "/healthz", "", nil); other.Header.Get("X-Request-Id") == "" || other.Header.Get("X-Request-Id") == id {
		t.Errorf("the next request has the id %q", other.Header.Get("X-Request-Id"))
	}
	p.stop()
	about := map[string]bool{}
	for line := range strings.Lines(p.logs.String()) {
		var entry struct{ Time, Level, Msg, ID string }
		if err := json.Unmarshal([]byte(line), &entry); err != nil || entry.Time == "" || entry.Level == "" || entry.Msg == "" {
			t.Fatalf("not a JSON log line: %v: %s", err, line)
		}
		if entry.ID == id {
			about[entry.Msg] = true
		}
	}
	if !about["request"] || !about["request failed"] {
		t.Errorf("the log has %v about request %s:\n%s", about, id, p.logs)
	}
}

// The version of the answer is that of the command.
func TestVersionIsServed(t *testing.T) {
	t.Parallel()
	p := startProgram(t)
	var answer struct{ Version, Go string }
	p.call("GET", "/version", nil, http.StatusOK, &answer)
	if _, printed, _ := runHelp(t, nil, "version"); strings.TrimSpace(printed) != answer.Version || !strings.HasPrefix(answer.Go, "go1.") {
		t.Errorf("served %+v, printed %s", answer, printed)
	}
}
