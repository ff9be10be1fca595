package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"slices"

	"duplex/web/internal/config"
	"duplex/web/internal/doctor"
)

// doctorCommand checks what a start with these settings needs. The exit code is 0 when
// there is no problem, and 1 otherwise.
func doctorCommand(ctx context.Context, p process) int {
	args, asJSON := cutWord(p.args[1:], "--json")
	c, err := config.Parse(args, p.getenv)
	if errors.Is(err, flag.ErrHelp) {
		writeUsage(p.stdout)
		return 0
	}
	var checks []doctor.Check
	if err != nil {
		checks = doctor.Mistakes(err)
	} else {
		checks = doctor.Examine(ctx, &c)
	}
	write := doctor.WriteText
	if asJSON {
		write = doctor.WriteJSON
	}
	if err := write(p.stdout, checks); err != nil {
		_, _ = fmt.Fprintf(p.stderr, "duplex doctor: %v\n", err)
		return 1
	}
	if !doctor.AllOK(checks) {
		return 1
	}
	return 0
}

// cutWord takes a flag without a value out of the arguments.
func cutWord(args []string, word string) (rest []string, found bool) {
	rest = slices.DeleteFunc(slices.Clone(args), func(arg string) bool { return arg == word })
	return rest, len(rest) < len(args)
}
