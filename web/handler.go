package main

import (
	"errors"
	"log/slog"
	"net"
	"time"

	"duplex/bridge"
	"duplex/handlers"
	"duplex/handlers/identity"
	"duplex/static"
	"duplex/views"
	"duplex/views/text"
	"duplex/web/internal/config"
	"duplex/web/internal/store"
)

func newHandler(c config.Config, hub *bridge.Hub, st *store.Store, self net.Addr, log *slog.Logger) (*handlers.Handler, error) {
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
		Hub: hub, Store: st,
		StoreErrors:   handlers.StoreErrors{NotFound: store.ErrNotFound, NameTaken: store.ErrNameTaken, Full: store.ErrFull, Running: store.ErrRunning},
		Identity:      identity.Local("local", func() []string { return origins }),
		Assets:        assets,
		Text:          catalogues,
		Log:           log,
		Version:       version(),
		PublicOrigins: func() []string { return origins },
		Settings:      settingRows(c),
		Now:           time.Now,
		NewID:         newID,
	}), nil
}

// originsOf lists the origins of the console's own pages: every name of this
// machine that a browser may use for it, and the public address.
func originsOf(c config.Config, self net.Addr) []string {
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
		origins = append(origins, c.PublicURL.Scheme+"://"+c.PublicURL.Host)
	}
	return origins
}

func settingRows(c config.Config) []views.SettingRow {
	var rows []views.SettingRow
	for _, v := range c.InEffect {
		rows = append(rows, views.SettingRow{Name: "--" + v.Flag, Value: v.Value, Source: v.Source, Help: v.Help})
	}
	return rows
}
