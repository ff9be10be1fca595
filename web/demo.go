package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"net"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"duplex/bridge"
	"duplex/bridge/demo"
	"duplex/bridge/target"
	"duplex/web/internal/store"
)

// demoAddress is the setting that remembers where the demo service was reached the
// last time: its saved services point there.
const demoAddress = "demo_address"

// runDemo starts the demo service on a port of its own and keeps its services
// pointing there. The returned function ends it.
func runDemo(ctx context.Context, st *store.Store, console net.Addr, log *slog.Logger) (stop func(), err error) {
	before, err := st.Setting(ctx, demoAddress)
	if err != nil {
		return nil, err
	}
	listener, err := listenDemo(ctx, console, before)
	if err != nil {
		return nil, err
	}
	d := demo.New(demo.Options{Now: time.Now, Log: log})
	base := "ws://" + listener.Addr().String()
	if err := seedDemo(ctx, st, d, before, base); err != nil {
		return nil, errors.Join(err, listener.Close())
	}
	server := &http.Server{Handler: d.Handler(), ReadHeaderTimeout: 10 * time.Second, MaxHeaderBytes: 256 << 10}
	served := make(chan struct{})
	go func() {
		defer close(served)
		_ = server.Serve(listener)
	}()
	return func() {
		d.Close()
		_ = server.Close()
		<-served
	}, nil
}

// listenDemo tries the port of the last time, then the one behind the console's,
// then any. Demo services are for this machine alone.
func listenDemo(ctx context.Context, console net.Addr, before string) (net.Listener, error) {
	var ports []string
	if _, port, err := net.SplitHostPort(strings.TrimPrefix(before, "ws://")); err == nil {
		ports = append(ports, port)
	}
	if tcp, ok := console.(*net.TCPAddr); ok && tcp.Port < 65535 {
		ports = append(ports, strconv.Itoa(tcp.Port+1))
	}
	var last error
	for _, port := range append(ports, "0") {
		listener, err := new(net.ListenConfig).Listen(ctx, "tcp", net.JoinHostPort("127.0.0.1", port))
		if err == nil {
			return listener, nil
		}
		last = err
	}
	return nil, last
}

// seedDemo saves the demo services at the first start. Later it only moves those
// that are still there to the address the demo has now.
func seedDemo(ctx context.Context, st *store.Store, d *demo.Demo, before, base string) error {
	switch before {
	case base:
		return nil
	case "":
		for _, saved := range d.Services(base) {
			if err := saveDemo(ctx, st, saved); err != nil {
				return fmt.Errorf("save %q: %w", saved.Name, err)
			}
		}
	default:
		if err := moveDemo(ctx, st, before, base); err != nil {
			return err
		}
	}
	return st.SetSetting(ctx, demoAddress, base)
}

func saveDemo(ctx context.Context, st *store.Store, saved demo.Saved) error {
	address, err := target.ParseAddress(saved.Address)
	if err != nil {
		return err
	}
	s := bridge.Service{
		Name: saved.Name, Address: address.String(), Subprotocols: saved.Subprotocols, Credential: saved.Credential,
		PingInterval: bridge.DefaultPingInterval, MaxMessageBytes: bridge.MaxMessageBytes, Demo: saved.Endpoint,
	}
	s.Credential.Secrets = nil // handed over apart, to be sealed
	for _, p := range saved.Params {
		s.Params = append(s.Params, bridge.Parameter{Name: p.Name, Value: p.Value, Enabled: true})
	}
	err = st.SaveService(ctx, &s, saved.Credential.Secrets, nil)
	if errors.Is(err, store.ErrNameTaken) {
		return nil // people's own service of that name stays as it is
	}
	return err
}

func moveDemo(ctx context.Context, st *store.Store, before, base string) error {
	services, err := st.Services(ctx)
	if err != nil {
		return err
	}
	for _, s := range services {
		rest, found := strings.CutPrefix(s.Address, before)
		if s.Demo == "" || !found {
			continue
		}
		s.Address = base + rest
		iam := strings.Replace(before, "ws", "http", 1)
		if s.Credential.Plain["iam_endpoint"] == iam {
			s.Credential.Plain["iam_endpoint"] = strings.Replace(base, "ws", "http", 1)
		}
		if err := st.SaveService(ctx, &s, nil, slices.Collect(maps.Keys(s.Secrets))); err != nil {
			return fmt.Errorf("move %q: %w", s.Name, err)
		}
	}
	return nil
}
