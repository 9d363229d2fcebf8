"""A shop that the outside asks for."""

from tenantmesh.graph.flow import Outside, Request
from tests.graph.routing.objects import deployment, layer, pod, service

SHOP = deployment("b/shop") + service("b/shop")
B = pod("b/shop")
ANY = Outside()


def ask(host="shop.example", path="/", **more):
    return Request(port=8080, host=host, path=path, **more)


def answer(*texts, request=None, source=ANY, destination=B, **settings):
    return layer(SHOP, *texts, **settings).verdict(source, destination, request or ask()).answer
