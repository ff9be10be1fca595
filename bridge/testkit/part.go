// Package testkit holds the parts that tests of several rooms share: certificates, and
// programs of other projects that tests talk to. It is for tests only.
package testkit

import (
	"bytes"
	"math/rand/v2"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"testing"
	"time"
)

// readyWithin bounds how long a program may take to listen.
const readyWithin = 20 * time.Second

// Need returns the path of a program, from PATH or Debian's sbin directories. Without it
// the test is skipped with installation instructions; with CI=true in the environment it
// fails.
func Need(tb testing.TB, program, install string) string {
	tb.Helper()
	for _, name := range []string{program, filepath.Join("/usr/sbin", program), filepath.Join("/usr/bin", program)} {
		if path, err := exec.LookPath(name); err == nil {
			return path
		}
	}
	Missing(tb, program, install)
	return ""
}

// NeedPython returns the path of a Python that has a module.
func NeedPython(tb testing.TB, module, install string) string {
	tb.Helper()
	for _, name := range []string{"/usr/bin/python3", "python3"} {
		if exec.CommandContext(tb.Context(), name, "-c", "import "+module).Run() == nil {
			return name
		}
	}
	Missing(tb, "Python module "+module, install)
	return ""
}

// Missing ends a test for want of a part.
func Missing(tb testing.TB, what, install string) {
	tb.Helper()
	if os.Getenv("CI") == "true" { //nolint:forbidigo // there every part is installed
		tb.Fatalf("missing: %s (%s)", what, install)
	}
	tb.Skipf("SKIPPED: %s (%s)", what, install)
}

// FreeAddr returns a loopback address where nobody listens. It belongs to the test until that
// ends: the system gives its port to no connection and no listener of its own choice, and no
// other test gets it, since the UDP port of the same number is held.
func FreeAddr(tb testing.TB) string {
	tb.Helper()
	const first, count = 10_000, 20_000 // below the ports that systems choose from
	var config net.ListenConfig
	for range 100 {
		addr := net.JoinHostPort("127.0.0.1", strconv.Itoa(first+rand.IntN(count))) //nolint:gosec // no secret
		held, err := config.ListenPacket(tb.Context(), "udp", addr)
		if err != nil {
			continue
		}
		tb.Cleanup(func() { _ = held.Close() })
		if listener, err := config.Listen(tb.Context(), "tcp", addr); err == nil {
			_ = listener.Close()
			return addr
		}
	}
	tb.Fatal("no free address")
	return ""
}

// Start runs a program until the test ends, and returns when it listens on addr. The
// program's output is logged when the test fails.
func Start(tb testing.TB, addr, program string, args ...string) {
	tb.Helper()
	var output bytes.Buffer
	command := exec.CommandContext(tb.Context(), program, args...)
	command.Stdout, command.Stderr = &output, &output
	if err := command.Start(); err != nil {
		tb.Fatal(err)
	}
	exited := make(chan struct{})
	go func() {
		defer close(exited)
		_ = command.Wait() // the context of the test kills it
	}()
	tb.Cleanup(func() {
		<-exited
		if tb.Failed() {
			tb.Logf("%s printed:\n%s", program, &output)
		}
	})
	waitListening(tb, addr, exited)
}

// waitListening tries addr until it accepts connections.
func waitListening(tb testing.TB, addr string, exited <-chan struct{}) {
	tb.Helper()
	retry, late := time.NewTicker(20*time.Millisecond), time.After(readyWithin)
	defer retry.Stop()
	for {
		if conn, err := new(net.Dialer).DialContext(tb.Context(), "tcp", addr); err == nil {
			_ = conn.Close()
			return
		}
		select {
		case <-retry.C:
		case <-exited:
			tb.Fatalf("the program for %s ended", addr)
		case <-late:
			tb.Fatalf("nothing listens on %s", addr)
		}
	}
}

// Full reports whether tests run in their long form, which waits out real time limits and
// repeats random tests: DUPLEX_FULL=1.
func Full() bool {
	return os.Getenv("DUPLEX_FULL") != "" //nolint:forbidigo // a test process has no other settings
}
