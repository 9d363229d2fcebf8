"""The check of bodies: what passes, what is refused and how it is said."""

import subprocess
import sys
from copy import deepcopy
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import tenantmesh
from tenantmesh.errors import BodyError
from tenantmesh.schema import check_body, known_kinds

WORDS = st.text(alphabet="abcdefgXYZ", min_size=1, max_size=8).map("zz".__add__)


class Output:
    """As opaque as a Pulumi Output: not plain data."""


def problems(body):
    with pytest.raises(BodyError) as caught:
        check_body(body)
    return caught.value.problems


FREE_MAPS = {
    "annotations",
    "data",
    "default",
    "defaultRequest",
    "environmentVariables",
    "hard",
    "labels",
    "matchLabels",
    "options",
    "pluginConfig",
    "portLevelMtls",
    "requests",
    "stringData",
    "tagOverrides",
}
# Maps in these kinds only.
FREE_HERE = {
    ("networking.istio.io/v1 Gateway", "selector"),
    ("networking.istio.io/v1 WorkloadEntry", "ports"),
    ("v1 Service", "selector"),
}


def free(body, path):
    """Whether an object takes any key."""
    kind = f"{body['apiVersion']} {body['kind']}"
    if "typed_config" in path or path[-2:] == ("patch", "value") or "free" in path:
        return True
    return bool(path) and (path[-1] in FREE_MAPS or (kind, path[-1]) in FREE_HERE)


def objects(value, path=()):
    """Every object with its path."""
    if isinstance(value, dict):
        yield path, value
    for key, below in value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ():
        yield from objects(below, (*path, key))


def leaves(value):
    """The container and key of every leaf under metadata and spec."""
    items = value.items() if isinstance(value, dict) else enumerate(value)
    for key, below in items:
        if isinstance(below, dict | list) and below:
            yield from leaves(below)
        else:
            yield value, key


def test_a_body_that_fits_its_kind_passes(good):
    check_body(good)


def test_an_edit_that_the_server_refuses_is_refused_with_its_path(bad, edited):
    found = problems(edited(bad))
    assert any(bad["says"] in problem for problem in found), found


def test_a_check_leaves_the_body_as_it_was(good):
    before = deepcopy(good)
    check_body(good)
    assert good == before


def test_an_unknown_field_at_the_top_and_in_metadata_is_refused_in_every_kind(good):
    body = deepcopy(good) | {"specs": 1}
    body["metadata"]["nome"] = "x"
    found = problems(body)
    assert any(" specs: unknown field" in problem for problem in found)
    assert any(' metadata.nome: unknown field (did you mean "name"?)' in problem for problem in found)


def test_a_wrong_type_is_refused_in_every_kind(good):
    for key in set(good) - {"apiVersion", "kind", "metadata"}:
        # Text is a right value for a Secret's type only.
        wrong = 1.5
        assert any(f" {key}: must be " in problem for problem in problems(good | {key: wrong})), key


def test_a_body_without_name_or_namespace_is_refused_in_every_kind(good):
    body = deepcopy(good)
    body["metadata"].pop("name")
    namespaced = body["metadata"].pop("namespace", None)
    found = problems(body)
    assert any("metadata.name: required" in problem for problem in found)
    assert any("metadata.namespace: required" in problem for problem in found) is (namespaced is not None)


def test_a_kind_without_a_schema_is_refused_with_the_nearest_known_one():
    (found,) = problems({"apiVersion": "networking.istio.io/v1beta1", "kind": "Gateway", "metadata": {"name": "x"}})
    assert "kind: no schema is known for this kind (did you mean networking.istio.io/v1 Gateway?)" in found


def test_a_body_without_a_kind_is_refused():
    assert problems({"metadata": {"name": "x"}}) == (
        "x: apiVersion: required, and must be string",
        "x: kind: required, and must be string",
    )


