package main

import (
	"istio.io/istio/pilot/pkg/config/kube/gateway"
	"istio.io/istio/pilot/pkg/model"
	"istio.io/istio/pilot/pkg/networking/core"
	kube "istio.io/istio/pilot/pkg/serviceregistry/kube/controller"
	"istio.io/istio/pkg/config"
	"istio.io/istio/pkg/config/schema/gvr"
	kubelib "istio.io/istio/pkg/kube"
	"istio.io/istio/pkg/kube/kclient/clienttest"
	"istio.io/istio/pkg/test"

	"k8s.io/apimachinery/pkg/runtime/schema"
	"sigs.k8s.io/gateway-api/pkg/consts"
)

// gatewayAPI are the kinds of Gateway API that Istio's translation of it waits for.
var gatewayAPI = []schema.GroupVersionResource{
	gvr.BackendTLSPolicy, gvr.GatewayClass, gvr.GRPCRoute, gvr.HTTPRoute, gvr.InferencePool, gvr.KubernetesGateway,
	gvr.ListenerSet, gvr.ReferenceGrant, gvr.TCPRoute, gvr.TLSRoute, gvr.XBackendTrafficPolicy,
}

// translator makes Gateways and VirtualServices of Gateway API's objects in the cluster of `client`.
func translator(t test.Failer, client kubelib.CLIClient, updates model.XDSUpdater) *gateway.Controller {
	for _, one := range gatewayAPI {
		clienttest.MakeCRDWithAnnotations(t, client, one, map[string]string{consts.BundleVersionAnnotation: consts.BundleVersion})
	}
	present := func(schema.GroupVersionResource, <-chan struct{}) bool { return true }
	return gateway.NewController(client, present, kube.Options{DomainSuffix: domain}, updates)
}

// started runs a server until it knows all objects. What Gateway API's become depends on the services that are known.
func started(t test.Failer, server *core.ConfigGenTest, client kubelib.Client, configs []config.Config, updates model.XDSUpdater) error {
	stop := test.NewStop(t)
	for _, one := range configs {
		if _, err := server.Store().Create(one); err != nil {
			return err
		}
	}
	env := server.Env()
	client.RunAndWait(stop)
	go server.Registry.Run(stop)
	go server.Store().Run(stop)
	go env.VirtualServiceController.Run(stop)
	kubelib.WaitForCacheSync("registry", stop, server.Registry.HasSynced)
	server.ServiceEntryRegistry.ResyncEDS()
	if err := env.InitNetworksManager(updates); err != nil {
		return err
	}
	env.PushContext().InitContext(env, nil, nil)
	kubelib.WaitForCacheSync("configuration", stop, server.Store().HasSynced, env.VirtualServiceController.HasSynced)
	env.SetPushContext(model.NewPushContext())
	env.PushContext().InitContext(env, nil, nil)
	return nil
}
