// Pins the modules whose schemas the generator reads; nothing here is compiled. Istio and Gateway API are at the versions
// that tools/controlplane installs, and Kubernetes at the version that it runs.
module tenantmesh.dev/tools/istiotypes

go 1.26.0

require (
	github.com/cert-manager/cert-manager v1.21.2
	istio.io/api v1.31.1
	k8s.io/kubernetes v1.36.3
	sigs.k8s.io/gateway-api v1.6.3
)
