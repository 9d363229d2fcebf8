"""Quantities by their value, whatever they are written like."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tenantmesh.engine.providers.kubernetes.normalise import is_quantity_path, quantity


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ("1", "1"),
        (2, "2"),
        (0.5, "0.5"),
        ("1500m", "1.5"),
        ("1Gi", "1073741824"),
        ("0.5Ki", "512"),
        ("1k", "1000"),
        ("-3M", "-3000000"),
        ("1e3", "1000"),
        ("2E", "2e18"),
        ("1E3", "1000"),
        ("5u", "0.000005"),
    ],
)
def test_quantities(written, value):
    assert quantity(written) == Decimal(value)


@pytest.mark.parametrize("written", ["", "m", "1 Gi", "1Kb", "1.2.3", "abc", "Gi1", True, None, {}, []])
def test_what_is_no_quantity(written):
    assert quantity(written) is None


@given(st.integers(0, 10**6))
def test_a_thousandth_part_is_a_thousandth(number):
    assert quantity(f"{number}000m") == quantity(str(number)) == quantity(number)
    assert quantity(f"{number}Ki") == quantity(str(number * 1024))


@given(st.text(max_size=12))
def test_any_text_is_a_quantity_or_none(written):
    assert quantity(written) is None or isinstance(quantity(written), Decimal)


@pytest.mark.parametrize(
    ("path", "is_one"),
    [
        ("spec.hard.cpu", True),
        ("spec.template.spec.containers.resources.limits.memory", True),
        ("spec.limits.default.cpu", True),
        ("spec.metrics.resource.target.value", True),
        ("spec.template.spec.volumes.emptyDir.sizeLimit", True),
        ("spec.template.spec.containers.env.value", False),
        ("metadata.labels.cpu", False),
        ("spec.replicas", False),
    ],
)
def test_where_quantities_are(path, is_one):
    assert is_quantity_path(tuple(path.split("."))) is is_one
