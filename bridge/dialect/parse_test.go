package dialect

import (
	"os"
	"testing"
)

func readFile(t *testing.T, name string) []byte {
	t.Helper()
	source, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return source
}

// parse reads a dialect that has no mistake.
func parse(t *testing.T, source string) *Dialect {
	t.Helper()
	d, err := Parse([]byte(source))
	if err != nil {
		for _, p := range err.(*SyntaxError).Problems {
			t.Error(p)
		}
		t.FailNow()
	}
	return d
}

func TestEveryKeyIsRead(t *testing.T) {
	d := parse(t, string(readFile(t, "testdata/every_key.yaml")))
	t.Logf("%+v", d)
}

func TestBuiltinsAreRead(t *testing.T) {
	if len(Builtins()) == 0 {
		t.Error("no built-in dialect")
	}
}
