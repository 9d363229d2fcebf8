"""Every verdict is the one of the real API server: SubjectAccessReview is the oracle."""

import http
import json
import time
import uuid
from urllib.parse import quote

import pytest

from tenantmesh.graph.api import Resource
from tenantmesh.graph.verdict import Answer
from tests.graph.api.objects import GROUP, account, binding, cluster_role, layer, role, rule, user
from tests.graph.api.randomly import World
from tests.graph.api.server import RBAC, Server, place
from tests.graph.api.server_defaults import FILE, lines

pytestmark = pytest.mark.controlplane

QUESTIONS = 3000
SIZE = 25
VERBS = ("get", "create", "update", "delete")
KINDS = (
    ("", "secrets"),
    ("", "pods/exec"),
    ("", "serviceaccounts"),
    ("", "nodes"),
    ("apps", "deployments"),
    ("networking.k8s.io", "networkpolicies"),
    (GROUP, "roles"),
)


@pytest.fixture(scope="module")
def server(cluster):
    with Server(cluster) as server:
        yield server


@pytest.fixture
def applied(server):
    """Makes namespaces and objects, waits until the authorizer knows them, and removes all of them afterwards."""
    prefix = f"t{uuid.uuid4().hex[:8]}"
    namespaces: list[str] = []
    made: list[dict] = []

    def apply(spaces, bodies):
        for name in spaces:
            namespaces.append(name)
            assert server.send("POST", "/api/v1/namespaces", {"metadata": {"name": name}})[0] == http.HTTPStatus.CREATED
        last = _sentinels(prefix, spaces[0])
        made.extend([*bodies, *last])
        # Roles before bindings and sentinels at the end: each watch tells in order, so the last one tells of all.
        for kind in ("ClusterRole", "Role", "ClusterRoleBinding", "RoleBinding"):
            server.make([body for body in bodies if body["kind"] == kind])
            server.make([body for body in last if body["kind"] == kind])
        _wait(lambda: all(server.review(*question) for question in _questions(prefix, spaces[0])))
        _wait(lambda: _is_aggregated(server, prefix))

    yield prefix, apply
    server.all(lambda body: server.send("DELETE", f"{place(body)}/{body['metadata']['name']}"), made)
    server.all(lambda name: server.send("DELETE", f"/api/v1/namespaces/{name}"), namespaces)


@pytest.mark.slow
@pytest.mark.parametrize("seed", [1, 2])
def test_thousands_of_verdicts_are_those_of_the_server(server, applied, seed):
    """Random roles, aggregations, bindings and questions, the implied groups among them."""
    prefix, apply = applied
    world = World(seed, prefix, SIZE)
    apply(world.namespaces, world.bodies)
    mine = layer(*world.bodies)
    questions = [world.question() for _ in range(QUESTIONS)]
    theirs = server.all(lambda question: server.review(*question), questions)
    answers = [mine.verdict(*question).answer for question in questions]
    wrong = [
        (question, answer)
        for question, answer, allowed in zip(questions, answers, theirs, strict=True)
        if answer not in (Answer.UNPROVEN, Answer.ALLOWED if allowed else Answer.DENIED)
    ]
    assert wrong == []
    assert answers.count(Answer.UNPROVEN) < 0.2 * QUESTIONS, "only rules in cycles of aggregated roles are doubtful"
    assert 0.1 < sum(theirs) / len(theirs) < 0.9


def test_the_default_roles_are_those_of_the_server(cluster):
    """When this fails, the module that reads the server's defaults writes the file anew."""
    assert FILE.read_text().splitlines() == lines(cluster.api())


def test_a_binding_to_a_default_role_needs_no_role_in_the_manifest(server, applied):
    """`admin`, `edit` and `view` are there without anybody writing them down, aggregated as the server does."""
    prefix, apply = applied
    bodies = [
        binding(prefix, f"{prefix}-{one}", one, user(f"{prefix}-{one}"), kind="ClusterRole")
        for one in ("admin", "edit", "view", "cluster-admin")
    ]
    apply([prefix], bodies)
    mine = layer(*bodies)
    questions = [
        (user(f"{prefix}-{who}"), verb, Resource(resource=kind, group=group, namespace=prefix))
        for who in ("admin", "edit", "view", "cluster-admin")
        for verb in ("get", "create", "impersonate", "bind")
        for group, kind in KINDS
    ]
    theirs = server.all(lambda question: server.review(*question), questions)
    assert [mine.verdict(*question).answer is Answer.ALLOWED for question in questions] == theirs


