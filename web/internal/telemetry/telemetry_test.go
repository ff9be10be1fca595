package telemetry_test

import (
	"context"
	"encoding/hex"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil"
	collectmetrics "go.opentelemetry.io/proto/otlp/collector/metrics/v1"
	collecttrace "go.opentelemetry.io/proto/otlp/collector/trace/v1"
	common "go.opentelemetry.io/proto/otlp/common/v1"
	metricspb "go.opentelemetry.io/proto/otlp/metrics/v1"
	tracepb "go.opentelemetry.io/proto/otlp/trace/v1"
	"google.golang.org/protobuf/proto"

	"duplex/bridge"
	"duplex/bridge/dial"
	"duplex/bridge/dialect"
	"duplex/web/internal/telemetry"
)

// receiver is an OTLP receiver.
type receiver struct {
	*httptest.Server

	mu      sync.Mutex // guards all below
	spans   []*tracepb.Span
	metrics map[string]*metricspb.Metric
	raw     []byte // all bodies
}

func startReceiver(t *testing.T) *receiver {
	t.Helper()
	r := &receiver{metrics: map[string]*metricspb.Metric{}}
	r.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		body, err := io.ReadAll(req.Body)
		if err == nil {
			err = r.take(req.URL.Path, body)
		}
		if err != nil {
			t.Error(err)
		}
		w.Header().Set("Content-Type", "application/x-protobuf")
	}))
	t.Cleanup(r.Close)
	return r
}

func (r *receiver) take(path string, body []byte) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.raw = append(r.raw, body...)
	switch path {
	case "/v1/traces":
		var export collecttrace.ExportTraceServiceRequest
		if err := proto.Unmarshal(body, &export); err != nil {
			return err
		}
		for _, of := range export.GetResourceSpans() {
			for _, scope := range of.GetScopeSpans() {
				r.spans = append(r.spans, scope.GetSpans()...)
			}
		}
	case "/v1/metrics":
		var export collectmetrics.ExportMetricsServiceRequest
		if err := proto.Unmarshal(body, &export); err != nil {
			return err
		}
		for _, of := range export.GetResourceMetrics() {
			for _, scope := range of.GetScopeMetrics() {
				for _, m := range scope.GetMetrics() {
					r.metrics[m.GetName()] = m
				}
			}
		}
	default:
		return errors.New("unknown path " + path)
	}
	return nil
}

// span returns the only span of a name.
func (r *receiver) span(t *testing.T, name string) *tracepb.Span {
	t.Helper()
	var found []*tracepb.Span
	for _, s := range r.spans {
		if s.GetName() == name {
			found = append(found, s)
		}
	}
	if len(found) != 1 {
		t.Fatalf("%d spans of the name %q among %v", len(found), name, r.spans)
	}
	return found[0]
}

func valuesOf(attributes []*common.KeyValue) map[string]any {
	out := map[string]any{}
	for _, a := range attributes {
		switch v := a.GetValue().GetValue().(type) {
		case *common.AnyValue_StringValue:
			out[a.GetKey()] = v.StringValue
		case *common.AnyValue_IntValue:
			out[a.GetKey()] = v.IntValue
		case *common.AnyValue_DoubleValue:
			out[a.GetKey()] = v.DoubleValue
		case *common.AnyValue_BoolValue:
			out[a.GetKey()] = v.BoolValue
		}
	}
	return out
}

func start(t *testing.T, registry *prometheus.Registry) *telemetry.Telemetry {
	t.Helper()
	started, err := telemetry.Start(t.Context(), telemetry.Options{
		Getenv: os.Getenv, Version: "v1", Registry: registry, Log: slog.New(slog.DiscardHandler), //nolint:forbidigo // the exporters read the environment of the process
	})
	if err != nil {
		t.Fatal(err)
	}
	return started
}

func stop(t *testing.T, s *telemetry.Telemetry) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.WithoutCancel(t.Context()), 10*time.Second)
	defer cancel()
	if err := s.Stop(ctx); err != nil {
		t.Fatal(err)
	}
}

const secret = "sk-canary-1234567890"

