package bridge_test

import (
	"bytes"
	"context"
	"flag"
	"math/rand/v2"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"duplex/bridge"
	"duplex/bridge/demo/emulate"
	"duplex/bridge/dialect"
	"duplex/bridge/speech"
	"duplex/bridge/testkit"
	"duplex/bridge/transcript"
	"duplex/bridge/vault"
)

var update = flag.Bool("update", false, "record the fixtures of built-in dialects")

// spoken is the answer of emulated services: joining must not alter it.
const (
	spoken  = "Good morning, “Zoë”. The gateway stays silent: 网关保持沉默，直到第二天。 9007199254740993 👩‍💻 is \"done\"."
	heardBy = "who said \"stays silent\"?"
	asked   = "Say hello, \"Zoë\".\n再说一遍。"
)

// talk is a session with an emulated service.
type talk struct {
	*bridge.Session

	dialect  *dialect.Dialect
	emulator emulate.Emulator
	record   *emulate.Record
	hub      *bridge.Hub
	store    *memory
}

// startTalk opens a session with an emulated service, as o says.
func startTalk(t *testing.T, name string, o emulate.Options) *talk {
	t.Helper()
	e, found := emulate.Find(name)
	d, known := dialect.Builtin(name)
	if !found || !known {
		t.Fatalf("%s has no emulator or no dialect", name)
	}
	o.Record = &emulate.Record{}
	if o.Answer == "" {
		o.Answer, o.Heard = spoken, heardBy
	}
	if o.Interval == 0 {
		o.Interval = 20 * time.Millisecond
	}
	if o.Voice == nil {
		o.Voice = noise
	}
	o.Word = 25 * time.Millisecond
	server := httptest.NewServer(e.New(o))
	t.Cleanup(server.Close)
	talk := &talk{dialect: d, emulator: e, record: o.Record, store: newMemory()}
	talk.hub = newHub(t, talk.store, time.Minute)
	r := request(t, "ws"+strings.TrimPrefix(server.URL, "http")+e.Path)
	secrets := map[string]vault.Secret{}
	for field, secret := range e.Secrets {
		secrets[field] = vault.NewSecret(secret)
	}
	r.Speech = &bridge.Speech{Dialect: d, Values: dialect.Values{Vars: e.Vars, Secrets: secrets}}
	var err error
	if talk.Session, err = talk.hub.Open(t.Context(), r); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = talk.Close(context.Background(), 1000, "") })
	return talk
}

// noise is a voice that takes no time to make, and in which no sample is like another.
func noise(text string, rate int) []int16 {
	source := rand.NewPCG(1, uint64(len(text)))
	samples := make([]int16, rate*len(text)/200)
	for i := range samples {
		samples[i] = int16(source.Uint64())
	}
	return samples
}

// ask asks by text or by speech.
func (s *talk) ask(t *testing.T, q bridge.Question) dialect.Turn {
	t.Helper()
	q.Timeout = 20 * time.Second
	turn, _, err := s.hub.Ask(t.Context(), s.Session, q, nil)
	if err != nil {
		t.Fatal(err)
	}
	return turn
}

// sentence is speech of that length.
func sentence(length time.Duration) *speech.Clip {
	const rate = 16_000
	samples := emulate.Voice("a sentence that somebody says to a service, and which goes on for a while", rate)
	return &speech.Clip{Rate: rate, Channels: 1, Samples: samples[:int(length.Seconds()*rate)]}
}

// questions returns a question of each kind that an emulated service takes.
func questions(e emulate.Emulator) map[string]bridge.Question {
	all := map[string]bridge.Question{}
	if e.Text {
		all["text"] = bridge.Question{Text: asked}
	}
	if e.Audio > 0 {
		all["speech"] = bridge.Question{Clip: sentence(630 * time.Millisecond)} // no whole number of frames
	}
	return all
}

// Messages calls do with the messages of the log.
func (s *talk) Messages(_ context.Context, first, last int64, do func(*transcript.Message) error) error {
	for _, m := range s.store.log(s.Info().ID) {
		if m.Seq < first || last > 0 && m.Seq > last {
			continue
		}
		if err := do(&m); err != nil {
			return err
		}
	}
	return nil
}

// sound returns the joined audio of the answer of a turn.
func (s *talk) sound(t *testing.T, turn dialect.Turn) []byte {
	t.Helper()
	var joined []byte
	r := dialect.NewAudioReader(s.dialect, s.emulator.Vars, turn, dialect.StreamAnswer)
	_ = s.Messages(t.Context(), 1, 0, func(m *transcript.Message) error {
		data, _ := r.Read(m)
		joined = append(joined, data...)
		return nil
	})
	return joined
}

