"""The check and the real API server agree on every body of the table."""

import functools
import re

import pytest

from tenantmesh.errors import BodyError
from tenantmesh.schema import check_body
from tests.served import served

pytestmark = pytest.mark.controlplane

APPLY = "dryRun=All&fieldValidation=Strict&fieldManager=schema-test&force=true"
# Apply answers 500 where a body does not even fit the types; that is a verdict too.
UNREADABLE = re.compile(r"failed to (create typed patch|convert new) object|strict decoding error|BadRequest")
URLS = (
    *("", "*", "/", "//", "///a", "a", "a/b:1", "a.b:1/c", ":a", "http:", "http:a", "http:/a", "http://", "http:///a"),
    *(
        "HTTP://a",
        "http://a:b",
        "http://a:1",
        "http://a:",
        "http://[::1]",
        "http://[::1]:a",
        "http://[::1",
        "http://a]",
    ),
    *(
        "http://a b",
        "http://a/b c",
        "http://a%20b",
        "http://a%zz",
        "http://a/%zz",
        "http://a/%41",
        "http://ä/",
        "http://u:p@a",
    ),
    *(
        "http://u p@a",
        "http://@a",
        "http://a?%zz",
        "http://a#%zz",
        "http://a/\n",
        "h!p://a",
        "1http://a",
        "oci://a.b/c:1",
    ),
    *(
        'http://a"b',
        "http://a<b>",
        "http://a\\b",
        "http://a^b",
        "http://a{b}",
        "http://a|b",
        "http://a`b",
        "file:///a",
        "ftp://a",
    ),
)
DURATIONS = (
    *(
        "0",
        "0s",
        "1ms",
        "999us",
        "1000us",
        "1000µs",
        "1000μs",
        ".5s",
        "1.s",
        "1.5s",
        "s",
        ".s",
        "",
        "1",
        "1 s",
        "1d",
        "1s1s",
    ),
    *(
        "-1s",
        "+1s",
        "--1s",
        "1S",
        "1e3s",
        "1_0s",
        "1h1m1s1ms",
        "2562047h",
        "2562048h",
        "9999999999h",
        "1s\n",
        "0.0009999s",
    ),
)
HOSTS = (
    "a",
    "a.b",
    "*.a",
    "*",
    "*.",
    "a.",
    ".a",
    "A",
    "a_b",
    "a-b",
    "-a",
    "10.0.0.1",
    "10.0.0.01",
    "::1",
    "a" * 64,
    "a\n",
    "ä",
)
PATHS = (
    "/",
    "",
    "a",
    "/a",
    "/a//b",
    "/./a",
    "/a/.",
    "/a/..",
    "/%2f",
    "/%2F",
    "/%41",
    "/%4",
    "/a#b",
    "/a b",
    "/ä",
    "/a\n",
    "/$&",
)
ROUTE = "gateway.networking.k8s.io/v1 HTTPRoute"
# Where a text is tried, and which texts.
TEXTS = (
    ("extensions.istio.io/v1alpha1 WasmPlugin", ("spec", "url"), URLS),
    ("networking.istio.io/v1 VirtualService", ("spec", "http", 0, "timeout"), DURATIONS),
    (ROUTE, ("spec", "rules", 0, "timeouts", "request"), DURATIONS),
    (ROUTE, ("spec", "rules", 0, "matches", 0, "path", "value"), PATHS),
    (ROUTE, ("spec", "hostnames", 0), HOSTS),
    ("gateway.networking.k8s.io/v1 TLSRoute", ("spec", "hostnames", 0), HOSTS),
    (
        "networking.istio.io/v1 WorkloadEntry",
        ("spec", "address"),
        ("", "unix://", "unix:///a", "unix://@a", "unix://a", "a"),
    ),
    ("networking.istio.io/v1 ServiceEntry", ("spec", "hosts", 0), HOSTS),
    (
        "v1 Namespace",
        ("metadata", "labels", "a"),
        ("", "a", "a.b", "-a", "a-", "a b", "A_b", "a" * 63, "a" * 64, "a\n", "ä"),
    ),
    (
        "v1 ResourceQuota",
        ("spec", "hard", "requests.cpu"),
        ("1", 1, "1.5", "1.", ".5", "1k", "1K", "1Ki", "1m", "1e3", "1E3", "1e", "", "a", "+1"),
    ),
    ("v1 Secret", ("data", "raw"), ("", "YQ==", "YQ=", "YQ", "YWI=", "YWJj", "YW Jj", "YWJj\n", "_-==", "!")),
)


@pytest.fixture(scope="session")
def resources(cluster):
    """The path segment of every kind that the server has."""
    return {
        f"{path.removeprefix('/apis/').removeprefix('/api/')} {resource['kind']}": (path, resource)
        for path, resource in served(cluster.api())
    }


@pytest.fixture
def server_takes(cluster, resources):
    """Asks the server, by a server-side dry run with strict fields, whether it takes a body."""

    def takes(body):
        path, resource = resources[f"{body['apiVersion']} {body['kind']}"]
        place = "/namespaces/default" if resource["namespaced"] else ""
        url = f"{path}{place}/{resource['name']}/{body['metadata']['name']}?{APPLY}"
        answer = cluster.api().request("PATCH", url, body)
        assert answer.status < 400 or answer.status == 422 or UNREADABLE.search(answer.text), answer.text
        return answer.status < 300, answer.text

    return takes


def test_the_server_takes_what_the_check_takes(good, server_takes):
    taken, text = server_takes(good)
    assert taken, text


def test_the_server_refuses_what_the_check_refuses(bad, edited, server_takes):
    body = edited(bad)
    with pytest.raises(BodyError):
        check_body(body)
    taken, text = server_takes(body)
    assert taken is ("stricter" in bad), text


def test_the_two_agree_on_every_small_change_of_a_custom_kind(custom, changes, server_takes):
    """What a typing error makes of a body: each field removed, emptied, or of another kind, one at a time."""
    differ = []
    for said, body in changes(custom):
        accepted = taken_by_check(body)
        taken, text = server_takes(body)
        if accepted is not taken:
            differ.append(f"{said}: the check says {accepted}, the server {taken}: {text}")
    assert not differ, "\n".join(differ)


@pytest.mark.parametrize(("kind", "path", "values"), [pytest.param(*row, id=f"{row[0]} {row[1][-1]}") for row in TEXTS])
def test_the_two_read_texts_alike(bodies, server_takes, kind, path, values):
    """URLs, durations, host names and paths, which rules and patterns take apart."""
    differ = []
    for value in values:
        body = bodies[kind]
        reached = functools.reduce(lambda at, step: at[step], path[:-1], body)
        reached[path[-1]] = value
        taken, text = server_takes(body)
        if taken_by_check(body) is not taken:
            differ.append(f"{value!r}: the server says {taken}: {text}")
    assert not differ, "\n".join(differ)


def taken_by_check(body):
    try:
        check_body(body)
    except BodyError:
        return False
    return True
