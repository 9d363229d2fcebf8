// Command controlplane is a whole Kubernetes control plane in one program: which upstream component runs is decided by
// the program's name or by its first argument.
package main

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	_ "time/tzdata" // CronJob time zones must work on hosts without zone files
)

// components maps a component's upstream name to what runs it; each runner sees os.Args as upstream's main would.
var components = map[string]func() int{
	"etcd":                    runEtcd,
	"kube-apiserver":          runAPIServer,
	"kube-controller-manager": runControllerManager,
	"kube-scheduler":          runScheduler,
	"kubectl":                 runKubectl,
	"kwok":                    runKwok,
}

func main() {
	os.Exit(dispatch())
}

// dispatch runs the component that the program is named after, else the one that the first argument names.
func dispatch() int {
	if run, found := components[filepath.Base(os.Args[0])]; found {
		return run()
	}
	if len(os.Args) < 2 {
		return usage("no component given")
	}
	run, found := components[os.Args[1]]
	if !found {
		return usage(fmt.Sprintf("unknown component %q", os.Args[1]))
	}
	os.Args = os.Args[1:]
	return run()
}

func usage(problem string) int {
	names := make([]string, 0, len(components))
	for name := range components {
		names = append(names, name)
	}
	slices.Sort(names)
	fmt.Fprintf(os.Stderr, "%s, use one of: %s\n", problem, strings.Join(names, ", "))
	return 2
}
