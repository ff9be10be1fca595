package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"runtime/debug"
	"sync"
	"time"

	"github.com/google/uuid"

	"duplex/bridge"
	"duplex/bridge/dial"
	"duplex/bridge/vault"
	"duplex/handlers/identity"
	"duplex/web/internal/config"
	"duplex/web/internal/store"
	"duplex/web/internal/telemetry"
)

// process holds the arguments, environment and output of the program.
type process struct {
	args           []string
	getenv         func(string) string
	stdin          io.Reader
	stdout, stderr io.Writer
	now            func() time.Time // nil is time.Now
}

// clock returns the clock of the process.
func (p process) clock() func() time.Time {
	if p.now != nil {
		return p.now
	}
	return time.Now
}

// verb is a command of the program.
type verb struct {
	name, usage, does string
	run               func(ctx context.Context, p process) (code int)
}

// commands lists the verbs. Without one the program serves.
func commands() []verb {
	return []verb{
		{"", "duplex [flags]", "serve the console", serveCommand},
		{"audit", "duplex audit verify|export", "check or print the audit log", auditCommand},
		{"secrets", "duplex secrets check|rewrap", "open all secrets, or wrap them under the newest key", secretsCommand},
		{"backup", "duplex backup FILE", "write all that is stored to a file, also beside a server", backupCommand},
		{"restore", "duplex restore FILE", "read a backup into an empty database", restoreCommand},
		{"export", "duplex export", "print services, environments and dialects as a file for --provision", exportCommand},
		{"doctor", "duplex doctor [--json]", "check settings, keys, database, names, clock, proxy and sign-in", doctorCommand},
		{"healthcheck", "duplex healthcheck", "ask the server on this machine for /healthz", healthcheckCommand},
		{"help", "duplex help [topic]", "print this list, or a topic", help},
		{"version", "duplex version", "print the version", versionCommand},
	}
}

// run is the program. It returns the exit code; 2 is a mistake in the settings.
func run(ctx context.Context, p process) int {
	all := commands()
	for _, c := range all[1:] {
		if len(p.args) > 0 && p.args[0] == c.name {
			return c.run(ctx, p)
		}
	}
	return all[0].run(ctx, p)
}

func serveCommand(ctx context.Context, p process) int {
	c, code, ok := p.settings(p.args, "duplex does not start")
	if !ok {
		return code
	}
	log := c.Log(p.stderr)
	if err := serve(ctx, c, log, p); err != nil {
		_, _ = fmt.Fprintf(p.stderr, "duplex: %v\n", err)
		return 1
	}
	return 0
}

// settings reads the settings of a command. Where there are none to go on with, ok is
// false and code is the exit code; the reason was printed.
func (p process) settings(args []string, refusal string) (c config.Config, code int, ok bool) {
	c, err := config.Parse(args, p.getenv)
	switch {
	case errors.Is(err, flag.ErrHelp):
		writeUsage(p.stdout)
		return c, 0, false
	case err != nil:
		_, _ = fmt.Fprintf(p.stderr, "%s:\n%v\n", refusal, err)
		return c, 2, false
	}
	return c, 0, true
}

func versionCommand(_ context.Context, p process) int {
	_, _ = fmt.Fprintln(p.stdout, version())
	return 0
}

// version is the commit that the program was built from, with "+changed" where files differed
// from it, or else the module's.
func version() string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return "unknown"
	}
	return versionOf(info)
}

func versionOf(info *debug.BuildInfo) string {
	var commit, changed string
	for _, s := range info.Settings {
		switch {
		case s.Key == "vcs.revision":
			commit = s.Value[:min(len(s.Value), 12)]
		case s.Key == "vcs.modified" && s.Value == "true":
			changed = "+changed"
		}
	}
	if commit == "" {
		return info.Main.Version
	}
	return commit + changed
}

// healthcheckCommand asks the process that serves on this machine, for containers.
func healthcheckCommand(ctx context.Context, p process) int {
	c, code, ok := p.settings(p.args[1:], "duplex healthcheck does not run")
	if !ok {
		return code
	}
	ctx, cancel := context.WithTimeout(ctx, 2*time.Second)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+c.LocalAddress()+"/healthz", nil)
	if err == nil {
		var res *http.Response
		if res, err = (&http.Client{Transport: new(http.Transport)}).Do(req); err == nil { // past any proxy
			_ = res.Body.Close()
			if res.StatusCode == http.StatusOK {
				return 0
			}
			err = errors.New(res.Status)
		}
	}
	_, _ = fmt.Fprintln(p.stderr, "healthcheck:", err)
	return 1
}

