package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"time"

	"duplex/bridge"
	"duplex/handlers"
)

// A drain is over within 10 s, --drain-delay left out. Each step has a bound of its own.
const (
	drainTime   = 5500 * time.Millisecond // for sessions and relays to close and be stored: targets have 5 s for it
	requestTime = 3 * time.Second         // for requests under way, from the beginning of the drain
	leastTime   = 500 * time.Millisecond  // for requests and for viewers, however long sessions took
	viewerTime  = 1500 * time.Millisecond // for viewers to see the last rows and to answer the close frame
	auditTime   = time.Second             // for the last entry of the audit log
)

// door accepts requests.
type door struct {
	listener net.Listener
	handler  *handlers.Handler
	hub      *bridge.Hub
	delay    time.Duration   // between the failing of /readyz and the drain
	lost     <-chan struct{} // closed when the store is another process's: then nothing is waited for
	log      *slog.Logger
}

// serve serves until ctx ends, then drains: /readyz fails at once; after the delay
// nothing new is let in, sessions and relays are closed with 1001, viewers with 1012;
// requests under way are finished or cut.
func (d *door) serve(ctx context.Context) error {
	life, end := context.WithCancel(context.WithoutCancel(ctx)) // of viewers' sockets, which Shutdown does not know
	defer end()
	base := d.handler.BaseContext(life)
	server := &http.Server{
		Handler: d.handler, ReadHeaderTimeout: 10 * time.Second, IdleTimeout: 2 * time.Minute, MaxHeaderBytes: 64 << 10,
		BaseContext: func(net.Listener) context.Context { return base },
	}
	idle := newcomers{conns: map[net.Conn]struct{}{}}
	server.ConnState = idle.track
	server.RegisterOnShutdown(idle.close)
	served := make(chan error, 1)
	go func() { served <- server.Serve(d.listener) }()
	select {
	case err := <-served:
		return fmt.Errorf("serve: %w", err)
	case <-ctx.Done():
	}
	d.handler.Leave()
	if err := d.await(served); err != nil {
		return fmt.Errorf("serve: %w", err)
	}
	began := time.Now()
	err := d.drainHub(life)
	end()
	d.finishRequests(server, max(leastTime, time.Until(began.Add(requestTime))))
	d.closeSockets()
	if served := <-served; !errors.Is(served, http.ErrServerClosed) {
		err = errors.Join(err, served)
	}
	return err
}

// await lets normal work go on for the delay, so that a balancer sees that /readyz fails
// and sends nobody here any more.
func (d *door) await(served <-chan error) error {
	timer := time.NewTimer(d.delay)
	defer timer.Stop()
	select {
	case err := <-served:
		return err
	case <-d.lost:
	case <-timer.C:
	}
	return nil
}

func (d *door) drainHub(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, drainTime)
	defer cancel()
	if err := d.hub.Drain(ctx); err != nil {
		return fmt.Errorf("sessions were not all closed and stored: %w", err)
	}
	return nil
}

// finishRequests waits for requests under way, and cuts the ones that take longer: an
// upload that has stalled, or a download that nobody reads, may not hold up the end.
func (d *door) finishRequests(server *http.Server, wait time.Duration) {
	ctx, cancel := context.WithTimeout(context.Background(), wait)
	defer cancel()
	if err := server.Shutdown(ctx); err != nil {
		d.log.Warn("requests were cut", "after", wait)
		_ = server.Close()
	}
}

// closeSockets waits for viewers' sockets to close, and cuts those of browsers that do
// not answer.
func (d *door) closeSockets() {
	ctx, cancel := context.WithTimeout(context.Background(), viewerTime)
	defer cancel()
	if d.handler.Wait(ctx) == nil {
		return
	}
	d.log.Warn("sockets were cut", "sockets", d.handler.CutSockets())
	last, cancel := context.WithTimeout(context.Background(), leastTime)
	defer cancel()
	_ = d.handler.Wait(last) // the remaining requests have no connection any more
}
