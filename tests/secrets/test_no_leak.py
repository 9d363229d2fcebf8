"""No secret is seen outside of its encryption: not in state, output, logs, rendered files or errors of any verb."""

import uuid
from dataclasses import dataclass

import pytest

from tests.secrets import markers
from tests.secrets.household import Household, generated

pytestmark = [pytest.mark.controlplane, pytest.mark.slow]

_STEPS = 12
_BAD = {
    "refused": ("plain", "json", "live"),
    "raising": ("plain", "live"),
    "stopping": ("json", "live"),
    "misread": ("plain",),
}
"""Programs that fail, by how they do, and on which displays they are shown."""
_SHOWN = 40


@dataclass(frozen=True, slots=True, kw_only=True)
class Story:
    """What happened: exit codes by what was run, the secrets that were there, what was rendered with them."""

    household: Household
    codes: dict[str, int]
    secrets: tuple[str, ...]
    rendered: bytes
    open_: bytes


@pytest.fixture(scope="module")
def story(tmp_path_factory, cluster):
    """Every verb in every display, well and badly behaved programs, and one run that is killed."""
    root = tmp_path_factory.mktemp("secrets")
    home = Household.set(root, cluster.kubeconfig, f"secrets-{uuid.uuid4().hex[:8]}")
    hidden, shown = root / "hidden", root.with_name(f"{root.name}-shown")
    now, codes = ("--yes", "--skip-preview"), {}
    codes["lender"] = home.run("up", *now, program="lender")
    codes["preview"] = home.run("preview")
    codes["preview json"] = home.run("preview", "--json")
    codes["preview live"] = home.run_on_terminal("preview")
    codes["render"] = home.run("render", "--out", str(hidden))
    codes["render shown"] = home.run("render", "--out", str(shown), "--with-secrets", behaviour="silent")
    home.leave_a_journal(_STEPS)
    codes["up"] = home.run("up", "--yes")
    made = generated(home.states())
    codes["up json"] = home.run("up", "--json", *now)
    codes["up live"] = home.run_on_terminal("up", *now)
    for behaviour, displays in _BAD.items():
        for display in displays:
            codes[f"{behaviour} {display}"] = up(home, display, behaviour)
    codes["refresh"] = home.run("refresh", *now)
    codes["refresh json"] = home.run("refresh", "--json", "--yes")
    codes["destroy live"] = home.run_on_terminal("destroy", "--yes")
    secrets = (*markers.PLANTED, *(text for texts in made.values() for text in texts))
    open_ = home.see_folder(hidden)
    rendered = b"\n".join(path.read_bytes() for path in shown.rglob("*.yaml"))
    return Story(household=home, codes=codes, secrets=secrets, rendered=rendered, open_=open_)


def up(home, display, behaviour):
    if display == "live":
        return home.run_on_terminal("up", "--yes", "--skip-preview", behaviour=behaviour)
    return home.run("up", "--yes", "--skip-preview", *(["--json"] if display == "json" else []), behaviour=behaviour)


def test_every_run_ended_as_it_should(story):
    """Badly behaved programs fail, everything else succeeds."""
    failing = {name for name, code in story.codes.items() if code}
    assert failing == {f"{behaviour} {display}" for behaviour, displays in _BAD.items() for display in displays}


def test_no_secret_is_anywhere(story):
    """Neither what was planted nor what was generated, in no spelling, in nothing that was written or shown."""
    assert len(story.secrets) > len(markers.PLANTED)
    hits = story.household.witness.hits(story.secrets)
    assert not hits, "\n".join([f"{len(hits)} leaks:", *hits[:_SHOWN]])


def test_what_was_to_be_said_was_said(story):
    """The messages are there, with the secrets struck out: nothing is hidden by saying nothing."""
    seen = story.household.witness.seen
    for where in ("stdout", "terminal"):
        said = b"".join(content for place, all_ in seen.items() if place.startswith(where) for content in all_)
        for words in (b"token is [secret]", b"can't log in with", b"don't fit", b"metadata.labels"):
            assert words in said, (where, words)


def test_rendered_files_hold_secrets_only_when_asked(story):
    """With --with-secrets they are all there; without it what is no secret still is."""
    assert markers.TOKEN.encode() in story.rendered
    assert markers.ITEM.encode() in story.rendered
    assert b"everybody may read this" in story.open_
