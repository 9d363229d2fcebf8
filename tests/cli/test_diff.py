"""`tenantmesh diff` as scripts see it: folders and git revisions."""

import json
import subprocess

from tests.cli.checked import breached, folder, run

SETTINGS = ("-c", "user.name=somebody", "-c", "user.email=somebody@example.com")


def git(place, *arguments):
    subprocess.run(["git", "-C", place, *SETTINGS, *arguments], check=True, capture_output=True)  # noqa: S607  git is on PATH


def test_equal_folders_end_with_0(tmp_path):
    one, other = folder(tmp_path / "a"), folder(tmp_path / "b")
    assert "nothing changes" in run("diff", "--base", one, "--head", other, code=0)


def test_what_a_change_opens_is_told_and_ends_with_1(tmp_path):
    one, other = folder(tmp_path / "a"), breached(tmp_path / "b", "network-reach")
    told = run("diff", "--base", one, "--head", other, code=1)
    assert "network-reach" in told
    assert "NetworkPolicy acme/web" in told
    assert "network-reach" in run("diff", "--base", other, "--head", one, code=0)


def test_two_revisions_are_compared_as_they_were(tmp_path):
    place = folder(tmp_path / "a")
    git(place, "init", "-q")
    git(place, "add", ".")
    git(place, "commit", "-qm", "one")
    (place / "more.yaml").write_text("apiVersion: v1\nkind: ConfigMap\nmetadata: {name: new, namespace: acme}\n")
    git(place, "add", ".")
    git(place, "commit", "-qm", "two")
    (place / "more.yaml").write_text("not: committed\n")
    told = run("diff", "--base", "HEAD~1", "--head", "HEAD", "--format", "json", code=0, folder=place)
    assert [one["change"] for one in json.loads(told)["objects"]] == ["create"]


def test_a_revision_that_is_not_there_ends_with_2(tmp_path):
    place = folder(tmp_path / "a")
    git(place, "init", "-q")
    assert "nowhere" in run("diff", "--base", "nowhere", "--head", "HEAD", code=2, folder=place)
