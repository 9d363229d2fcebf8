package main

import (
	"encoding/json"
	"net/http"
	"strconv"
	"sync"
)

// counters tell how many requests have reached the server itself, whatever proxies did before.
type counters struct {
	lock sync.Mutex
	now  counted
}

type counted struct {
	Total    int            `json:"total"`
	Active   int            `json:"active"`
	Peak     int            `json:"peak"`
	ByPath   map[string]int `json:"byPath"`
	ByStatus map[string]int `json:"byStatus"`
}

func newCounters() *counters {
	return &counters{now: counted{ByPath: map[string]int{}, ByStatus: map[string]int{}}}
}

// begin counts a request; what it gives counts the request's end.
func (c *counters) begin(path string) func(status int) {
	c.lock.Lock()
	defer c.lock.Unlock()
	c.now.Total++
	c.now.Active++
	c.now.Peak = max(c.now.Peak, c.now.Active)
	c.now.ByPath[path]++
	return func(status int) {
		c.lock.Lock()
		defer c.lock.Unlock()
		c.now.Active--
		c.now.ByStatus[strconv.Itoa(status)]++
	}
}

func (c *counters) show(response http.ResponseWriter, _ *http.Request) {
	c.lock.Lock()
	defer c.lock.Unlock()
	response.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(response).Encode(c.now)
}

// reset keeps the number of requests that are under way: they will end.
func (c *counters) reset(response http.ResponseWriter, _ *http.Request) {
	c.lock.Lock()
	defer c.lock.Unlock()
	c.now = counted{Active: c.now.Active, Peak: c.now.Active, ByPath: map[string]int{}, ByStatus: map[string]int{}}
	response.WriteHeader(http.StatusNoContent)
}