// request is a session that speaks the dialect of a chat.
func request(t *testing.T) *bridge.OpenRequest {
	t.Helper()
	u, err := url.Parse("wss://chat.example/v1?key=" + secret)
	if err != nil {
		t.Fatal(err)
	}
	return &bridge.OpenRequest{
		Target: dial.Request{URL: u}, Service: &bridge.Service{ID: "svc-1", Name: "Chat of " + secret},
		Speech: &bridge.Speech{
			Dialect: &dialect.Dialect{Name: "openai-realtime", Vars: []dialect.Var{{Name: "model", Default: "gpt-realtime"}}},
			Values:  dialect.Values{Vars: map[string]string{"instructions": secret}},
		},
	}
}

// begun is the mark of the turns.
const begun = 1_790_000_000_000_000

func doneTurn() *dialect.Turn {
	return &dialect.Turn{
		N: 1, State: dialect.TurnDone, MarkUS: begun, FirstMessageUS: begun + 250_000, FirstTextUS: begun + 300_000, DoneUS: begun + 2_000_000,
		Text: dialect.TurnText{Answer: secret}, Request: secret, Messages: 12, Bytes: 3400,
		Gaps: &dialect.Gaps{P50US: 20_000, P95US: 50_000, MaxUS: 90_000}, Usage: map[string]int64{"input_tokens": 7, "output_tokens": 42},
	}
}

func TestSessionsAndTurnsAreExportedByOTLP(t *testing.T) {
	r := startReceiver(t)
	t.Setenv("OTEL_EXPORTER_OTLP_ENDPOINT", r.URL)
	s := start(t, prometheus.NewRegistry())
	trace := s.Dial(request(t), bridge.KindSession)
	parent := strings.Split(trace.Parent(), "-") // version, trace id, span id, flags
	trace.Turn(doneTurn())
	failed := &dialect.Turn{N: 2, State: dialect.TurnFailed, MarkUS: begun + 3_000_000, Error: &dialect.TurnError{Code: "rate_limit", Message: secret}}
	trace.Turn(failed)
	trace.Ended(&bridge.Info{Record: bridge.Record{
		ID: "session-1", Counts: bridge.Counts{Sent: 2, Received: 10}, Ending: &bridge.Ending{At: time.UnixMicro(begun + 9_000_000), Code: 1000, Reason: secret, Clean: true},
	}})
	stop(t, s)

	session := r.span(t, "session")
	if len(parent) != 4 || hex.EncodeToString(session.GetTraceId()) != parent[1] || hex.EncodeToString(session.GetSpanId()) != parent[2] {
		t.Errorf("traceparent %v, and the span is %x-%x", parent, session.GetTraceId(), session.GetSpanId())
	}
	about := valuesOf(session.GetAttributes())
	for key, want := range map[string]any{
		"server.address": "chat.example", "server.port": int64(443), "duplex.session.id": "session-1", "duplex.dialect": "openai-realtime",
		"duplex.messages.received": int64(10), "websocket.close.code": int64(1000), "duplex.service.id": "svc-1",
	} {
		if about[key] != want {
			t.Errorf("session: %s is %v, want %v", key, about[key], want)
		}
	}
	var turn *tracepb.Span
	for _, span := range r.spans {
		if valuesOf(span.GetAttributes())["duplex.turn"] == int64(1) {
			turn = span
		}
	}
	if turn == nil || string(turn.GetParentSpanId()) != string(session.GetSpanId()) {
		t.Fatalf("turn %v is not part of the session", turn)
	}
	want := map[string]any{
		"gen_ai.operation.name": "chat", "gen_ai.provider.name": "openai", "gen_ai.request.model": "gpt-realtime", "gen_ai.request.stream": true,
		"gen_ai.usage.input_tokens": int64(7), "gen_ai.usage.output_tokens": int64(42), "gen_ai.response.time_to_first_chunk": 0.25,
		"server.address": "chat.example", "server.port": int64(443), "duplex.turn": int64(1), "duplex.turn.state": "done",
		"duplex.turn.messages": int64(12), "duplex.turn.bytes": int64(3400),
		"duplex.turn.gap.p50": 0.02, "duplex.turn.gap.p95": 0.05, "duplex.turn.gap.max": 0.09,
	}
	if diff := cmp.Diff(want, valuesOf(turn.GetAttributes())); diff != "" {
		t.Errorf("turn (-want +got):\n%s", diff)
	}
	if turn.GetName() != "chat gpt-realtime" || turn.GetStartTimeUnixNano() != begun*1000 || turn.GetEndTimeUnixNano() != (begun+2_000_000)*1000 {
		t.Errorf("turn %q from %d to %d", turn.GetName(), turn.GetStartTimeUnixNano(), turn.GetEndTimeUnixNano())
	}
	for _, span := range r.spans {
		if values := valuesOf(span.GetAttributes()); values["duplex.turn"] == int64(2) &&
			(values["error.type"] != "rate_limit" || span.GetStatus().GetCode() != tracepb.Status_STATUS_CODE_ERROR) {
			t.Errorf("failed turn: %v %v", values, span.GetStatus())
		}
	}
	sums := map[string]float64{
		"gen_ai.client.operation.duration": 2, "gen_ai.client.operation.time_to_first_chunk": 0.25,
		"gen_ai.client.operation.time_per_output_chunk": 0.02, "gen_ai.client.token.usage": 49,
	}
	for name, want := range sums {
		var sum float64
		for _, point := range r.metrics[name].GetHistogram().GetDataPoints() {
			sum += point.GetSum()
		}
		if sum != want {
			t.Errorf("%s sums up to %v, want %v", name, sum, want)
		}
	}
	if strings.Contains(string(r.raw), secret) {
		t.Error("the export holds a text or a secret")
	}
}

