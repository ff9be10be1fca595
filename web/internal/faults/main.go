// Command faults brings faults on the program (bad networks, hostile peers, viewers that do
// not read, full disks, kills, a database that is away) and prints the figures that
// Duplex holds, each with its measured value and its bound. The tests of the packages
// measure: they report figures (testkit.AtMost, testkit.AtLeast), and this command builds
// them, runs them one after another, and gathers what they report. Its exit status is 1
// when a figure does not hold or could not be measured.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"slices"
	"strings"
	"syscall"
	"time"
)

// options are the flags.
type options struct {
	only  string // keys of figures
	short bool
	full  bool
	logs  string // directory
}

func main() {
	var o options
	list := flag.Bool("list", false, "print the figures and their bounds, and measure nothing")
	flag.StringVar(&o.only, "only", "", "keys of figures, separated by commas; all when not given")
	flag.BoolVar(&o.short, "short", false, "as in the ordinary tests: seconds in place of minutes")
	flag.BoolVar(&o.full, "full", false, "the long form: 500 sessions for 30 minutes, 100 kills, fuzzing for 10 minutes each (hours)")
	flag.StringVar(&o.logs, "logs", "", "a directory for the output of the tests")
	flag.Parse()
	if *list {
		for _, f := range figures {
			fmt.Printf("%2d  %-14s %s\n", f.number, f.key, f.bound)
		}
		return
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	held, err := measureAll(ctx, o, os.Stdout, os.Stderr)
	if err != nil {
		fmt.Fprintln(os.Stderr, "faults:", err)
	}
	if err != nil || !held {
		stop()
		os.Exit(1) //nolint:gocritic // stop was called
	}
}

// measureAll measures the figures that o names and prints each when it is there, and at the
// end one line for each. It reports whether all hold.
func measureAll(ctx context.Context, o options, out, progress io.Writer) (held bool, err error) {
	chosen, err := choose(o.only)
	if err != nil {
		return false, err
	}
	r, err := newRunner(o, progress)
	if err != nil {
		return false, err
	}
	defer r.close()
	var results []*result
	for _, f := range chosen {
		began := time.Now()
		res := &result{figure: f}
		for _, s := range f.steps {
			if ctx.Err() == nil {
				r.run(ctx, &s, res)
			}
		}
		if ctx.Err() != nil {
			break
		}
		res.took = time.Since(began)
		res.print(out)
		results = append(results, res)
	}
	if len(results) > 1 {
		summarise(out, results)
	}
	if ctx.Err() != nil {
		return false, errors.New("interrupted")
	}
	return !slices.ContainsFunc(results, func(r *result) bool { return r.verdict() != verdictHeld && r.verdict() != verdictPart }), nil
}

// choose returns the figures with the keys of a list.
func choose(only string) ([]figure, error) {
	if only == "" {
		return figures, nil
	}
	var chosen []figure
	for key := range strings.SplitSeq(only, ",") {
		at := slices.IndexFunc(figures, func(f figure) bool { return f.key == strings.TrimSpace(key) })
		if at < 0 {
			return nil, fmt.Errorf("no figure %q: -list prints the keys", key)
		}
		chosen = append(chosen, figures[at])
	}
	return chosen, nil
}
