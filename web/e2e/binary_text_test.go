//go:build e2e

package e2e

import (
	"fmt"
	"testing"
)

// Text in binary messages is shown as text, other bytes as hex.
func TestTextInBinaryMessagesIsShownSearchedAndCopiedAsText(t *testing.T) {
	t.Parallel()
	s := start(t, t.TempDir())
	p := browse(t, 1440, 900)
	p.allowClipboard()
	session := s.open(object{"service": s.demo("echo", "none").ID})
	for _, payload := range []string{
		`{"serverContent":{"modelTurn":{"parts":[{"text":"größer als zwölf"}]}}}`,
		"event: delta\r\ndata: {\"n\": 12345678901234567890}\r\n\r\n",
		"\x82\xa4type\xa5delta",
	} {
		s.send(session, "binary", []byte(payload))
	}
	s.awaitReceived(session, 3)
	p.visit(s.URL + "/sessions/" + session)
	p.untilCount(7)
	shown := func(seq int) string {
		p.until(fmt.Sprintf(`document.querySelector('%s') !== null`, rowOf(seq)))
		return p.eval(fmt.Sprintf(`document.querySelector('%s .log-text').textContent + "|" + document.querySelector('%s .log-marks').textContent + "|" + document.querySelector('%s').dataset.opcode`, rowOf(seq), rowOf(seq), rowOf(seq)))
	}
	opened := map[int][2]string{}
	for _, row := range s.rows(session, 0) {
		if row.Direction != "received" {
			continue
		}
		seq := int(row.Seq)
		got := shown(seq)
		p.openRow(seq)
		opened[len(opened)] = [2]string{got, p.eval(`document.querySelector("[data-testid=detail-view] [aria-checked=true]").textContent`)}
	}
	for i, want := range [][2]string{
		{`{"serverContent":{"modelTurn":{"parts":[{"text":"größer als zwölf"}]}}}|binary|binary`, "Pretty"},
		{"event: delta␍↵data: {\"n\": 12345678901234567890}␍↵␍↵|binary|binary", "Pretty"},
		{"82 a4 74 79 70 65 a5 64 65 6c 74 61|binary|binary", "Hex"},
	} {
		if opened[i] != want {
			t.Errorf("message %d is shown as\n%q, want\n%q", i+1, opened[i], want)
		}
	}
	p.typeSearch("GRÖSSER als") // ß is no S: nothing is folded that is not one letter
	p.untilText("search-count", "0")
	p.typeSearch("größer ALS")
	p.untilText("search-count", "2")
	p.until(`document.querySelector("[data-testid=row] mark:not([hidden])")?.textContent === "größer als"`)
	p.typeSearch("")
	p.until(`document.querySelector('` + rowOf(1) + `') !== null`)
	seq := s.awaitReceived(session, 1)[0].Seq
	p.pressTool(int(seq), "copy")
	p.untilText("toast", "copied")
	if got := p.clipboard(); got != `{"serverContent":{"modelTurn":{"parts":[{"text":"größer als zwölf"}]}}}` {
		t.Errorf("copied as %q", got)
	}
}
