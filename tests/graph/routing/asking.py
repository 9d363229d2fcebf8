"""A shop in one namespace and a pod of another that asks it, with a Sidecar that knows the shop or does not."""

from tenantmesh.graph.flow import Request
from tests.graph.routing.objects import deployment, layer, pod, sidecar

SHOP = deployment("b/shop")
ASK = Request(port=8080)
A, B = pod("a/web"), pod("b/shop")
CLOSED = sidecar("a", "./*")
OPEN = sidecar("a", "./*", "b/*")


def answer(*texts, request=ASK, source=A, destination=B, **settings):
    return layer(SHOP, *texts, **settings).verdict(source, destination, request).answer
