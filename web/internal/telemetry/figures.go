package telemetry

import (
	"sync"

	"github.com/prometheus/client_golang/prometheus"

	"duplex/bridge/dialect"
)

// maxServices bounds the services that have figures of their own; further ones share a label.
const maxServices = 100

// Labels in place of the id of a service.
const (
	noService    = "none"  // opened by address
	otherService = "other" // beyond maxServices
)

// figures are the histograms of turns for Prometheus. Services are named by their ids.
type figures struct {
	turns                                      *prometheus.CounterVec
	duration, firstChunk, firstAudio, chunkGap *prometheus.HistogramVec
	tokens                                     *prometheus.CounterVec
	dials, closes                              *prometheus.CounterVec

	mu       sync.Mutex // guards services
	services map[string]bool
}

func newFigures(r *prometheus.Registry) *figures {
	seconds := func(name, help string) *prometheus.HistogramVec {
		return prometheus.NewHistogramVec(prometheus.HistogramOpts{Name: "duplex_turn_" + name + "_seconds", Help: help, Buckets: durationBuckets}, []string{"service"})
	}
	f := &figures{
		turns:      prometheus.NewCounterVec(prometheus.CounterOpts{Name: "duplex_turns_total", Help: "Turns that have ended."}, []string{"service", "state"}),
		duration:   seconds("duration", "Time from the request to the end of the answer."),
		firstChunk: seconds("first_chunk", "Time from the request to the first message of the answer."),
		firstAudio: seconds("first_audio", "Time from the request to the first audio of the answer."),
		chunkGap:   seconds("chunk_gap", "Median time between the messages of an answer."),
		tokens:     prometheus.NewCounterVec(prometheus.CounterOpts{Name: "duplex_turn_tokens_total", Help: "Tokens that services counted."}, []string{"service", "type"}),
		dials:      prometheus.NewCounterVec(prometheus.CounterOpts{Name: "duplex_dials_total", Help: "Dials by their result: open, or the phase that failed."}, []string{"service", "result"}),
		closes:     prometheus.NewCounterVec(prometheus.CounterOpts{Name: "duplex_closes_total", Help: "Connections that have ended, by close code."}, []string{"service", "code"}),
		services:   map[string]bool{},
	}
	r.MustRegister(f.turns, f.duration, f.firstChunk, f.firstAudio, f.chunkGap, f.tokens, f.dials, f.closes)
	return f
}

// label returns the label of a service.
func (f *figures) label(service string) string {
	if service == "" {
		return noService
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if !f.services[service] && len(f.services) >= maxServices {
		return otherService
	}
	f.services[service] = true
	return service
}

// record adds a turn of a service.
func (f *figures) record(service string, t *dialect.Turn, times turnTimes) {
	label := f.label(service)
	f.turns.WithLabelValues(label, string(t.State)).Inc()
	if times.duration > 0 {
		f.duration.WithLabelValues(label).Observe(times.duration.Seconds())
	}
	if times.firstChunk > 0 {
		f.firstChunk.WithLabelValues(label).Observe(times.firstChunk.Seconds())
	}
	if times.firstAudio > 0 {
		f.firstAudio.WithLabelValues(label).Observe(times.firstAudio.Seconds())
	}
	if t.Gaps != nil {
		f.chunkGap.WithLabelValues(label).Observe(micros(t.Gaps.P50US).Seconds())
	}
	for kind, key := range tokenKinds() {
		if n := t.Usage[key]; n > 0 {
			f.tokens.WithLabelValues(label, kind).Add(float64(n))
		}
	}
}
