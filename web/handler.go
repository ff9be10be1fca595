package main

import (
	"errors"
	"fmt"
	"log/slog"
	"net"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"duplex/bridge"
	"duplex/bridge/vault"
	"duplex/handlers"
	"duplex/handlers/identity"
	"duplex/handlers/identity/origin"
	"duplex/handlers/pages"
	"duplex/handlers/reply"
	"duplex/static"
	"duplex/views"
	"duplex/views/text"
	"duplex/web/internal/config"
	"duplex/web/internal/store"
)

func newHandler(c config.Config, hub *bridge.Hub, st *store.Store, guard *identity.Guard, actions auditLog, metrics *prometheus.Registry, self net.Addr, now func() time.Time, log *slog.Logger) (*handlers.Handler, error) {
	catalogues, err := text.LoadAll()
	if err != nil {
		return nil, err
	}
	assets, err := static.Load()
	if err != nil && !errors.Is(err, static.ErrNotBuilt) {
		return nil, err
	}
	if err != nil {
		log.Warn("pages cannot be shown", "error", err)
	}
	origins := originsOf(c, self)
	return handlers.New(handlers.Options{
		Hub: hub, Store: st, Audit: actions,
		StoreErrors:   storeErrors(st),
		Identity:      guard,
		Assets:        assets,
		Text:          catalogues,
		Log:           log,
		Metrics:       metrics,
		Version:       version(),
		PublicOrigins: func() []string { return origins },
		Settings:      settingRows(c),
		Retention:     pages.Retention{Age: c.Retention, Bytes: c.MaxPayload},
		Condition:     func() reply.Condition { return conditionOf(st.Condition()) },
		Now:           now,
		NewID:         newID,

		RelayOrigins:    c.RelayOrigins,
		AllowSkipVerify: c.SkipVerify,
		MaxOpen:         c.MaxOpen,
	}), nil
}

// storeErrors names the errors of the store for the handlers.
func storeErrors(st *store.Store) reply.StoreErrors {
	return reply.StoreErrors{
		NotFound:            store.ErrNotFound,
		NameTaken:           store.ErrNameTaken,
		Full:                store.ErrFull,
		Running:             store.ErrRunning,
		Away:                store.Away,
		Damaged:             st.NoteDamage,
		DialectTaken:        store.ErrDialectTaken,
		TooManyDialects:     store.ErrTooManyDialects,
		TooManyEnvironments: store.ErrTooManyEnvironments,
	}
}

// newGuard decides who may come in. With one local user nothing is kept of people.
func newGuard(c config.Config, st *store.Store, keys *vault.Keyring, self net.Addr, now func() time.Time, log *slog.Logger) (*identity.Guard, error) {
	origins := originsOf(c, self)
	o := identity.Options{Settings: c.Identity, Origins: func() []string { return origins }, Now: now, Log: log, Proxy: c.Egress.OfRequest}
	if c.Identity.Mode != identity.ModeNone {
		o.Store, o.Keys = st, keys
	}
	guard, err := identity.New(o)
	if err != nil {
		return nil, fmt.Errorf("identity: %w", err)
	}
	return guard, nil
}

// originsOf lists the origins of the console's own pages. With one local user that
// is every name of this machine that a browser may use for it, and the public
// address; with others it is the public address alone, where one is set.
func originsOf(c config.Config, self net.Addr) []string {
	if c.PublicURL != nil && c.Identity.Mode != identity.ModeNone {
		return []string{origin.Of(c.PublicURL)}
	}
	_, port, _ := net.SplitHostPort(self.String())
	var origins []string
	for _, host := range []string{"127.0.0.1", "localhost", "[::1]"} {
		origin := "http://" + host
		if port != "80" { // browsers leave that out
			origin += ":" + port
		}
		origins = append(origins, origin)
	}
	if c.PublicURL != nil {
		origins = append(origins, origin.Of(c.PublicURL))
	}
	return origins
}

func settingRows(c config.Config) []views.SettingRow {
	var rows []views.SettingRow
	for _, v := range c.InEffect {
		rows = append(rows, views.SettingRow{Name: v.Flag(), Value: v.Value, Source: string(v.Source)})
	}
	return rows
}
