"""Reads a URL as Go's url.ParseRequestURI does, which is what isURL and url() mean in Kubernetes' CEL."""

import re

from msgspec import Struct

SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*):", re.ASCII)
CONTROL = re.compile(r"[\x00-\x1f\x7f]")
ESCAPE = re.compile(r"%(?![0-9A-Fa-f]{2})")
USERINFO = re.compile(r"[A-Za-z0-9\-._:~!$&'()*+,;=%@]*", re.ASCII)
# What Go lets stand unescaped in a host; everything over ASCII too.
HOST = re.compile(r"[A-Za-z0-9\-_.~!$&'()*+,;=:\[\]<>\"%\u0080-\U0010ffff]*")
PORT = re.compile(r"(:[0-9]*)?", re.ASCII)


class Url(Struct, frozen=True):
    """The parts of a URL that the rules ask for."""

    scheme: str


def parse_url(text: str) -> Url:
    """The URL; ValueError unless it is an absolute URI or an absolute path."""
    if not text or CONTROL.search(text):
        raise ValueError("not a url")
    if text == "*":
        return Url("")
    scheme, rest = _scheme(text)
    path = rest.partition("?")[0]
    if path.startswith("/"):
        _check(scheme, path)
    elif not scheme:
        raise ValueError("not an absolute url")
    return Url(scheme)


def _scheme(text: str) -> tuple[str, str]:
    found = SCHEME.match(text)
    if found:
        return found[1].lower(), text[found.end() :]
    if text.startswith(":"):
        raise ValueError("a url without its scheme")
    return "", text


def _check(scheme: str, path: str) -> None:
    if scheme and path.startswith("//"):
        authority, slash, path = path[2:].partition("/")
        _check_authority(authority)
        path = slash + path
    if ESCAPE.search(path):
        raise ValueError("a url with a wrong escape")


def _check_authority(authority: str) -> None:
    userinfo, _, host = authority.rpartition("@")
    if not USERINFO.fullmatch(userinfo) or ESCAPE.search(userinfo) or not HOST.fullmatch(host) or ESCAPE.search(host):
        raise ValueError("a url with a wrong host")
    _check_port(host)


def _check_port(host: str) -> None:
    if host.startswith("["):
        _, bracket, port = host.rpartition("]")
        if not bracket:
            raise ValueError("a url with an open bracket")
    else:
        port = host[host.rindex(":") :] if ":" in host else ""
    if not PORT.fullmatch(port):
        raise ValueError("a url with a wrong port")
