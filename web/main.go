// Command duplex serves the console. Its parts are wired in run.go; only this file
// touches the process.
package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"
	_ "time/tzdata" // days are those of a reader's time zone, also where the system knows none
)

func main() {
	os.Exit(run(untilSignal(), process{args: os.Args[1:], getenv: os.Getenv, stdin: os.Stdin, stdout: os.Stdout, stderr: os.Stderr}))
}

// untilSignal returns a context that ends with the first signal to stop. By then the
// signals have their default effect again: whoever sees the drain can end it by a second.
func untilSignal() context.Context {
	ctx, cancel := context.WithCancel(context.Background())
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM)
	go func() {
		<-signals
		signal.Stop(signals)
		cancel()
	}()
	return ctx
}
