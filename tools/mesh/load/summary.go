package main

import (
	"math"
	"slices"
	"strconv"
	"time"
)

// A summary is what is printed. All times are in milliseconds.
type summary struct {
	URL      string         `json:"url"`
	Rate     float64        `json:"rate"`
	Achieved float64        `json:"achieved"`
	Requests int            `json:"requests"`
	Good     int            `json:"good"`
	Errors   map[string]int `json:"errors"`
	Statuses map[string]int `json:"statuses"`
	Counts   map[string]int `json:"counts,omitempty"`
	// Latency is from when a request was due, Service from when it was sent; of good answers only.
	Latency times `json:"latency"`
	Service times `json:"service"`
	// Late is how long requests waited for a connection, or for the generator itself.
	Late    times    `json:"late"`
	Seconds []second `json:"seconds"`
}

type times struct {
	Mean float64 `json:"mean"`
	P50  float64 `json:"p50"`
	P90  float64 `json:"p90"`
	P95  float64 `json:"p95"`
	P99  float64 `json:"p99"`
	P999 float64 `json:"p999"`
	Max  float64 `json:"max"`
}

// A second has the requests that were due in it.
type second struct {
	Good   int `json:"good"`
	Failed int `json:"failed"`
}

func summarize(given settings, results []result) summary {
	found := summary{
		URL: given.url, Rate: given.rate, Requests: len(results),
		Errors: map[string]int{}, Statuses: map[string]int{}, Counts: map[string]int{},
		Seconds: make([]second, int(math.Ceil(given.duration.Seconds()))),
	}
	var latency, service, late []time.Duration
	var last time.Duration
	for _, one := range results {
		last = max(last, one.done)
		late = append(late, one.sent-one.due)
		found.count(one, given.countBy)
		if one.failed == "" {
			latency = append(latency, one.done-one.due)
			service = append(service, one.done-one.sent)
		}
	}
	found.Latency, found.Service, found.Late = spread(latency), spread(service), spread(late)
	found.Achieved = float64(len(results)) / max(last, given.duration).Seconds()
	return found
}

func (s *summary) count(one result, countBy string) {
	now := &s.Seconds[min(int(one.due/time.Second), len(s.Seconds)-1)]
	if one.failed == "" {
		s.Good++
		now.Good++
	} else {
		s.Errors[one.failed]++
		now.Failed++
	}
	if one.status != 0 {
		s.Statuses[strconv.Itoa(one.status)]++
	}
	if countBy != "" && one.counts != "" {
		s.Counts[one.counts]++
	}
}

func spread(durations []time.Duration) times {
	if len(durations) == 0 {
		return times{}
	}
	slices.Sort(durations)
	var sum time.Duration
	for _, one := range durations {
		sum += one
	}
	at := func(share float64) float64 {
		place := int(math.Ceil(share*float64(len(durations)))) - 1
		return milliseconds(durations[max(place, 0)])
	}
	return times{
		Mean: milliseconds(sum / time.Duration(len(durations))),
		P50:  at(0.5), P90: at(0.9), P95: at(0.95), P99: at(0.99), P999: at(0.999), Max: at(1),
	}
}

// milliseconds are given to the microsecond.
func milliseconds(duration time.Duration) float64 {
	return float64(duration.Round(time.Microsecond)) / float64(time.Millisecond)
}
