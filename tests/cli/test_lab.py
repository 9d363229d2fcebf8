"""`tenantmesh lab` where no lab runs: it says so, and what to do."""

from tests.cli.checked import run


def test_status_says_that_there_is_none(tmp_path):
    assert run("lab", "status", "--folder", tmp_path, code=1) == f"no lab runs in {tmp_path}\n"


def test_down_of_none_is_fine_and_keeps_what_is_not_the_labs(tmp_path):
    (tmp_path / "notes.txt").write_text("mine")
    run("lab", "down", "--folder", tmp_path, code=0)
    assert (tmp_path / "notes.txt").read_text() == "mine"


def test_up_names_what_the_machine_lacks_before_it_does_anything(tmp_path):
    said = run("lab", "up", "--folder", tmp_path / "lab", code=1, variables={"PATH": "/nowhere"})
    assert "error: the lab needs programs of the Debian packages iproute2," in said
    assert not (tmp_path / "lab").exists()
