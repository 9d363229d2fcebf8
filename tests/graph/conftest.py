"""Istio's own translation, which two layers are held against."""

from pathlib import Path

import pytest

from tests.graph import translation as istio


@pytest.fixture(scope="session")
def translation() -> Path:
    """The program that answers what Istio tells proxies."""
    return istio.build()
