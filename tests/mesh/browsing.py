"""A browser at tenants' gateways: how a login begins and ends, and the cookies that it keeps."""

import urllib.parse
from collections.abc import Mapping

from tests.mesh.asking import Answer
from tests.mesh.driving import Mesh
from tests.mesh.oidc import Outside, kept, logged_in, written

PAGE, CALLBACK = "/productpage", "/oauth2/callback"
"""What is asked for, and where the provider sends people back to."""


def ask(mesh: Mesh, tenant: str, path: str, jar: Mapping[str, str] | None = None, **headers: str) -> Answer:
    """What a tenant answers, with the cookies of `jar`."""
    return mesh.ask(tenant, path, headers={**({"cookie": written(jar)} if jar else {}), **headers})


def begun(mesh: Mesh, tenant: str) -> tuple[str, Mapping[str, str]]:
    """A browser without a session: where it is sent, and the cookies of the login that begins."""
    answer = ask(mesh, tenant, PAGE)
    assert answer.status == 302
    return answer.headers["location"], lasting(answer)


def ended(mesh: Mesh, outside: Outside, tenant: str, name: str, begun: tuple[str, Mapping[str, str]]) -> Answer:
    """What a person is answered who has logged in at the provider and comes back."""
    location, jar = begun
    parts = urllib.parse.urlsplit(logged_in(location, name, outside.connection))
    assert (parts.netloc, parts.path) == (f"{tenant}.example.com", CALLBACK)
    return ask(mesh, tenant, f"{parts.path}?{parts.query}", jar)


def session(mesh: Mesh, outside: Outside, tenant: str, name: str) -> Mapping[str, str]:
    """The cookies that a person has after a login."""
    answer = ended(mesh, outside, tenant, name, begun(mesh, tenant))
    assert (answer.status, answer.headers["location"]) == (302, f"https://{tenant}.example.com{PAGE}")
    return lasting(answer)


def lasting(answer: Answer) -> Mapping[str, str]:
    """The cookies that are kept, none of which another host could have set or a script reads."""
    found = [text for text in answer.set_cookies if "=deleted;" not in text]
    assert found
    for text in found:
        name, *attributes = text.split(";")
        assert name.startswith("__Host-")
        assert {"path=/", "secure", "httponly", "samesite=lax"} <= {one.strip().lower() for one in attributes}, text
    return kept(found)
