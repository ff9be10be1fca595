package main

import (
	"context"
	"fmt"
	"os/exec"
	"sync"
	"time"

	"duplex/bridge/testkit"
)

// fuzzTarget is a fuzz test.
type fuzzTarget struct{ pkg, name string }

// fuzz runs fuzz targets, two at a time with one worker each.
func (r *runner) fuzz(ctx context.Context, s *step, res *result) {
	each := time.Minute
	switch {
	case r.o.short:
		each = 3 * time.Second
	case r.o.full:
		each = 10 * time.Minute
	}
	fmt.Fprintf(r.progress, "\r\033[K%s: %d targets, %v each", res.figure.key, len(s.fuzz), each)
	defer fmt.Fprint(r.progress, "\r\033[K")
	var mu sync.Mutex // guards res and held
	held := 0
	targets := make(chan fuzzTarget)
	var workers sync.WaitGroup
	for range 2 {
		workers.Go(func() {
			for target := range targets {
				cmd := exec.CommandContext(ctx, ".ci/fuzz", each.String(), "./"+target.pkg, target.name, "-parallel", "1")
				out, err := cmd.CombinedOutput()
				mu.Lock()
				r.keep(&step{pkg: target.pkg}, res, out)
				if err == nil {
					held++
				} else if ctx.Err() == nil {
					res.failed = append(res.failed, fmt.Sprintf("%s in %s: %v\n%s", target.name, target.pkg, err, tail(out, 20)))
				}
				mu.Unlock()
			}
		})
	}
	for _, target := range s.fuzz {
		targets <- target
	}
	close(targets)
	workers.Wait()
	least := time.Minute
	if r.o.short {
		least = each
	}
	res.add(testkit.Figure{Name: "targets without a finding", Value: float64(held), Sign: ">=", Bound: float64(len(s.fuzz))})
	res.add(testkit.Figure{Name: "time for each", Value: each.Seconds(), Sign: ">=", Bound: least.Seconds(), Unit: "s"})
}
