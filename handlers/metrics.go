package handlers

import (
	"net/http"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"duplex/bridge"
)

// hubCollector reads the hub on each scrape. Its figures name no person and no target.
type hubCollector struct {
	hub                                                       *bridge.Hub
	open, opened, ended, viewers, messages, bytes, handshakes *prometheus.Desc
}

func newHubCollector(hub *bridge.Hub) *hubCollector {
	desc := func(name, help string, labels ...string) *prometheus.Desc {
		return prometheus.NewDesc("duplex_"+name, help, labels, nil)
	}
	return &hubCollector{
		hub:        hub,
		open:       desc("sessions_open", "Sessions and relays that are open.", "kind"),
		opened:     desc("sessions_opened_total", "Sessions and relays that were opened."),
		ended:      desc("sessions_ended_total", "Sessions and relays that have ended."),
		viewers:    desc("viewers", "Browsers attached to live sessions."),
		messages:   desc("messages_total", "Messages that passed.", "direction"),
		bytes:      desc("message_bytes_total", "Payload of the messages that passed, in bytes.", "direction"),
		handshakes: desc("handshakes_total", "Handshakes with targets.", "outcome"),
	}
}

// Describe implements prometheus.Collector.
func (c *hubCollector) Describe(out chan<- *prometheus.Desc) {
	for _, d := range []*prometheus.Desc{c.open, c.opened, c.ended, c.viewers, c.messages, c.bytes, c.handshakes} {
		out <- d
	}
}

// Collect implements prometheus.Collector.
func (c *hubCollector) Collect(out chan<- prometheus.Metric) {
	gauge := func(d *prometheus.Desc, n int, labels ...string) {
		out <- prometheus.MustNewConstMetric(d, prometheus.GaugeValue, float64(n), labels...)
	}
	counter := func(d *prometheus.Desc, n int64, labels ...string) {
		out <- prometheus.MustNewConstMetric(d, prometheus.CounterValue, float64(n), labels...)
	}
	kinds, viewers := map[bridge.Kind]int{}, 0
	for _, info := range c.hub.Sessions() {
		kinds[info.Kind]++
		viewers += len(info.Viewers)
	}
	for _, kind := range bridge.Kinds() {
		gauge(c.open, kinds[kind], string(kind))
	}
	gauge(c.viewers, viewers)
	stats := c.hub.Stats()
	counter(c.opened, stats.Opened)
	counter(c.ended, stats.Ended)
	counter(c.messages, stats.Passed.Sent, "sent")
	counter(c.messages, stats.Passed.Received, "received")
	counter(c.bytes, stats.Passed.BytesSent, "sent")
	counter(c.bytes, stats.Passed.BytesReceived, "received")
	counter(c.handshakes, stats.Opened, "opened")
	counter(c.handshakes, stats.Refused, "refused")
}

func (h *Handler) metrics() http.HandlerFunc {
	return promhttp.HandlerFor(h.Metrics, promhttp.HandlerOpts{}).ServeHTTP
}
