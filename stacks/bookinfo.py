"""Istio's bookinfo as Apps of one tenant: productpage calls details and reviews, reviews v2 and v3 call ratings."""

import tenantmesh as tm

PORT = 9080
_IMAGES = "docker.io/istio/examples-bookinfo"
_TAG = "1.20.3"
_USER = 1000
"""The images run as this user, whose number they do not declare."""

_WRITABLE = ["/tmp", "/opt/ibm/wlp/output"]  # noqa: S108  folders in the container
_PAGES = ["/productpage", "/login", "/logout"]
_PREFIXES = ["/static", "/api/v1/products"]


def bookinfo(tenant: str, host: str, replicas: tm.ReplicasArgs) -> list[tm.App]:
    """The four services of bookinfo in `tenant`, with productpage reachable at `host`."""
    route = tm.RouteArgs(host=host, exact_paths=_PAGES, paths=_PREFIXES)
    services = {
        "details": (["v1"], []),
        "ratings": (["v1"], []),
        "reviews": (["v1", "v2", "v3"], []),
        "productpage": (["v1"], [route]),
    }
    return [
        tm.App(
            f"{tenant}/{name}",
            tm.AppArgs(
                tenant=tenant,
                versions=[tm.VersionArgs(name=version, image=_image(name, version)) for version in versions],
                ports=[tm.PortArgs(port=PORT)],
                container=tm.ContainerArgs(user=_USER, writable=_WRITABLE),
                replicas=replicas,
                routes=routes,
            ),
        )
        for name, (versions, routes) in services.items()
    ]


def _image(name: str, version: str) -> str:
    return f"{_IMAGES}-{name}-{version}:{_TAG}"
