package main

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"os"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"
)

// A result is one request: when it was due and sent, counted from the begin of the measurement, and what became of it.
type result struct {
	due    time.Duration
	sent   time.Duration
	done   time.Duration
	status int
	counts string
	failed string
}

// run sends what is due to idle connections. What is due while none is idle waits, and its time runs.
func run(given settings, client *http.Client) []result {
	warming := int(given.rate * given.warmup.Seconds())
	total := warming + int(given.rate*given.duration.Seconds())
	results := make([]result, total)
	queue := make(chan int, total)
	begin := time.Now().Add(10 * time.Millisecond)
	var workers sync.WaitGroup
	for range min(given.connections, total) {
		workers.Go(func() {
			for number := range queue {
				results[number].ask(given, client, begin)
			}
		})
	}
	release(queue, results, given.rate, begin)
	workers.Wait()
	measured := results[warming:]
	if len(measured) > 0 {
		shift(measured, measured[0].due)
	}
	return measured
}

// release puts each request into the queue when it is due. It holds a thread of its own and sleeps by the kernel: the
// runtime's timers are good to a millisecond only.
func release(queue chan<- int, results []result, rate float64, begin time.Time) {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	defer close(queue)
	for number := range results {
		due := time.Duration(float64(number) / rate * float64(time.Second))
		results[number].due = due
		if left := due - time.Since(begin); left > 0 {
			pause := syscall.NsecToTimespec(int64(left))
			_ = syscall.Nanosleep(&pause, nil) // one that a signal ends early sends early by less than the runtime would late
		}
		queue <- number
	}
}

func shift(results []result, by time.Duration) {
	for index := range results {
		results[index].due -= by
		results[index].sent -= by
		results[index].done -= by
	}
}

func (r *result) ask(given settings, client *http.Client, begin time.Time) {
	request, err := http.NewRequest(given.method, given.url, bytes.NewReader(make([]byte, given.bodySize)))
	if err != nil {
		r.failed = err.Error()
		return
	}
	for name, value := range given.headers {
		request.Header.Set(name, value)
	}
	request.Host = given.headers["Host"]
	r.sent = time.Since(begin)
	response, err := client.Do(request)
	if err == nil {
		r.status, r.counts = response.StatusCode, response.Header.Get(given.countBy)
		_, err = io.Copy(io.Discard, response.Body)
		response.Body.Close()
	}
	r.done = time.Since(begin)
	r.failed = kind(err)
	if err == nil && r.status != given.expect {
		r.failed = "status " + strconv.Itoa(r.status)
	}
}

var kinds = []struct {
	name string
	is   error
}{
	{"timeout", context.DeadlineExceeded},
	{"timeout", os.ErrDeadlineExceeded},
	{"refused", syscall.ECONNREFUSED},
	{"reset", syscall.ECONNRESET},
	{"reset", syscall.EPIPE},
	{"unreachable", syscall.EHOSTUNREACH},
	{"unreachable", syscall.ENETUNREACH},
	{"closed", io.EOF},
	{"closed", io.ErrUnexpectedEOF},
	{"stranger", errStranger},
}

// kind sorts errors into few kinds; the rest is told by what stands last, without addresses and the like.
func kind(err error) string {
	if err == nil {
		return ""
	}
	for _, one := range kinds {
		if errors.Is(err, one.is) {
			return one.name
		}
	}
	text := err.Error()
	for _, cause := range []string{"tls: ", "x509: "} {
		if at := strings.Index(text, cause); at >= 0 {
			return text[at:]
		}
	}
	return text[strings.LastIndex(text, ": ")+1:]
}
