package main

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"flag"
	"fmt"
	"net"
	"net/http"
	"os"
	"syscall"
	"time"
)

// reach is how the server is reached: where it is, and by which certificates.
type reach struct {
	connect     string
	serverName  string
	authority   string
	certificate string
	key         string
	http2       bool
	fresh       bool
}

func (r *reach) declare(flags *flag.FlagSet) {
	flags.StringVar(&r.connect, "connect", "", "`address:port` to connect to instead of the URL's")
	flags.StringVar(&r.serverName, "sni", "", "server `name` to ask for by TLS, and to find in its certificate; by default the URL's")
	flags.StringVar(&r.authority, "ca", "", "`file` with the certificates to trust; by default the system's")
	flags.StringVar(&r.certificate, "cert", "", "`file` with the client's certificate")
	flags.StringVar(&r.key, "key", "", "`file` with the client's private key")
	flags.BoolVar(&r.http2, "http2", false, "speak HTTP/2, over plain connections too")
	flags.BoolVar(&r.fresh, "fresh", false, "make a new connection for each request")
}

func (r *reach) client(connections int, timeout time.Duration) (*http.Client, error) {
	secured, err := r.tls()
	if err != nil {
		return nil, err
	}
	var protocols http.Protocols
	protocols.SetHTTP1(!r.http2)
	protocols.SetHTTP2(r.http2)
	protocols.SetUnencryptedHTTP2(r.http2)
	transport := &http.Transport{
		DialContext:         r.dial,
		TLSClientConfig:     secured,
		Protocols:           &protocols,
		MaxConnsPerHost:     connections,
		MaxIdleConnsPerHost: connections,
		DisableKeepAlives:   r.fresh,
		DisableCompression:  true,
	}
	stay := func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	return &http.Client{Transport: transport, Timeout: timeout, CheckRedirect: stay}, nil
}

func (r *reach) tls() (*tls.Config, error) {
	config := &tls.Config{ServerName: r.serverName, MinVersion: tls.VersionTLS12}
	if r.authority != "" {
		content, err := os.ReadFile(r.authority)
		if err != nil {
			return nil, err
		}
		config.RootCAs = x509.NewCertPool()
		if !config.RootCAs.AppendCertsFromPEM(content) {
			return nil, fmt.Errorf("%s holds no certificate", r.authority)
		}
	}
	if r.certificate != "" {
		// Read for each handshake, so that a certificate that is rotated is used from then on.
		config.GetClientCertificate = func(*tls.CertificateRequestInfo) (*tls.Certificate, error) {
			pair, err := tls.LoadX509KeyPair(r.certificate, r.key)
			return &pair, err
		}
	}
	return config, nil
}

var errStranger = errors.New("not a loopback or private address, name it by -connect if it may be loaded")

// dial refuses addresses that nobody gave: a name may lead anywhere.
func (r *reach) dial(ctx context.Context, network, address string) (net.Conn, error) {
	dialer := net.Dialer{}
	if r.connect != "" {
		return dialer.DialContext(ctx, network, r.connect)
	}
	dialer.Control = func(_, address string, _ syscall.RawConn) error {
		host, _, err := net.SplitHostPort(address)
		if err != nil {
			return err
		}
		if ip := net.ParseIP(host); ip == nil || !ip.IsLoopback() && !ip.IsPrivate() {
			return fmt.Errorf("%s: %w", host, errStranger)
		}
		return nil
	}
	return dialer.DialContext(ctx, network, address)
}
