package testkit

import (
	"encoding/json"
	"fmt"
	"os"
	"slices"
	"testing"
)

// FigureKey is the key of the attributes (see testing.T.Attr) that hold figures.
const FigureKey = "figure"

// Figure is a measured value with its bound. `make faults` prints the figures that tests
// report, the worst value of each name.
type Figure struct {
	Of    string  `json:"of"`   // the key of the figure in web/internal/faults that it belongs to
	Name  string  `json:"name"` // says what is measured
	Value float64 `json:"value"`
	Sign  string  `json:"sign"` // "<=" or ">="
	Bound float64 `json:"bound"`
	Unit  string  `json:"unit,omitempty"`
}

// margin multiplies the bounds of times and memory in the ordinary run, whose tests disturb
// one another, under the race detector. `make faults` judges them without it.
func (f *Figure) margin() float64 {
	if f.Sign == "<=" && os.Getenv(alone) == "" && slices.Contains([]string{"s", "ms", "MiB"}, f.Unit) { //nolint:forbidigo // a test process has no other settings
		return 3
	}
	return 1
}

// alone is set by `make faults`, which runs one test at a time: "short" for the sizes of the
// ordinary run, "1" for its own.
const alone = "DUPLEX_FAULTS"

// Holds reports whether the value is within the bound.
func (f *Figure) Holds() bool {
	if f.Sign == ">=" {
		return f.Value >= f.Bound
	}
	return f.Value <= f.Bound
}

// AtMost reports a figure that may be at most bound. The test fails where it is more.
func AtMost(tb testing.TB, of, name string, value, bound float64, unit string) {
	tb.Helper()
	report(tb, Figure{of, name, value, "<=", bound, unit})
}

// AtLeast reports a figure that has to be at least bound. The test fails where it is less.
func AtLeast(tb testing.TB, of, name string, value, bound float64, unit string) {
	tb.Helper()
	report(tb, Figure{of, name, value, ">=", bound, unit})
}

func report(tb testing.TB, f Figure) {
	tb.Helper()
	raw, err := json.Marshal(f)
	if err != nil {
		tb.Fatal(err)
	}
	tb.Attr(FigureKey, string(raw))
	said := fmt.Sprintf("%s: %s %.4g %s, bound %s %.4g", f.Of, f.Name, f.Value, f.Unit, f.Sign, f.Bound)
	judged := f
	judged.Bound *= f.margin()
	if judged.Holds() {
		tb.Log(said)
	} else {
		tb.Error(said)
	}
}

// Pick returns the size of a test: in the ordinary run, in that of `make faults`
// (DUPLEX_FAULTS=1), or in the long form (DUPLEX_FULL=1).
func Pick[T any](ordinary, faults, full T) T {
	switch {
	case Full():
		return full
	case os.Getenv(alone) == "1": //nolint:forbidigo // a test process has no other settings
		return faults
	default:
		return ordinary
	}
}
