package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"
)

// figure is one result of a measure.
type figure struct {
	name   string
	value  float64
	unit   string
	better better
}

// better says in which direction a figure gets better.
type better bool

const (
	less better = false
	more better = true
)

// measure drives a peer and returns figures, always the same ones in the same order.
type measure struct {
	name    string
	secured bool // over TLS to the target
	kinds   []kind
	drive   func(ctx context.Context, address string, p *running) ([]figure, error)
}

func (m *measure) takes(p *peer) bool { return slices.Contains(m.kinds, p.kind) }

func (m *measure) run(ctx context.Context, p *peer) ([]figure, error) {
	address := p.plain
	if m.secured {
		address = p.secured
	}
	return m.drive(ctx, address, p.process)
}

// measures lists all measures.
func measures(long bool) []*measure {
	scale := 1
	if long {
		scale = 10
	}
	all, relays, recorded := []kind{direct, proxy, ours}, []kind{proxy, ours}, []kind{ours, oursRecorded}
	var list []*measure
	for _, secured := range []bool{false, true} {
		kinds, suffix := all, ""
		if secured {
			kinds, suffix = relays, ", TLS to the target"
		}
		add := func(name string, drive func(context.Context, string, *running) ([]figure, error)) {
			list = append(list, &measure{name + suffix, secured, kinds, drive})
		}
		for _, size := range []int{64, 1 << 10, 64 << 10} {
			if secured && size != 64 {
				continue
			}
			add(fmt.Sprintf("round trip of %d B, 1 connection", size), trips(size, 1, 2000*scale, 0))
			add(fmt.Sprintf("round trip of %d B, 50 paced connections", size), trips(size, 50, 40*scale, pace(size)))
		}
		add("push of 128 B, 1 connection", pushed(128, 0, 1, 200_000*scale))
		add("push of 128 B, 50 connections", pushed(128, 0, 50, 10_000*scale))
		for _, lump := range []int{4 << 10, 64 << 10} {
			if !secured {
				add(fmt.Sprintf("push of 128 B in lumps of %d KiB, 50 connections", lump>>10), pushed(128, lump, 50, 100_000*scale))
			}
		}
		for _, size := range []int{1 << 20, 12 << 20} {
			add(fmt.Sprintf("%d MiB down", size>>20), pushed(size, 0, 1, (480<<20)/size*scale))
			add(fmt.Sprintf("%d MiB up", size>>20), sent(size, (480<<20)/size*scale))
		}
	}
	list = append(list,
		&measure{"idle connections", false, relays, idle(2000)},
		&measure{fmt.Sprintf("%d short connections, TLS to the target", 1000*scale), true, relays, visits(1000 * scale)},
		&measure{"recording: push of 128 B, 1 connection", false, recorded, pushed(128, 0, 1, 200_000*scale)},
		&measure{"recording: push of 128 B, 50 connections", false, recorded, pushed(128, 0, 50, 5_000*scale)},
		&measure{"recording: round trip of 64 B, 50 paced connections", false, recorded, trips(64, 50, 40*scale, pace(64))},
	)
	return list
}

// pace returns the time between two messages of a paced connection, so that 50 of them leave
// the machine half idle.
func pace(size int) time.Duration { return 20*time.Millisecond + time.Duration(size)*time.Microsecond }

// open opens connections to a path of the target.
func open(address, path string, count int) ([]*client, func(), error) {
	var clients []*client
	end := func() {
		for _, c := range clients {
			_ = c.Close()
		}
	}
	for range count {
		c, err := dial(address + path)
		if err != nil {
			end()
			return nil, nil, err
		}
		clients = append(clients, c)
	}
	return clients, end, nil
}

// together runs do for all clients at once and returns the time that it took.
func together(clients []*client, do func(i int, c *client) error) (time.Duration, error) {
	errs := make([]error, len(clients))
	var all sync.WaitGroup
	start := time.Now()
	for i, c := range clients {
		all.Go(func() { errs[i] = do(i, c) })
	}
	all.Wait()
	return time.Since(start), errors.Join(errs...)
}

// trips sends messages that the target answers. Pace 0 sends the next one at once.
func trips(size, connections, count int, pace time.Duration) func(context.Context, string, *running) ([]figure, error) {
	return func(_ context.Context, address string, p *running) ([]figure, error) {
		clients, end, err := open(address, "/echo", connections)
		if err != nil {
			return nil, err
		}
		defer end()
		frame := appendFrame(nil, text, bytes.Repeat([]byte("x"), size), true)
		took := make([][]time.Duration, connections)
		const warm = 10
		used := cpuOf(p)
		_, err = together(clients, func(i int, c *client) error {
			if c.growTo(size + 14); pace > 0 {
				time.Sleep(pace * time.Duration(i) / time.Duration(connections)) // spread them
			}
			next := time.Now()
			for n := range warm + count {
				if pace > 0 {
					next = next.Add(pace)
					time.Sleep(time.Until(next))
				}
				sent := time.Now()
				if _, err := c.Write(frame); err != nil {
					return err
				}
				if got, _, err := c.next(); err != nil || got != size {
					return fmt.Errorf("%d bytes of %d came back: %w", got, size, err)
				}
				if n >= warm {
					took[i] = append(took[i], time.Since(sent))
				}
			}
			return nil
		})
		if err != nil {
			return nil, err
		}
		spent := cpuOf(p) - used
		all := slices.Concat(took...)
		slices.Sort(all)
		at := func(q float64) float64 { return float64(all[int(q*float64(len(all)-1))].Microseconds()) }
		return []figure{
			{"p50", at(0.5), "us", less},
			{"p99", at(0.99), "us", less},
			{"CPU per million", spent.Seconds() / float64(connections*(warm+count)) * 1e6, "s", less},
		}, nil
	}
}

