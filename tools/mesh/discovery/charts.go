package main

import (
	"encoding/json"
	"fmt"
	"io"

	"istio.io/istio/operator/pkg/helm"
	"istio.io/istio/operator/pkg/values"
)

// charts are those of Istio that hold the control plane, by their folders in the module.
var charts = []string{"base", "istio-control/istio-discovery"}

// renderCharts reads the values for Istio's charts as JSON and writes a JSON list of the objects that Helm makes of
// them for a release in namespace.
func renderCharts(namespace string, in io.Reader, out io.Writer) error {
	given := map[string]any{}
	if err := json.NewDecoder(in).Decode(&given); err != nil {
		return fmt.Errorf("the values can't be read: %w", err)
	}
	input := values.Map{"spec": map[string]any{"values": given}}
	objects := []map[string]any{}
	for _, chart := range charts {
		rendered, _, err := helm.Render("istio", namespace, chart, input, nil)
		if err != nil {
			return fmt.Errorf("chart %s can't be rendered: %w", chart, err)
		}
		for _, one := range rendered {
			objects = append(objects, one.Object)
		}
	}
	return json.NewEncoder(out).Encode(objects)
}
