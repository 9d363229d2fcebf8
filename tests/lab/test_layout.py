"""Where a lab's files are, and who may get there."""

import tempfile
from pathlib import Path

import pytest

from tenantmesh.errors import LabError
from tenantmesh.lab.layout import Layout, shared_folder


def test_each_folder_has_an_id_of_its_own(tmp_path):
    one, other = Layout.at(tmp_path / "one"), Layout.at(tmp_path / "other")
    assert one.id == Layout.at(tmp_path / "one").id
    assert one.id != other.id


def test_others_may_pass_through_a_labs_folder_but_not_list_it():
    """Not below pytest's own folders, which are closed to others."""
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)
        assert shared_folder(Path(folder) / "lab").stat().st_mode & 0o777 == 0o711


def test_a_folder_that_others_cant_reach_is_refused_with_what_closes_it(tmp_path):
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o700)
    with pytest.raises(LabError, match=f"{closed} is closed: choose another --folder"):
        shared_folder(closed / "lab")


def test_what_a_person_put_into_the_folder_is_not_the_labs(tmp_path):
    assert tmp_path / "notes.txt" not in Layout.at(tmp_path).owned
