// Command discovery is istiod, built from Istio's module; called as `discovery charts NAMESPACE` it renders Istio's own
// charts instead, which lie embedded in the same module.
package main

import (
	"fmt"
	"os"

	"istio.io/istio/pilot/cmd/pilot-discovery/app"
	"istio.io/istio/pkg/log"
)

func main() {
	if len(os.Args) == 3 && os.Args[1] == "charts" {
		if err := renderCharts(os.Args[2], os.Stdin, os.Stdout); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		return
	}
	log.EnableKlogWithCobra()
	if err := app.NewRootCommand().Execute(); err != nil {
		log.Error(err)
		os.Exit(1)
	}
}
