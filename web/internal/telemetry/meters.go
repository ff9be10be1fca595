package telemetry

import (
	"context"
	"errors"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/metric"

	"duplex/bridge/dialect"
)

// Buckets of durations in seconds, and of tokens, as
// https://github.com/open-telemetry/semantic-conventions-genai names them for its metrics.
var (
	durationBuckets = []float64{0.01, 0.02, 0.04, 0.08, 0.16, 0.32, 0.64, 1.28, 2.56, 5.12, 10.24, 20.48, 40.96, 81.92}
	tokenBuckets    = []float64{1, 4, 16, 64, 256, 1024, 4096, 16384, 65536, 262144, 1048576, 4194304, 16777216, 67108864}
)

// meters are the metrics of turns that are exported by OTLP.
type meters struct {
	duration, firstChunk, perChunk metric.Float64Histogram
	tokens                         metric.Int64Histogram
}

func newMeters(m metric.Meter) (*meters, error) {
	var out meters
	var errs [4]error
	seconds := func(name, help string) (metric.Float64Histogram, error) {
		return m.Float64Histogram("gen_ai.client.operation."+name, metric.WithUnit("s"), metric.WithDescription(help),
			metric.WithExplicitBucketBoundaries(durationBuckets...))
	}
	out.duration, errs[0] = seconds("duration", "Time from the request to the end of the answer.")
	out.firstChunk, errs[1] = seconds("time_to_first_chunk", "Time from the request to the first message of the answer.")
	out.perChunk, errs[2] = seconds("time_per_output_chunk", "Median time between the messages of an answer.")
	out.tokens, errs[3] = m.Int64Histogram("gen_ai.client.token.usage", metric.WithUnit("{token}"),
		metric.WithDescription("Tokens of a request and of its answer."), metric.WithExplicitBucketBoundaries(tokenBuckets...))
	return &out, errors.Join(errs[:]...)
}

// record adds a turn. attributes are those of its span that have few values.
func (m *meters) record(t *dialect.Turn, times turnTimes, attributes []attribute.KeyValue) {
	ctx, set := context.Background(), metric.WithAttributes(attributes...)
	if times.duration > 0 {
		m.duration.Record(ctx, times.duration.Seconds(), set)
	}
	if times.firstChunk > 0 {
		m.firstChunk.Record(ctx, times.firstChunk.Seconds(), set)
	}
	if t.Gaps != nil {
		m.perChunk.Record(ctx, micros(t.Gaps.P50US).Seconds(), set)
	}
	for kind, key := range tokenKinds() {
		if n, told := t.Usage[key]; told {
			m.tokens.Record(ctx, n, set, metric.WithAttributes(attribute.String("gen_ai.token.type", kind)))
		}
	}
}

// tokenKinds returns the keys of a turn's usage by the type of token.
func tokenKinds() map[string]string {
	return map[string]string{"input": "input_tokens", "output": "output_tokens"}
}

func micros(us int64) time.Duration { return time.Duration(us) * time.Microsecond }