// pushed receives messages of the target, which writes them in lumps or one by one.
func pushed(size, lump, connections, count int) func(context.Context, string, *running) ([]figure, error) {
	return func(_ context.Context, address string, p *running) ([]figure, error) {
		clients, end, err := open(address, fmt.Sprintf("/push?count=%d&size=%d&lump=%d", count, size, lump), connections)
		if err != nil {
			return nil, err
		}
		defer end()
		ready := appendFrame(nil, text, []byte("go"), true)
		used := cpuOf(p)
		took, err := together(clients, func(_ int, c *client) error {
			c.grow()
			if _, err := c.Write(ready); err != nil {
				return err
			}
			for range count {
				if got, _, err := c.next(); err != nil || got != size {
					return fmt.Errorf("%d bytes of %d came: %w", got, size, err)
				}
			}
			return nil
		})
		return rates(took, cpuOf(p)-used, connections*count, size), err
	}
}

// sent sends messages, and waits until the target has all of them.
func sent(size, count int) func(context.Context, string, *running) ([]figure, error) {
	return func(_ context.Context, address string, p *running) ([]figure, error) {
		clients, end, err := open(address, fmt.Sprintf("/sink?count=%d", count), 1)
		if err != nil {
			return nil, err
		}
		defer end()
		frame := appendFrame(nil, binary2, make([]byte, size), true)
		used := cpuOf(p)
		took, err := together(clients, func(_ int, c *client) error {
			for range count {
				if _, err := c.Write(frame); err != nil {
					return err
				}
			}
			_, _, err := c.next()
			return err
		})
		return rates(took, cpuOf(p)-used, count, size), err
	}
}

func rates(took, spent time.Duration, count, size int) []figure {
	if size < 64<<10 {
		return []figure{
			{"messages/s", float64(count) / took.Seconds(), "", more},
			{"CPU per million", spent.Seconds() / float64(count) * 1e6, "s", less},
		}
	}
	gigabytes := float64(count) * float64(size) / 1e9
	return []figure{
		{"MB/s", gigabytes * 1e3 / took.Seconds(), "", more},
		{"CPU per GB", spent.Seconds() / gigabytes, "s", less},
	}
}

func cpuOf(p *running) time.Duration {
	if p == nil {
		return 0
	}
	return p.cpu()
}

// settled is the wait for a relay to give back what handshakes needed.
const settled = 4 * time.Second

// idle holds connections open after one message each way.
func idle(count int) func(context.Context, string, *running) ([]figure, error) {
	return func(_ context.Context, address string, p *running) ([]figure, error) {
		warm, end, err := open(address, "/echo", 200) // the process has its first memory before
		if err == nil {
			err = greet(warm)
		}
		if err != nil {
			return nil, err
		}
		end()
		time.Sleep(settled)
		before := p.resident()
		start := time.Now()
		clients, end, err := open(address, "/echo", count)
		if err != nil {
			return nil, err
		}
		defer end()
		opening := time.Since(start)
		if err := greet(clients); err != nil {
			return nil, err
		}
		time.Sleep(settled)
		return []figure{
			{"KiB per connection", float64(p.resident()-before) / float64(count) / 1024, "", less},
			{"to open one", float64(opening.Microseconds()) / float64(count), "us", less},
		}, nil
	}
}

// greet sends a message to and fro.
func greet(clients []*client) error {
	frame := appendFrame(nil, text, []byte("hello"), true)
	for _, c := range clients {
		if _, err := c.Write(frame); err != nil {
			return err
		}
		if _, _, err := c.next(); err != nil {
			return err
		}
	}
	return nil
}

// visits opens connections, 50 at a time, and has messages of several sizes answered on each.
func visits(count int) func(context.Context, string, *running) ([]figure, error) {
	return func(ctx context.Context, address string, _ *running) ([]figure, error) {
		var lost, left sync.Map
		next := make(chan int)
		go func() {
			defer close(next)
			for i := range count {
				select {
				case next <- i:
				case <-ctx.Done():
					return
				}
			}
		}()
		start := time.Now()
		var all sync.WaitGroup
		for range 50 {
			all.Go(func() {
				for i := range next {
					if err := visit(address, i); err != nil {
						lost.Store(i, err)
					}
				}
			})
		}
		all.Wait()
		took := time.Since(start)
		n := 0
		lost.Range(func(_, err any) bool {
			if n++; n == 1 {
				left.Store(0, err)
			}
			return true
		})
		if first, ok := left.Load(0); ok {
			fmt.Printf("%d of %d connections lost, the first by %v\n", n, count, first)
		}
		return []figure{{"lost", float64(n), "", less}, {"connections/s", float64(count) / took.Seconds(), "", more}}, nil
	}
}

func visit(address string, i int) error {
	c, err := dial(address + "/echo")
	if err != nil {
		return err
	}
	defer func() { _ = c.Close() }()
	c.growTo(80 << 10)
	for _, size := range []int{i % 200, 5000 + i%300, 70_000 - i%9000, 1} {
		payload := []byte(strings.Repeat("x", size))
		if _, err := c.Write(appendFrame(nil, text, payload, true)); err != nil {
			return err
		}
		got, back, err := c.next()
		if err != nil {
			return err
		}
		if got != size || back != nil && !bytes.Equal(back, payload) {
			return fmt.Errorf("%d bytes of %d came back", got, size)
		}
	}
	return nil
}
