package dialect_test

import (
	"bufio"
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"duplex/bridge/dialect"
	"duplex/bridge/transcript"
)

var update = flag.Bool("update", false, "write the golden files")

// readRecording reads an export of a session.
func readRecording(t *testing.T, path string) []transcript.Message {
	t.Helper()
	file, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = file.Close() }()
	var all []transcript.Message
	lines := bufio.NewScanner(file)
	lines.Buffer(nil, 16<<20)
	for lines.Scan() {
		var line struct {
			transcript.Row

			AtUS   int64   `json:"at_us"`
			Text   *string `json:"text"`
			Base64 []byte  `json:"base64"`
		}
		if err := json.Unmarshal(lines.Bytes(), &line); err != nil {
			t.Fatal(err)
		}
		payload := line.Base64
		if line.Text != nil {
			payload = []byte(*line.Text)
		}
		line.At = time.UnixMicro(line.AtUS)
		all = append(all, line.Message(payload))
	}
	if err := lines.Err(); err != nil {
		t.Fatal(err)
	}
	return all
}

// Each built-in dialect reads the session that was recorded with it (go test ./bridge -run
// Fixtures -update) as the golden file says.
func TestBuiltinDialectsReadTheirRecordings(t *testing.T) {
	for _, d := range dialect.Builtins() {
		t.Run(d.Name, func(t *testing.T) {
			base := filepath.Join("testdata", "builtin", d.Name)
			r := dialect.NewReader(d, nil)
			for _, m := range readRecording(t, base+".jsonl") {
				r.Read(&m)
			}
			turns, _ := r.Turns(0)
			got, err := json.MarshalIndent(turns, "", "  ")
			if err != nil {
				t.Fatal(err)
			}
			if *update {
				if err := os.WriteFile(base+".turns.json", append(got, '\n'), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(base + ".turns.json")
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(string(want), string(got)+"\n"); diff != "" {
				t.Errorf("turns (-golden +got):\n%s", diff)
			}
			if last := turns[len(turns)-1]; last.State != dialect.TurnDone || last.MarkUS == 0 { // a greeting may be a turn too
				t.Errorf("the last of %d turns is %s", len(turns), last.State)
			}
		})
	}
}
