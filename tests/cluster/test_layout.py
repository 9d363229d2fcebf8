"""Ports stay while they can, and what is remembered comes back the same or is refused."""

import socket

import pytest

from tenantmesh.cluster.layout import Layout, Record, choose_ports, read_record, write_record
from tenantmesh.errors import ClusterError


def test_ports_are_different_and_stay_the_same():
    ports = choose_ports({}, ())
    assert len(set(ports.values())) == len(ports) == 5
    assert choose_ports(ports, ()) == ports


def test_a_port_that_a_stranger_took_is_replaced_and_the_others_stay():
    ports = choose_ports({}, ())
    with socket.create_server(("127.0.0.1", ports["etcd-peer"])):
        again = choose_ports(ports, ())
    assert {name for name in ports if ports[name] != again[name]} == {"etcd-peer"}


def test_ports_on_which_their_own_component_listens_stay():
    ports = choose_ports({}, ())
    with socket.create_server(("127.0.0.1", ports["etcd"])), socket.create_server(("127.0.0.1", ports["etcd-peer"])):
        assert choose_ports(ports, {"etcd"}) == ports


def test_a_record_comes_back(tmp_path):
    layout = Layout(folder=tmp_path)
    record = Record(version="v1.2.3", ports={"kube-apiserver": 1}, components=("etcd",), nodes=2)
    write_record(layout, record)
    assert read_record(layout) == record
    assert record.server == "https://127.0.0.1:1"


def test_no_record_is_no_error(tmp_path):
    assert read_record(Layout(folder=tmp_path)) is None


@pytest.mark.parametrize("text", ["", "{", "[]", "{}", '{"components": 1}', '{"components": [], "other": 1}'])
def test_a_damaged_record_says_what_to_do(tmp_path, text):
    layout = Layout(folder=tmp_path)
    layout.record.write_text(text)
    with pytest.raises(ClusterError, match="delete the cluster and start it again"):
        read_record(layout)
