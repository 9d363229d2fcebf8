package main

import (
	"encoding/json"
	"fmt"
	"io"
	"os"

	"istio.io/istio/operator/pkg/render"
)

// renderCharts reads an IstioOperator document and writes a JSON list of the objects that Istio's installer makes of it.
func renderCharts(in io.Reader, out io.Writer) error {
	path, err := kept(in)
	if err != nil {
		return err
	}
	defer os.Remove(path)
	sets, _, err := render.GenerateManifest([]string{path}, nil, false, nil, nil)
	if err != nil {
		return fmt.Errorf("the charts can't be rendered: %w", err)
	}
	objects := []map[string]any{}
	for _, set := range sets {
		for _, one := range set.Manifests {
			objects = append(objects, one.Object)
		}
	}
	return json.NewEncoder(out).Encode(objects)
}

// kept is a file with what comes in: the renderer reads files only.
func kept(in io.Reader) (string, error) {
	file, err := os.CreateTemp("", "tenantmesh-*.yaml")
	if err != nil {
		return "", err
	}
	defer file.Close()
	_, err = io.Copy(file, in)
	return file.Name(), err
}
