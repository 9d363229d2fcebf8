"""The two oracles, each made once for a machine."""

from pathlib import Path

import pytest

from tests.oracles import analyzer, cyclonus


@pytest.fixture(scope="session")
def cyclonus_program() -> Path:
    return cyclonus.build()


@pytest.fixture(scope="session")
def analyzer_python() -> Path:
    return analyzer.install()
