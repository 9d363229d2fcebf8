package main

import (
	"encoding/json"
	"fmt"

	"github.com/cilium/cilium/pkg/k8s"
	ciliumv2 "github.com/cilium/cilium/pkg/k8s/apis/cilium.io/v2"
	networkingv1 "github.com/cilium/cilium/pkg/k8s/slim/k8s/api/networking/v1"
	"github.com/cilium/cilium/pkg/policy/types"
	"github.com/cilium/cilium/pkg/policy/utils"
	policyv1alpha2 "sigs.k8s.io/network-policy-api/apis/v1alpha2"
)

// parsed reads a policy of any kind that the agent watches, as the agent does.
func parsed(body json.RawMessage) (types.PolicyEntries, error) {
	var named struct {
		Kind string `json:"kind"`
	}
	if err := json.Unmarshal(body, &named); err != nil {
		return nil, err
	}
	switch named.Kind {
	case "NetworkPolicy":
		var read networkingv1.NetworkPolicy
		if err := json.Unmarshal(body, &read); err != nil {
			return nil, err
		}
		return k8s.ParseNetworkPolicy(quiet, clusterName, &read)
	case "ClusterNetworkPolicy":
		var read policyv1alpha2.ClusterNetworkPolicy
		if err := json.Unmarshal(body, &read); err != nil {
			return nil, err
		}
		return k8s.ParseClusterNetworkPolicy(quiet, clusterName, &read)
	case "CiliumNetworkPolicy":
		var read ciliumv2.CiliumNetworkPolicy
		if err := json.Unmarshal(body, &read); err != nil {
			return nil, err
		}
		rules, err := read.Parse(quiet, clusterName)
		return utils.RulesToPolicyEntries(rules), err
	case "CiliumClusterwideNetworkPolicy":
		var read ciliumv2.CiliumClusterwideNetworkPolicy
		if err := json.Unmarshal(body, &read); err != nil {
			return nil, err
		}
		rules, err := read.Parse(quiet, clusterName)
		return utils.RulesToPolicyEntries(rules), err
	default:
		return nil, fmt.Errorf("the kind %q is no policy", named.Kind)
	}
}
