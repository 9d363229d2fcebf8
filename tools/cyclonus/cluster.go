package main

import (
	"strings"

	"github.com/mattfenwick/cyclonus/pkg/matcher"
	v1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"
)

type port struct {
	Number   int         `json:"number"`
	Protocol v1.Protocol `json:"protocol"`
	Name     string      `json:"name"`
}

// An end is a pod, or with no namespace somebody outside the cluster.
type end struct {
	Namespace string            `json:"namespace"`
	Labels    map[string]string `json:"labels"`
	Address   string            `json:"address"`
	Ports     []port            `json:"ports"`
}

// A cluster is asked whether each end reaches each other end on each port.
type cluster struct {
	Namespaces map[string]map[string]string  `json:"namespaces"`
	Ends       []end                         `json:"ends"`
	Ports      []port                        `json:"ports"`
	Policies   []*networkingv1.NetworkPolicy `json:"policies"`
}

func (c cluster) table() string {
	policies := make([]*networkingv1.NetworkPolicy, 0, len(c.Policies))
	for _, policy := range c.Policies {
		policies = append(policies, withDefaults(policy))
	}
	compiled := matcher.BuildNetworkPolicies(false, policies)
	var answers strings.Builder
	for _, source := range c.Ends {
		for _, destination := range c.Ends {
			for _, asked := range c.Ports {
				if c.allows(compiled, source, destination, asked) {
					answers.WriteByte('1')
				} else {
					answers.WriteByte('0')
				}
			}
		}
	}
	return answers.String()
}

// allows asks once for each name that the destination gives the port, because traffic has one name in cyclonus and a port
// may have several.
func (c cluster) allows(compiled *matcher.Policy, source, destination end, asked port) bool {
	ingress, egress := false, false
	for _, name := range destination.namesOf(asked) {
		given := compiled.IsTrafficAllowed(&matcher.Traffic{
			Source:           c.peer(source),
			Destination:      c.peer(destination),
			ResolvedPort:     asked.Number,
			ResolvedPortName: name,
			Protocol:         asked.Protocol,
		})
		ingress = ingress || given.Ingress.IsAllowed()
		egress = egress || given.Egress.IsAllowed()
	}
	return ingress && egress
}

func (e end) namesOf(asked port) []string {
	names := []string{""}
	for _, declared := range e.Ports {
		if declared.Name != "" && declared.Number == asked.Number && declared.Protocol == asked.Protocol {
			names = append(names, declared.Name)
		}
	}
	return names
}

func (c cluster) peer(of end) *matcher.TrafficPeer {
	if of.Namespace == "" {
		return &matcher.TrafficPeer{IP: of.Address}
	}
	return &matcher.TrafficPeer{
		IP: of.Address,
		Internal: &matcher.InternalPeer{
			Namespace:       of.Namespace,
			NamespaceLabels: c.Namespaces[of.Namespace],
			PodLabels:       of.Labels,
		},
	}
}

// withDefaults is what the API server does before it stores a policy: cyclonus takes stored policies only.
func withDefaults(policy *networkingv1.NetworkPolicy) *networkingv1.NetworkPolicy {
	if len(policy.Spec.PolicyTypes) > 0 {
		return policy
	}
	stored := policy.DeepCopy()
	stored.Spec.PolicyTypes = []networkingv1.PolicyType{networkingv1.PolicyTypeIngress}
	if len(policy.Spec.Egress) > 0 {
		stored.Spec.PolicyTypes = append(stored.Spec.PolicyTypes, networkingv1.PolicyTypeEgress)
	}
	return stored
}
