"""What a tenant's proxies are told does not grow with the tenants beside it, though these show everybody everything."""

import pytest

from tests.mesh.crowd import crowd, settings, wide_open

SIZES = (10, 50)
OPEN = "ratings"
SCOPED = ("details", "productpage", "reviews")


@pytest.fixture(scope="module")
def sizes(mesh):
    """The size of each of tenant1's proxies, by the number of tenants beside it; one App's Sidecar asks for all."""
    proxies = {app: mesh.app("tenant1", app) for app in (*SCOPED, OPEN)} | {"gateway": mesh.gateway("tenant1")}

    def measured():
        return {name: len(settings(mesh, pod)) for name, pod in proxies.items()}

    found = {}
    with mesh.applied(wide_open("tenant1", OPEN)), crowd(mesh) as others:
        found[0] = measured()
        for count in SIZES:
            others.grow(count)
            found[count] = measured()
    return found


def by_count(sizes, proxy):
    return {count: found[proxy] for count, found in sizes.items()}


@pytest.mark.parametrize("app", SCOPED)
def test_a_sidecar_is_told_the_same_with_ten_and_with_fifty_tenants_beside_it(sizes, app):
    assert by_count(sizes, app) == dict.fromkeys((0, *SIZES), sizes[0][app])


def test_a_gateway_is_told_the_same_too(sizes):
    """A Sidecar does not scope gateways: they hold what they route to."""
    assert {count: found["gateway"] for count, found in sizes.items()} == dict.fromkeys(
        (0, *SIZES), sizes[0]["gateway"]
    )


def test_a_sidecar_that_is_not_scoped_grows_with_every_tenant(sizes):
    """Or the tests above might look where nothing ever grows."""
    none, few, many = (sizes[count][OPEN] for count in (0, *SIZES))
    assert few > 1.5 * none
    assert many - few > 3 * (few - none)