func TestRefusedDialIsASpanWithAnError(t *testing.T) {
	r := startReceiver(t)
	t.Setenv("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", r.URL+"/v1/traces")
	s := start(t, prometheus.NewRegistry())
	s.Dial(request(t), bridge.KindRelay).Refused(&dial.Error{Report: &dial.Report{Status: 401, Phase: dial.PhaseUpgrade}, Err: errors.New(secret)})
	stop(t, s)
	span := r.span(t, "relay")
	if values := valuesOf(span.GetAttributes()); values["http.response.status_code"] != int64(401) || span.GetStatus().GetCode() != tracepb.Status_STATUS_CODE_ERROR {
		t.Errorf("%v %v", values, span.GetStatus())
	}
	if len(r.metrics) > 0 {
		t.Error("metrics are exported, and only traces have an endpoint")
	}
	if strings.Contains(string(r.raw), secret) {
		t.Error("the export holds a secret")
	}
}

func TestNothingIsExportedByDefault(t *testing.T) {
	for name, env := range map[string]map[string]string{
		"no variable": {}, "disabled": {"OTEL_SDK_DISABLED": "true", "OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:1"},
		"other exporters": {"OTEL_TRACES_EXPORTER": "none", "OTEL_METRICS_EXPORTER": "none", "OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:1"},
	} {
		t.Run(name, func(t *testing.T) {
			for key, value := range env {
				t.Setenv(key, value)
			}
			s := start(t, prometheus.NewRegistry())
			spoken := request(t)
			plain := *spoken
			plain.Speech = nil
			if s.Dial(&plain, bridge.KindSession) != nil {
				t.Error("a session without a dialect is traced")
			}
			if parent := s.Dial(spoken, bridge.KindSession).Parent(); parent != "" {
				t.Errorf("traceparent %q", parent)
			}
			stop(t, s)
		})
	}
}

func TestTurnsAreHistogramsOfABoundedNumberOfServices(t *testing.T) {
	registry := prometheus.NewRegistry()
	s := start(t, registry)
	s.Dial(request(t), bridge.KindSession).Turn(doneTurn())
	unsaved := request(t)
	unsaved.Service = nil
	s.Dial(unsaved, bridge.KindSession).Turn(&dialect.Turn{State: dialect.TurnCut})
	want := `# HELP duplex_turns_total Turns that have ended.
# TYPE duplex_turns_total counter
duplex_turns_total{service="none",state="cut"} 1
duplex_turns_total{service="svc-1",state="done"} 1
`
	if err := testutil.GatherAndCompare(registry, strings.NewReader(want), "duplex_turns_total"); err != nil {
		t.Error(err)
	}
	if n, err := testutil.GatherAndCount(registry, "duplex_turn_duration_seconds", "duplex_turn_first_chunk_seconds", "duplex_turn_chunk_gap_seconds"); err != nil || n != 3 {
		t.Errorf("%d histograms, %v", n, err)
	}
	for i := range 200 {
		many := request(t)
		many.Service = &bridge.Service{ID: strings.Repeat("s", i+1)}
		s.Dial(many, bridge.KindSession).Turn(doneTurn())
	}
	if n, err := testutil.GatherAndCount(registry, "duplex_turn_duration_seconds"); err != nil || n != 101 { // one is "other"
		t.Errorf("%d services, %v", n, err)
	}
}
