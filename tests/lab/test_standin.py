"""The stand-ins for images that can't be had: what they play, what they tell, and what they can be told."""

import json
import socket
import ssl
import time
from contextlib import ExitStack
from http.client import HTTPConnection

import pytest

from tenantmesh.cluster.pki import Authority, Circle, Subject
from tests.lab.standins import running

_IMAGE = "docker.io/istio/examples-bookinfo-{}:1.20.3"
_TIMEOUT = 10


def _get(port, path, method="GET", **headers):
    connection = HTTPConnection("127.0.0.1", port, timeout=_TIMEOUT)
    try:
        connection.request(method, path, headers={name.replace("_", "-"): text for name, text in headers.items()})
        answer = connection.getresponse()
        return answer.status, answer.read().decode()
    finally:
        connection.close()


@pytest.fixture(scope="module")
def bookinfo(mesh_programs):
    """The ports of all four services; each finds the others by the variables of bookinfo's own images."""
    with ExitStack() as stack:
        ports = {}
        for name in ("ratings-v1", "details-v1", "reviews-v1", "reviews-v3", "productpage-v1"):
            known = {f"{one.partition('-')[0].upper()}_SERVICE_PORT": str(port) for one, port in ports.items()}
            hosts = {f"{one}_HOSTNAME": "127.0.0.1" for one in ("RATINGS", "DETAILS", "REVIEWS")}
            ports[name] = stack.enter_context(running(mesh_programs / "standin", _IMAGE.format(name), **known, **hosts))
        yield ports


def test_an_answer_names_who_gave_it_and_shows_the_request(bookinfo):
    status, body = _get(bookinfo["reviews-v1"], "/reviews/0", end_user="jason")
    answer = json.loads(body)
    assert status == 200
    assert (answer["service"], answer["version"], answer["pod"]) == ("reviews", "v1", "pod-1")
    assert answer["headers"]["end-user"] == "jason"
    assert answer["content"]["reviewers"] == ["Reviewer1", "Reviewer2"]


def test_the_page_shows_what_all_three_others_say(bookinfo):
    status, body = _get(bookinfo["productpage-v1"], "/productpage")
    assert status == 200
    assert "stand-in for productpage v1 in pod pod-1" in body
    assert "details: 200" in body
    assert "reviews: 200" in body
    assert "Reviewer2" in body


@pytest.mark.parametrize("header", ["end-user", "x-request-id", "traceparent", "authorization", "cookie"])
def test_headers_of_tracing_and_of_the_user_are_passed_on(bookinfo, header):
    """Through two services: routing by user and one trace for all depend on it."""
    _, body = _get(bookinfo["productpage-v1"], "/api/v1/products/0/reviews", **{header: "given", "x-other": "not"})
    reviews = json.loads(body)["content"]["reviews"]["body"]
    ratings = reviews["content"]["ratings"]["body"]
    assert ratings["service"] == "ratings"
    assert [one["headers"].get(header) for one in (reviews, ratings)] == ["given", "given"]
    assert "x-other" not in reviews["headers"]


def test_only_later_reviews_have_ratings(bookinfo):
    contents = {
        name: json.loads(_get(bookinfo[name], "/reviews/0")[1])["content"] for name in bookinfo if "rev" in name
    }
    assert {name: "ratings" in content for name, content in contents.items()} == {
        "reviews-v1": False,
        "reviews-v3": True,
    }


def test_a_service_that_fails_is_shown_on_a_page_that_is_there(bookinfo):
    status, body = _get(bookinfo["productpage-v1"], "/productpage", x_standin_status="503", x_standin_target="details")
    assert status == 200
    assert "details: 503" in body
    assert "reviews: 200" in body


def test_a_request_can_ask_for_an_error_a_delay_and_a_length(bookinfo):
    begin = time.monotonic()
    status, body = _get(bookinfo["details-v1"], "/details/0?status=418&delay=200ms&size=5000")
    assert status == 418
    assert time.monotonic() - begin >= 0.2
    assert len(body) > 5000
    assert _get(bookinfo["details-v1"], "/details/0?status=many") == (
        400,
        "status: many is not a number from 200 to 599\n",
    )
    assert _get(bookinfo["details-v1"], "/nowhere")[0] == 404


def test_only_the_first_tries_of_one_request_fail(bookinfo):
    answers = [
        _get(bookinfo["details-v1"], "/details/0", x_standin_fail_first="2", x_request_id=name)[0]
        for name in ("one", "one", "two", "one", "two", "two")
    ]
    assert answers == [503, 503, 503, 200, 503, 200]


def test_counters_tell_what_reached_the_server(bookinfo):
    port = bookinfo["ratings-v1"]
    _get(port, "/counters", method="DELETE")
    _get(port, "/ratings/0")
    _get(port, "/ratings/0?status=500")
    counted = json.loads(_get(port, "/counters")[1])
    assert counted == {
        "total": 2,
        "active": 0,
        "peak": 1,
        "byPath": {"/ratings/0": 2},
        "byStatus": {"200": 1, "500": 1},
    }


def test_a_pod_can_be_told_to_fail_until_it_is_told_otherwise(bookinfo):
    port = bookinfo["details-v1"]
    assert _get(port, "/behaviour?status=502", method="PUT")[0] == 204
    assert _get(port, "/details/0")[0] == 502
    _get(port, "/behaviour", method="PUT")
    assert _get(port, "/details/0")[0] == 200


def test_any_other_image_echoes_the_request(mesh_programs):
    with running(mesh_programs / "standin", "example.com/team/orders:2.1") as port:
        answer = json.loads(_get(port, "/any/path?x=1")[1])
    assert (answer["service"], answer["version"], answer["path"]) == ("orders", "2.1", "/any/path?x=1")


def test_a_tcp_server_greets_and_sends_back(mesh_programs):
    with (
        running(mesh_programs / "standin", "example.com/tcp-echo:1") as port,
        socket.create_connection(("127.0.0.1", port)) as client,
    ):
        client.sendall(b"hello\n")
        lines = client.makefile()
        assert lines.readline().startswith("tcp-echo 1 pod-1 ")
        assert lines.readline() == "hello\n"


def test_a_tls_server_demands_the_client_certificates_that_it_has_an_authority_for(mesh_programs, tmp_path):
    authority = Authority(tmp_path, Circle.CLUSTER)
    folder = tmp_path / "etc" / "tls"
    folder.mkdir(parents=True)
    server = authority.issue(Subject(user="server", hosts=("echo.example.com",)))
    client = authority.issue(Subject(user="alice"))
    (folder / "tls.crt").write_bytes(server.certificate)
    (folder / "tls.key").write_bytes(server.key)
    (folder / "ca.crt").write_bytes((tmp_path / "ca.crt").read_bytes())
    (tmp_path / "client.pem").write_bytes(client.certificate + client.key)
    trusting = ssl.create_default_context(cafile=tmp_path / "ca.crt")
    with running(mesh_programs / "standin", "example.com/tls-echo:1", folder=tmp_path) as port:
        with pytest.raises(ssl.SSLError, match="certificate required"):
            _greeting(port, trusting)
        trusting.load_cert_chain(tmp_path / "client.pem")
        assert _greeting(port, trusting).endswith("sni=echo.example.com client=alice uris=[]\n")


def _greeting(port, trusting):
    with (
        socket.create_connection(("127.0.0.1", port), timeout=_TIMEOUT) as plain,
        trusting.wrap_socket(plain, server_hostname="echo.example.com") as secured,
    ):
        return secured.makefile().readline()
