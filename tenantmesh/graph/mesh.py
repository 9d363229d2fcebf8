"""What the mesh as a whole is set to: MeshConfig and istiod's environment, as far as reachability depends on them."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from itertools import pairwise
from types import MappingProxyType
from typing import Any, Final, cast

import yaml
from msgspec import Struct

from tenantmesh.graph.bundles import Bundle, bundle
from tenantmesh.manifest import Body, ManifestObject

CLUSTER_DOMAIN: Final = "DOMAIN_SUFFIX"
"""Under this name the cluster's domain is among istiod's environment; the chart gives it by an argument, `--domain`."""
ISTIODS_KINDS: Final = frozenset({"ConfigMap", "Deployment"})
"""The settings are found in objects of these kinds, whatever their group."""

_CONFIG_MAP: Final = "istio"
_USUAL: Final = "istio-system"
_TRUE: Final = frozenset({"1", "t", "T", "true", "TRUE", "True"})
_NOTHING: Final[Mapping[str, Any]] = MappingProxyType({})


class MeshSettings(Struct, frozen=True, kw_only=True):
    """Istio's settings; every default is Istio's own.

    `assumed` says that nobody gave them, which a proof has to say. `*_export` are the default `exportTo` of each kind,
    `collectors` the namespaces of the Services that all proxies may send spans to. `peer_domain` is the trust domain of
    those who ask; "" is the mesh's own.
    Source: https://istio.io/latest/docs/reference/config/istio.mesh.v1alpha1/ and
    https://istio.io/latest/docs/reference/commands/pilot-discovery/.
    """

    trust_domain: str = "cluster.local"
    trust_domain_aliases: tuple[str, ...] = ()
    bundles: tuple[Bundle, ...] = ()
    peer_domain: str = ""
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
    collectors: tuple[str, ...] = ()
    assumed: bool = True

    @classmethod
    def of(cls, config: Mapping[str, Any], environment: Mapping[str, str]) -> "MeshSettings":
        """The settings of a MeshConfig and the environment of istiod; what has another shape counts as absent."""
        default = cls()
        path = _map(config.get("pathNormalization")).get("normalization")
        scoped = environment.get("PILOT_SCOPE_GATEWAY_TO_NAMESPACE")
        return cls(
            trust_domain=_text(config.get("trustDomain")) or default.trust_domain,
            trust_domain_aliases=_texts(config.get("trustDomainAliases")),
            bundles=tuple(bundle(_map(one)) for one in _list(config.get("caCertificates"))),
            root_namespace=_text(config.get("rootNamespace")) or default.root_namespace,
            cluster_domain=_text(environment.get(CLUSTER_DOMAIN)) or default.cluster_domain,
            auto_mtls=config.get("enableAutoMtls", True) is not False,
            registry_only=_map(config.get("outboundTrafficPolicy")).get("mode") == "REGISTRY_ONLY",
            service_export=_texts(config.get("defaultServiceExportTo")) or default.service_export,
            virtual_service_export=_texts(config.get("defaultVirtualServiceExportTo"))
            or default.virtual_service_export,
            destination_rule_export=_texts(config.get("defaultDestinationRuleExportTo"))
            or default.destination_rule_export,
            path_normalization=default.path_normalization if path == "DEFAULT" else _text(path) or "BASE",
            gateways_scoped=scoped in _TRUE,
            providers=tuple(_text(_map(one).get("name")) for one in _list(config.get("extensionProviders"))),
            collectors=tuple(_collectors(_list(config.get("extensionProviders")))),
            assumed=False,
        )

    @property
    def asking_domain(self) -> str:
        """The trust domain of those who ask."""
        return self.peer_domain or self.trust_domain

    @property
    def foreign_domains(self) -> tuple[str, ...]:
        """Trust domains of other meshes whose workloads can connect, and don't count as this one's; sorted."""
        named = {domain for one in self.bundles for domain in one.trust_domains}
        return tuple(sorted(named - {self.trust_domain, *self.trust_domain_aliases}))

    @classmethod
    def found(cls, objects: Iterable[ManifestObject]) -> "MeshSettings":
        """The settings in istiod's ConfigMap and Deployment, or Istio's defaults as assumed.

        istiod's namespace is istio-system, or without anything of istiod there the first one that has both: what a
        tenant puts into a namespace of its own under these names says nothing of the mesh.
        """
        configs, deployments = _of_istiod(objects)
        both = sorted(configs.keys() & deployments.keys())
        here = _USUAL in configs or _USUAL in deployments or not both
        home = _USUAL if here else both[0]
        config = _mesh_config(configs.get(home, {}))
        environment = _environment(deployments[home]) if home in deployments else {}
        return cls.of(config, environment) if config or environment else cls()


def _collectors(providers: Iterable[Any]) -> Iterator[str]:
    """By the names of Services, `[namespace/]service.namespace.svc.domain`; what is elsewhere is in no namespace."""
    for one in providers:
        host = _text(_map(_map(one).get("opentelemetry")).get("service")).rpartition("/")[2]
        _, _, rest = host.partition(".")
        namespace, svc, _ = rest.partition(".svc.")
        if svc:
            yield namespace


def _of_istiod(objects: Iterable[ManifestObject]) -> tuple[dict[str, dict[str, Any]], dict[str, Body]]:
    """By namespace: the texts of MeshConfigs by their ConfigMap's name, and the Deployment of istiod."""
    configs: defaultdict[str, dict[str, Any]] = defaultdict(dict)
    deployments: dict[str, Body] = {}
    for one in objects:
        kind = one.body.get("kind")
        if kind == "ConfigMap":
            name = one.key.name
            if name == _CONFIG_MAP or name.startswith(f"{_CONFIG_MAP}-"):
                configs[one.key.namespace][name] = _map(one.body.get("data")).get("mesh")
        elif kind == "Deployment" and _map(_map(one.body.get("metadata")).get("labels")).get("app") == "istiod":
            deployments.setdefault(one.key.namespace, one.body)
    return {space: some for space, some in configs.items() if any(some.values())}, deployments


def _mesh_config(texts: Mapping[str, Any]) -> Mapping[str, Any]:
    """The MeshConfig of the default revision, or of the first by name; empty where it can't be read."""
    text = next((texts[name] for name in sorted(texts) if isinstance(texts[name], str)), "")
    try:
        return _map(yaml.safe_load(text))
    except (yaml.YAMLError, RecursionError, ValueError):
        return {}


def _environment(deployment: Body) -> dict[str, str]:
    """What istiod's containers are told by their environment, and their cluster's domain by their arguments."""
    found: dict[str, str] = {}
    spec = _map(_map(_map(deployment.get("spec")).get("template")).get("spec"))
    for container in map(_map, _list(spec.get("containers"))):
        variables = map(_map, _list(container.get("env")))
        found |= {one["name"]: one["value"] for one in variables if {"name", "value"} <= one.keys()}
        arguments = [_text(one) for one in _list(container.get("args"))]
        for flag, value in pairwise([*arguments, ""]):
            if flag == "--domain" or flag.startswith("--domain="):
                found[CLUSTER_DOMAIN] = value if flag == "--domain" else flag.partition("=")[2]
    return found


def _map(value: Any) -> Mapping[str, Any]:
    return cast("Mapping[str, Any]", value) if isinstance(value, Mapping) else _NOTHING


def _list(value: Any) -> list[Any]:
    return cast("list[Any]", value) if isinstance(value, list) else []


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""


def _texts(value: Any) -> tuple[str, ...]:
    return tuple(one for one in _list(value) if isinstance(one, str))
