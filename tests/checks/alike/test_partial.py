"""Words that are compared by a part name all whom they may fit."""

import json

import pytest

from tenantmesh.checks.alike.partial import partly_named

NAMES = {"acme", "acme-eu", "globex", "stark-eu"}


@pytest.mark.parametrize(
    ("value", "found"),
    [
        ({"namespaces": ["acme*"]}, {"acme", "acme-eu"}),
        ({"principals": ["cluster.local/ns/acme-*"]}, {"acme", "acme-eu"}),
        ({"principals": ["*-eu/sa/default"]}, {"acme-eu", "stark-eu"}),
        ({"hosts": ["x-gl*.example.com"]}, {"globex"}),
        ({"sni": {"prefix": "glob"}}, {"globex"}),
        ({"authority": {"regex": "gl.bex|st[a-z]+k-eu"}}, {"globex", "stark-eu"}),
        ({"matchPattern": "*.tark-eu.svc"}, {"stark-eu"}),
        ({"type": "RegularExpression", "value": ".*lobe.*"}, {"globex"}),
        ({"annotation": json.dumps({"namespaces": ["glo*"]})}, {"globex"}),
        ({"namespaces": ["*"], "hosts": ["*.example.com", "./*", "acme/*"]}, set()),
        ({"principals": ["*/ns/acme/*"]}, set()),
        ({"paths": ["/acme*"], "uri": {"regex": "^/acme/.*"}}, set()),
    ],
)
def test_names_that_a_value_may_fit_by_a_part(value, found):
    text = json.dumps(value, separators=(",", ":")).lower()
    assert partly_named([text], NAMES) == found
