// Command collector is the OTLP receiver of the OpenTelemetry Collector, whose spans it prints as lines of OTLP's JSON.
package main

import (
	"context"
	"flag"
	"log"
	"os"
	"os/signal"
	"syscall"

	"go.opentelemetry.io/collector/component"
	"go.opentelemetry.io/collector/component/componenttest"
	"go.opentelemetry.io/collector/confmap"
	"go.opentelemetry.io/collector/consumer"
	"go.opentelemetry.io/collector/pdata/ptrace"
	"go.opentelemetry.io/collector/receiver"
	"go.opentelemetry.io/collector/receiver/otlpreceiver"
)

func main() {
	grpc := flag.String("grpc", "0.0.0.0:4317", "where OTLP by gRPC is taken")
	http := flag.String("http", "0.0.0.0:4318", "where OTLP by HTTP is taken")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGINT, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, *grpc, *http); err != nil {
		log.Fatal(err)
	}
}

func run(ctx context.Context, grpc, http string) error {
	factory := otlpreceiver.NewFactory()
	config := factory.CreateDefaultConfig()
	endpoint := func(address string) map[string]any { return map[string]any{"endpoint": address} }
	protocols := map[string]any{"grpc": endpoint(grpc), "http": endpoint(http)}
	if err := confmap.NewFromStringMap(map[string]any{"protocols": protocols}).Unmarshal(config); err != nil {
		return err
	}
	lines, err := consumer.NewTraces(write)
	if err != nil {
		return err
	}
	settings := receiver.Settings{
		ID:                component.NewID(factory.Type()),
		TelemetrySettings: componenttest.NewNopTelemetrySettings(),
	}
	taking, err := factory.CreateTraces(ctx, settings, config, lines)
	if err != nil {
		return err
	}
	if err := taking.Start(ctx, componenttest.NewNopHost()); err != nil {
		return err
	}
	<-ctx.Done()
	return taking.Shutdown(context.Background())
}

// write prints what came in one call as one line, in one write: calls come at the same time.
func write(_ context.Context, spans ptrace.Traces) error {
	line, err := (&ptrace.JSONMarshaler{}).MarshalTraces(spans)
	if err != nil {
		return err
	}
	_, err = os.Stdout.Write(append(line, '\n'))
	return err
}
