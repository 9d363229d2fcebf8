"""Amounts: what Kubernetes writes, read to whole numbers and back."""

import pytest

from tenantmesh.spec.quantities import cpu_text, millicores, size, size_text


@pytest.mark.parametrize(
    ("text", "amount"), [("2", 2000), ("500m", 500), ("0.5", 500), ("1.25", 1250), ("2k", 2_000_000)]
)
def test_cpu_is_counted_in_thousandths(text, amount):
    assert millicores(text) == amount


@pytest.mark.parametrize(("text", "amount"), [("1Ki", 1024), ("1k", 1000), ("1.5Gi", 1536 * 1024**2), ("0", 0)])
def test_sizes_are_counted_in_bytes(text, amount):
    assert size(text) == amount


@pytest.mark.parametrize("text", ["", "x", "-1", "1 Gi", "0.0001", "1e3", "Gi", "1.5"])
def test_what_is_no_whole_amount_is_refused(text):
    with pytest.raises(ValueError, match=r"^"):
        size(text) if text == "1.5" else millicores(text)


@pytest.mark.parametrize(("amount", "text"), [(2000, "2"), (500, "500m"), (1250, "1250m"), (0, "0")])
def test_cpu_is_written_as_the_api_server_keeps_it(amount, text):
    assert cpu_text(amount) == text


@pytest.mark.parametrize(
    ("amount", "text"), [(64 * 1024**3, "64Gi"), (1536 * 1024**2, "1536Mi"), (1000, "1000"), (0, "0")]
)
def test_sizes_are_written_with_the_largest_suffix_that_divides_them(amount, text):
    assert size_text(amount) == text
