"""What a user writes about a workload."""

from typing import NotRequired, TypedDict

import pulumi

from tenantmesh.args.names import AppProtocolName
from tenantmesh.args.sizes import ReplicasArgs, ResourcesArgs
from tenantmesh.args.traffic import TrafficArgs


class PortArgs(TypedDict):
    """One port of an App."""

    port: int
    """The Service's port."""
    target: NotRequired[int]
    """The port that the pods listen on. Default: `port`."""
    name: NotRequired[str]
    """The port's name. Default: protocol and number, such as http-9080."""
    protocol: NotRequired[AppProtocolName]
    """What is spoken. Default: http."""
    callers: NotRequired[list[str]]
    """The tenant's Apps (or other service accounts) that may call it; its routes and exports stay open. Default: the
    whole tenant and its project."""


class ProbeArgs(TypedDict):
    """How the kubelet asks whether a container works."""

    path: NotRequired[str]
    """HTTP path to ask. Default: none, the port must accept a connection."""
    port: NotRequired[int]
    """The container's port to ask. Default: the App's first."""
    initial_delay: NotRequired[int]
    """Seconds to wait before the first question. Default: 0."""
    period: NotRequired[int]
    """Seconds between questions. Default: 10."""
    timeout: NotRequired[int]
    """Seconds to wait for an answer. Default: 1."""
    failures: NotRequired[int]
    """Failures in a row that count. Default: 3."""


class ProbesArgs(TypedDict):
    """A container's probes."""

    readiness: NotRequired[ProbeArgs]
    """When it may get requests. Default: when its first port accepts a connection."""
    liveness: NotRequired[ProbeArgs]
    """When it is restarted. Default: only when it ends."""
    startup: NotRequired[ProbeArgs]
    """When the others begin. Default: at once."""


class ContainerArgs(TypedDict):
    """What runs in every version's pods."""

    command: NotRequired[list[str]]
    """The entry point. Default: the image's."""
    arguments: NotRequired[list[str]]
    """Arguments of the entry point. Default: the image's."""
    env: NotRequired[dict[str, pulumi.Input[str]]]
    """Environment variables. Default: none."""
    config: NotRequired[dict[str, pulumi.Input[str]]]
    """Environment variables that are kept in a ConfigMap. Default: none."""
    secrets: NotRequired[dict[str, pulumi.Input[str]]]
    """Environment variables that are kept in a Secret. Default: none."""
    writable: NotRequired[list[str]]
    """Folders that the container may write to, each empty at its start. Default: /tmp."""
    resources: NotRequired[ResourcesArgs]
    """What it asks for and may use. Default: see ResourcesArgs."""
    probes: NotRequired[ProbesArgs]
    """How its health is asked. Default: readiness by its first port."""
    user: NotRequired[int]
    """The number of the user that it runs as. Default: the image's, which must not be root."""


class VersionArgs(TypedDict):
    """One Deployment behind the App's Service."""

    name: str
    """The value of the pods' `version` label."""
    image: pulumi.Input[str]
    """The image."""
    env: NotRequired[dict[str, pulumi.Input[str]]]
    """Environment variables besides the container's. Default: none."""
    replicas: NotRequired[ReplicasArgs]
    """How many pods of this version. Default: the App's."""


class RouteArgs(TypedDict):
    """One way to the App through the tenant's ingress gateways.

    Of an App's paths the most specific comes first. Between Apps of one host Istio gives no such promise: there, let no
    prefix but `/` stand over another App's.
    """

    host: str
    """A host of each of these ingresses. For a TCP or TLS port it is the SNI name, under a wildcard of the ingress."""
    paths: NotRequired[list[str]]
    """URL path prefixes. Default: all paths, or none when `exact_paths` is given."""
    exact_paths: NotRequired[list[str]]
    """URL paths to the letter. Default: none."""
    port: NotRequired[int]
    """The Service's port. Default: the App's first."""
    ingresses: NotRequired[list[str]]
    """The gateways that open it: `ingress`, and names of the tenant's `ingresses`. Default: `ingress` alone."""


class AppArgs(TypedDict):
    """A workload of a tenant: one Service, a Deployment for each version."""

    tenant: str
    """The tenant's name."""
    namespace: NotRequired[str]
    """The further namespace to run in. Default: the tenant's home namespace."""
    image: NotRequired[pulumi.Input[str]]
    """The image of an App with one version, v1. Default: none; give `versions` then."""
    versions: NotRequired[list[VersionArgs]]
    """The versions that run side by side. Default: one, v1, of `image`."""
    ports: NotRequired[list[PortArgs]]
    """What it listens on. Default: nothing, and no Service."""
    container: NotRequired[ContainerArgs]
    """What runs in the pods besides the image. Default: the image as it is."""
    replicas: NotRequired[ReplicasArgs]
    """How many pods of each version. Default: 1."""
    routes: NotRequired[list[RouteArgs]]
    """Ways in through the tenant's ingress gateways. Default: none."""
    traffic: NotRequired[TrafficArgs]
    """What proxies do with its requests. Default: they go to all versions alike, and nothing holds them back."""
