"""Several egress gateways as users write them: what is read, and what is refused with the field that is wrong."""

import pytest

from tenantmesh.args.parse import parse_tenant
from tenantmesh.errors import ArgsError

CARDS, LEDGER = {"host": "api.cards.example"}, {"host": "ledger.hq.example", "gateway": "corporate"}
RANGES = ["203.0.113.0/24"]
HQ = {"corporate": {"destination_ranges": RANGES}}


def read(services, **more):
    return parse_tenant("acme", {"egress": {"services": services, **more}}).egress


def problems(args):
    with pytest.raises(ArgsError) as caught:
        parse_tenant("acme", args)
    return list(caught.value.problems)


def test_hosts_go_by_the_main_gateway_unless_they_name_another():
    egress = read([CARDS, LEDGER, {"host": "b.example", "gateway": "egress"}], gateways=HQ)
    assert {one.role: [service.host for service in egress.by(one)] for one in egress.gateways} == {
        "egress": ["api.cards.example", "b.example"],
        "egress--corporate": ["ledger.hq.example"],
    }
    assert egress.gateway_to("ledger.hq.example").destination_ranges == tuple(RANGES)


def test_without_a_host_of_its_own_there_is_no_main_gateway():
    (only,) = read([LEDGER], gateways=HQ).gateways
    assert (only.called, only.role) == ("corporate", "egress--corporate")


def test_one_gateway_is_as_large_as_it_was():
    (only,) = read([CARDS], destination_ranges=RANGES, replicas={"minimum": 1, "maximum": 3}).gateways
    assert (only.name, only.role, only.destination_ranges, only.replicas.most) == ("", "egress", tuple(RANGES), 3)


REFUSED = [
    ({"services": [LEDGER]}, "egress.services[0].gateway: 'corporate' is none of egress"),
    ({"services": [CARDS, {**LEDGER, "gateway": "corprate"}, LEDGER], "gateways": HQ}, "did you mean 'corporate'?"),
    ({"services": [CARDS], "gateways": HQ}, "egress.gateways.corporate: calls nothing: have a host name it"),
    (
        {"services": [LEDGER], "gateways": HQ, "destination_ranges": ["198.51.100.0/24"]},
        "egress.destination_ranges: is of the gateway 'egress', which no host names: leave it out",
    ),
    ({"services": [CARDS, LEDGER], "gateways": {"egress": {}}}, "egress.gateways.egress: 'egress' is the one that"),
    ({"services": [CARDS, LEDGER], "gateways": {"Corporate": {}}}, "did you mean 'corporate'?"),
    ({"services": [CARDS, LEDGER], "gateways": {"a--b": {}}}, "egress.gateways.a--b: 'a--b' has '--'"),
    ({"services": [CARDS, LEDGER], "gateways": {"corporate": {"services": []}}}, "corporate.services: is not known"),
    (
        {"services": [CARDS, {**LEDGER, "host": CARDS["host"]}], "gateways": HQ},
        "egress.services: 'api.cards.example' is there twice",
    ),
    (
        {"services": [CARDS, LEDGER], "gateways": {"corporate": {"destination_ranges": ["10.0.0.0/8"]}}},
        "egress.gateways.corporate.destination_ranges[0]: 10.0.0.0/8 lies in 10.0.0.0/8 of the mesh's cluster_cidrs",
    ),
    (
        {"services": [CARDS, LEDGER], "gateways": {"corporate": {"destination_ranges": [*RANGES, "0.0.0.0/0"]}}},
        "egress.gateways.corporate.destination_ranges: 0.0.0.0/0 is everything, and leaves a gateway without ranges",
    ),
]


@pytest.mark.parametrize(("egress", "problem"), REFUSED)
def test_what_does_not_fit_is_refused_by_its_field(egress, problem):
    (found,) = [one for one in problems({"egress": egress}) if problem in one]
    assert found.startswith("tenants.acme.egress.")


def test_a_range_for_all_is_fine_where_each_gateway_has_ranges():
    egress = read([CARDS, LEDGER], gateways=HQ, destination_ranges=["0.0.0.0/0"])
    assert [one.destination_ranges for one in egress.gateways] == [("0.0.0.0/0",), tuple(RANGES)]


def test_a_range_for_all_is_fine_where_there_is_one_gateway():
    assert len(read([LEDGER], gateways={"corporate": {"destination_ranges": ["0.0.0.0/0"]}}).gateways) == 1


def test_the_quota_has_to_hold_all_of_them():
    egress = {"services": [CARDS, LEDGER], "gateways": {"corporate": {"replicas": {"minimum": 200}}}}
    assert any(
        problem.startswith("tenants.acme.quota.pods: the gateways need") for problem in problems({"egress": egress})
    )
