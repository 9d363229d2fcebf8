"""State and cache lie where the platform wants them, and private files are private and whole."""

from pathlib import Path

import pytest

from tenantmesh.cluster import Cluster
from tenantmesh.cluster.folders import default_cache_folder, default_state_folder, private_folder, write_private


def test_the_xdg_folders_are_honoured(monkeypatch, tmp_path):
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    assert default_state_folder() == tmp_path / "state" / "tenantmesh" / "cluster"
    assert default_cache_folder() == tmp_path / "cache" / "tenantmesh"
    assert Cluster.at().folder == default_state_folder().resolve()


@pytest.mark.parametrize("value", ["", "relative/folder"])
def test_an_empty_or_relative_value_is_ignored(monkeypatch, value):
    monkeypatch.setenv("XDG_CACHE_HOME", value)
    assert default_cache_folder() == Path.home() / ".cache" / "tenantmesh"


def test_a_cluster_is_known_by_one_path_however_it_is_written(tmp_path):
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "real")
    assert Cluster.at(tmp_path / "link") == Cluster.at(tmp_path / "real" / ".." / "real")


def test_a_folder_that_is_there_keeps_its_mode(tmp_path):
    shared = tmp_path / "shared"
    shared.mkdir(mode=0o755)
    shared.chmod(0o755)
    assert private_folder(shared).stat().st_mode & 0o777 == 0o755
    assert private_folder(tmp_path / "new").stat().st_mode & 0o777 == 0o700


def test_a_private_file_replaces_the_old_one_and_leaves_no_part(tmp_path):
    path = tmp_path / "file"
    path.write_text("old")
    path.chmod(0o644)
    write_private(path, b"new")
    assert (path.read_bytes(), path.stat().st_mode & 0o777) == (b"new", 0o600)
    assert list(tmp_path.iterdir()) == [path]
