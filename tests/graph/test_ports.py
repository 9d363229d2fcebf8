"""Ports that rules name."""

import pytest

from tenantmesh.graph.fits import Fit
from tenantmesh.graph.flow import ContainerPort, Outside, Request, Workload
from tenantmesh.graph.ports import PortMatch, example, match, number

POD = Workload(namespace="a", name="pod", ports=(ContainerPort(number=53, protocol="UDP", name="dns"),))


@pytest.mark.parametrize(
    ("value", "expected"), [(80, 80), (80.0, 80), (0, 0), (65536, None), (80.5, None), (True, None), ("80", None)]
)
def test_numbers(value, expected):
    """A port is a whole number up to 65535."""
    assert number(value) == expected


@pytest.mark.parametrize(
    ("port", "request_", "expected"),
    [
        (match("UDP", "dns"), Request(port=53, protocol="UDP"), Fit.YES),
        (match("", "dns"), Request(port=53, protocol="UDP"), Fit.YES),
        (match("TCP", "dns"), Request(port=53), Fit.NO),
        (match("UDP", 1, 100), Request(port=100, protocol="UDP"), Fit.YES),
        (match("", None), Request(port=7, protocol="SCTP"), Fit.YES),
        (match("TCP", object()), Request(port=7), Fit.UNSURE),
    ],
)
def test_fits(port, request_, expected):
    """By number, range, name and protocol."""
    assert port.fit(request_, POD) is expected


def test_nobody_outside_has_a_named_port():
    """A name is a container's."""
    assert match("UDP", "dns").fit(Request(port=53, protocol="UDP"), Outside()) is Fit.NO


@pytest.mark.parametrize(
    "port", [PortMatch(), match("TCP", 9, 10), match("UDP", "dns"), match("", "x"), match("TCP", 1, 9000)]
)
def test_an_example_fits(port):
    """The request of an example passes, at a destination that declares the port it names."""
    request, named = example([port], POD.ports)
    assert port.fit(request, Workload(namespace="a", name="b", ports=(named,) if named else ())) is Fit.YES
