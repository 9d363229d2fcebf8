package main

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"sync"
	"time"
)

// A behaviour is how a request is answered other than at once and well.
type behaviour struct {
	delay     time.Duration
	status    int
	size      int
	failFirst int
}

const maxSize = 10 << 20

// wait is over early when the client has gone.
func (b behaviour) wait(ctx context.Context) {
	if b.delay > 0 {
		select {
		case <-time.After(b.delay):
		case <-ctx.Done():
		}
	}
}

// behaviours holds the one for all requests, and how often each request id was seen.
type behaviours struct {
	lock sync.Mutex
	all  behaviour
	seen map[string]int
}

func newBehaviours() *behaviours {
	return &behaviours{seen: map[string]int{}}
}

func (b *behaviours) put(response http.ResponseWriter, request *http.Request) {
	told, err := parse(request.URL.Query().Get)
	if err != nil {
		http.Error(response, err.Error(), http.StatusBadRequest)
		return
	}
	b.lock.Lock()
	defer b.lock.Unlock()
	b.all = told
	response.WriteHeader(http.StatusNoContent)
}

// of is what holds for a request: what its query says, else its headers if they mean this service, else what holds for all.
func (b *behaviours) of(request *http.Request, service string) (behaviour, error) {
	told, err := parse(asked(request, service))
	if err != nil {
		return behaviour{}, err
	}
	b.lock.Lock()
	defer b.lock.Unlock()
	if told == (behaviour{}) {
		told = b.all
	}
	if told.failFirst > 0 {
		id := request.Header.Get("X-Request-Id")
		b.seen[id]++
		if b.seen[id] <= told.failFirst {
			told.status = http.StatusServiceUnavailable
		}
	}
	return told, nil
}

func asked(request *http.Request, service string) func(string) string {
	query := request.URL.Query()
	target := request.Header.Get("X-Standin-Target")
	return func(name string) string {
		if value := query.Get(name); value != "" {
			return value
		}
		if target != "" && target != service {
			return ""
		}
		return request.Header.Get("X-Standin-" + name)
	}
}

func parse(get func(string) string) (told behaviour, err error) {
	if text := get("delay"); text != "" {
		if told.delay, err = time.ParseDuration(text); err != nil {
			return told, fmt.Errorf("delay: %w", err)
		}
	}
	numbers := []struct {
		name     string
		into     *int
		from, to int
	}{
		{"status", &told.status, 200, 599},
		{"size", &told.size, 0, maxSize},
		{"fail-first", &told.failFirst, 0, 1000},
	}
	for _, one := range numbers {
		text := get(one.name)
		if text == "" {
			continue
		}
		*one.into, err = strconv.Atoi(text)
		if err != nil || *one.into < one.from || *one.into > one.to {
			return told, fmt.Errorf("%s: %s is not a number from %d to %d", one.name, url.QueryEscape(text), one.from, one.to)
		}
	}
	return told, nil
}
