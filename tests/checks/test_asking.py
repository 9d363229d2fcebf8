"""Questions in words become flows."""

import pytest

from tenantmesh.checks.asking import Question, ask
from tenantmesh.checks.context import Context
from tenantmesh.checks.declarations.intent import find_intent
from tenantmesh.checks.layers import Layers
from tenantmesh.errors import IntentError
from tenantmesh.graph.cluster import Cluster
from tenantmesh.graph.verdict import Answer
from tests.checks.breaches import TODAY, objects

DOOR = """
apiVersion: v1
kind: Service
metadata: {name: shop, namespace: globex}
spec:
  selector: {app: web}
  ports:
  - {name: http, port: 80, targetPort: 8080}
---
apiVersion: networking.istio.io/v1
kind: Gateway
metadata: {name: ingress, namespace: acme}
spec:
  selector: {istio: acme-ingress}
  servers:
  - hosts: [acme/www.example.com]
    port: {name: http, number: 80, protocol: HTTP}
---
apiVersion: v1
kind: Service
metadata: {name: ingress, namespace: acme}
spec:
  type: LoadBalancer
  selector: {istio: acme-ingress}
  ports:
  - {name: http, port: 80, targetPort: 8081}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: ingress, namespace: acme}
spec:
  selector:
    matchLabels: {istio: acme-ingress}
  template:
    metadata:
      labels: {istio: acme-ingress}
      annotations: {inject.istio.io/templates: gateway}
    spec:
      serviceAccountName: ingress
      containers:
      - {name: istio-proxy, image: auto, ports: [{containerPort: 8081}]}
---
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: web, namespace: acme}
spec:
  gateways: [acme/ingress]
  hosts: [www.example.com]
  http:
  - route:
    - destination: {host: web.acme.svc.cluster.local, port: {number: 8080}}
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: clients, namespace: acme}
spec:
  podSelector:
    matchLabels: {istio: acme-ingress}
  policyTypes: [Ingress]
  ingress:
  - ports: [{port: 8081, protocol: TCP}]
---
apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: {name: clients, namespace: acme}
spec:
  selector:
    matchLabels: {istio: acme-ingress}
  rules:
  - to:
    - operation: {ports: ["8081"]}
---
apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: {name: fence, namespace: acme}
spec:
  action: DENY
  rules:
  - from:
    - source:
        namespaces: ["*"]
        notPrincipals: [cluster.local/ns/acme/sa/*]
"""


@pytest.fixture(scope="module")
def context():
    cluster = Cluster(objects(DOOR))
    return Context(cluster=cluster, intent=find_intent(cluster), layers=Layers.of(cluster), today=TODAY)


def flow(context, source, destination, **more):
    return str(ask(context, Question(source=source, destination=destination, **more)).flow)


@pytest.mark.parametrize(
    ("source", "destination", "expected"),
    [
        ("acme", "globex", "acme/web -> globex/web:8080/TCP"),
        ("acme/web", "globex/web", "acme/web -> globex/web:8080/TCP"),
        ("outside", "acme/web", "outside -> acme/web:8080/TCP"),
        ("acme", "api.example.org", "acme/web -> api.example.org:443/TCP"),
        ("acme", "192.0.2.1", "acme/web -> 192.0.2.1:443/TCP"),
        ("acme", "web.globex", "acme/web -> globex/web:8080/TCP"),
        ("acme", "globex/shop", "acme/web -> globex/web:8080/TCP"),
        ("acme", "web.globex.svc", "acme/web -> globex/web:8080/TCP"),
        ("acme", "web.globex.svc.cluster.local", "acme/web -> globex/web:8080/TCP"),
        ("outside", "www.example.com", "outside -> acme/ingress:8081/TCP"),
    ],
)
def test_a_name_is_a_tenant_a_workload_a_service_or_somebody_outside(context, source, destination, expected):
    assert flow(context, source, destination) == expected


def test_a_port_of_a_service_is_the_one_that_its_pods_listen_on(context):
    assert flow(context, "outside", "ingress.acme", port=80) == "outside -> acme/ingress:8081/TCP"
    assert flow(context, "outside", "www.example.com", port=80) == "outside -> acme/ingress:8081/TCP"
    assert flow(context, "outside", "ingress.acme", port=9999) == "outside -> acme/ingress:9999/TCP"


def test_the_host_that_is_asked_for_is_the_services_unless_another_is_given(context):
    named = ask(context, Question(source="acme", destination="web.globex")).flow.request
    assert named.host == "web.globex.svc.cluster.local"
    given = ask(context, Question(source="acme", destination="web.globex", host="x.example.com")).flow.request
    assert given.host == "x.example.com"


@pytest.mark.parametrize("name", ["nobody", "acme/nobody", "nowhere/web"])
def test_a_name_that_is_nobodys_is_refused_with_those_that_are_there(context, name):
    with pytest.raises(IntentError, match=name):
        ask(context, Question(source="acme", destination=name))


def test_strangers_are_denied_in_network_and_identity(context):
    verdict = ask(context, Question(source="globex", destination="acme")).verdict
    assert [str(one.layer) for one in verdict.layers if one.answer is Answer.DENIED][:2] == ["network", "identity"]


def test_a_way_by_the_gateway_is_told_hop_by_hop(context):
    found = ask(context, Question(source="outside", destination="acme/web"))
    assert found.verdict.answer is Answer.DENIED
    assert [str(hop) for hop, _ in found.hops] == [
        "outside -> acme/ingress:8081/TCP",
        "acme/ingress -> acme/web:8080/TCP",
    ]
    assert [verdict.answer for _, verdict in found.hops] == [Answer.ALLOWED, Answer.ALLOWED]
