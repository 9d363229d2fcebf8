"""Objects as files, and as nothing at all."""

import pytest
import yaml

from tenantmesh.engine.provider import Ambient
from tenantmesh.errors import ProviderError

from .conftest import Kube

MAP = "core/v1:ConfigMap"


@pytest.fixture
def rendering(tmp_path) -> Kube:
    return Kube(Ambient(project="demo", stack="dev", render_to=tmp_path), namespace="shop")


def files(folder) -> list[str]:
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*.yaml"))


def test_every_object_has_a_file_of_its_own(rendering, tmp_path):
    for kind, name in (
        (MAP, "a"),
        ("networking.istio.io/v1:Gateway", "a"),
        ("gateway.networking.k8s.io/v1:Gateway", "a"),
    ):
        rendering.create(kind, rendering.inputs(kind, name))
    namespace = rendering.check("core/v1:Namespace", {"metadata": {"name": "shop"}}).inputs
    rendering.create("core/v1:Namespace", namespace)
    assert files(tmp_path) == [
        "_cluster/namespace-shop.yaml",
        "shop/configmap-a.yaml",
        "shop/gateway.gateway.networking.k8s.io-a.yaml",
        "shop/gateway.networking.istio.io-a.yaml",
    ]


def test_a_file_is_the_sorted_object(rendering, tmp_path):
    rendering.create(MAP, rendering.inputs(MAP, "a", data={"z": "1", "b": "line\nline\n"}))
    text = (tmp_path / "shop" / "configmap-a.yaml").read_text()
    expected = {"apiVersion": "v1", "kind": "ConfigMap", "data": {"b": "line\nline\n", "z": "1"}}
    assert yaml.safe_load(text) == {**expected, "metadata": {"name": "a", "namespace": "shop"}}
    keys = [line.split(":")[0] for line in text.splitlines() if not line.startswith(" ")]
    assert keys == ["apiVersion", "data", "kind", "metadata"]
    assert "  b: |\n    line\n    line\n" in text


def test_names_stay_inside_the_folder(rendering, tmp_path):
    role = "rbac.authorization.k8s.io/v1:ClusterRole"
    rendering.create(role, rendering.check(role, {"metadata": {"name": "../system:a"}}).inputs)
    assert files(tmp_path) == ["_cluster/clusterrole-..%2Fsystem%3Aa.yaml"]


def test_a_file_follows_its_object(rendering, tmp_path):
    inputs = rendering.inputs(MAP, "a", data={"a": "1"})
    made = rendering.create(MAP, inputs)
    assert made.id == "shop/a"
    assert not rendering.diff(MAP, made, inputs).changes
    wanted = rendering.inputs(MAP, "a", metadata={"labels": {"a": "b"}}, data={"a": "1"})
    changed = rendering.update(MAP, made, wanted)
    assert yaml.safe_load((tmp_path / "shop" / "configmap-a.yaml").read_text())["metadata"]["labels"] == {"a": "b"}
    assert rendering.read(MAP, changed, wanted).outputs == changed.outputs
    assert rendering.provider.locate(rendering.resource(MAP), wanted) == "shop/a"
    rendering.delete(MAP, changed, wanted)
    assert list(tmp_path.iterdir()) == []
    rendering.delete(MAP, changed, wanted)


def test_a_preview_writes_nothing(rendering, tmp_path):
    inputs = rendering.inputs(MAP, "a")
    assert rendering.preview(MAP, inputs) == inputs
    assert files(tmp_path) == []


def test_secret_values_are_left_out(rendering, tmp_path):
    rendering.create("core/v1:Secret", rendering.inputs("core/v1:Secret", "a", stringData={"key": "marker-1"}))
    env = {"containers": [{"env": [{"name": "A", "value": "marker-2"}]}]}
    paths = ("spec.containers[0].env[0].value",)
    rendering.create("core/v1:Pod", rendering.inputs("core/v1:Pod", "a", spec=env), secret_inputs=paths)
    secret, pod = (yaml.safe_load((tmp_path / "shop" / f"{kind}-a.yaml").read_text()) for kind in ("secret", "pod"))
    assert secret["data"] == {"key": ""}
    assert pod["spec"]["containers"][0]["env"] == [{"name": "A", "value": ""}]
    for one in (secret, pod):
        assert one["metadata"]["annotations"] == {"tenantmesh.dev/secret-values": "left-out"}
    assert "marker" not in "".join(path.read_text() for path in tmp_path.rglob("*.yaml"))


def test_secret_values_are_written_for_their_owner_only_when_asked_for(tmp_path):
    rendering = Kube(Ambient(render_to=tmp_path, render_secrets=True), namespace="shop")
    rendering.create("core/v1:Secret", rendering.inputs("core/v1:Secret", "a", data={"key": "eA=="}))
    path = tmp_path / "shop" / "secret-a.yaml"
    assert yaml.safe_load(path.read_text())["data"] == {"key": "eA=="}
    assert path.stat().st_mode & 0o077 == 0


def test_what_is_not_remembered_can_not_be_read(rendering):
    with pytest.raises(ProviderError, match="no cluster is used"):
        rendering.live(MAP, "a")


def test_the_real_providers_folders(tmp_path):
    """renderYamlToDirectory has the layout that people know."""
    config = {"renderYamlToDirectory": str(tmp_path), "alwaysRender": "true"}
    rendering = Kube(Ambient(), config, "shop")
    crd = "apiextensions.k8s.io/v1:CustomResourceDefinition"
    rendering.create(crd, rendering.check(crd, {"metadata": {"name": "w.example.com"}}).inputs)
    inputs = rendering.inputs("apps/v1:Deployment", "a")
    made = rendering.create("apps/v1:Deployment", inputs)
    assert files(tmp_path) == [
        "0-crd/apiextensions.k8s.io_v1-customresourcedefinition-default-w.example.com.yaml",
        "1-manifest/apps_v1-deployment-shop-a.yaml",
    ]
    assert rendering.diff("apps/v1:Deployment", made, inputs).changes, "every run renders every file"


def test_offline_objects_are_their_inputs_and_nothing_is_written(tmp_path):
    offline = Kube(Ambient(offline=True, render_to=tmp_path))
    inputs = offline.inputs(MAP, "a", data={"a": "1"})
    made = offline.create(MAP, inputs)
    assert {key: value for key, value in made.outputs.items() if not key.startswith("__")} == inputs
    offline.delete(MAP, made, inputs)
    assert files(tmp_path) == []
