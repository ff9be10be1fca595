// Package telemetry exports traces and figures of connections and their turns: by OTLP, as the
// standard OTEL_* environment variables say, and as histograms for Prometheus. It exports no
// payload, no address beyond host and port, and no name of a person.
package telemetry

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"

	"github.com/prometheus/client_golang/prometheus"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/exporters/otlp/otlpmetric/otlpmetricgrpc"
	"go.opentelemetry.io/otel/exporters/otlp/otlpmetric/otlpmetrichttp"
	"go.opentelemetry.io/otel/exporters/otlp/otlptrace/otlptracegrpc"
	"go.opentelemetry.io/otel/exporters/otlp/otlptrace/otlptracehttp"
	"go.opentelemetry.io/otel/sdk/metric"
	"go.opentelemetry.io/otel/sdk/resource"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/trace"

	"duplex/bridge"
)

// scope names the instrumentation in spans and metrics.
const scope = "duplex"

// Options configures telemetry.
type Options struct {
	Getenv   func(string) string // OTEL_* variables
	Version  string              // of the program
	Registry *prometheus.Registry
	Log      *slog.Logger
}

// Telemetry is a bridge.Tracer.
type Telemetry struct {
	tracer  trace.Tracer // nil when no spans are exported
	meters  *meters      // nil when no metrics are exported
	figures *figures
	stops   []func(context.Context) error
	log     *slog.Logger
}

var _ bridge.Tracer = (*Telemetry)(nil)

// Start starts the exporters that the environment names; without any, nothing is dialled. The
// SDK reads endpoint, headers, certificates and intervals from the environment itself:
// https://opentelemetry.io/docs/specs/otel/configuration/sdk-environment-variables/
func Start(ctx context.Context, o Options) (*Telemetry, error) {
	t := &Telemetry{figures: newFigures(o.Registry), log: o.Log}
	if strings.EqualFold(o.Getenv("OTEL_SDK_DISABLED"), "true") {
		return t, nil
	}
	traces, metrics := newSignal(o.Getenv, "TRACES"), newSignal(o.Getenv, "METRICS")
	if !traces.exported && !metrics.exported {
		return t, nil
	}
	about, err := resource.New(ctx, resource.WithAttributes(attribute.String("service.name", scope), attribute.String("service.version", o.Version)),
		resource.WithTelemetrySDK(), resource.WithFromEnv())
	if err != nil && !errors.Is(err, resource.ErrPartialResource) {
		return nil, fmt.Errorf("telemetry: %w", err)
	}
	if traces.exported {
		if err := t.startTraces(ctx, traces, about); err != nil {
			return nil, err
		}
	}
	if metrics.exported {
		if err := t.startMetrics(ctx, metrics, about); err != nil {
			return nil, errors.Join(err, t.Stop(ctx))
		}
	}
	o.Log.InfoContext(ctx, "telemetry is exported", "traces", traces.exported, "metrics", metrics.exported)
	return t, nil
}

// signal is the setting of one kind of telemetry.
type signal struct {
	exported bool
	grpc     bool // else HTTP
}

// newSignal reads the setting of a signal. It is exported by OTLP when its exporter is "otlp",
// or when an endpoint is set and no other exporter is named.
func newSignal(getenv func(string) string, name string) signal {
	first := func(keys ...string) string {
		for _, key := range keys {
			if value := strings.TrimSpace(getenv(key)); value != "" {
				return value
			}
		}
		return ""
	}
	endpoint := first("OTEL_EXPORTER_OTLP_"+name+"_ENDPOINT", "OTEL_EXPORTER_OTLP_ENDPOINT")
	exporter := first("OTEL_" + name + "_EXPORTER")
	return signal{
		exported: exporter == "otlp" || exporter == "" && endpoint != "",
		grpc:     first("OTEL_EXPORTER_OTLP_"+name+"_PROTOCOL", "OTEL_EXPORTER_OTLP_PROTOCOL") == "grpc",
	}
}

func (t *Telemetry) startTraces(ctx context.Context, s signal, about *resource.Resource) error {
	var exporter sdktrace.SpanExporter
	var err error
	if s.grpc {
		exporter, err = otlptracegrpc.New(ctx)
	} else {
		exporter, err = otlptracehttp.New(ctx)
	}
	if err != nil {
		return fmt.Errorf("telemetry: export traces: %w", err)
	}
	provider := sdktrace.NewTracerProvider(sdktrace.WithBatcher(exporter), sdktrace.WithResource(about))
	t.tracer, t.stops = provider.Tracer(scope), append(t.stops, provider.Shutdown)
	return nil
}

func (t *Telemetry) startMetrics(ctx context.Context, s signal, about *resource.Resource) error {
	var exporter metric.Exporter
	var err error
	if s.grpc {
		exporter, err = otlpmetricgrpc.New(ctx)
	} else {
		exporter, err = otlpmetrichttp.New(ctx)
	}
	if err != nil {
		return fmt.Errorf("telemetry: export metrics: %w", err)
	}
	provider := metric.NewMeterProvider(metric.WithReader(metric.NewPeriodicReader(exporter)), metric.WithResource(about))
	t.stops = append(t.stops, provider.Shutdown)
	t.meters, err = newMeters(provider.Meter(scope))
	return err
}

// Stop exports what is left and stops the exporters. It returns when ctx ends at the latest.
func (t *Telemetry) Stop(ctx context.Context) error {
	var errs []error
	for _, stop := range t.stops {
		errs = append(errs, stop(ctx))
	}
	return errors.Join(errs...)
}
