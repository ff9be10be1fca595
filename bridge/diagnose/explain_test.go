package diagnose_test

import (
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"duplex/bridge/diagnose"
	"duplex/bridge/dial"
	"duplex/views/text"
)

// story is evidence from a real failure, with its expected explanation.
type story struct {
	rule   string
	name   string // distinguishes rows of one rule
	happen func(t *testing.T) diagnose.Evidence
	action diagnose.Action
	want   map[string]string // values of the finding
	said   map[string]string // words and code that the finding has to quote; "" for none
	facts  []string          // keys that must be among its facts
}

func stories() []story {
	return slices.Concat(ownStories(), networkStories(), mintStories(), egressStories(), tlsStories(), peerStories(), refusalStories(), closeStories())
}

func TestExplainNamesTheCauseOfWhatHappened(t *testing.T) {
	t.Parallel()
	catalogue, err := text.Load("en")
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range stories() {
		t.Run(strings.TrimSuffix(s.rule+"/"+s.name, "/"), func(t *testing.T) {
			t.Parallel()
			evidence := s.happen(t)
			finding, ok := diagnose.Explain(evidence)
			if !ok || finding.Rule != s.rule {
				t.Fatalf("rule %q (%v), want %q; err %v, report %+v, closing %+v", finding.Rule, ok, s.rule, evidence.Err, evidence.Report, evidence.Closing)
			}
			if finding.Action != s.action {
				t.Errorf("action %q, want %q", finding.Action, s.action)
			}
			checkValues(t, s, finding)
			checkSentences(t, catalogue, finding)
			checkSecret(t, finding)
		})
	}
}

func checkValues(t *testing.T, s story, f diagnose.Finding) {
	t.Helper()
	for name, want := range s.want {
		if f.Values[name] != want {
			t.Errorf("value %s is %q, want %q", name, f.Values[name], want)
		}
	}
	for name, want := range s.said {
		if f.Said == nil || f.Said.Values[name] != want {
			t.Errorf("said %s is %+v, want %q", name, f.Said, want)
		}
	}
	for _, key := range s.facts {
		if !slices.ContainsFunc(f.Facts, func(fact diagnose.Fact) bool { return fact.Key == key }) {
			t.Errorf("no fact %q in %v", key, f.Facts)
		}
	}
}

var placeholder = regexp.MustCompile(`\{\w+\}`)

// checkSentences checks that every sentence of a finding exists, and has a value for every
// name in it.
func checkSentences(t *testing.T, c *text.Catalogue, f diagnose.Finding) {
	t.Helper()
	said := map[string]map[string]string{"diagnosis." + f.Rule + ".cause": f.Values, "diagnosis." + f.Rule + ".fix": f.Values}
	for _, fact := range f.Facts {
		said["evidence."+fact.Key] = fact.Values
	}
	if f.Said != nil {
		said[f.Said.Key] = f.Said.Values
	}
	if f.Action != "" {
		said["action."+string(f.Action)] = nil
	}
	for key, values := range said {
		sentence := c.Say(key, values)
		if !c.Has(key) || placeholder.MatchString(sentence) {
			t.Errorf("%s: %q", key, sentence)
		}
		if strings.Contains(sentence, "!") && key != "evidence.gateway_message" {
			t.Errorf("%s shouts: %q", key, sentence)
		}
	}
}

func checkSecret(t *testing.T, f diagnose.Finding) {
	t.Helper()
	raw, err := json.Marshal(f)
	if err != nil {
		t.Fatal(err)
	}
	if strings.Contains(string(raw), secret) {
		t.Errorf("the finding holds the secret: %s", raw)
	}
}

func TestEveryRuleHasAStory(t *testing.T) {
	t.Parallel()
	told := map[string]bool{}
	for _, s := range stories() {
		told[s.rule] = true
	}
	rules := diagnose.Rules()
	for i, rule := range rules {
		if !told[rule] {
			t.Errorf("no story of %s", rule)
		}
		if slices.Contains(rules[:i], rule) {
			t.Errorf("two rules are named %s", rule)
		}
	}
}

func TestFailureInAnyPhaseIsExplained(t *testing.T) {
	t.Parallel()
	for _, phase := range dial.AllPhases() {
		report := &dial.Report{URL: "wss://example.com/ws", Phase: phase}
		if finding, found := diagnose.Explain(diagnose.Evidence{Report: report, Err: errors.New("it failed")}); !found {
			t.Errorf("a failure in phase %s is not explained", phase)
		} else if finding.Action != "" && !slices.Contains(diagnose.Actions(), finding.Action) {
			t.Errorf("%s offers the unknown action %s", finding.Rule, finding.Action)
		}
	}
}

func TestCatalogueHoldsEverySentenceAndNoOther(t *testing.T) {
	t.Parallel()
	want := map[string]bool{}
	for _, rule := range diagnose.Rules() {
		want["diagnosis."+rule+".cause"], want["diagnosis."+rule+".fix"] = true, true
	}
	for _, key := range diagnose.FactKeys() {
		want["evidence."+key] = true
	}
	for _, key := range diagnose.SaidKeys() {
		want[key] = true
	}
	for _, action := range diagnose.Actions() {
		want["action."+string(action)] = true
	}
	for key := range sentences(t) {
		if !want[key] {
			t.Errorf("nothing says %s", key)
		}
		delete(want, key)
	}
	for key := range want {
		t.Errorf("no sentence %s", key)
	}
}

// sentences returns the keys of the catalogue that are about findings.
func sentences(t *testing.T) map[string]bool {
	t.Helper()
	files, err := filepath.Glob("../../views/text/en/*.json")
	if err != nil || len(files) == 0 {
		t.Fatal(files, err)
	}
	found := map[string]bool{}
	for _, file := range files {
		raw, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		var topic map[string]string
		if err := json.Unmarshal(raw, &topic); err != nil {
			t.Fatal(err)
		}
		for key := range topic {
			if family, _, _ := strings.Cut(key, "."); slices.Contains([]string{"diagnosis", "evidence", "action", "said"}, family) {
				found[key] = true
			}
		}
	}
	return found
}
