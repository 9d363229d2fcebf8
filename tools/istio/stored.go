package main

import (
	"istio.io/api/type/v1beta1"
	"istio.io/istio/pilot/pkg/model"
	"istio.io/istio/pkg/config"
)

// stored is a store that only lists, which is all that reading policies needs.
type stored struct {
	model.ConfigStore
	configs []config.Config
}

func (s stored) List(kind config.GroupVersionKind, _ string) []config.Config {
	return s.configs
}

// selecting is a policy that may select workloads by labels.
type selecting interface {
	GetSelector() *v1beta1.WorkloadSelector
}
