package main

import (
	"cmp"
	"os"
	"path"
	"regexp"
	"strings"
)

// An identity is what a stand-in tells of itself.
type identity struct {
	Service   string `json:"service"`
	Version   string `json:"version"`
	Pod       string `json:"pod"`
	Namespace string `json:"namespace"`
}

var bookinfo = regexp.MustCompile(`^examples-bookinfo-([a-z]+)-(v\d+)$`)

// whoAmI reads the service and its version from the image, the pod from HOSTNAME as Kubernetes sets it, and the namespace
// from the first search domain, which is the namespace's own.
func whoAmI(image string) identity {
	name, tag, _ := strings.Cut(path.Base(image), ":")
	self := identity{Service: name, Version: cmp.Or(tag, "latest"), Pod: podName(), Namespace: namespace("/etc/resolv.conf")}
	if found := bookinfo.FindStringSubmatch(name); found != nil {
		self.Service, self.Version = found[1], found[2]
	}
	return self
}

func (i identity) mode() string {
	for _, mode := range []string{"tcp", "tls"} {
		if strings.HasPrefix(i.Service, mode) {
			return mode
		}
	}
	return "http"
}

func podName() string {
	if name := os.Getenv("HOSTNAME"); name != "" {
		return name
	}
	name, _ := os.Hostname()
	return name
}

func namespace(resolver string) string {
	content, err := os.ReadFile(resolver)
	if err != nil {
		return ""
	}
	for line := range strings.Lines(string(content)) {
		fields := strings.Fields(line)
		if len(fields) > 1 && fields[0] == "search" {
			name, isOwn := strings.CutSuffix(fields[1], ".svc.cluster.local")
			if isOwn {
				return name
			}
		}
	}
	return ""
}
