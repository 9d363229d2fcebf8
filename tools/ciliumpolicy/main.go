// Program ciliumpolicy answers, for each cluster on a line of its input, which traffic Cilium's policy engine lets through.
//
// Each line of output has a character for each question, "1" for allowed and "0" for denied, in the order source,
// destination, port; or what was wrong with the cluster.
package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"log"
	"os"

	"github.com/cilium/cilium/pkg/option"
	"github.com/cilium/cilium/pkg/policy/api"
)

const clusterName = "default"

type answer struct {
	Table string `json:"table,omitempty"`
	Error string `json:"error,omitempty"`
}

func main() {
	option.Config.EnableIPv4, option.Config.EnableIPv6 = true, true
	option.Config.ClusterName = clusterName
	api.InitEntities(clusterName)
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

// answered turns an error or a panic into an answer about this cluster only.
func answered(asked cluster) (given answer) {
	defer func() {
		if reason := recover(); reason != nil {
			given = answer{Error: fmt.Sprint(reason)}
		}
	}()
	table, err := asked.table()
	if err != nil {
		return answer{Error: err.Error()}
	}
	return answer{Table: table}
}
