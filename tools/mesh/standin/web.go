package main

import (
	"context"
	"encoding/json"
	"errors"
	"net"
	"net/http"
	"strings"
)

// web is the HTTP side of a stand-in: what it plays, in between what it was told and what it counts.
type web struct {
	self      identity
	played    service
	behaviour *behaviours
	counters  *counters
}

func newWeb(self identity) *web {
	return &web{self: self, played: serviceOf(self), behaviour: newBehaviours(), counters: newCounters()}
}

func (w *web) serve(ctx context.Context, listener net.Listener) error {
	var protocols http.Protocols
	protocols.SetHTTP1(true)
	protocols.SetUnencryptedHTTP2(true)
	server := &http.Server{Handler: w.handler(), Protocols: &protocols}
	drained := make(chan struct{})
	go func() {
		defer close(drained)
		<-ctx.Done()
		limited, cancel := context.WithTimeout(context.Background(), drainTime)
		defer cancel()
		_ = server.Shutdown(limited) // what is not done by then is cut off with the process
	}()
	if err := server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	<-drained
	return nil
}

func (w *web) handler() http.Handler {
	routes := http.NewServeMux()
	routes.HandleFunc("GET /counters", w.counters.show)
	routes.HandleFunc("DELETE /counters", w.counters.reset)
	routes.HandleFunc("PUT /behaviour", w.behaviour.put)
	routes.HandleFunc("/", w.answer)
	return routes
}

func (w *web) answer(response http.ResponseWriter, request *http.Request) {
	done := w.counters.begin(request.URL.Path)
	told, err := w.behaviour.of(request, w.self.Service)
	if err != nil {
		done(http.StatusBadRequest)
		http.Error(response, err.Error(), http.StatusBadRequest)
		return
	}
	told.wait(request.Context())
	status, body := http.StatusOK, any(nil)
	if told.status != 0 {
		status = told.status
	} else {
		status, body = w.played.answer(request)
	}
	done(status)
	w.write(response, request, status, page{
		identity: w.self,
		Method:   request.Method,
		Path:     request.URL.RequestURI(),
		Host:     request.Host,
		Peer:     request.RemoteAddr,
		Protocol: request.Proto,
		Headers:  flat(request.Header),
		Content:  body,
		Padding:  strings.Repeat("x", told.size),
	})
}

// A page is an answer: who gives it, what was asked, and what the service that is played says.
type page struct {
	identity
	Method   string            `json:"method"`
	Path     string            `json:"path"`
	Host     string            `json:"host"`
	Peer     string            `json:"peer"`
	Protocol string            `json:"protocol"`
	Headers  map[string]string `json:"headers"`
	Content  any               `json:"content,omitempty"`
	Padding  string            `json:"padding,omitempty"`
}

func (w *web) write(response http.ResponseWriter, request *http.Request, status int, answer page) {
	header := response.Header()
	header.Set("X-Standin-Service", w.self.Service)
	header.Set("X-Standin-Version", w.self.Version)
	header.Set("X-Standin-Pod", w.self.Pod)
	header.Set("X-Standin-Namespace", w.self.Namespace)
	if request.URL.Path == "/productpage" && status == http.StatusOK {
		header.Set("Content-Type", "text/html; charset=utf-8")
		response.WriteHeader(status)
		_ = html.Execute(response, answer) // the client is gone then
		return
	}
	header.Set("Content-Type", "application/json")
	response.WriteHeader(status)
	_ = json.NewEncoder(response).Encode(answer)
}

// flat has each header once, by its name in lower case, as proxies write it.
func flat(headers http.Header) map[string]string {
	found := make(map[string]string, len(headers))
	for name, values := range headers {
		found[strings.ToLower(name)] = strings.Join(values, ", ")
	}
	return found
}
