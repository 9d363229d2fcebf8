"""Each example does in the lab what it is there for: one request, or one refusal, that shows it."""

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.mesh.exhibits import NAMES, Exhibits, exhibited

Seen = dict[str, object]
ELSEWHERE = {
    "gateways": "test_ingresses.py",
    "migration": "test_migration.py",
    "networks": "test_networks.py",
    "retrofit": "test_retrofit.py",
    "stars": "test_proof_stars.py",
    "traces": "test_traces.py",
}
"""Examples that a file of this folder deploys by themselves."""
NOT_HERE = {
    "meshes": "is about the mesh that all examples share here; test_workload_ca.py gives one an authority and bundles",
    "signers": "needs something that signs requests for certificates; test_signers.py has it, with two tenants",
    "rate-limits": "limits what tokens open, and nobody is its issuer here; test_rate_limits.py has such limits",
}
CALLERS = ("catalog", "checkout", "orders", "stranger", "vault")
"""Tenants without a workload in their examples, which get one to be asked from."""
REFUSED = "TLSV13_ALERT_CERTIFICATE_REQUIRED"
BLOCKED = 502
"""A sidecar's answer for a host that its workload is not to know."""


def status(answer: object) -> object:
    return getattr(answer, "status", answer)


def served(answer: object) -> tuple[object, ...]:
    """Status, service and version."""
    headers = getattr(answer, "headers", {})
    return status(answer), headers.get("x-standin-service"), headers.get("x-standin-version")


def brought_certificate(found: Exhibits) -> Seen:
    """No App is there: who trusts the brought certificate finds nothing, who trusts another one does not ask."""
    hosts = {"bank": "bank.example.com", "press": "press.example.com"}
    seen = {tenant: status(found.ask(host, ca=found.brought(tenant))) for tenant, host in hosts.items()}
    return {**seen, "another authority": found.ask(hosts["bank"], ca=found.brought("press"))}


def first(found: Exhibits) -> Seen:
    return {
        "partner": served(found.ask("acme.example.com", client="partner"))[:2],
        "nobody": found.ask("acme.example.com"),
    }


def grant(found: Exhibits) -> Seen:
    paths = {"quote": "/v1/quotes/1", "other": "/v1/orders"}
    url = "http://quotes.prices:80"
    return {name: status(found.ask_inside("orders", "caller", url + path)) for name, path in paths.items()}


def locked(found: Exhibits) -> Seen:
    return {
        "another tenant": status(found.ask_inside("vault", "caller", "http://caller.checkout:8080/")),
        "itself": status(found.ask_inside("vault", "caller", "http://caller:8080/")),
    }


def login(found: Exhibits) -> Seen:
    answer = found.ask("theatre.example.com", headers={"accept": "text/html"})
    return {"status": status(answer), "to": answer.headers["location"].partition("?")[0]}


def namespaces(found: Exhibits) -> Seen:
    pods = found.get("/api/v1/namespaces/labs--gateway/pods")["items"]
    return {"gateway": status(found.ask("labs.example.com")), "pods": len(pods)}


def other_stack(found: Exhibits) -> Seen:
    """It reads the dev stack, which is in the same backend."""
    return found.get("/api/v1/namespaces/partner/configmaps/reader--config")["data"]


def patches(found: Exhibits) -> Seen:
    pods = found.get("/api/v1/namespaces/tuned/pods")["items"]
    return {"gateway": status(found.ask("tuned.example.com")), "on": [pod["spec"]["nodeSelector"] for pod in pods]}


def project(found: Exhibits) -> Seen:
    url = "http://caller.checkout:8080/"
    return {tenant: status(found.ask_inside(tenant, "caller", url)) for tenant in ("catalog", "stranger")}


def rotation(found: Exhibits) -> Seen:
    """No App is there, so that a client who is let in finds nothing."""
    host = "ledger.example.com"
    return {"auditor": status(found.ask(host, client="auditor")), "nobody": found.ask(host)}


def tcp(found: Exhibits) -> Seen:
    """The stand-in for the database speaks HTTP over the connection that it is given."""
    host = "db.harbor.example.com"
    return {"backup": served(found.ask(host, client="backup"))[:2], "nobody": found.ask(host)}


def telemetry(found: Exhibits) -> Seen:
    answers = [status(found.ask("studio.example.com", f"/logged?status={number}")) for number in (200, 503)]
    (pod,) = found.mesh.lab.pods("studio", "istio%3Dstudio-ingress")
    found.mesh.eventually(lambda: "/logged?status=503" in found.mesh.proxy_log(pod), 60)
    return {"answers": answers, "good one in the log": "/logged?status=200" in found.mesh.proxy_log(pod)}


def tokens(found: Exhibits) -> Seen:
    answer = found.ask("shop.example.com")
    return {"status": status(answer), "says": answer.text}


def traffic(found: Exhibits) -> Seen:
    host = "diner.example.com"
    return {
        "tester": served(found.ask(host, headers={"x-tester": "yes"}))[::2],
        "anybody": {served(found.ask(host))[::2] for _ in range(10)},
    }


def workload(found: Exhibits) -> Seen:
    host = "market.example.com"
    return {path: status(found.ask(host, path)) for path in ("/", "/cart/1", "/other")}


ASKED: dict[str, tuple[Callable[[Exhibits], Seen], Seen]] = {
    "brought-certificate": (
        brought_certificate,
        {"bank": 404, "press": 404, "another authority": "CERTIFICATE_VERIFY_FAILED"},
    ),
    "first": (first, {"partner": (200, "shop"), "nobody": REFUSED}),
    "grant": (grant, {"quote": 200, "other": 403}),
    "locked": (locked, {"another tenant": BLOCKED, "itself": 200}),
    "login": (login, {"status": 302, "to": "https://id.example.org/auth"}),
    "namespaces": (namespaces, {"gateway": 404, "pods": 2}),
    "other-stack": (other_stack, {"BOOKS_URL": "https://tenant1.example.com"}),
    "patches": (patches, {"gateway": 404, "on": [{"pool": "edge"}] * 2}),
    "project": (project, {"catalog": 200, "stranger": BLOCKED}),
    "rotation": (rotation, {"auditor": 404, "nobody": REFUSED}),
    "tcp": (tcp, {"backup": (200, "postgres"), "nobody": REFUSED}),
    "telemetry": (telemetry, {"answers": [200, 503], "good one in the log": False}),
    "tokens": (tokens, {"status": 403, "says": "RBAC: access denied"}),
    "traffic": (traffic, {"tester": (200, "v2"), "anybody": {(200, "v1")}}),
    "workload": (workload, {"/": 200, "/cart/1": 200, "/other": 404}),
}


@pytest.fixture(scope="module")
def found(mesh):
    with exhibited(mesh, {*ELSEWHERE, *NOT_HERE}, CALLERS) as exhibits:
        yield exhibits


def test_every_example_is_asked_something_or_it_is_said_why_not():
    assert sorted([*ASKED, *ELSEWHERE, *NOT_HERE]) == NAMES


@pytest.mark.parametrize("name", ELSEWHERE)
def test_an_example_that_is_asked_elsewhere_is_deployed_there(name):
    text = Path(__file__).with_name(ELSEWHERE[name]).read_text()
    assert any(call in text for call in (f'beside(mesh, "{name}"', f'as_guest("{name}")'))


def test_no_proxy_rejects_an_example(found):
    assert found.mesh.rejects() == found.rejected


@pytest.mark.parametrize("name", ASKED)
def test_an_example_does_what_it_is_for(found, name):
    ask, expected = ASKED[name]
    assert ask(found) == expected
