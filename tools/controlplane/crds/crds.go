// Package crds pins the modules whose CustomResourceDefinitions the control plane installs. It is a module of its own, so
// that their dependencies can't change the versions that the control plane is built from.
package crds

import (
	_ "istio.io/api/label"
	_ "sigs.k8s.io/gateway-api/pkg/consts"
)
