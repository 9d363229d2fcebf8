package main

import (
	"fmt"
	"maps"
	"slices"

	networkingv1 "k8s.io/api/networking/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"
)

// withMatchedLabels is the same cluster with each selector matched by Kubernetes' own code: what it matches gets a label of
// the selector's own, and the selector asks for that label only.
func (c cluster) withMatchedLabels() cluster {
	matched := marked{namespaces: map[string]map[string]string{}, podLabels: make([]map[string]string, len(c.Ends))}
	for name := range c.Namespaces {
		matched.namespaces[name] = map[string]string{}
	}
	for index := range c.Ends {
		matched.podLabels[index] = map[string]string{}
	}
	policies := make([]*networkingv1.NetworkPolicy, 0, len(c.Policies))
	for _, policy := range c.Policies {
		policies = append(policies, matched.policy(c, policy.DeepCopy()))
	}
	ends := slices.Clone(c.Ends)
	for index := range ends {
		ends[index].Labels = matched.podLabels[index]
	}
	return cluster{Namespaces: matched.namespaces, Ends: ends, Ports: c.Ports, Policies: policies}
}

// marked holds the labels that stand for selectors.
type marked struct {
	selectors  int
	namespaces map[string]map[string]string
	podLabels  []map[string]string
}

func (m *marked) policy(c cluster, policy *networkingv1.NetworkPolicy) *networkingv1.NetworkPolicy {
	policy.Spec.PodSelector = *m.pods(c, &policy.Spec.PodSelector)
	for _, rule := range policy.Spec.Ingress {
		m.peers(c, rule.From)
	}
	for _, rule := range policy.Spec.Egress {
		m.peers(c, rule.To)
	}
	return policy
}

func (m *marked) peers(c cluster, peers []networkingv1.NetworkPolicyPeer) {
	for index := range peers {
		peers[index].PodSelector = m.pods(c, peers[index].PodSelector)
		peers[index].NamespaceSelector = m.namespaced(c, peers[index].NamespaceSelector)
	}
}

func (m *marked) pods(c cluster, selector *metav1.LabelSelector) *metav1.LabelSelector {
	if isTrivial(selector) {
		return selector
	}
	mark, compiled := m.next(selector)
	for index, one := range c.Ends {
		if one.Namespace != "" && compiled.Matches(labels.Set(one.Labels)) {
			m.podLabels[index][mark] = "yes"
		}
	}
	return &metav1.LabelSelector{MatchLabels: map[string]string{mark: "yes"}}
}

func (m *marked) namespaced(c cluster, selector *metav1.LabelSelector) *metav1.LabelSelector {
	if isTrivial(selector) {
		return selector
	}
	mark, compiled := m.next(selector)
	for name := range maps.Keys(c.Namespaces) {
		if compiled.Matches(labels.Set(c.Namespaces[name])) {
			m.namespaces[name][mark] = "yes"
		}
	}
	return &metav1.LabelSelector{MatchLabels: map[string]string{mark: "yes"}}
}

// isTrivial: a selector that is absent or empty means something by itself, and stays.
func isTrivial(selector *metav1.LabelSelector) bool {
	return selector == nil || len(selector.MatchLabels)+len(selector.MatchExpressions) == 0
}

func (m *marked) next(selector *metav1.LabelSelector) (string, labels.Selector) {
	compiled, err := metav1.LabelSelectorAsSelector(selector)
	if err != nil {
		panic(err)
	}
	m.selectors++
	return fmt.Sprintf("selector-%d", m.selectors), compiled
}
