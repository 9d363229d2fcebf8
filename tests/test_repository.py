"""What may not be in the repository: keys, paths of one machine, addresses of registries, large files."""

import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
LARGEST = 500_000
"""Bytes of one file."""

FORBIDDEN = {
    "a key or certificate": r"-----BEGIN ([A-Z0-9]+ )*(CERTIFICATE|PRIVATE KEY)-----(\s|\\[nr])+[A-Za-z0-9+/=]{20}",
    "a path of one machine": r"(?<![\w.:/-])/(work|root|home/\w+)/\w",
    "the address of a registry": (
        r"(pypi|crates|registry\.npmjs|proxy\.golang|sum\.golang)\.(org|io)\b|files\.pythonhosted\.org|index\.docker\.io"
    ),
}
SAMPLES = {
    "a key or certificate": "-----BEGIN " + "EC PRIVATE KEY-----\n" + "MHcCAQEEIIrYSSNQFaA2Hwf1",
    "a path of one machine": "see /ro" + "ot/project",
    "the address of a registry": "https://py" + "pi.org/simple",
}


@pytest.fixture(scope="module")
def files() -> list[Path]:
    """Every file that is committed or about to be."""
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    return [path for name in listed.split("\0") if name and (path := ROOT / name).is_file()]


@pytest.mark.parametrize("what", FORBIDDEN)
def test_no_file_holds(files, what):
    pattern = re.compile(FORBIDDEN[what])
    found: set[str] = set()
    for path in files:
        text = path.read_text(errors="replace")
        found |= {
            f"{path.relative_to(ROOT)}:{text.count(chr(10), 0, hit.start()) + 1}" for hit in pattern.finditer(text)
        }
    assert sorted(found) == []


@pytest.mark.parametrize("what", FORBIDDEN)
def test_the_search_finds(what):
    """Or it would find nothing for another reason."""
    assert re.search(FORBIDDEN[what], SAMPLES[what])


def test_no_file_is_large(files):
    assert {str(path.relative_to(ROOT)): size for path in files if (size := path.stat().st_size) > LARGEST} == {}


def test_every_link_between_documents_leads_somewhere(files):
    broken = [
        f"{path.relative_to(ROOT)}: {target}"
        for path in files
        if path.suffix == ".md"
        for target in re.findall(r"\]\(([^)#\s]+)(?:#[^)]*)?\)", path.read_text())
        if not re.match(r"[a-z]+:", target) and not (path.parent / target).exists()
    ]
    assert broken == []
