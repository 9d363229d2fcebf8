"""The workflows as GitHub would run them: their commands exist, their shell does what it says, one comment is kept."""

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import typer.main
import yaml

from tenantmesh.cli.app import app

ROOT = Path(__file__).parents[1]
SCRIPT = ROOT / ".github/scripts/comment.js"
OPEN = """
apiVersion: v1
kind: Namespace
metadata: {name: %s, labels: {tenantmesh.dev/tenant: %s}}
"""


def read(name):
    """A workflow; YAML 1.1 reads the key `on` as true."""
    return yaml.safe_load((ROOT / ".github/workflows" / name).read_text())


def steps(workflow):
    return [step for job in workflow["jobs"].values() for step in job["steps"]]


def test_isolation_needs_no_secret_and_preview_skips_forks():
    assert "secrets." not in (ROOT / ".github/workflows/isolation.yml").read_text()
    assert "fork" in read("preview.yml")["jobs"]["preview"]["if"]


def test_every_option_of_the_commands_is_known():
    shell = diff_step()["run"]
    group = typer.main.get_command(app)
    known = {name for option in group.get_command(None, "diff").params for name in option.opts}
    used = set(re.findall(r"(?<=\s)--?[a-z]+(?=\s)", " ".join(re.findall(r"tenantmesh diff (.*?)\|\|", shell))))
    assert used == {"--base", "--head", "-s", "--format", "-o"}
    assert used <= known


def diff_step():
    return next(step for step in steps(read("isolation.yml")) if step.get("id") == "diff")


def git(folder, *arguments):
    settings = ["-c", "user.name=somebody", "-c", "user.email=somebody@example.com"]
    subprocess.run(["git", "-C", folder, *settings, *arguments], check=True, capture_output=True)  # noqa: S607  git is on PATH


@pytest.mark.parametrize(("added", "code"), [("b", "1"), (None, "0")])
def test_the_step_as_written_compares_two_revisions_and_leaves_code_comment_and_sarif(tmp_path, added, code):
    place = tmp_path / "repository"
    place.mkdir()
    git(place, "init", "-q", "-b", "main")
    (place / "a.yaml").write_text(OPEN % ("a", "a"))
    git(place, "add", ".")
    git(place, "commit", "-qm", "one")
    git(place, "update-ref", "refs/remotes/origin/main", "HEAD")
    if added:
        (place / "b.yaml").write_text(OPEN % (added, added))
        git(place, "add", ".")
        git(place, "commit", "-qm", "two")
    output = tmp_path / "output"
    environment = {
        **os.environ,
        "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
        "BASE": "main",
        "STACK": "dev",
        "GITHUB_OUTPUT": str(output),
    }
    command = ["bash", "-e", "-c", diff_step()["run"]]
    done = subprocess.run(command, cwd=place, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert output.read_text() == f"code={code}\n"
    assert "<!-- tenantmesh -->" in (place / "comment.md").read_text()
    assert json.loads((place / "isolation.sarif").read_text())["version"] == "2.1.0"


DRIVER = """
const { write } = require(process.argv[1]);
const { comments, status } = JSON.parse(process.argv[2]);
const calls = [];
const tell = (name) => async (given) => {
  if (status) throw Object.assign(new Error("refused"), { status });
  calls.push([name, given.comment_id ?? given.issue_number, given.body]);
};
const rest = { issues: { listComments: {}, updateComment: tell("update"), createComment: tell("create") } };
const github = { rest, paginate: async () => comments };
const context = { repo: { owner: "o", repo: "r" }, issue: { number: 7 } };
const summary = { addRaw: (text) => { calls.push(["summary", 0, text]); return summary; }, write: async () => {} };
const core = { notice: () => {}, summary };
write({ github, context, core, body: "new" }).then(() => console.log(JSON.stringify(calls)));
"""
MARKED = "<!-- tenantmesh -->\nnew"


def commented(comments, status=0):
    if shutil.which("node") is None:
        pytest.skip("node is not on PATH")
    command = ["node", "-e", DRIVER, str(SCRIPT), json.dumps({"comments": comments, "status": status})]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def comment(number, kind, body):
    return {"id": number, "user": {"type": kind}, "body": body}


@pytest.mark.parametrize(
    ("comments", "call"),
    [
        ([], ["create", 7, MARKED]),
        ([comment(1, "Bot", "another's"), comment(2, "Bot", "<!-- tenantmesh -->\nold")], ["update", 2, MARKED]),
        ([comment(3, "User", "<!-- tenantmesh -->\nquoted by a person")], ["create", 7, MARKED]),
    ],
)
def test_one_comment_is_kept(comments, call):
    assert json.loads(commented(comments).stdout) == [call]


def test_with_a_token_that_may_only_read_the_report_goes_to_the_summary():
    assert json.loads(commented([], status=403).stdout) == [["summary", 0, MARKED]]


def test_any_other_failure_is_one():
    assert commented([], status=500).returncode != 0
