// Program cyclonus answers, for each cluster on a line of its input, which traffic its NetworkPolicies allow.
//
// The policies are read by Kubernetes' own types and decided by cyclonus. Each line of output has the answers twice: with
// labels matched by cyclonus, and with labels matched by Kubernetes' own selector.
package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"log"
	"os"
)

// An answer is one line of output: a character for each question, "1" for allowed and "0" for denied, in the order
// source, destination, port; or what was wrong with the cluster.
type answer struct {
	OwnLabels        string `json:"ownLabels,omitempty"`
	KubernetesLabels string `json:"kubernetesLabels,omitempty"`
	Error            string `json:"error,omitempty"`
}

func main() {
	output := bufio.NewWriter(os.Stdout)
	encoder := json.NewEncoder(output)
	decoder := json.NewDecoder(bufio.NewReaderSize(os.Stdin, 1<<20))
	for decoder.More() {
		var asked cluster
		if err := decoder.Decode(&asked); err != nil {
			log.Fatalf("the input is not clusters as JSON lines: %v", err)
		}
		if err := encoder.Encode(answered(asked)); err != nil {
			log.Fatal(err)
		}
	}
	if err := output.Flush(); err != nil {
		log.Fatal(err)
	}
}

// answered turns a panic, which is how cyclonus refuses a policy, into an answer about this cluster only.
func answered(asked cluster) (given answer) {
	defer func() {
		if reason := recover(); reason != nil {
			given = answer{Error: fmt.Sprint(reason)}
		}
	}()
	given.OwnLabels = asked.table()
	given.KubernetesLabels = asked.withMatchedLabels().table()
	return given
}
