// Command load sends HTTP requests at a constant rate for a bounded time, and tells in JSON how long the answers took.
//
// A request's time begins when it is due, not when it is sent: a server that stalls makes the requests behind it late,
// and these waits count (without them, the slower a server is, the fewer of its slow moments are seen).
package main

import (
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"os"
	"strings"
	"time"
)

const (
	maxDuration    = 10 * time.Minute
	maxRequests    = 5_000_000
	maxConnections = 10_000
)

// settings are what the command line says.
type settings struct {
	url         string
	method      string
	headers     headers
	rate        float64
	duration    time.Duration
	warmup      time.Duration
	timeout     time.Duration
	connections int
	bodySize    int
	expect      int
	countBy     string
	reach       reach
}

func main() {
	given, err := read(flag.NewFlagSet("load", flag.ExitOnError), os.Args[1:])
	if err == nil {
		err = measure(given)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "load:", err)
		os.Exit(1)
	}
}

func read(flags *flag.FlagSet, arguments []string) (settings, error) {
	given := settings{headers: headers{}}
	flags.StringVar(&given.url, "url", "", "`URL` to ask for")
	flags.StringVar(&given.method, "method", "GET", "HTTP `method`")
	flags.Var(given.headers, "header", "`Name: value`, may be repeated; Host too")
	flags.Float64Var(&given.rate, "rate", 100, "requests a second")
	flags.DurationVar(&given.duration, "duration", 10*time.Second, "how long to measure, up to 10m")
	flags.DurationVar(&given.warmup, "warmup", time.Second, "how long to send before measuring")
	flags.DurationVar(&given.timeout, "timeout", 5*time.Second, "how long an answer may take")
	flags.IntVar(&given.connections, "connections", 32, "connections, and so requests at one time, at most")
	flags.IntVar(&given.bodySize, "body", 0, "bytes to send with each request")
	flags.IntVar(&given.expect, "expect", 200, "`status` of an answer that is no error")
	flags.StringVar(&given.countBy, "count", "", "`header` of the answers whose values are counted")
	given.reach.declare(flags)
	if err := flags.Parse(arguments); err != nil {
		return given, err
	}
	return given, given.check()
}

func (s settings) check() error {
	span := s.duration + s.warmup
	switch {
	case s.url == "":
		return errors.New("give a -url")
	case s.rate <= 0 || s.duration <= 0 || s.warmup < 0 || span > maxDuration:
		return fmt.Errorf("-rate and -duration must be above 0, and all over within %s", maxDuration)
	case s.rate*span.Seconds() > maxRequests:
		return fmt.Errorf("these are more than %d requests: lower -rate or -duration", maxRequests)
	case s.connections < 1 || s.connections > maxConnections:
		return fmt.Errorf("-connections must be 1 to %d", maxConnections)
	}
	return nil
}

func measure(given settings) error {
	client, err := given.reach.client(given.connections, given.timeout)
	if err != nil {
		return err
	}
	results := run(given, client)
	encoder := json.NewEncoder(os.Stdout)
	encoder.SetIndent("", "  ")
	return encoder.Encode(summarize(given, results))
}

// headers is a flag that may be repeated.
type headers map[string]string

func (h headers) String() string { return "" }

func (h headers) Set(text string) error {
	name, value, found := strings.Cut(text, ":")
	if !found {
		return fmt.Errorf("%q is not Name: value", text)
	}
	h[strings.TrimSpace(name)] = strings.TrimSpace(value)
	return nil
}
