package main

import (
	"encoding/json"
	"log/slog"
	"net/netip"
	"strings"
	"sync"

	"github.com/cilium/cilium/pkg/crypto/certificatemanager"
	envoypolicy "github.com/cilium/cilium/pkg/envoy/policy"
	"github.com/cilium/cilium/pkg/identity"
	"github.com/cilium/cilium/pkg/identity/identitymanager"
	k8sconst "github.com/cilium/cilium/pkg/k8s/apis/cilium.io"
	"github.com/cilium/cilium/pkg/labels"
	"github.com/cilium/cilium/pkg/policy"
	testcertificatemanager "github.com/cilium/cilium/pkg/testutils/certificatemanager"
	testpolicy "github.com/cilium/cilium/pkg/testutils/policy"
	"github.com/cilium/cilium/pkg/u8proto"
)

type port struct {
	Number   uint16 `json:"number"`
	Protocol string `json:"protocol"`
}

// An end is a pod, or with no namespace somebody outside the cluster.
type end struct {
	Namespace string            `json:"namespace"`
	Labels    map[string]string `json:"labels"`
	Address   string            `json:"address"`
}

// A cluster is asked whether each end reaches each other end on each port.
type cluster struct {
	Namespaces map[string]map[string]string `json:"namespaces"`
	Ends       []end                        `json:"ends"`
	Ports      []port                       `json:"ports"`
	Policies   []json.RawMessage            `json:"policies"`
}

var quiet = slog.New(slog.DiscardHandler)

func (c cluster) table() (string, error) {
	manager := identitymanager.NewIDManager(quiet)
	translator := envoypolicy.NewEnvoyL7RulesTranslator(quiet, certificatemanager.NewMockSecretManagerInline())
	repository := policy.NewPolicyRepository(
		quiet, nil, &testcertificatemanager.Fake{}, translator, manager, testpolicy.NewPolicyMetricsNoop())
	identities, err := c.identities()
	if err != nil {
		return "", err
	}
	known := identity.IdentityMap{}
	for _, one := range identities {
		known[one.ID] = one.LabelArray
		manager.Add(one)
	}
	var done sync.WaitGroup
	repository.GetSelectorCache().UpdateIdentities(known, nil, &done)
	repository.GetSubjectSelectorCache().UpdateIdentities(known, nil, &done)
	done.Wait()
	for _, body := range c.Policies {
		entries, err := parsed(body)
		if err != nil {
			return "", err
		}
		repository.MustAddPolicyEntries(entries)
	}
	return c.answers(repository, identities)
}

func (c cluster) answers(repository *policy.Repository, identities []*identity.Identity) (string, error) {
	decided := make([]*policy.EndpointPolicy, len(identities))
	for index, one := range identities {
		if c.Ends[index].Namespace == "" {
			continue // nobody's policies fence what is outside
		}
		selected, _, err := repository.ComputeSelectorPolicy(one)
		if err != nil {
			return "", err
		}
		decided[index] = selected.DistillPolicy(quiet, owner(one.ID), nil)
		if err := decided[index].Ready(); err != nil {
			return "", err
		}
	}
	var answers strings.Builder
	for source, from := range identities {
		for destination, to := range identities {
			for _, asked := range c.Ports {
				protocol, err := u8proto.ParseProtocol(asked.Protocol)
				if err != nil {
					return "", err
				}
				egress := policy.EgressKey().WithIdentity(to.ID).WithPortProto(protocol, asked.Number)
				ingress := policy.IngressKey().WithIdentity(from.ID).WithPortProto(protocol, asked.Number)
				if lets(decided[source], egress) && lets(decided[destination], ingress) {
					answers.WriteByte('1')
				} else {
					answers.WriteByte('0')
				}
			}
		}
	}
	return answers.String(), nil
}

func lets(of *policy.EndpointPolicy, key policy.Key) bool {
	if of == nil {
		return true
	}
	entry, _, _ := of.Lookup(key)
	return !entry.IsDeny()
}

// identities are as the agent allocates them: one for each pod's labels, and one for each address outside.
func (c cluster) identities() ([]*identity.Identity, error) {
	var found []*identity.Identity
	for index, one := range c.Ends {
		id := identity.NumericIdentity(1000 + index)
		if one.Namespace != "" {
			found = append(found, identity.NewIdentity(id, c.podLabels(one)))
			continue
		}
		address, err := netip.ParseAddr(one.Address)
		if err != nil {
			return nil, err
		}
		prefix := netip.PrefixFrom(address, address.BitLen())
		found = append(found, identity.NewIdentity(identity.IdentityScopeLocal|id, labels.GetCIDRLabels(prefix)))
	}
	return found, nil
}

func (c cluster) podLabels(of end) labels.Labels {
	all := map[string]string{
		k8sconst.PodNamespaceLabel:         of.Namespace,
		k8sconst.PolicyLabelCluster:        clusterName,
		k8sconst.PolicyLabelServiceAccount: "default",
	}
	for key, value := range of.Labels {
		all[key] = value
	}
	for key, value := range c.Namespaces[of.Namespace] {
		all[k8sconst.PodNamespaceMetaLabelsPrefix+key] = value
	}
	return labels.Map2Labels(all, labels.LabelSourceK8s)
}
