package telemetry

import (
	"context"
	"errors"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/propagation"
	"go.opentelemetry.io/otel/trace"

	"duplex/bridge"
	"duplex/bridge/dial"
	"duplex/bridge/dialect"
)

// connection is the trace of one session or relay.
type connection struct {
	telemetry *Telemetry
	service   string          // id; "" when opened by address
	ctx       context.Context //nolint:containedctx // carries the span of the session to those of its turns
	span      trace.Span
	common    []attribute.KeyValue // of the spans and metrics of turns
}

// Dial implements bridge.Tracer. A session without a dialect has no turns, and no trace when no
// spans are exported.
func (t *Telemetry) Dial(r *bridge.OpenRequest, kind bridge.Kind) bridge.Trace {
	if t.tracer == nil && r.Speech == nil {
		return nil
	}
	c := &connection{telemetry: t, ctx: context.Background(), span: trace.SpanFromContext(context.Background())}
	if r.Service != nil {
		c.service = r.Service.ID
	}
	server := serverOf(r.Target.URL)
	c.common = server
	if r.Speech != nil {
		c.common = append(operationOf(r.Speech.Dialect, r.Speech.Values.Vars), server...)
	}
	if t.tracer == nil {
		return c
	}
	about := append([]attribute.KeyValue{
		attribute.String("network.protocol.name", "websocket"), attribute.String("duplex.kind", string(kind)),
	}, server...)
	if c.service != "" {
		about = append(about, attribute.String("duplex.service.id", c.service))
	}
	if r.Speech != nil {
		about = append(about, attribute.String("duplex.dialect", r.Speech.Dialect.Name))
	}
	c.ctx, c.span = t.tracer.Start(c.ctx, string(kind), trace.WithSpanKind(trace.SpanKindClient), trace.WithAttributes(about...))
	return c
}

// serverOf returns the attributes of a target: host and port, as its path and query may hold
// secrets.
func serverOf(u *url.URL) []attribute.KeyValue {
	if u == nil {
		return nil
	}
	out := []attribute.KeyValue{attribute.String("server.address", u.Hostname())}
	port := 443
	if u.Scheme == "ws" {
		port = 80
	}
	if given, err := strconv.Atoi(u.Port()); err == nil {
		port = given
	}
	return append(out, attribute.Int("server.port", port))
}

// Operations of gen_ai.operation.name. The conventions have none for speech alone.
const (
	operationChat       = "chat"
	operationMultimodal = "generate_content" // speech in and out
	operationRecognize  = "speech_to_text"
	operationSynthesize = "text_to_speech"
)

// operationOf returns the attributes that name an operation, its provider and its model.
func operationOf(d *dialect.Dialect, vars map[string]string) []attribute.KeyValue {
	operation := operationChat
	switch hears, speaks := d.Audio != nil, len(d.Receive.Audio) > 0; {
	case hears && speaks:
		operation = operationMultimodal
	case hears:
		operation = operationRecognize
	case speaks:
		operation = operationSynthesize
	}
	out := []attribute.KeyValue{
		attribute.String("gen_ai.operation.name", operation), attribute.String("gen_ai.provider.name", providerOf(d.Name)),
	}
	model := vars["model"]
	if model == "" {
		for _, v := range d.Vars {
			if v.Name == "model" {
				model = v.Default
			}
		}
	}
	if model != "" {
		out = append(out, attribute.String("gen_ai.request.model", model))
	}
	return out
}

// providerOf returns the provider's name in the conventions; for others the beginning of the
// dialect's name.
func providerOf(name string) string {
	first, _, _ := strings.Cut(name, "-")
	switch first {
	case "azure":
		if strings.HasPrefix(name, "azure-openai") {
			return "azure.ai.openai"
		}
	case "gemini":
		return "gcp.gemini"
	}
	return first
}

// Parent implements bridge.Trace: https://www.w3.org/TR/trace-context/#traceparent-header
func (c *connection) Parent() string {
	header := propagation.MapCarrier{}
	propagation.TraceContext{}.Inject(c.ctx, header)
	return header["traceparent"]
}

// Refused implements bridge.Trace.
func (c *connection) Refused(err error) {
	if failed, ok := errors.AsType[*dial.Error](err); ok {
		c.span.SetAttributes(attribute.String("error.type", "dial."+string(failed.Report.Phase)), attribute.Int("http.response.status_code", failed.Report.Status))
	} else {
		c.span.SetAttributes(attribute.String("error.type", "not_opened"))
	}
	c.span.SetStatus(codes.Error, "")
	c.span.End()
}

