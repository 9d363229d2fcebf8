"""The Go sources are found in the wheel or in the repository, and every change of them is another build."""

import pytest

from tenantmesh.cluster.source import find_go, find_source
from tenantmesh.errors import ClusterError

GO_MOD = "module x\n\ngo {go}\n\nrequire (\n\tk8s.io/kubernetes v1.2.3\n)\n"


@pytest.fixture
def module(tmp_path):
    folder = tmp_path / "module"
    (folder / "crds").mkdir(parents=True)
    (folder / "go.mod").write_text(GO_MOD.format(go="1.21"))
    (folder / "main.go").write_text("package main\n")
    return folder


@pytest.fixture
def fake_go(tmp_path, monkeypatch):
    """Put a `go` on an otherwise empty PATH that answers every command with what it is given."""

    def answer(text, code=0):
        program = tmp_path / "bin" / "go"
        program.parent.mkdir(exist_ok=True)
        program.write_text(f"#!/bin/sh\necho '{text}'\nexit {code}\n")
        program.chmod(0o755)
        monkeypatch.setenv("PATH", str(program.parent))

    return answer


def test_the_shipped_sources_come_before_the_repositorys(tmp_path, module):
    assert find_source((module, tmp_path)).folder == module
    assert find_source((tmp_path, module)).folder == module
    with pytest.raises(ClusterError, match="reinstall tenantmesh"):
        find_source((tmp_path,))


def test_the_sources_of_this_package_pin_kubernetes():
    assert find_source().version.startswith("v1.")


def test_version_and_minimum_go_come_from_go_mod(module):
    source = find_source((module,))
    assert (source.version, source.minimum_go) == ("v1.2.3", "1.21")


@pytest.mark.parametrize("change", ["main.go", "go.sum", "crds/go.mod"])
def test_each_source_file_decides_the_digest(module, change):
    source = find_source((module,))
    before = source.digest("go1.26")
    assert source.digest("go1.26") == before
    (module / change).write_text("// changed\n")
    assert source.digest("go1.26") != before


def test_another_go_is_another_digest(module):
    source = find_source((module,))
    assert source.digest("go1.26.0") != source.digest("go1.26.1")


def test_without_go_the_error_says_what_to_install(module, tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(ClusterError, match=r"Go 1\.21 or newer.*KUBEBUILDER_ASSETS"):
        find_go(find_source((module,)))


def test_an_old_go_is_refused_by_number_and_not_by_spelling(module, fake_go):
    source = find_source((module,))
    fake_go("go1.9.7")
    with pytest.raises(ClusterError, match=r"needs Go 1\.21 or newer.*go1\.9\.7 is older"):
        find_go(source)
    fake_go("go1.100")
    assert find_go(source) == "go1.100"


def test_a_go_that_refuses_the_module_is_quoted(module, fake_go):
    fake_go("go.mod requires go >= 1.21", code=1)
    with pytest.raises(ClusterError, match=r"needs Go 1\.21 or newer"):
        find_go(find_source((module,)))