def test_each_default_role_grants_what_the_servers_does(server, applied):
    """Each is bound to a user of its own, who is asked for what any of them names."""
    prefix, apply = applied
    roles = [body for body in map(json.loads, FILE.read_text().splitlines()) if body["kind"] == "ClusterRole"]
    names = [body["metadata"]["name"] for body in roles]
    bodies = [
        binding(prefix, f"b{index}", name, user(f"{prefix}-{index}"), kind="ClusterRole")
        for index, name in enumerate(names)
    ]
    apply([prefix], bodies)
    mine = layer(*bodies)
    rules = [found for body in roles for found in body.get("rules", ()) if "*" not in found.get("resources", ("*",))]
    kinds = sorted({(group, kind) for found in rules for group in found["apiGroups"] for kind in found["resources"]})
    questions = [
        (user(f"{prefix}-{index}"), verb, Resource(resource=kind, group=group, namespace=prefix))
        for index in range(len(names))
        for place, (group, kind) in enumerate(kinds)
        for verb in VERBS[(index + place) % 16 :][:1]
    ]
    theirs = server.all(lambda question: server.review(*question), questions)
    assert [mine.verdict(*question).answer is Answer.ALLOWED for question in questions] == theirs
    assert len(questions) > 1000


def test_a_cycle_that_takes_a_rule_from_outside_has_it_everywhere(server, applied):
    """Two aggregated roles that select one another both end with the rules of the third role that one selects."""
    prefix, apply = applied
    key = f"{prefix}.example.com/part"
    bodies = [
        cluster_role(f"{prefix}-one", labels={key: "one"}, aggregates=[{"matchLabels": {key: "two"}}]),
        cluster_role(
            f"{prefix}-two",
            labels={key: "two"},
            aggregates=[{"matchLabels": {key: "one"}}, {"matchLabels": {key: "leaf"}}],
        ),
        cluster_role(f"{prefix}-leaf", rule("get", "secrets"), labels={key: "leaf"}),
        binding(prefix, "b", f"{prefix}-one", user(f"{prefix}-u"), kind="ClusterRole"),
    ]
    apply([prefix], bodies)
    question = (user(f"{prefix}-u"), "get", Resource(resource="secrets", namespace=prefix))
    assert server.review(*question)
    assert layer(*bodies).verdict(*question).answer is Answer.ALLOWED


def test_the_name_of_an_applied_object_is_told_when_it_is_made(server, applied):
    """A rule that names an object lets one make it by server-side apply, so `create` stays among its powers."""
    prefix, apply = applied
    limited = rule("create patch", "configmaps", names=["mine"])
    bodies = [role(prefix, "r", limited), binding(prefix, "b", "r", account(prefix, "app"))]
    apply([prefix], bodies)
    path = f"/api/v1/namespaces/{prefix}/configmaps"
    body = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "mine"}}
    who = account(prefix, "app")
    assert server.send_as(who, "POST", path, body)[0] == http.HTTPStatus.FORBIDDEN
    assert server.send_as(who, "PATCH", f"{path}/mine?fieldManager=test", body)[0] == http.HTTPStatus.CREATED
    asked = Resource(resource="configmaps", namespace=prefix, name="mine")
    assert layer(*bodies).verdict(who, "create", asked).answer is Answer.ALLOWED


def _sentinels(prefix, namespace):
    """Objects of all four kinds that are made last, so that whoever sees them sees all others."""
    name, who = f"{prefix}-last", user(f"{prefix}-last")
    return [
        cluster_role(name, rule("get", "configmaps")),
        role(namespace, name, rule("list", "configmaps")),
        binding("", name, name, who),
        binding(namespace, name, name, who),
    ]


def _questions(prefix, namespace):
    who = user(f"{prefix}-last")
    yield who, "get", Resource(resource="configmaps")
    yield who, "list", Resource(resource="configmaps", namespace=namespace)


def _wait(holds, seconds=60):
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline, f"still not so after {seconds} s"
        time.sleep(0.2)


def _is_aggregated(server, prefix) -> bool:
    """Whether each aggregated role of this test has just the rules of the roles that it selects, by the server."""
    for one in server.send("GET", f"{RBAC}/clusterroles")[1]["items"]:
        name = one["metadata"]["name"]
        if name.startswith(prefix) and "aggregationRule" in one:
            wanted = [
                found
                for selector in one["aggregationRule"]["clusterRoleSelectors"]
                for other in _selected(server, selector)
                if other["metadata"]["name"] != name
                for found in other.get("rules") or ()
            ]
            have = one.get("rules") or []
            if any(found not in have for found in wanted) or any(found not in wanted for found in have):
                return False
    return True


def _selected(server, selector):
    """The server's own reading of a selector, in the spelling of a query."""
    words = {"In": "{} in ({})", "NotIn": "{} notin ({})", "Exists": "{}", "DoesNotExist": "!{}"}
    wanted = [f"{key}={value}" for key, value in selector.get("matchLabels", {}).items()]
    wanted += [
        words[part["operator"]].format(part["key"], ",".join(part.get("values", ())))
        for part in selector.get("matchExpressions", ())
    ]
    query = quote(",".join(wanted))
    return server.send("GET", f"{RBAC}/clusterroles?labelSelector={query}")[1]["items"]
