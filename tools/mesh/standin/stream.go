package main

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"os"
	"path/filepath"
)

// stream greets each connection in one line, then sends back what comes.
type stream struct {
	self identity
	tls  *tls.Config
}

func newTLSStream(self identity, folder string) (stream, error) {
	pair, err := tls.LoadX509KeyPair(filepath.Join(folder, "tls.crt"), filepath.Join(folder, "tls.key"))
	if err != nil {
		return stream{}, err
	}
	config := &tls.Config{Certificates: []tls.Certificate{pair}, MinVersion: tls.VersionTLS12}
	authority, err := os.ReadFile(filepath.Join(folder, "ca.crt"))
	if errors.Is(err, fs.ErrNotExist) {
		return stream{self: self, tls: config}, nil
	}
	if err != nil {
		return stream{}, err
	}
	config.ClientAuth, config.ClientCAs = tls.RequireAndVerifyClientCert, x509.NewCertPool()
	if !config.ClientCAs.AppendCertsFromPEM(authority) {
		return stream{}, fmt.Errorf("%s/ca.crt holds no certificate", folder)
	}
	return stream{self: self, tls: config}, nil
}

func (s stream) serve(ctx context.Context, listener net.Listener) error {
	stop := context.AfterFunc(ctx, func() { listener.Close() })
	defer stop()
	for {
		connection, err := listener.Accept()
		if ctx.Err() != nil {
			return nil
		}
		if err != nil {
			return err
		}
		go s.talk(ctx, connection)
	}
}

func (s stream) talk(ctx context.Context, connection net.Conn) {
	defer connection.Close()
	client := ""
	if s.tls != nil {
		secured := tls.Server(connection, s.tls)
		if err := secured.HandshakeContext(ctx); err != nil {
			fmt.Printf("handshake with %s: %s\n", connection.RemoteAddr(), err)
			return
		}
		client = certified(secured.ConnectionState())
		connection = secured
	}
	_, err := fmt.Fprintf(connection, "%s %s %s %s peer=%s%s\n",
		s.self.Service, s.self.Version, s.self.Pod, s.self.Namespace, connection.RemoteAddr(), client)
	if err == nil {
		_, _ = io.Copy(connection, connection) // until the client goes
	}
}

func certified(state tls.ConnectionState) string {
	if len(state.PeerCertificates) == 0 {
		return " sni=" + state.ServerName
	}
	subject := state.PeerCertificates[0]
	return fmt.Sprintf(" sni=%s client=%s uris=%v", state.ServerName, subject.Subject.CommonName, subject.URIs)
}
