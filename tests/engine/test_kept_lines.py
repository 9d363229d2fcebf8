"""The source of what is on every stack, which is read once."""

import linecache
from pathlib import Path

from tenantmesh.engine.host.kept_lines import keep_lines


def test_a_kept_file_has_its_lines_and_is_not_compared_with_the_disk_again(tmp_path):
    file = tmp_path / "module.py"
    file.write_text("first\nsecond\n")
    keep_lines([str(file)])
    file.write_text("another\n")
    linecache.checkcache(str(file))
    assert linecache.getline(str(file), 2) == "second\n"


def test_a_file_that_is_not_there_is_none_to_keep(tmp_path):
    missing = str(tmp_path / "missing.py")
    keep_lines([missing])
    assert missing not in linecache.cache


def test_a_file_that_is_not_kept_is_read_again_when_it_changes(tmp_path):
    file = Path(tmp_path / "program.py")
    file.write_text("first\n")
    linecache.getline(str(file), 1)
    keep_lines([])
    file.write_text("another line\n")
    linecache.checkcache(str(file))
    assert linecache.getline(str(file), 1) == "another line\n"
