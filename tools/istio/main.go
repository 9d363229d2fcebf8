// Program istio answers, for each case on a line of its input, what Istio's control plane would tell proxies: with the
// argument `policies` the filters of a workload that its security policies become, with `routes` where proxies send requests.
package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"io"
	"log"
	"os"

	istiolog "istio.io/istio/pkg/log"
	"istio.io/istio/pkg/slices"
	"istio.io/istio/pkg/util/protomarshal"

	"google.golang.org/protobuf/proto"
)

// A failure is the line of output for a case that Istio refuses.
type failure struct {
	Error string `json:"error"`
}

func main() {
	// Istio's own log would else go between the answers, and of what it says of each case only failures matter.
	logging := istiolog.DefaultOptions()
	logging.OutputPaths = []string{"stderr"}
	logging.SetDefaultOutputLevel(istiolog.OverrideScopeName, istiolog.ErrorLevel)
	if err := istiolog.Configure(logging); err != nil {
		log.Fatal(err)
	}
	if len(os.Args) != 2 {
		log.Fatal("usage: istio policies|routes")
	}
	switch os.Args[1] {
	case "policies":
		answer(os.Stdin, os.Stdout, policed)
	case "routes":
		answer(os.Stdin, os.Stdout, routed)
	default:
		log.Fatalf("%s is neither policies nor routes", os.Args[1])
	}
}

// answer writes a line for each case that it reads.
func answer[Case, Told any](input io.Reader, output io.Writer, told func(Case) (Told, error)) {
	buffer := bufio.NewWriter(output)
	encoder := json.NewEncoder(buffer)
	decoder := json.NewDecoder(bufio.NewReaderSize(input, 1<<20))
	for decoder.More() {
		var asked Case
		if err := decoder.Decode(&asked); err != nil {
			log.Fatalf("the input is not cases as JSON lines: %v", err)
		}
		var line any
		line, err := told(asked)
		if err != nil {
			line = failure{Error: err.Error()}
		}
		if err := encoder.Encode(line); err != nil {
			log.Fatal(err)
		}
	}
	if err := buffer.Flush(); err != nil {
		log.Fatal(err)
	}
}

func encoded[T proto.Message](messages []T) ([]json.RawMessage, error) {
	found := []json.RawMessage{}
	for _, one := range messages {
		text, err := protomarshal.Marshal(one)
		if err != nil {
			return nil, err
		}
		found = append(found, text)
	}
	return found, nil
}

// documents are the messages as one text of YAML.
func documents(messages []json.RawMessage) string {
	return string(bytes.Join(slices.Map(messages, func(one json.RawMessage) []byte { return one }), []byte("\n---\n")))
}
