package frames

import "testing"

func TestEveryRuleHasASendableCodeAndReason(t *testing.T) {
	t.Parallel()
	seen := map[Rule]bool{}
	for _, row := range rules {
		if !Sendable(int(row.code)) || row.reason == "" || len(row.reason) > MaxCloseReason || seen[row.rule] {
			t.Errorf("%+v", row)
		}
		seen[row.rule] = true
	}
}
