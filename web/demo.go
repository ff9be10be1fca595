package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"net"
	"net/http"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"

	"duplex/bridge"
	"duplex/bridge/demo"
	"duplex/bridge/dial"
	"duplex/bridge/vault"
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
	address, err := dial.ParseAddress(saved.Address)
	if err != nil {
		return err
	}
	s := bridge.NewService()
	s.Name, s.Address, s.Subprotocols, s.Credential = saved.Name, address.String(), saved.Subprotocols, saved.Credential
	s.Demo, s.Dialect, s.Owner, s.Shared = saved.Endpoint, saved.Dialect, demoOwner, true
	s.Credential.Secrets = nil // handed over apart, to be sealed
	secrets, err := demoSecrets(&s, saved.Credential.Secrets)
	if err != nil {
		return err
	}
	for _, p := range saved.Params {
		s.Params = append(s.Params, bridge.Parameter{Name: p.Name, Value: p.Value, Enabled: true})
	}
	err = st.SaveService(ctx, &s, secrets, nil)
	if errors.Is(err, store.ErrNameTaken) {
		return nil // people's own service of that name stays as it is
	}
	return err
}

// demoOwner owns the demo's services and their secrets: the person on this machine.
const demoOwner = "local"

// demoSecrets lets the demo's secrets go to the demo.
func demoSecrets(s *bridge.Service, secrets map[string]vault.Secret) (map[string]vault.Secret, error) {
	binding, err := s.Binding(demoOwner)
	if err != nil {
		return nil, err
	}
	bound := make(map[string]vault.Secret, len(secrets))
	for name, secret := range secrets {
		bound[name] = secret.Bind(binding)
	}
	return bound, nil
}

// moveDemo moves the secrets first: broken off in between, a service still has the
// address that the next start looks for.
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
		old := s
		s.Address, s.Credential.Plain = base+rest, maps.Clone(s.Credential.Plain)
		iam := strings.Replace(before, "ws", "http", 1)
		if s.Credential.Plain["iam_endpoint"] == iam {
			s.Credential.Plain["iam_endpoint"] = strings.Replace(base, "ws", "http", 1)
		}
		if err := moveSecrets(ctx, st, &old, &s); err != nil {
			return fmt.Errorf("move secrets of %q: %w", s.Name, err)
		}
		if err := st.SaveService(ctx, &s, nil, slices.Collect(maps.Keys(s.Secrets))); err != nil {
			return fmt.Errorf("move %q: %w", s.Name, err)
		}
	}
	return nil
}

// moveSecrets binds secrets of the demo's old address to its new one. Other targets that
// somebody allowed stay allowed.
func moveSecrets(ctx context.Context, st *store.Store, old, moved *bridge.Service) error {
	for field := range old.Secrets {
		err := st.BindSecret(ctx, old.ID, field, func(b vault.Binding) (vault.Binding, error) {
			before, err := old.Binding(b.Owner)
			if err != nil || !reflect.DeepEqual(b, before) {
				return b, err
			}
			return moved.Binding(b.Owner)
		})
		if err != nil {
			return err
		}
	}
	return nil
}
