"""Meshes from what users write."""

import pytest

from tenantmesh.args.mesh import ControlPlaneArgs, MeshArgs
from tenantmesh.args.parse import parse_mesh
from tenantmesh.errors import ArgsError
from tenantmesh.spec.mesh import Dataplane, MeshSpec


def test_a_mesh_needs_no_arguments():
    assert parse_mesh() == MeshSpec()


def test_a_dataplane_is_a_word_or_an_enumeration():
    assert parse_mesh({"dataplane": "istio-sidecar"}) == parse_mesh({"dataplane": Dataplane.ISTIO_SIDECAR})


def test_a_mesh_says_where_the_control_plane_is():
    mesh = parse_mesh(MeshArgs(control_plane=ControlPlaneArgs(namespace="mesh-system", revision="canary")))
    assert (mesh.control_plane.namespace, mesh.control_plane.revision) == ("mesh-system", "canary")


@pytest.mark.parametrize(
    ("args", "expected"),
    [
        ({"trust_domain": "a/b"}, "mesh.trust_domain: 'a/b' is not a domain"),
        ({"trust_domain": "*"}, "mesh.trust_domain: '*' is not a domain"),
        ({"trust_domain_aliases": ["a/*"]}, "mesh.trust_domain_aliases[0]: 'a/*' is not a domain"),
        ({"trust_domain_aliases": ["cluster.local"]}, "'cluster.local' is the trust domain itself: leave it out"),
        ({"dataplane": "istio-ambient"}, "mesh.dataplane: 'istio-ambient' is none of istio-sidecar"),
        ({"infrastructure": {"api_server_cidrs": ["0.0.0.0/0"]}}, "is every address: name the API server's"),
        ({"infrastructure": {"cluster_cidrs": ["10.0.0.1/8"]}}, "did you mean '10.0.0.0/8'?"),
        ({"control_plane": {"revison": "x"}}, "mesh.control_plane.revison: is not known: did you mean 'revision'?"),
    ],
)
def test_a_wrong_mesh_is_refused_by_path(args, expected):
    with pytest.raises(ArgsError) as caught:
        parse_mesh(args)
    assert expected in str(caught.value)
