"""Examples on a real API server, through the command line: made, found unchanged, and gone."""

import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.examples.programs import FOLDER
from tests.stacks.stage import Stage, changes

pytestmark = [pytest.mark.controlplane, pytest.mark.slow]


@pytest.fixture(scope="module")
def api(cluster):
    """A client with all rights."""
    return cluster.api()


@pytest.fixture
def istio_namespace(api):
    """Istio's namespace, which is there wherever Istio is installed; one that is just being deleted is waited for."""
    for _ in range(60):
        answer = api.request("POST", "/api/v1/namespaces", {"metadata": {"name": "istio-system"}})
        found = api.get("/api/v1/namespaces/istio-system") if answer.status == 409 else answer.json()
        if found["status"]["phase"] == "Active":
            return
        time.sleep(1)
    raise AssertionError("namespace istio-system is not there")


@pytest.fixture
def stage(cluster, tmp_path) -> Callable[..., Stage]:
    """A copy of an example with its own configuration; all share one backend, as stacks of one user do."""
    (tmp_path / "state").mkdir()

    def make(name: str, config: str = "") -> Stage:
        program = tmp_path / name
        shutil.copytree(FOLDER / name, program, ignore=shutil.ignore_patterns("__pycache__"))
        Path(program / "Pulumi.dev.yaml").write_text(f"config:\n{config}" if config else "{}\n")
        return Stage(program=program, state=tmp_path / "state", kubeconfig=cluster.kubeconfig)

    return make


@contextmanager
def deployed(stage: Stage) -> Iterator[None]:
    """`up` before and `destroy` after; both must succeed."""
    try:
        assert set(changes(stage.run("up", "--yes"))) - {"read"} == {"create"}
        yield
    finally:
        stage.run("destroy", "--yes")


def names(api, path):
    return [item["metadata"]["name"] for item in api.get(path)["items"]]


@pytest.mark.usefixtures("istio_namespace")
def test_first_is_deployed_and_read_by_the_other_stack(stage, api):
    """The endpoint goes from one stack's outputs into the other's ConfigMap."""
    other = stage("other-stack", "  other-stack:main: organization/first/dev\n  other-stack:output: acme\n")
    first = stage("first")
    with deployed(first):
        deployments = api.get("/apis/apps/v1/namespaces/acme/deployments")["items"]
        assert {one["metadata"]["name"] for one in deployments} == {"acme-egress", "acme-ingress", "shop"}
        assert all(one["status"]["readyReplicas"] >= 1 for one in deployments)
        assert changes(first.run("up", "--yes")) == {}
        with deployed(other):
            settings = api.get("/api/v1/namespaces/partner/configmaps/reader--config")
            assert settings["data"] == {"BOOKS_URL": "https://acme.example.com"}
    assert not {"acme", "partner"} & set(names(api, "/api/v1/namespaces"))


def test_grant_has_both_halves_on_the_server(stage, api):
    """The owner's policies are in its namespace, the caller's in the caller's; nothing is left of them afterwards."""
    with deployed(stage("grant")):
        policies = "/apis/networking.k8s.io/v1/namespaces/{}/networkpolicies"
        assert "grant--quotes--orders" in names(api, policies.format("prices"))
        assert "import--quotes--prices" in names(api, policies.format("orders"))
        rules = api.get("/apis/security.istio.io/v1/namespaces/prices/authorizationpolicies/grant--quotes--orders")
        assert rules["spec"]["rules"][0]["to"][0]["operation"]["methods"] == ["GET"]
    assert not {"orders", "prices"} & set(names(api, "/api/v1/namespaces"))


def test_workload_runs_in_two_versions(stage, api):
    """Both Deployments have the pods that they ask for, of their own images, within the tenant's quota."""
    shop = stage("workload")
    with deployed(shop):
        pods = api.get("/api/v1/namespaces/market/pods?labelSelector=app.kubernetes.io/name%3Dshop")["items"]
        images = sorted(pod["spec"]["containers"][0]["image"].rpartition(":")[2] for pod in pods)
        assert set(images) == {"1.28", "1.29"}
        assert {pod["status"]["phase"] for pod in pods} == {"Running"}
        assert names(api, "/apis/autoscaling/v2/namespaces/market/horizontalpodautoscalers") == ["shop--v1"]
        assert changes(shop.run("up", "--yes")) == {}
    assert "market" not in names(api, "/api/v1/namespaces")