// Each dialect speaks with its service: the opening, a text or speech, the answer. Text and
// audio are what the service has sent, and the times are those that it noted. A full run on a
// quiet machine compares them within 2 ms and a twentieth, a busy machine delays messages.
func TestBuiltinDialectsSpeakWithTheirServices(t *testing.T) {
	for _, d := range dialect.Builtins() {
		e, found := emulate.Find(d.Name)
		if !found {
			t.Errorf("%s has no emulator", d.Name)
			continue
		}
		for kind, q := range questions(e) {
			t.Run(d.Name+"/"+kind, func(t *testing.T) {
				var wrong []string
				for range 4 {
					s := startTalk(t, d.Name, emulate.Options{})
					turn := s.ask(t, q)
					if turn.State != dialect.TurnDone {
						t.Fatalf("the turn is %s: %+v\n%s", turn.State, turn.Error, s.dump(t))
					}
					s.compare(t, turn)
					if wrong = wrongTimes(turn, s.record.Turns()[0]); len(wrong) == 0 {
						return
					}
				}
				t.Error(strings.Join(wrong, "; "))
			})
		}
	}
}

// compare compares the text and the audio of a turn with those that the service has sent.
func (s *talk) compare(t *testing.T, turn dialect.Turn) {
	t.Helper()
	want := s.record.Turns()[0]
	if diff := cmp.Diff(dialect.TurnText{Answer: want.Text, User: want.User}, turn.Text); diff != "" {
		t.Errorf("text (-service +turn):\n%s", diff)
	}
	if got := s.sound(t, turn); !bytes.Equal(got, want.Audio) {
		t.Errorf("the joined audio has %d bytes, %d were spoken", len(got), len(want.Audio))
	}
	if want.Text == "" && len(want.Audio) == 0 {
		t.Error("the service answered nothing")
	}
	if len(s.record.Frames()) == 0 && turn.Request != asked {
		t.Errorf("the request reads %q", turn.Request)
	}
}

// dump returns the log, for a failed test.
func (s *talk) dump(t *testing.T) string {
	t.Helper()
	var out strings.Builder
	_ = s.Messages(t.Context(), 1, 0, func(m *transcript.Message) error {
		out.WriteString(string(m.Direction) + " " + m.Event + " " + string(m.Payload[:min(len(m.Payload), 300)]) + "\n")
		return nil
	})
	return out.String()
}

// wrongTimes compares a turn with the service's own record.
func wrongTimes(got dialect.Turn, want emulate.Turn) []string {
	var wrong []string
	compare := func(name string, gotUS, wantUS int64) {
		off, most := gotUS-wantUS, max(wantUS, -wantUS)/20+2000
		if !testkit.Full() {
			most += 500_000
		}
		if off > most || off < -most {
			wrong = append(wrong, name+" is "+time.Duration(gotUS*1000).String()+", not "+time.Duration(wantUS*1000).String())
		}
	}
	since := func(name string, gotUS int64, at time.Time) {
		switch {
		case (gotUS == 0) != at.IsZero():
			wrong = append(wrong, name+" is given by one side alone")
		case gotUS != 0:
			compare(name, gotUS-got.MarkUS, at.Sub(want.Mark).Microseconds())
		}
	}
	compare("mark", got.MarkUS-want.Mark.UnixMicro(), 0)
	since("first text", got.FirstTextUS, want.FirstText)
	since("first audio", got.FirstAudioUS, want.FirstAudio)
	sent := slices.DeleteFunc(want.Sent, func(at time.Time) bool { return at.Sub(want.Done) > time.Millisecond })
	if gaps := gapsOf(sent); got.Gaps != nil && len(gaps) > 0 {
		low, high := gaps[max(0, len(gaps)/2-2)], gaps[min(len(gaps)-1, len(gaps)/2+1)] // messages may come in pairs
		compare("p50 of gaps", got.Gaps.P50US, min(max(got.Gaps.P50US, low), high))
		compare("largest gap", got.Gaps.MaxUS, gaps[len(gaps)-1])
	}
	return wrong
}

// gapsOf returns the times between messages in µs, sorted.
func gapsOf(sent []time.Time) []int64 {
	var gaps []int64
	for i := 1; i < len(sent); i++ {
		gaps = append(gaps, sent[i].Sub(sent[i-1]).Microseconds())
	}
	slices.Sort(gaps)
	return gaps
}

// Fixtures of the dialect package are recorded here, by -update.
func TestFixturesOfBuiltinDialects(t *testing.T) {
	for _, d := range dialect.Builtins() {
		path := filepath.Join("dialect", "testdata", "builtin", d.Name+".jsonl")
		if *update {
			recordFixture(t, d.Name, path)
		}
		if _, err := os.Stat(path); err != nil {
			t.Errorf("%s has no fixture: go test ./bridge -run Fixtures -update", d.Name)
		}
	}
}

// recordFixture records a session with a question of one kind. The audio is short.
func recordFixture(t *testing.T, name, path string) {
	t.Helper()
	s := startTalk(t, name, emulate.Options{
		Answer: "Stays silent. 第二天。", Heard: heardBy, Voice: func(string, int) []int16 { return make([]int16, 4000) },
	})
	all := questions(s.emulator)
	q, speaks := all["speech"]
	if q.Text = asked; speaks {
		q.Clip, q.Text = sentence(330*time.Millisecond), ""
	}
	s.ask(t, q)
	_ = s.Close(t.Context(), 1000, "")
	var out bytes.Buffer
	err := transcript.WriteJSONL(&out, transcript.Head{}, func(yield func(transcript.Message, error) bool) {
		_ = s.Messages(t.Context(), 1, 0, func(m *transcript.Message) error {
			yield(*m, nil)
			return nil
		})
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, out.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
}
