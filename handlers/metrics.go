package handlers

import (
	"net/http"
	"slices"
	"strconv"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"duplex/bridge"
	"duplex/handlers/identity"
)

// hubCollector reads the hub on each scrape. Its figures name no person and no target.
type hubCollector struct {
	hub                                                       *bridge.Hub
	open, opened, ended, viewers, messages, bytes, handshakes *prometheus.Desc
	held, slow, leases, leasesEnded                           *prometheus.Desc
	slowViewers                                               func() int64
	identity                                                  *identity.Guard // nil has no leases
}

func newHubCollector(hub *bridge.Hub, guard *identity.Guard, slowViewers func() int64) *hubCollector {
	desc := func(name, help string, labels ...string) *prometheus.Desc {
		return prometheus.NewDesc("duplex_"+name, help, labels, nil)
	}
	return &hubCollector{
		hub: hub, identity: guard, slowViewers: slowViewers,
		open:       desc("sessions_open", "Sessions and relays that are open.", "kind"),
		opened:     desc("sessions_opened_total", "Sessions and relays that were opened."),
		ended:      desc("sessions_ended_total", "Sessions and relays that have ended."),
		viewers:    desc("viewers", "Browsers attached to live sessions."),
		messages:   desc("messages_total", "Messages that passed.", "direction"),
		bytes:      desc("message_bytes_total", "Payload of the messages that passed, in bytes.", "direction"),
		handshakes: desc("handshakes_total", "Handshakes with targets.", "outcome"),
		held:       desc("backpressure_total", "Times that a target was not read because the store lagged."),
		slow:       desc("slow_viewers_total", "Browsers that were cut off because they took nothing; they reconnect."),

		leases:      desc("leases", "Sockets of people who sign in, each with a lease."),
		leasesEnded: desc("leases_ended_total", "Sockets that were ended because nothing proved who the person is any more.", "reason"),
	}
}

// Describe implements prometheus.Collector.
func (c *hubCollector) Describe(out chan<- *prometheus.Desc) {
	for _, d := range []*prometheus.Desc{c.open, c.opened, c.ended, c.viewers, c.messages, c.bytes, c.handshakes, c.held, c.slow, c.leases, c.leasesEnded} {
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
	counter(c.held, stats.Held)
	counter(c.slow, c.slowViewers())
	if c.identity == nil {
		return
	}
	held, endings := c.identity.Leases()
	gauge(c.leases, held)
	for reason, n := range endings {
		counter(c.leasesEnded, n, reason)
	}
}

// requests counts the answers of each route. A socket has no duration: it lasts as long as
// somebody looks.
type requests struct {
	count   *prometheus.CounterVec
	seconds *prometheus.HistogramVec
}

func newRequests(r *prometheus.Registry) *requests {
	q := &requests{
		count: prometheus.NewCounterVec(prometheus.CounterOpts{Name: "duplex_http_requests_total", Help: "Requests by route and status."}, []string{"method", "route", "code"}),
		seconds: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "duplex_http_request_seconds", Help: "Time to answer a request.", Buckets: []float64{.005, .02, .1, .5, 2, 10, 60},
		}, []string{"method", "route"}),
	}
	r.MustRegister(q.count, q.seconds)
	return q
}

// methods are those that routes have; others share a label.
var methods = []string{http.MethodGet, http.MethodHead, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete}

func (q *requests) observe(method, route string, status int, took time.Duration) {
	if !slices.Contains(methods, method) {
		method = "other"
	}
	if route == "" {
		route = "none"
	}
	q.count.WithLabelValues(method, route, strconv.Itoa(status)).Inc()
	if status != http.StatusSwitchingProtocols {
		q.seconds.WithLabelValues(method, route).Observe(took.Seconds())
	}
}

func (h *Handler) metrics() http.HandlerFunc {
	return promhttp.HandlerFor(h.Metrics, promhttp.HandlerOpts{}).ServeHTTP
}
