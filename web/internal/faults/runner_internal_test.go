package main

import (
	"slices"
	"strings"
	"testing"
)

// A figure whose tests or values are gone must say so: it is never held by what is not there.
func TestFigureWithoutItsTestsIsNotMeasured(t *testing.T) {
	t.Parallel()
	const value = "    === ATTR  TestOne figure {\"of\":\"key\",\"name\":\"lost\",\"value\":0,\"sign\":\"<=\",\"bound\":0}\n"
	const line = "canaries: 20 secrets in 7 encodings, 13 of them seen in use at peers, looked for in 900 places and 1.2 GB: 0 hits\n"
	for _, tt := range []struct {
		name, out string
		step      step
		want      verdict
		missed    []string
	}{
		{"as it should be", "=== RUN   TestOne\n" + value, step{pkg: "p", run: []string{"TestOne"}}, verdictHeld, nil},
		{"no test at all", "testing: warning: no tests to run\nPASS\n", step{pkg: "p", run: []string{"TestOne"}}, verdictUnknown, []string{"p has no test TestOne"}},
		{"one of two is gone", "=== RUN   TestOne\n" + value, step{pkg: "p", run: []string{"TestOne", "TestT.*"}}, verdictUnknown, []string{"p has no test TestT.*"}},
		{"only a subtest has the name", "=== RUN   TestOne\n=== RUN   TestOne/TestTwo\n" + value, step{pkg: "p", run: []string{"TestOne", "TestTwo"}}, verdictUnknown, []string{"p has no test TestTwo"}},
		{"line", "=== RUN   TestOne\nPASS\n" + line, step{pkg: "p", run: []string{"TestOne"}, line: canaries}, verdictHeld, nil},
		{"no line", "=== RUN   TestOne\nPASS\n", step{pkg: "p", run: []string{"TestOne"}, line: canaries}, verdictUnknown, []string{"p does not print the line with its values"}},
		{"hits", "=== RUN   TestOne\n" + strings.Replace(line, "0 hits", "2 hits", 1), step{pkg: "p", run: []string{"TestOne"}, line: canaries}, verdictNotHeld, nil},
	} {
		res := &result{figure: figure{key: "key"}}
		read([]byte(tt.out), &tt.step, res)
		if got := res.verdict(); got != tt.want || !slices.Equal(res.missed, tt.missed) {
			t.Errorf("%s: %s, missed %q", tt.name, got, res.missed)
		}
	}
}
