package main

import (
	"context"
	"fmt"
	"os"

	"github.com/spf13/pflag"

	"sigs.k8s.io/kwok/pkg/config"
	"sigs.k8s.io/kwok/pkg/kwok/cmd"
	"sigs.k8s.io/kwok/pkg/log"
	"sigs.k8s.io/kwok/pkg/utils/signals"
)

// runKwok reads the flags twice: --config and the log flags decide the defaults of all others.
func runKwok() int {
	early := pflag.NewFlagSet("early", pflag.ContinueOnError)
	early.ParseErrorsAllowlist.UnknownFlags = true
	early.Usage = func() {}
	ctx, _ := log.InitFlags(signals.SetupSignalContext(), early)
	ctx, err := config.InitFlags(ctx, early)
	if err != nil {
		return failKwok(err)
	}
	return executeKwok(ctx, early)
}

func executeKwok(ctx context.Context, early *pflag.FlagSet) int {
	command := cmd.NewCommand(ctx)
	command.Version = "" // the Kubernetes components in this program own the --version flag
	command.PersistentFlags().AddFlagSet(early)
	if err := command.ExecuteContext(ctx); err != nil {
		return failKwok(err)
	}
	return 0
}

func failKwok(err error) int {
	fmt.Fprintf(os.Stderr, "kwok: %s\n", err)
	return 1
}
