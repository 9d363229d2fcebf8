// Program authz answers, for each case on a line of its input, what Istio's control plane would tell the proxy of a workload:
// the filters that its security policies become.
package main

import (
	"bufio"
	"encoding/json"
	"log"
	"os"

	istiolog "istio.io/istio/pkg/log"
)

// An answer is one line of output: the workload's filters as Envoy's JSON, and its mutual TLS; or what was wrong.
type answer struct {
	HTTP    []json.RawMessage `json:"http"`
	TCP     []json.RawMessage `json:"tcp"`
	Token   json.RawMessage   `json:"token,omitempty"`
	Mode    string            `json:"mode"`
	PerPort map[string]string `json:"perPort"`
	Error   string            `json:"error,omitempty"`
}

func main() {
	// Istio's own log would else go between the answers.
	logging := istiolog.DefaultOptions()
	logging.OutputPaths = []string{"stderr"}
	if err := istiolog.Configure(logging); err != nil {
		log.Fatal(err)
	}
	output := bufio.NewWriter(os.Stdout)
	encoder := json.NewEncoder(output)
	decoder := json.NewDecoder(bufio.NewReaderSize(os.Stdin, 1<<20))
	for decoder.More() {
		var asked question
		if err := decoder.Decode(&asked); err != nil {
			log.Fatalf("the input is not cases as JSON lines: %v", err)
		}
		given, err := asked.answer()
		if err != nil {
			given = answer{Error: err.Error()}
		}
		if err := encoder.Encode(given); err != nil {
			log.Fatal(err)
		}
	}
	if err := output.Flush(); err != nil {
		log.Fatal(err)
	}
}
