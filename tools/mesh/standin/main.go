// Command standin plays a container whose image can't be had: a service of Istio's bookinfo, or any other HTTP, TCP or TLS
// server. It has the names, ports, versions and calls of what it stands for, tells in each answer who gave it and what
// was asked, and can be told to be slow or to fail.
package main

import (
	"context"
	"flag"
	"fmt"
	"net"
	"os"
	"os/signal"
	"strings"
	"syscall"
	"time"
)

const drainTime = 2 * time.Second

// A server serves one listener until the context ends, then what is under way.
type server interface {
	serve(ctx context.Context, listener net.Listener) error
}

type settings struct {
	image   string
	ports   string
	address string
	mode    string
	tls     string
}

func main() {
	given := read()
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM, syscall.SIGINT)
	defer stop()
	if err := run(ctx, given); err != nil {
		fmt.Fprintln(os.Stderr, "standin:", err)
		os.Exit(1)
	}
}

func read() settings {
	var given settings
	text := func(into *string, name, otherwise, usage string) {
		variable := "STANDIN_" + strings.ToUpper(name)
		if value := os.Getenv(variable); value != "" {
			otherwise = value
		}
		flag.StringVar(into, name, otherwise, usage+" ($"+variable+")")
	}
	text(&given.image, "image", "standin", "`image` to stand for; its name decides what is played")
	text(&given.ports, "ports", "9080", "comma-separated `ports` to listen on")
	text(&given.address, "address", "", "`address` to listen on, all by default")
	text(&given.mode, "mode", "", "http, tcp or tls; by default tcp or tls if the image is called so, else http")
	text(&given.tls, "tls", "etc/tls", "`folder` with tls.crt, tls.key and, to demand client certificates, ca.crt")
	flag.Usage = usage
	flag.Parse()
	return given
}

func usage() {
	fmt.Fprint(flag.CommandLine.Output(), `standin plays the service that an image's name tells, as
  standin --image docker.io/istio/examples-bookinfo-reviews-v2:1.20.3 --ports 9080

Over HTTP, each answer names who gave it and shows the request. To be told otherwise, a request has
  ?delay=200ms  ?status=503  ?size=1000   to be slow, to fail, to be long
  ?fail-first=2                           to fail with 503 so often for one X-Request-Id
or the same as headers X-Standin-Delay and so on, with X-Standin-Target: reviews for one service behind others.
  PUT /behaviour?status=503   does it for all requests, until PUT /behaviour
  GET /counters               tells how many requests came, by path and by status; DELETE starts anew
Over TCP or TLS, it greets with who it is in one line and then sends everything back.

`)
	flag.PrintDefaults()
}

func run(ctx context.Context, given settings) error {
	self := whoAmI(given.image)
	chosen, err := newServer(given, self)
	if err != nil {
		return err
	}
	ports := strings.FieldsFunc(given.ports, func(separator rune) bool { return separator == ',' })
	ended := make(chan error, len(ports))
	for _, port := range ports {
		listener, err := net.Listen("tcp", net.JoinHostPort(given.address, port))
		if err != nil {
			return err
		}
		fmt.Printf("%s %s listens on %s\n", self.Service, self.Version, listener.Addr())
		go func() { ended <- chosen.serve(ctx, listener) }()
	}
	for range ports {
		if err := <-ended; err != nil {
			return err
		}
	}
	<-ctx.Done() // without a port, as a client that only waits
	return nil
}

func newServer(given settings, self identity) (server, error) {
	mode := given.mode
	if mode == "" {
		mode = self.mode()
	}
	switch mode {
	case "http":
		return newWeb(self), nil
	case "tcp":
		return stream{self: self}, nil
	case "tls":
		return newTLSStream(self, given.tls)
	}
	return nil, fmt.Errorf("%q is not a mode: use http, tcp or tls", mode)
}
