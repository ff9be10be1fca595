package dialect

import (
	"fmt"
	"strings"
	"testing"
)

func TestWithoutADialectATurnBeginsWithASendAfterAnAnswer(t *testing.T) {
	var b book
	b.event(0, "connected", "{}").gets(1, "welcome").sends(5, "first part").sends(10, "second part").gets(30, "a").gets(50, "b")
	b.sends(60, "again").gets(75, "c").closes(90, 1000, "person")
	turns := b.turns(nil)
	if states(turns) != "done done" {
		t.Fatalf("turns %s", asJSON(turns))
	}
	first, second := turns[0], turns[1]
	if first.FirstSeq != 3 || first.LastSeq != 6 || first.MarkUS != us(10) || first.FirstMessageUS != us(30) || first.DoneUS != us(50) || first.Gaps.MaxUS != 20_000 || first.Messages != 4 {
		t.Errorf("first %s", asJSON(first))
	}
	if second.MarkUS != us(60) || second.DoneUS != us(75) || second.Guessed || second.Text.Answer != "" {
		t.Errorf("second %s", asJSON(second))
	}
	if got := new(book).sends(0, "x").closes(5, 1011, "target").one(t, nil); got.State != TurnFailed || got.Error.Code != "1011" {
		t.Errorf("turn %s", asJSON(got))
	}
	if got := new(book).sends(0, "x").closes(5, 1000, "target").one(t, nil); got.State != TurnCut {
		t.Errorf("turn %s", asJSON(got))
	}
}

func TestTextIsOfferedWhenThreeMessagesHaveIt(t *testing.T) {
	for path, message := range map[string]string{
		"choices": `{"choices":[{"delta":{"content":%q}}],"text":"no"}`,
		"delta":   `{"type":"x.delta","delta":%q}`,
		"text":    `{"text":%q,"answer":7}`,
		"token":   `{"token":%q,"content":null}`,
		"content": `{"content":%q}`,
		"answer":  `{"answer":%q}`,
	} {
		var b book
		b.sends(0, "x").gets(1, `{"other":1}`).gets(2, fmt.Sprintf(message, "a")).gets(3, fmt.Sprintf(message, "b"))
		if got := b.one(t, nil); got.Guessed || got.Text.Answer != "" {
			t.Errorf("%s: two messages give %s", path, asJSON(got))
		}
		b.gets(4, fmt.Sprintf(message, "")).gets(5, fmt.Sprintf(message, "c"))
		if got := b.one(t, nil); !got.Guessed || got.Text.Answer != "abc" || got.FirstTextUS != us(2) {
			t.Errorf("%s: three messages give %s", path, asJSON(got))
		}
	}
}

func TestTheGuessIsBounded(t *testing.T) {
	b := new(book).sends(0, "x")
	for range 8 {
		b.gets(1, fmt.Sprintf(`{"text":%q,"token":%q}`, strings.Repeat("t", 500_000), strings.Repeat("k", 500_000)))
	}
	if got := b.one(t, nil); len(got.Text.Answer) > maxTurnText || !got.TextCut {
		t.Errorf("%d bytes, cut %v", len(got.Text.Answer), got.TextCut)
	}
}
