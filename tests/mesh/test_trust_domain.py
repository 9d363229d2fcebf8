"""A mesh changes its trust domain: identities and policies of the old one count as long as it is an alias."""

from contextlib import contextmanager, suppress

import pytest

from tests.mesh.asking import RefusedError

OLD, NEW = "cluster.local", "next.example"
TENANT = "tenant1"


@contextmanager
def moved(mesh, aliases):
    """The dev stack in the new trust domain, for which istiod starts anew, and the pods of one App."""

    def edit(program):
        path = program / "stacks" / "__main__.py"
        text = path.read_text()
        said = f'tm.MeshArgs(trust_domain="{NEW}", trust_domain_aliases={aliases!r}, '
        assert text.count("tm.MeshArgs(") == 1
        path.write_text(text.replace("tm.MeshArgs(", said))

    with mesh.deployed(edit):
        mesh.restart("istio-system")
        renew(mesh, "details")
        yield


def renew(mesh, app):
    """Another pod for the App, which gets a certificate of today's trust domain."""
    metadata = mesh.app(TENANT, app)["metadata"]
    mesh.lab.api.request("DELETE", f"/api/v1/namespaces/{TENANT}/pods/{metadata['name']}").json()
    mesh.lab.wait("the new pod", lambda: mesh.lab.are_ready(TENANT))
    mesh.settle()


def pods(mesh, app):
    return mesh.lab.pods(TENANT, f"app={app}")


def called(mesh, caller, app):
    """The status of a call; a pod that is new takes a moment to answer at all."""
    found = []

    def answered():
        with suppress(RefusedError):
            found.append(mesh.ask_inside(mesh.app(TENANT, caller), f"http://{app}:9080/{app}/0").status)
        return found

    mesh.eventually(answered, 60)
    return found[0]


def told(mesh, app, names):
    """Whether the proxy of an App logs these names of a caller and its own."""
    return any(line.endswith(names) for line in mesh.proxy_log(mesh.app(TENANT, app)).splitlines())


@pytest.fixture(autouse=True, scope="module")
def restored(mesh):
    """The other files find the mesh in its own trust domain."""
    yield
    mesh.restart("istio-system", TENANT)


def test_old_and_new_identities_call_each_other_while_the_old_one_is_an_alias(mesh):
    with moved(mesh, [OLD]):
        for caller, theirs, app, own in (("productpage", OLD, "details", NEW), ("details", NEW, "ratings", OLD)):
            assert called(mesh, caller, app) == 200
            one, other = f"spiffe://{theirs}/ns/tenant1/sa/{caller}", f"spiffe://{own}/ns/tenant1/sa/{app}"
            mesh.eventually(lambda at=app, names=f"source={one} served_by={other}": told(mesh, at, names), 60)
        assert mesh.ask(TENANT).status == 200


def test_without_the_alias_neither_side_takes_the_other(mesh):
    with moved(mesh, []):
        assert called(mesh, "productpage", "details") in (403, 503)
        assert called(mesh, "details", "ratings") in (403, 503)
