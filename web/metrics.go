package main

import (
	"context"
	"runtime"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"

	"duplex/web/internal/store"
)

// newMetrics returns a registry with the figures of the process, and the observer of
// commits for the store.
func newMetrics() (*prometheus.Registry, func(rows int, took time.Duration, err error)) {
	seconds := prometheus.NewHistogram(prometheus.HistogramOpts{
		Name: "duplex_commit_seconds", Help: "Time to store a batch of messages.", Buckets: prometheus.ExponentialBuckets(0.0005, 2, 15),
	})
	rows := prometheus.NewCounter(prometheus.CounterOpts{Name: "duplex_committed_messages_total", Help: "Messages that were stored."})
	failures := prometheus.NewCounter(prometheus.CounterOpts{Name: "duplex_commit_failures_total", Help: "Batches of messages that were not stored; they are tried again."})
	build := prometheus.NewGauge(prometheus.GaugeOpts{
		Name: "duplex_build_info", Help: "1, with the version as a label.", ConstLabels: prometheus.Labels{"version": version(), "go": runtime.Version()},
	})
	build.Set(1)
	registry := prometheus.NewRegistry()
	registry.MustRegister(collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}), seconds, rows, failures, build)
	return registry, func(n int, took time.Duration, err error) {
		if err != nil {
			failures.Inc()
			return
		}
		seconds.Observe(took.Seconds())
		rows.Add(float64(n))
	}
}

// storeCollector reads the store and the verdict about the audit log on each scrape.
type storeCollector struct {
	store *store.Store
	audit auditLog

	trouble, used, free, floor, intact, checked *prometheus.Desc
}

func newStoreCollector(st *store.Store, audit auditLog) *storeCollector {
	desc := func(name, help string, labels ...string) *prometheus.Desc {
		return prometheus.NewDesc("duplex_"+name, help, labels, nil)
	}
	return &storeCollector{
		store: st, audit: audit,
		trouble: desc("store_trouble", "1 while the store has this trouble.", "trouble"),
		used:    desc("database_bytes", "Size of the database."),
		free:    desc("database_free_bytes", "Free bytes on the disk of an SQLite database."),
		floor:   desc("database_free_floor_bytes", "Bytes of that disk that have to stay free."),
		intact:  desc("audit_intact", "0 when somebody has changed the audit log, as far as it was checked."),
		checked: desc("audit_checked_entries", "Entries of the audit log that were checked."),
	}
}

// Describe implements prometheus.Collector.
func (c *storeCollector) Describe(out chan<- *prometheus.Desc) {
	for _, d := range []*prometheus.Desc{c.trouble, c.used, c.free, c.floor, c.intact, c.checked} {
		out <- d
	}
}

// scrapeTime bounds the wait for the database in a scrape.
const scrapeTime = 2 * time.Second

// Collect implements prometheus.Collector. A size that the database does not tell is left
// out.
func (c *storeCollector) Collect(out chan<- prometheus.Metric) {
	gauge := func(d *prometheus.Desc, value float64, labels ...string) {
		out <- prometheus.MustNewConstMetric(d, prometheus.GaugeValue, value, labels...)
	}
	ctx, cancel := context.WithTimeout(context.Background(), scrapeTime)
	defer cancel()
	size, err := c.store.Size(ctx)
	if err == nil {
		gauge(c.used, float64(size.Used))
	}
	if size.Free >= 0 {
		gauge(c.free, float64(size.Free))
		gauge(c.floor, float64(size.Floor))
	}
	now := c.store.Condition().Trouble
	for _, trouble := range store.Troubles() {
		gauge(c.trouble, oneIf(trouble == now), string(trouble))
	}
	gauge(c.trouble, oneIf(err != nil), "away")
	standing := c.audit.checker.Load().Standing()
	gauge(c.intact, oneIf(standing.Broken == nil))
	gauge(c.checked, float64(standing.Checked.Seq))
}

func oneIf(is bool) float64 {
	if is {
		return 1
	}
	return 0
}