// serve runs until ctx ends, then drains. Before anything else it takes the store: a
// second process must change nothing, nor serve anybody.
func serve(ctx context.Context, c config.Config, log *slog.Logger, p process) (err error) {
	metrics, committed := newMetrics()
	now := p.clock()
	options := storeOptions(c, nil, log)
	options.Committed, options.Now = committed, now
	options.Hold, err = store.Take(ctx, options, store.Holder{Since: now(), Listen: c.Listen})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, options.Hold.Close()) }()
	ctx, stopWhenLost := endWithHold(ctx, options.Hold)
	defer stopWhenLost()
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", c.Listen)
	if err != nil {
		return fmt.Errorf("listen: %w", err)
	}
	defer func() { _ = listener.Close() }()
	if err := options.Hold.Announce(ctx, listener.Addr().String()); err != nil {
		return err
	}
	keys, err := openKeys(ctx, c, options)
	if err != nil {
		return err
	}
	options.Keyring = keys
	st, err := openStore(ctx, c, options, log)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, st.Close()) }()
	actions, stopAudit, err := startAudit(ctx, c, st, log)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, stopAudit()) }()
	stopSweep := startSweep(ctx, st, store.Retention{Age: c.Retention, Bytes: c.MaxPayload}, log)
	defer stopSweep()
	metrics.MustRegister(newStoreCollector(st, actions))
	observer, err := telemetry.Start(ctx, telemetry.Options{Getenv: p.getenv, Version: version(), Registry: metrics, Log: log})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, stopTelemetry(observer)) }()
	hub := newHub(c, st, observer, listener.Addr(), now, log)
	if c.Demo {
		stop, err := runDemo(ctx, st, listener.Addr(), log)
		if err != nil {
			return fmt.Errorf("demo service: %w", err)
		}
		defer stop()
	}
	guard, err := newGuard(c, st, keys, listener.Addr(), now, log)
	if err != nil {
		return err
	}
	handler, err := newHandler(c, hub, st, guard, actions, metrics, listener.Addr(), now, log)
	if err != nil {
		return err
	}
	if err := provisionFiles(ctx, c, handler, st, p.getenv, log); err != nil {
		return err
	}
	stopTending := startTending(ctx, st, handler.AnnounceStore, log)
	defer stopTending()
	stopReturning := returnMemory()
	defer stopReturning()
	stop := watch(ctx, guard)
	defer stop()
	_, _ = fmt.Fprintf(p.stdout, "Duplex is at http://%s\n", listener.Addr())
	log.InfoContext(ctx, "targets", "policy", c.TargetsText, "dials_per_minute", c.Dials.PerMinute, "dials_per_target", c.Dials.PerTarget, "egress_proxy", c.Egress.String())
	door := door{listener: listener, handler: handler, hub: hub, delay: c.DrainDelay, lost: options.Hold.Lost(), log: log}
	return errors.Join(door.serve(ctx), options.Hold.Err())
}

// endWithHold ends the returned context, as a signal does, when another process has
// taken the store.
func endWithHold(ctx context.Context, hold *store.Hold) (context.Context, context.CancelFunc) {
	ctx, end := context.WithCancel(ctx)
	go func() {
		select {
		case <-hold.Lost():
			end()
		case <-ctx.Done():
		}
	}()
	return ctx, end
}

// watch closes the sockets of people after their sign-in has ended, until the last
// request is served.
func watch(ctx context.Context, guard *identity.Guard) (stop func()) {
	ctx, end := context.WithCancel(context.WithoutCancel(ctx))
	var task sync.WaitGroup
	task.Go(func() { guard.Watch(ctx) })
	return func() {
		end()
		task.Wait()
	}
}

func openKeys(ctx context.Context, c config.Config, o store.Options) (*vault.Keyring, error) {
	if err := os.MkdirAll(c.Data, 0o700); err != nil {
		return nil, fmt.Errorf("data directory: %w", err)
	}
	return loadKeys(ctx, c, o)
}

func openStore(ctx context.Context, c config.Config, o store.Options, log *slog.Logger) (*store.Store, error) {
	st, err := store.Open(ctx, o)
	if err != nil {
		return nil, fmt.Errorf("store: %w", err)
	}
	if err := prepareSecrets(ctx, c, st); err != nil {
		return nil, errors.Join(err, st.Close())
	}
	recovered, err := st.RecoverSessions(ctx)
	if err != nil {
		return nil, errors.Join(fmt.Errorf("recover sessions: %w", err), st.Close())
	}
	if recovered > 0 {
		log.WarnContext(ctx, "sessions of a process that ended without warning were closed", "sessions", recovered)
	}
	return st, nil
}

// exportTime bounds the export of the last spans and metrics.
const exportTime = 5 * time.Second

func stopTelemetry(t *telemetry.Telemetry) error {
	ctx, cancel := context.WithTimeout(context.Background(), exportTime)
	defer cancel()
	return t.Stop(ctx)
}

func newHub(c config.Config, st *store.Store, observer *telemetry.Telemetry, self net.Addr, now func() time.Time, log *slog.Logger) *bridge.Hub {
	policy := c.Targets
	if tcp, ok := self.(*net.TCPAddr); ok {
		policy.Self = append(policy.Self, tcp.AddrPort())
	}
	dialer := &dial.Dialer{Policy: &policy, Egress: c.Egress, Now: now, Tokens: dial.NewTokens(), Log: log}
	return bridge.NewHub(bridge.HubOptions{
		Dialer: dialer, Recorder: st, Library: st, Now: now, NewID: newID, Log: log, KeepTime: c.Keep,
		Dials: c.Dials, Turns: st, Tracer: observer, Observer: observer,
	})
}

func newID() string { return uuid.Must(uuid.NewV7()).String() }