def test_every_wrong_field_is_named_at_once(bodies):
    body = bodies["networking.istio.io/v1 Gateway"]
    body["spec"]["servers"][0] |= {"tsl": {}, "hosts": "one"}
    body["spec"]["selectors"] = {}
    title = "networking.istio.io/v1 Gateway default/ingress"
    assert problems(body) == (
        f'{title}: spec.selectors: unknown field (did you mean "selector"?)',
        f"{title}: spec.servers[0].hosts: must be array, not string",
        f'{title}: spec.servers[0].tsl: unknown field (did you mean "tls"?)',
    )


def test_a_field_that_is_wrong_twice_is_named_once(bodies):
    body = bodies["security.istio.io/v1 PeerAuthentication"]
    body["spec"]["portLevelMtls"]["8080"]["mode"] = 1
    (found,) = problems(body)
    assert 'spec.portLevelMtls["8080"].mode: ' in found


def test_a_problem_does_not_show_the_value_of_a_secret(bodies):
    marker = 5512773
    body = bodies["v1 Secret"]
    body["stringData"]["key"] = marker
    body["data"]["raw"] = "not-base64-sesame"
    found = "\n".join(problems(body))
    assert str(marker) not in found
    assert "sesame" not in found


def test_leaves_fit_when_all_are_opaque(good):
    body = deepcopy(good)
    fields = [body[key] for key in body if key not in ("apiVersion", "kind", "metadata") and body[key]]
    for container, key in list(leaves([field for field in fields if isinstance(field, dict | list)])):
        container[key] = Output()
    check_body(body)


def test_each_opaque_leaf_alone_fits(good):
    count = len(list(leaves(deepcopy(good))))
    for index in range(count):
        body = deepcopy(good)
        container, key = list(leaves(body))[index]
        if container is body or container is body["metadata"]:
            continue
        container[key] = Output()
        check_body(body)


def test_what_is_wrong_beside_an_opaque_leaf_is_still_found(bodies):
    body = bodies["networking.istio.io/v1 Gateway"]
    body["spec"]["servers"][0]["tls"] |= {"credentialName": Output(), "credentialNames": ["a"], "mode": "MUTUAL"}
    body["spec"]["servers"][0]["port"]["number"] = Output()
    # Presence decides this rule, and an opaque value is present.
    assert ["only one of credentialName or credentialNames" in problem for problem in problems(body)] == [True]
    body["spec"]["servers"][0]["port"]["nmber"] = 1
    assert any("port.nmber: unknown field" in problem for problem in problems(body))


def test_a_rule_is_not_held_against_a_value_that_it_cannot_see(bodies):
    body = bodies["networking.istio.io/v1 ServiceEntry"]
    body["spec"]["addresses"] = ["10.0.0.0/8"]
    assert problems(body)
    body["spec"]["resolution"] = Output()
    check_body(body)


@given(data=st.data(), word=WORDS)
def test_an_unknown_field_is_found_wherever_it_is(untouched, data, word):
    """In any object of any good body, but for maps with keys of the user's choice and free content."""
    body = deepcopy(untouched[data.draw(st.sampled_from(sorted(untouched)))])
    closed = [(path, value) for path, value in objects(body) if not free(body, path)]
    _, value = data.draw(st.sampled_from(closed))
    value[word] = data.draw(st.sampled_from([1, "x", True, [], {}]))
    assert any(f"{word}: unknown field" in problem for problem in problems(body))


def test_the_kinds_that_the_library_writes_are_known(untouched):
    assert set(untouched) <= set(known_kinds())


def test_importing_the_plan_loads_no_rules():
    """Rules are needed for custom kinds only, and CEL itself never."""
    code = "import sys, tenantmesh.schema; print({'celpy', 'lark', 'tenantmesh.schema.rules'} & {*sys.modules})"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "set()"


def test_the_plan_imports_nothing_that_makes_it_impure():
    # The root package exports the components too; in its place stands an empty one, so that only plan's imports count.
    code = f"""
import sys, types
root = types.ModuleType("tenantmesh")
root.__path__ = [{str(Path(tenantmesh.__file__).parent)!r}]
sys.modules["tenantmesh"] = root
import tenantmesh.plan.tenant, tenantmesh.plan.mesh, tenantmesh.schema.rules
print({{'pulumi', 'yaml'}} & {{*sys.modules}})
"""
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "set()"
