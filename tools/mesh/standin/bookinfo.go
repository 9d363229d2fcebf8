package main

import (
	"cmp"
	"encoding/json"
	"html/template"
	"io"
	"net"
	"net/http"
	"os"
	"strings"
	"time"
)

// A service is what a stand-in plays: its status and content for a request.
type service interface {
	answer(request *http.Request) (int, any)
}

// serviceOf is what the name tells; a name that bookinfo does not have is played by a plain echo.
func serviceOf(self identity) service {
	caller := &http.Client{Timeout: 10 * time.Second, Transport: &http.Transport{MaxIdleConnsPerHost: 100}}
	switch self.Service {
	case "productpage":
		return paths{
			"/health": simple("productpage is healthy"),
			"/":       simple("bookinfo"),
			"/login":  simple("logged in"),
			"/logout": simple("logged out"),
			"/productpage": calls{caller, map[string]string{
				"details": upstream("DETAILS", "details") + "/details/0",
				"reviews": upstream("REVIEWS", "reviews") + "/reviews/0",
			}},
			"/api/v1/products":           simple([]map[string]any{{"id": 0, "title": "The Comedy of Errors"}}),
			"/api/v1/products/0":         calls{caller, map[string]string{"details": upstream("DETAILS", "details") + "/details/0"}},
			"/api/v1/products/0/reviews": calls{caller, map[string]string{"reviews": upstream("REVIEWS", "reviews") + "/reviews/0"}},
			"/api/v1/products/0/ratings": calls{caller, map[string]string{"ratings": upstream("RATINGS", "ratings") + "/ratings/0"}},
			"/static/*":                  simple("static"),
		}
	case "details":
		return paths{"/health": simple("Details is healthy"), "/details/*": simple(map[string]any{"id": 0, "pages": 200})}
	case "ratings":
		stars := map[string]any{"id": 0, "ratings": map[string]int{"Reviewer1": 5, "Reviewer2": 4}}
		return paths{"/health": simple("Ratings is healthy"), "/ratings/*": simple(stars)}
	case "reviews":
		return reviews(self, caller)
	}
	return paths{"/*": simple(nil)}
}

// reviews of version 1 do without ratings.
func reviews(self identity, caller *http.Client) service {
	texts := service(simple(map[string]any{"id": "0", "reviewers": []string{"Reviewer1", "Reviewer2"}}))
	if self.Version != "v1" {
		texts = calls{caller, map[string]string{"ratings": upstream("RATINGS", "ratings") + "/ratings/0"}}
	}
	return paths{"/health": simple("Reviews is healthy"), "/reviews/*": texts}
}

// upstream is where bookinfo looks for a service, by the variables that its images read.
func upstream(prefix, name string) string {
	host := cmp.Or(os.Getenv(prefix+"_HOSTNAME"), name)
	if domain := os.Getenv("SERVICES_DOMAIN"); domain != "" {
		host += "." + domain
	}
	return "http://" + net.JoinHostPort(host, cmp.Or(os.Getenv(prefix+"_SERVICE_PORT"), "9080"))
}

// paths are the paths of a service; one that ends in * is a prefix.
type paths map[string]service

func (p paths) answer(request *http.Request) (int, any) {
	if found, is := p[request.URL.Path]; is {
		return found.answer(request)
	}
	for path, found := range p {
		if prefix, is := strings.CutSuffix(path, "*"); is && strings.HasPrefix(request.URL.Path, prefix) {
			return found.answer(request)
		}
	}
	return http.StatusNotFound, "no such page"
}

// always is the same content for each request.
type always struct{ content any }

func simple(content any) always { return always{content} }

func (a always) answer(*http.Request) (int, any) { return http.StatusOK, a.content }

// calls asks other services, by name their URL, and shows what they say; their failure is shown, as in bookinfo.
type calls struct {
	client *http.Client
	urls   map[string]string
}

type called struct {
	Status int             `json:"status"`
	Error  string          `json:"error,omitempty"`
	Body   json.RawMessage `json:"body,omitempty"`
}

func (c calls) answer(request *http.Request) (int, any) {
	found := make(map[string]called, len(c.urls))
	for name, url := range c.urls {
		found[name] = c.ask(request, url)
	}
	return http.StatusOK, found
}

func (c calls) ask(request *http.Request, url string) called {
	asked, err := http.NewRequestWithContext(request.Context(), http.MethodGet, url, nil)
	if err != nil {
		return called{Error: err.Error()}
	}
	for _, name := range passedOn {
		for _, value := range request.Header.Values(name) {
			asked.Header.Add(name, value)
		}
	}
	response, err := c.client.Do(asked)
	if err != nil {
		return called{Error: err.Error()}
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		return called{Status: response.StatusCode, Error: err.Error()}
	}
	if !json.Valid(body) {
		return called{Status: response.StatusCode, Error: string(body)}
	}
	return called{Status: response.StatusCode, Body: body}
}

// passedOn is what bookinfo gives to the services that it calls: tracing, the user and his credentials; and our own.
var passedOn = []string{
	"X-Request-Id", "X-Ot-Span-Context", "X-Cloud-Trace-Context", "Traceparent", "Tracestate", "Grpc-Trace-Bin", "B3",
	"X-B3-Traceid", "X-B3-Spanid", "X-B3-Parentspanid", "X-B3-Sampled", "X-B3-Flags", "Sw8",
	"X-Datadog-Trace-Id", "X-Datadog-Parent-Id", "X-Datadog-Sampling-Priority",
	"End-User", "User-Agent", "Cookie", "Authorization", "Jwt",
	"X-Standin-Target", "X-Standin-Delay", "X-Standin-Status", "X-Standin-Size", "X-Standin-Fail-First",
}

var html = template.Must(template.New("page").Parse(`<!DOCTYPE html>
<title>Simple Bookstore App</title>
<h1>The Comedy of Errors</h1>
<p>A stand-in for {{.Service}} {{.Version}} in pod {{.Pod}} of {{.Namespace}}</p>
{{range $name, $answer := .Content}}<section id="{{$name}}">
<h2>{{$name}}: {{$answer.Status}} {{$answer.Error}}</h2>
<pre>{{printf "%s" $answer.Body}}</pre>
</section>
{{end}}`))
