package main

import (
	"net"
	"strings"
	"testing"
	"time"
)

// A connection that nobody asks anything on does not hold up the end of the program.
func TestIdleNewcomerDoesNotHoldUpTheEnd(t *testing.T) {
	t.Parallel()
	p := startProgram(t)
	conn, err := new(net.Dialer).DialContext(t.Context(), "tcp", strings.TrimPrefix(p.url, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close() }()
	p.echo() // the server has seen the connection before this one
	if err := conn.SetReadDeadline(time.Now().Add(4 * time.Second)); err != nil {
		t.Fatal(err)
	}
	stopped := make(chan struct{})
	go func() {
		p.stop()
		close(stopped)
	}()
	if _, err := conn.Read(make([]byte, 1)); err == nil || strings.Contains(err.Error(), "timeout") {
		t.Errorf("the connection is not closed: %v", err)
	}
	<-stopped
}
