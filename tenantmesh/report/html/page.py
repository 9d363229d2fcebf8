"""The page's parts put into one file: no name can leave its place, and nothing but the page's own script runs."""

import base64
import hashlib
import html
import json
from importlib.resources import files
from string import Template

from tenantmesh.checks.differences.difference import Difference
from tenantmesh.checks.proof import Proof
from tenantmesh.report.html.model import Data, difference_model, proof_model
from tenantmesh.report.wording import clean

_SCRIPTS = ("model.js", "matrix.js", "details.js", "lists.js", "main.js")
# `<` could end the script element. All else that matters to a script is ASCII-escaped by json.
_ESCAPES = str.maketrans({"<": "\\u003c", ">": "\\u003e", "&": "\\u0026"})


def proof_html(proof: Proof) -> str:
    """The page of `verify`."""
    return _page("Isolation of tenants", proof_model(proof))


def difference_html(difference: Difference) -> str:
    """The page of `diff`, which shows the matrix before and after."""
    return _page("What changes between tenants", difference_model(difference))


def _page(title: str, data: Data) -> str:
    style = _asset("page.css")
    script = "\n".join(_asset(name) for name in _SCRIPTS)
    return Template(_asset("page.html")).substitute(
        title=html.escape(title),
        line=html.escape(clean(data["line"])),
        outcome=html.escape(data["outcome"].replace(" ", "-")),
        style=style,
        style_hash=_hash(style),
        script=script,
        script_hash=_hash(script),
        data=_embedded(data),
    )


def _embedded(data: Data) -> str:
    text = json.dumps(data, separators=(",", ":"))
    return text.translate(_ESCAPES)


def _hash(text: str) -> str:
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


def _asset(name: str) -> str:
    return files("tenantmesh.report.html").joinpath(name).read_text(encoding="utf-8")
