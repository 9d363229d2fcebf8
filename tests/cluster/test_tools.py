"""Programs of the machine are used where they will do, and it is said what they lack."""

import pytest

from tenantmesh.cluster.progress import silent
from tenantmesh.cluster.source import find_source
from tenantmesh.cluster.tools import COMPONENTS, find_tools
from tenantmesh.errors import ClusterError


@pytest.fixture
def assets(tmp_path, monkeypatch):
    """Make programs that only tell their version, in a folder that KUBEBUILDER_ASSETS names."""

    def make(*names, version="v1.2.3"):
        folder = tmp_path / "assets"
        folder.mkdir()
        for name in names:
            (folder / name).write_text(f"#!/bin/sh\necho 'Kubernetes {version}'\n")
            (folder / name).chmod(0o755)
        monkeypatch.setenv("KUBEBUILDER_ASSETS", str(folder))
        return folder

    return make


@pytest.fixture
def no_go(monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", str(tmp_path))


@pytest.fixture
def cache(tmp_path):
    """A cache that holds a build already, so that no test builds."""
    from tenantmesh.cluster.build import PROGRAM
    from tenantmesh.cluster.source import find_go

    source, folder = find_source(), tmp_path / "cache"
    built = folder / "controlplane" / f"{source.version}-{source.digest(find_go(source))}"
    built.mkdir(parents=True)
    (built / PROGRAM).touch()
    return folder


def test_a_folder_without_a_server_is_refused(assets, tmp_path):
    assets("etcd")
    with pytest.raises(ClusterError, match="has no kube-apiserver: correct it, or unset it to build"):
        find_tools(tmp_path, silent)


@pytest.mark.usefixtures("no_go")
def test_without_go_the_server_runs_alone_and_it_is_said(assets, tmp_path):
    folder, steps = assets("etcd", "kube-apiserver"), []
    tools = find_tools(tmp_path, steps.append)
    assert tools.programs == {name: (str(folder / name),) for name in ("etcd", "kube-apiserver")}
    assert tools.missing == ("kube-controller-manager", "kube-scheduler", "kwok")
    assert tools.modules is None
    assert "no pod will run" in steps[-1].text
    assert "kube-scheduler" in steps[-1].text


@pytest.mark.usefixtures("no_go")
def test_without_go_and_programs_the_error_says_so(tmp_path, monkeypatch):
    monkeypatch.delenv("KUBEBUILDER_ASSETS", raising=False)
    with pytest.raises(ClusterError, match="no go on PATH"):
        find_tools(tmp_path, silent)


def test_a_complete_folder_is_used_as_it_is(assets, tmp_path):
    folder = assets(*COMPONENTS)
    tools = find_tools(tmp_path / "cache", silent)
    assert tools.programs == {name: (str(folder / name),) for name in COMPONENTS}
    assert (tools.version, tools.missing) == ("v1.2.3", ())
    assert not (tmp_path / "cache" / "controlplane").exists()


def test_what_a_folder_lacks_is_built_when_the_versions_fit(assets, cache):
    source, steps = find_source(), []
    folder = assets("etcd", "kube-apiserver", version=source.version)
    tools = find_tools(cache, steps.append)
    assert tools.programs["kube-apiserver"] == (str(folder / "kube-apiserver"),)
    assert tools.programs["kwok"][1:] == ("kwok",)
    assert tools.missing == ()
    assert "lacks kube-controller-manager, kube-scheduler, kwok: taking these" in steps[-1].text


def test_controllers_never_meet_a_server_of_another_minor_version(assets, cache):
    assets("etcd", "kube-apiserver", version="v1.2.3")
    steps = []
    tools = find_tools(cache, steps.append)
    assert {command[0] for command in tools.programs.values()} == {tools.programs["etcd"][0]}
    assert str(cache) in tools.programs["kube-apiserver"][0]
    assert tools.version == find_source().version
    assert any("for v1.2.3: using" in step.text for step in steps)


def test_a_program_without_a_version_is_refused(assets, cache):
    assets(*COMPONENTS, version="")
    with pytest.raises(ClusterError, match="does not tell a version"):
        find_tools(cache, silent)


def test_the_modules_give_stages_and_crds(monkeypatch, cache):
    monkeypatch.delenv("KUBEBUILDER_ASSETS", raising=False)
    modules = find_tools(cache, silent).modules
    assert {path.stem for path in modules.stages} >= {"node-initialize", "pod-ready", "pod-delete"}
    kinds = {crd["spec"]["names"]["kind"]: crd for crd in modules.crds()}
    assert {"VirtualService", "AuthorizationPolicy", "Sidecar", "Gateway", "HTTPRoute"} <= set(kinds)
    assert kinds["HTTPRoute"]["metadata"]["annotations"]["tenantmesh.dev/origin"].startswith(
        "sigs.k8s.io/gateway-api@v"
    )
