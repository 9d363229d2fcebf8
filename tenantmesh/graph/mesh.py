"""What the mesh as a whole is set to: MeshConfig and istiod's environment, as far as reachability depends on them."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import yaml

from tenantmesh.manifest import ManifestObject

_CONFIG_MAP = ("ConfigMap", "istio")


@dataclass(frozen=True, slots=True, kw_only=True)
class MeshSettings:
    """Istio's settings; every default is Istio's own.

    `assumed` says that nobody gave them, which a proof has to say. `*_export` are the default `exportTo` of each kind.
    Source: https://istio.io/latest/docs/reference/config/istio.mesh.v1alpha1/ and
    https://istio.io/latest/docs/reference/commands/pilot-discovery/.
    """

    trust_domain: str = "cluster.local"
    trust_domain_aliases: tuple[str, ...] = ()
    root_namespace: str = "istio-system"
    cluster_domain: str = "cluster.local"
    auto_mtls: bool = True
    registry_only: bool = False
    service_export: tuple[str, ...] = ("*",)
    virtual_service_export: tuple[str, ...] = ("*",)
    destination_rule_export: tuple[str, ...] = ("*",)
    path_normalization: str = "BASE"
    gateways_scoped: bool = False
    providers: tuple[str, ...] = ()
    assumed: bool = True

    @classmethod
    def of(cls, config: Mapping[str, Any], environment: Mapping[str, str]) -> "MeshSettings":
        """The settings of a MeshConfig and the environment of istiod."""
        default = cls()
        outbound = (config.get("outboundTrafficPolicy") or {}).get("mode", "ALLOW_ANY")
        path = (config.get("pathNormalization") or {}).get("normalization", default.path_normalization)
        return cls(
            trust_domain=config.get("trustDomain") or default.trust_domain,
            trust_domain_aliases=tuple(config.get("trustDomainAliases") or ()),
            root_namespace=config.get("rootNamespace") or default.root_namespace,
            cluster_domain=environment.get("DOMAIN_SUFFIX") or default.cluster_domain,
            auto_mtls=config.get("enableAutoMtls", True) is not False,
            registry_only=outbound == "REGISTRY_ONLY",
            service_export=tuple(config.get("defaultServiceExportTo") or default.service_export),
            virtual_service_export=tuple(config.get("defaultVirtualServiceExportTo") or default.virtual_service_export),
            destination_rule_export=tuple(
                config.get("defaultDestinationRuleExportTo") or default.destination_rule_export
            ),
            path_normalization=default.path_normalization if path == "DEFAULT" else path,
            gateways_scoped=environment.get("PILOT_SCOPE_GATEWAY_TO_NAMESPACE", "").lower() in ("true", "1", "t"),
            providers=tuple(one.get("name", "") for one in config.get("extensionProviders") or ()),
            assumed=False,
        )

    @classmethod
    def found(cls, objects: Iterable[ManifestObject]) -> "MeshSettings":
        """The settings in the ConfigMap `istio` and the Deployment of istiod, or Istio's defaults as assumed."""
        config: Mapping[str, Any] = {}
        environment: dict[str, str] = {}
        for one in objects:
            body = one.body
            metadata = body.get("metadata") or {}
            if (body.get("kind"), metadata.get("name")) == _CONFIG_MAP:
                loaded = yaml.safe_load((body.get("data") or {}).get("mesh") or "") or {}
                config = loaded if isinstance(loaded, dict) else {}
            elif body.get("kind") == "Deployment" and (metadata.get("labels") or {}).get("app") == "istiod":
                environment |= _environment(body)
        return cls.of(config, environment) if config or environment else cls()


def _environment(deployment: Mapping[str, Any]) -> dict[str, str]:
    containers = deployment["spec"]["template"]["spec"]["containers"]
    return {one["name"]: one["value"] for container in containers for one in container.get("env", ()) if "value" in one}
