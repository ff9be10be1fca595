package main

import (
	"net"
	"net/url"
	"testing"

	"duplex/bridge/sign"
)

// The port of the last time is taken: the demo moves, and its secrets with it.
func TestDemoServicesWorkAtANewPort(t *testing.T) {
	t.Parallel()
	data := t.TempDir()
	first := startProgram(t, "--data", data)
	before := first.demo("echo", "bearer")
	first.stop()
	u, err := url.Parse(before.Address)
	if err != nil {
		t.Fatal(err)
	}
	squatter, err := new(net.ListenConfig).Listen(t.Context(), "tcp", u.Host)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = squatter.Close() }()
	again := startProgram(t, "--data", data)
	for _, scheme := range sign.Schemes() {
		if scheme.Named() { // it comes with a dialect
			continue
		}
		service := again.demo("echo", string(scheme.Kind))
		if service.Address == before.Address {
			t.Fatal("the demo did not move")
		}
		again.open(object{"service": service.ID})
	}
}
