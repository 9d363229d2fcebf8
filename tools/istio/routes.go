package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"strconv"

	"istio.io/istio/pilot/pkg/config/kube/crd"
	"istio.io/istio/pilot/pkg/model"
	"istio.io/istio/pilot/pkg/networking/core"
	"istio.io/istio/pilot/pkg/serviceregistry"
	kube "istio.io/istio/pilot/pkg/serviceregistry/kube/controller"
	"istio.io/istio/pilot/pkg/xds/endpoints"
	"istio.io/istio/pkg/config"
	"istio.io/istio/pkg/config/mesh"
	"istio.io/istio/pkg/config/mesh/meshwatcher"
	"istio.io/istio/pkg/config/schema/gvr"
	kubelib "istio.io/istio/pkg/kube"
	"istio.io/istio/pkg/test"
	"istio.io/istio/pkg/util/protomarshal"

	clusterv3 "github.com/envoyproxy/go-control-plane/envoy/config/cluster/v3"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
)

const (
	clusterID = "Kubernetes"
	domain    = "cluster.local"
)

// A routing is what pods of a mesh are asked about: its settings as MeshConfig, and the objects of Kubernetes and Istio.
type routing struct {
	Mesh       json.RawMessage   `json:"mesh"`
	Kubernetes []json.RawMessage `json:"kubernetes"`
	Istio      []json.RawMessage `json:"istio"`
	Pods       []pod             `json:"pods"`
}

// A pod has a sidecar, or is a gateway.
type pod struct {
	Name      string            `json:"name"`
	Namespace string            `json:"namespace"`
	Address   string            `json:"address"`
	Labels    map[string]string `json:"labels"`
	Gateway   bool              `json:"gateway"`
}

// A route is what one proxy is told: listeners and routes as Envoy's JSON, and the addresses behind its clusters. Those
// of Passing go on to the address that was asked for, by the port that is said or, where it is 0, by the one asked for.
type route struct {
	Listeners []json.RawMessage   `json:"listeners"`
	Routes    []json.RawMessage   `json:"routes"`
	Endpoints map[string][]string `json:"endpoints"`
	Passing   map[string]uint32   `json:"passing"`
}

// Proxies are those of the pods that were asked about, in their order.
type proxies struct {
	Proxies []route `json:"proxies"`
}

// An updater is told of endpoints; who keeps them is known only once there is a server.
type updater struct{ model.XDSUpdater }

func routed(r routing) (proxies, error) {
	objects, configs, err := r.read()
	if err != nil {
		return proxies{}, err
	}
	settings := mesh.DefaultMeshConfig()
	if err := protomarshal.ApplyJSON(string(r.Mesh), settings); err != nil {
		return proxies{}, err
	}
	given := proxies{Proxies: []route{}}
	var failed error
	// Istio's own test server: the same registries and translation as in its program, without connections.
	wrapped := test.Wrap(func(t test.Failer) {
		late := &updater{}
		client := kubelib.NewFakeClient(objects...)
		gateways := translator(t, client, late)
		watcher := meshwatcher.NewTestWatcher(settings)
		registry, _ := kube.NewFakeControllerWithOptions(t, kube.FakeControllerOptions{
			Client:        client,
			ClusterID:     clusterID,
			ConfigCluster: true,
			CRDs:          []schema.GroupVersionResource{gvr.ServiceEntry, gvr.WorkloadEntry},
			DomainSuffix:  domain,
			MeshWatcher:   watcher,
			SkipRun:       true,
			XDSUpdater:    late,
		})
		server := core.NewConfigGenTest(t, core.TestOptions{
			ClusterID:         clusterID,
			ConfigStoreCaches: []model.ConfigStoreController{gateways},
			MeshConfig:        settings,
			ServiceRegistries: []serviceregistry.Instance{registry},
			SkipRun:           true,
			XDSUpdater:        late,
		})
		late.XDSUpdater = model.NewEndpointIndexUpdater(server.Env().EndpointIndex)
		registry.AppendWorkloadHandler(server.ServiceEntryRegistry.WorkloadInstanceHandler)
		server.ServiceEntryRegistry.AppendWorkloadHandler(registry.WorkloadInstanceHandler)
		server.Env().GatewayAPIController = gateways
		if failed = started(t, server, client, configs, late); failed != nil {
			return
		}
		for _, one := range r.Pods {
			told, err := one.told(server)
			if err != nil {
				failed = err
				return
			}
			given.Proxies = append(given.Proxies, told)
		}
	})
	return given, errors.Join(wrapped, failed)
}

// read gives the objects of Kubernetes and of Istio, as their control planes read them.
func (r routing) read() ([]runtime.Object, []config.Config, error) {
	objects := []runtime.Object{}
	for _, one := range r.Kubernetes {
		object, _, err := kubelib.IstioCodec.UniversalDeserializer().Decode(one, nil, nil)
		if err != nil {
			return nil, nil, err
		}
		objects = append(objects, object)
	}
	configs, others, err := crd.ParseInputs(documents(r.Istio))
	if err != nil {
		return nil, nil, err
	}
	if len(others) > 0 {
		return nil, nil, fmt.Errorf("the kind %s is none of Istio's", others[0].Kind)
	}
	for index := range configs {
		// The domain by which short names become full ones.
		configs[index].Domain = domain
	}
	return objects, configs, nil
}

func (p pod) told(server *core.ConfigGenTest) (route, error) {
	role := model.SidecarProxy
	if p.Gateway {
		role = model.Router
	}
	proxy := server.SetupProxy(&model.Proxy{
		ID:              p.Name + "." + p.Namespace,
		Type:            role,
		ConfigNamespace: p.Namespace,
		IPAddresses:     []string{p.Address},
		Labels:          p.Labels,
		Metadata:        &model.NodeMetadata{Namespace: p.Namespace, Labels: p.Labels},
	})
	listeners := server.Listeners(proxy)
	found := route{Endpoints: map[string][]string{}, Passing: map[string]uint32{}}
	var err error
	if found.Listeners, err = encoded(listeners); err != nil {
		return route{}, err
	}
	if found.Routes, err = encoded(server.RoutesFromListeners(proxy, listeners)); err != nil {
		return route{}, err
	}
	for _, cluster := range server.Clusters(proxy) {
		switch cluster.GetType() {
		case clusterv3.Cluster_EDS:
			found.Endpoints[cluster.Name] = addresses(server, proxy, cluster.Name)
		case clusterv3.Cluster_ORIGINAL_DST:
			found.Passing[cluster.Name] = cluster.GetOriginalDstLbConfig().GetUpstreamPortOverride().GetValue()
		}
	}
	return found, nil
}

func addresses(server *core.ConfigGenTest, proxy *model.Proxy, cluster string) []string {
	builder := endpoints.NewEndpointBuilder(cluster, proxy, server.PushContext())
	found := []string{}
	for _, locality := range builder.BuildClusterLoadAssignment(server.Env().EndpointIndex).Endpoints {
		for _, one := range locality.LbEndpoints {
			at := one.GetEndpoint().GetAddress().GetSocketAddress()
			found = append(found, at.GetAddress()+":"+strconv.Itoa(int(at.GetPortValue())))
		}
	}
	return found
}
