package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"time"

	"duplex/bridge/testkit"
)

// runner builds test binaries, each once, and runs them.
type runner struct {
	o         options
	progress  io.Writer
	directory string
	built     map[string]string // binary of a package with its flags
}

func newRunner(o options, progress io.Writer) (*runner, error) {
	if _, err := os.Stat("go.mod"); err != nil {
		return nil, errors.New("run it in the top folder of the sources, as `make faults` does")
	}
	if o.logs != "" {
		if err := os.MkdirAll(o.logs, 0o750); err != nil {
			return nil, err
		}
	}
	directory, err := os.MkdirTemp("", "faults-")
	if err != nil {
		return nil, err
	}
	return &runner{o: o, progress: progress, directory: directory, built: map[string]string{}}, nil
}

func (r *runner) close() { _ = os.RemoveAll(r.directory) }

// environment is that of the tests: DUPLEX_FAULTS or DUPLEX_FULL choose their size.
func (r *runner) environment() []string {
	size := "1"
	if r.o.short {
		size = "short"
	}
	env := append(os.Environ(), "DUPLEX_FAULTS="+size)
	if r.o.full {
		env = append(env, "DUPLEX_FULL=1")
	}
	return env
}

// run takes a step and adds what it measures to res.
func (r *runner) run(ctx context.Context, s *step, res *result) {
	if s.fuzz != nil {
		r.fuzz(ctx, s, res)
		return
	}
	if s.do != nil {
		fmt.Fprintf(r.progress, "\r\033[K%s", res.figure.key)
		s.do(ctx, r, res)
		fmt.Fprint(r.progress, "\r\033[K")
		return
	}
	chosen := s.run
	if s.all && r.o.full {
		chosen = []string{".*"}
	}
	pattern := "^(" + strings.Join(chosen, "|") + ")$"
	fmt.Fprintf(r.progress, "\r\033[K%s: %s %s", res.figure.key, s.pkg, pattern)
	defer fmt.Fprint(r.progress, "\r\033[K")
	binary, err := r.build(ctx, s)
	if err != nil {
		res.failed = append(res.failed, err.Error())
		return
	}
	limit := 20 * time.Minute
	if r.o.full {
		limit = 48 * time.Hour
	}
	cmd := exec.CommandContext(ctx, binary, "-test.v", "-test.count=1", "-test.parallel=4", "-test.timeout="+limit.String(), "-test.run="+pattern)
	cmd.Dir, cmd.Env = s.pkg, r.environment()
	cmd.Cancel = func() error { return cmd.Process.Signal(os.Interrupt) }
	cmd.WaitDelay = 10 * time.Second
	out, err := cmd.CombinedOutput()
	r.keep(s, res, out)
	read(out, s, res)
	if err != nil && ctx.Err() == nil && len(res.failed) == 0 {
		res.failed = append(res.failed, fmt.Sprintf("%s %s: %v", s.pkg, pattern, err))
	}
	if len(res.failed) > 0 && r.o.logs == "" && ctx.Err() == nil {
		fmt.Fprintf(r.progress, "\r\033[K%s\n", tail(out, 60))
	}
}

// raceFlags are those of the Makefile.
var raceFlags = []string{
	"-race", "-gcflags=modernc.org/sqlite/lib=-race=false", "-gcflags=modernc.org/libc/...=-race=false", "-gcflags=modernc.org/memory=-race=false",
}

// build returns the test binary of a package.
func (r *runner) build(ctx context.Context, s *step) (string, error) {
	key := fmt.Sprint(s.pkg, s.race, s.tags)
	if binary, ok := r.built[key]; ok {
		return binary, nil
	}
	binary := filepath.Join(r.directory, fmt.Sprintf("%d.test", len(r.built)))
	args := []string{"test", "-c", "-o", binary}
	if s.race {
		args = append(args, raceFlags...)
	}
	if s.tags != "" {
		args = append(args, "-tags", s.tags)
	}
	if out, err := exec.CommandContext(ctx, "go", append(args, "./"+s.pkg)...).CombinedOutput(); err != nil {
		return "", fmt.Errorf("build tests of %s: %w\n%s", s.pkg, err, out)
	}
	r.built[key] = binary
	return binary, nil
}

var (
	reported = regexp.MustCompile(`^\s*=== ATTR\s+\S+ ` + testkit.FigureKey + ` (.*)$`)
	failed   = regexp.MustCompile(`^--- FAIL: (\S+)`)
	skipped  = regexp.MustCompile(`SKIPPED: (.*)$`)
	ran      = regexp.MustCompile(`^=== RUN\s+([^/]+)(/?)`)
	raced    = regexp.MustCompile(`^WARNING: DATA RACE`)
)

// read takes figures, failures and skipped tests from the output of a test.
func read(out []byte, s *step, res *result) {
	lines := bufio.NewScanner(bytes.NewReader(out))
	lines.Buffer(nil, 64<<20)
	tests, races, said := 0, 0, s.line == nil
	var names []string
	for lines.Scan() {
		line := lines.Text()
		if found := ran.FindStringSubmatch(line); found != nil {
			tests++
			if found[2] == "" {
				names = append(names, found[1])
			}
		} else if raced.MatchString(line) {
			races++
		}
		if found := reported.FindStringSubmatch(line); found != nil {
			var f testkit.Figure
			if err := json.Unmarshal([]byte(found[1]), &f); err == nil && f.Of == res.figure.key {
				res.add(f)
			}
		}
		if found := failed.FindStringSubmatch(line); found != nil {
			res.failed = append(res.failed, found[1])
		}
		if found := skipped.FindStringSubmatch(line); found != nil {
			res.missed = append(res.missed, found[1])
		}
		if s.line != nil {
			for _, f := range s.line(line) {
				res.add(f)
				said = true
			}
		}
	}
	for _, pattern := range s.run { // a test that was renamed must not leave its figure unnoticed
		if !slices.ContainsFunc(names, regexp.MustCompile("^("+pattern+")$").MatchString) {
			res.missed = append(res.missed, fmt.Sprintf("%s has no test %s", s.pkg, pattern))
		}
	}
	if !said {
		res.missed = append(res.missed, s.pkg+" does not print the line with its values")
	}
	if s.race {
		res.add(testkit.Figure{Name: "races that the detector finds", Value: float64(races), Sign: "<=", Unit: ""})
		res.add(testkit.Figure{Name: "tests under the race detector, " + s.pkg, Value: float64(tests), Sign: ">=", Bound: 1})
	}
}

// keep writes the output of a step to the directory for logs.
func (r *runner) keep(s *step, res *result, out []byte) {
	if r.o.logs == "" {
		return
	}
	name := res.figure.key + "-" + strings.ReplaceAll(s.pkg, "/", "-") + ".log"
	file, err := os.OpenFile(filepath.Join(r.o.logs, name), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		fmt.Fprintln(r.progress, err)
		return
	}
	_, _ = file.Write(out)
	_ = file.Close()
}

// tail returns the last lines of an output, without figures.
func tail(out []byte, most int) string {
	var lines []string
	for line := range strings.SplitSeq(strings.TrimSpace(string(out)), "\n") {
		if !strings.HasPrefix(strings.TrimSpace(line), "=== ") && !strings.Contains(line, "level=DEBUG") {
			lines = append(lines, line)
		}
	}
	return strings.Join(lines[max(0, len(lines)-most):], "\n")
}
