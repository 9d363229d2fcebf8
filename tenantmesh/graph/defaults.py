"""The API server's defaults, filled in before anything is reasoned about."""

from tenantmesh.manifest import ManifestObject


def with_defaults(one: ManifestObject) -> ManifestObject:
    """`one` as the API server would store it, as far as reachability depends on it; itself when nothing is absent."""
    return one
