// Command relaybench compares the relay with the proxies that people would use in its place:
// nginx, haproxy, httputil.ReverseProxy and a relay that copies bytes. All of them run before
// the same target and are measured in turn, in an order that alternates, so that a busy
// machine hurts them alike. It prints medians of rounds, and ratios to the better of nginx's
// two set-ups.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"slices"
	"strings"
)

// options are the flags.
type options struct {
	duplex string // path of the program
	rounds int
	only   string // a part of the names of measures
	peers  string // a part of the names of peers; "" is all
	long   bool
}

func main() {
	var o options
	role := flag.String("role", "", "run as target, splice or reverse, for the measuring process")
	flag.StringVar(&o.duplex, "duplex", "bin/duplex", "the built program")
	flag.IntVar(&o.rounds, "rounds", 3, "rounds; each figure is the median of them")
	flag.StringVar(&o.only, "only", "", "measures whose name contains one of these, separated by |")
	flag.StringVar(&o.peers, "peers", "", "peers whose name contains one of these, separated by |; direct, nginx and duplex always run")
	flag.BoolVar(&o.long, "long", false, "ten times the messages")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	var err error
	switch *role {
	case "":
		err = compare(ctx, o)
	case "target":
		err = serveTarget(ctx)
	case "splice":
		err = serveSplice(ctx, flag.Arg(0), flag.Arg(1))
	case "reverse":
		err = serveReverse(ctx, flag.Arg(0), flag.Arg(1))
	default:
		err = errors.New("no such role: " + *role)
	}
	if err != nil && ctx.Err() == nil {
		fmt.Fprintln(os.Stderr, "relaybench:", err)
		os.Exit(1)
	}
}

// compare starts the target and all peers, measures them, and prints a table.
func compare(ctx context.Context, o options) error {
	if _, err := os.Stat(o.duplex); err != nil {
		return fmt.Errorf("build the program first (make build): %w", err)
	}
	directory, err := os.MkdirTemp("", "relaybench-")
	if err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(directory) }()
	s := &stage{ctx: ctx, directory: directory, duplex: o.duplex}
	defer s.close()
	peers, err := s.start(func(name string) bool {
		return o.peers == "" || strings.HasPrefix(name, "nginx") || strings.HasPrefix(name, "duplex") || name == "direct" || containsAny(name, o.peers)
	})
	if err != nil {
		return err
	}
	t := newTable(peers)
	for _, m := range measures(o.long) {
		if o.only != "" && !containsAny(m.name, o.only) {
			continue
		}
		for round := range o.rounds {
			order := slices.Clone(peers)
			if round%2 == 1 {
				slices.Reverse(order)
			}
			for _, p := range order {
				if !m.takes(p) {
					continue
				}
				fmt.Fprintf(os.Stderr, "\r\033[K%s, round %d, %s", m.name, round+1, p.name)
				figures, err := m.run(ctx, p)
				if err != nil {
					return fmt.Errorf("%s through %s: %w", m.name, p.name, err)
				}
				t.add(m, p, figures)
			}
		}
		fmt.Fprint(os.Stderr, "\r\033[K")
		t.print(os.Stdout, m)
	}
	return nil
}

func containsAny(name, parts string) bool {
	return slices.ContainsFunc(strings.Split(parts, "|"), func(part string) bool { return strings.Contains(name, part) })
}

// lookPath finds a program, in /usr/sbin too.
func lookPath(name string) (string, error) {
	if path, err := exec.LookPath(name); err == nil {
		return path, nil
	}
	return exec.LookPath("/usr/sbin/" + name)
}