// Ended implements bridge.Trace.
func (c *connection) Ended(info *bridge.Info) {
	counts := &info.Counts
	c.span.SetAttributes(
		attribute.String("duplex.session.id", info.ID),
		attribute.Int64("duplex.messages.sent", counts.Sent), attribute.Int64("duplex.messages.received", counts.Received),
		attribute.Int64("duplex.bytes.sent", counts.BytesSent), attribute.Int64("duplex.bytes.received", counts.BytesReceived),
	)
	ended := []trace.SpanEndOption{}
	if e := info.Ending; e != nil {
		c.span.SetAttributes(attribute.Int("websocket.close.code", e.Code), attribute.Bool("websocket.close.clean", e.Clean))
		if !e.Clean {
			c.span.SetAttributes(attribute.String("error.type", strconv.Itoa(e.Code)))
			c.span.SetStatus(codes.Error, "")
		}
		ended = append(ended, trace.WithTimestamp(e.At))
	}
	c.span.End(ended...)
}

// turnTimes are the times of a turn, from its mark.
type turnTimes struct {
	begin, end                       time.Time
	duration, firstChunk, firstAudio time.Duration // 0 when it did not happen
}

func timesOf(t *dialect.Turn) turnTimes {
	mark := t.MarkUS
	after := func(us int64) time.Duration {
		if mark == 0 || us <= mark {
			return 0
		}
		return micros(us - mark)
	}
	begin := mark
	if t.AudioStartUS > 0 && (begin == 0 || t.AudioStartUS < begin) {
		begin = t.AudioStartUS
	}
	if begin == 0 {
		begin = t.FirstMessageUS
	}
	end := max(begin, t.AudioEndUS, t.FirstMessageUS, t.FirstTextUS, t.FirstAudioUS, t.DoneUS)
	return turnTimes{
		begin: time.UnixMicro(begin), end: time.UnixMicro(end),
		duration: after(t.DoneUS), firstChunk: after(t.FirstMessageUS), firstAudio: after(t.FirstAudioUS),
	}
}

// maxErrorType is the length of an error code that is exported, in bytes: it comes from the
// service.
const maxErrorType = 64

// Turn implements bridge.Trace.
func (c *connection) Turn(t *dialect.Turn) {
	times := timesOf(t)
	c.telemetry.figures.record(c.service, t, times)
	attributes := slices.Clip(c.common)
	if t.State != dialect.TurnDone {
		attributes = append(attributes, attribute.String("error.type", errorTypeOf(t)))
	}
	if c.telemetry.meters != nil {
		c.telemetry.meters.record(t, times, attributes)
	}
	if c.telemetry.tracer == nil {
		return
	}
	_, span := c.telemetry.tracer.Start(c.ctx, nameOf(c.common), trace.WithSpanKind(trace.SpanKindClient),
		trace.WithTimestamp(times.begin), trace.WithAttributes(attributes...))
	span.SetAttributes(attribute.Bool("gen_ai.request.stream", true), attribute.Int("duplex.turn", t.N), attribute.String("duplex.turn.state", string(t.State)),
		attribute.Int64("duplex.turn.messages", t.Messages), attribute.Int64("duplex.turn.bytes", t.Bytes))
	for kind, key := range tokenKinds() {
		if n, told := t.Usage[key]; told {
			span.SetAttributes(attribute.Int64("gen_ai.usage."+kind+"_tokens", n))
		}
	}
	if times.firstChunk > 0 {
		span.SetAttributes(attribute.Float64("gen_ai.response.time_to_first_chunk", times.firstChunk.Seconds()))
	}
	if times.firstAudio > 0 {
		span.SetAttributes(attribute.Float64("duplex.turn.time_to_first_audio", times.firstAudio.Seconds()))
	}
	if g := t.Gaps; g != nil {
		span.SetAttributes(attribute.Float64("duplex.turn.gap.p50", micros(g.P50US).Seconds()), attribute.Float64("duplex.turn.gap.p95", micros(g.P95US).Seconds()),
			attribute.Float64("duplex.turn.gap.max", micros(g.MaxUS).Seconds()))
	}
	if t.State != dialect.TurnDone {
		span.SetStatus(codes.Error, "")
	}
	span.End(trace.WithTimestamp(times.end))
}

// errorTypeOf returns the service's code of a failed turn, else the state.
func errorTypeOf(t *dialect.Turn) string {
	if t.Error != nil && t.Error.Code != "" {
		return strings.ToValidUTF8(t.Error.Code[:min(len(t.Error.Code), maxErrorType)], "")
	}
	return string(t.State)
}

// nameOf returns the name of the span of a turn: the operation and the model.
func nameOf(common []attribute.KeyValue) string {
	var operation, model string
	for _, a := range common {
		switch a.Key {
		case "gen_ai.operation.name":
			operation = a.Value.AsString()
		case "gen_ai.request.model":
			model = " " + a.Value.AsString()
		}
	}
	return operation + model
}
