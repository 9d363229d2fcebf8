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
	"istio.io/istio/pkg/util/protomarshal"

	"google.golang.org/protobuf/proto"
)

// A question is one workload and all policies of its mesh.
type question struct {
	RootNamespace string            `json:"rootNamespace"`
	TrustDomains  []string          `json:"trustDomains"`
	Namespace     string            `json:"namespace"`
	Labels        map[string]string `json:"labels"`
	Policies      []json.RawMessage `json:"policies"`
}

func (q question) answer() (answer, error) {
	configs, err := q.configs()
	if err != nil {
		return answer{}, err
	}
	given := answer{HTTP: []json.RawMessage{}, TCP: []json.RawMessage{}, PerPort: map[string]string{}}
	policies := q.selected(configs[gvk.AuthorizationPolicy])
	bundle := trustdomain.NewBundle(q.TrustDomains[0], q.TrustDomains[1:])
	push := &model.PushContext{Mesh: &meshconfig.MeshConfig{}}
	if filters := builder.New(bundle, push, policies, builder.Option{}); filters != nil {
		if given.HTTP, err = encoded(filters.BuildHTTP()); err != nil {
			return answer{}, err
		}
		if given.TCP, err = encoded(filters.BuildTCP()); err != nil {
			return answer{}, err
		}
	}
	merged := authn.ComposePeerAuthentication(q.RootNamespace, q.peers(configs[gvk.PeerAuthentication]))
	given.Mode = merged.Mode.String()
	for port, mode := range merged.PerPort {
		given.PerPort[strconv.Itoa(int(port))] = mode.String()
	}
	return given, nil
}

// configs are the policies as the control plane reads them, each kind in the order in which they were created.
func (q question) configs() (map[config.GroupVersionKind][]config.Config, error) {
	found := map[config.GroupVersionKind][]config.Config{}
	parsed, others, err := crd.ParseInputs(string(bytes.Join(raw(q.Policies), []byte("\n---\n"))))
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

func raw(messages []json.RawMessage) [][]byte {
	return slices.Map(messages, func(one json.RawMessage) []byte { return one })
}

func (q question) selected(configs []config.Config) model.AuthorizationPoliciesResult {
	all := model.GetAuthorizationPolicies(&model.Environment{ConfigStore: stored{configs: configs}})
	all.RootNamespace = q.RootNamespace
	matcher := model.PolicyMatcherFor(q.Namespace, q.Labels, false).WithRootNamespace(q.RootNamespace)
	return all.ListAuthorizationPolicies(matcher)
}

// peers are the PeerAuthentications that select the workload: its namespace's first, then those of the root namespace.
func (q question) peers(configs []config.Config) []*config.Config {
	var found []*config.Config
	for _, namespace := range slices.FilterDuplicates([]string{q.Namespace, q.RootNamespace}) {
		for index := range configs {
			one := &configs[index]
			if one.Namespace == namespace && selects(one.Spec, q.Labels) {
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

func encoded[T proto.Message](filters []T) ([]json.RawMessage, error) {
	found := []json.RawMessage{}
	for _, one := range filters {
		text, err := protomarshal.Marshal(one)
		if err != nil {
			return nil, err
		}
		found = append(found, text)
	}
	return found, nil
}
