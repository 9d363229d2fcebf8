package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strconv"

	meshconfig "istio.io/api/mesh/v1alpha1"
	"istio.io/istio/pilot/pkg/config/kube/crd"
	"istio.io/istio/pilot/pkg/model"
	"istio.io/istio/pilot/pkg/security/authn"
	"istio.io/istio/pilot/pkg/security/authz/builder"
	"istio.io/istio/pilot/pkg/security/trustdomain"
	"istio.io/istio/pkg/config"
	"istio.io/istio/pkg/config/labels"
	"istio.io/istio/pkg/config/schema/gvk"
	"istio.io/istio/pkg/slices"
)

// A workload is asked about with all policies of its mesh.
type workload struct {
	RootNamespace string            `json:"rootNamespace"`
	TrustDomains  []string          `json:"trustDomains"`
	Namespace     string            `json:"namespace"`
	Labels        map[string]string `json:"labels"`
	Policies      []json.RawMessage `json:"policies"`
}

// A policing is what the workload's proxy is told: its filters as Envoy's JSON, and its mutual TLS.
type policing struct {
	HTTP    []json.RawMessage `json:"http"`
	TCP     []json.RawMessage `json:"tcp"`
	Mode    string            `json:"mode"`
	PerPort map[string]string `json:"perPort"`
}

func policed(w workload) (policing, error) {
	configs, err := w.configs()
	if err != nil {
		return policing{}, err
	}
	given := policing{HTTP: []json.RawMessage{}, TCP: []json.RawMessage{}, PerPort: map[string]string{}}
	policies := w.selected(configs[gvk.AuthorizationPolicy])
	bundle := trustdomain.NewBundle(w.TrustDomains[0], w.TrustDomains[1:])
	push := &model.PushContext{Mesh: &meshconfig.MeshConfig{}}
	if filters := builder.New(bundle, push, policies, builder.Option{}); filters != nil {
		if given.HTTP, err = encoded(filters.BuildHTTP()); err != nil {
			return policing{}, err
		}
		if given.TCP, err = encoded(filters.BuildTCP()); err != nil {
			return policing{}, err
		}
	}
	merged := authn.ComposePeerAuthentication(w.RootNamespace, w.peers(configs[gvk.PeerAuthentication]))
	given.Mode = merged.Mode.String()
	for port, mode := range merged.PerPort {
		given.PerPort[strconv.Itoa(int(port))] = mode.String()
	}
	return given, nil
}

// configs are the policies as the control plane reads them, each kind in the order in which they were created.
func (w workload) configs() (map[config.GroupVersionKind][]config.Config, error) {
	found := map[config.GroupVersionKind][]config.Config{}
	parsed, others, err := crd.ParseInputs(documents(w.Policies))
	if err != nil {
		return nil, err
	}
	if len(others) > 0 {
		return nil, fmt.Errorf("the kind %s is none of Istio's", others[0].Kind)
	}
	slices.SortStableFunc(parsed, func(a, b config.Config) int {
		if order := a.CreationTimestamp.Compare(b.CreationTimestamp); order != 0 {
			return order
		}
		return bytes.Compare([]byte(a.Name+"."+a.Namespace), []byte(b.Name+"."+b.Namespace))
	})
	for _, one := range parsed {
		found[one.GroupVersionKind] = append(found[one.GroupVersionKind], one)
	}
	return found, nil
}

func (w workload) selected(configs []config.Config) model.AuthorizationPoliciesResult {
	all := model.GetAuthorizationPolicies(&model.Environment{ConfigStore: stored{configs: configs}})
	all.RootNamespace = w.RootNamespace
	matcher := model.PolicyMatcherFor(w.Namespace, w.Labels, false).WithRootNamespace(w.RootNamespace)
	return all.ListAuthorizationPolicies(matcher)
}

// peers are the PeerAuthentications that select the workload: its namespace's first, then those of the root namespace.
func (w workload) peers(configs []config.Config) []*config.Config {
	var found []*config.Config
	for _, namespace := range slices.FilterDuplicates([]string{w.Namespace, w.RootNamespace}) {
		for index := range configs {
			one := &configs[index]
			if one.Namespace == namespace && selects(one.Spec, w.Labels) {
				found = append(found, one)
			}
		}
	}
	return found
}

func selects(spec config.Spec, workload map[string]string) bool {
	selector := spec.(selecting).GetSelector()
	return labels.Instance(selector.GetMatchLabels()).SubsetOf(workload)
}
