"""Which images are played by programs of this machine."""

import pytest

from tenantmesh.lab.images import read_images, short_name, write_images
from tests.lab.test_containers import APP, containers


@pytest.mark.parametrize(
    "image",
    ["redis", "redis:8", "docker.io/library/redis:8", "registry.example.com:5000/redis@sha256:0123"],
)
def test_an_image_is_known_by_its_last_name(image):
    assert short_name(image) == "redis"


def test_what_is_given_is_kept_and_adds_up(tmp_path):
    file = tmp_path / "images.json"
    write_images(file, {"ledger": ("python3", "ledger.py"), "shop": ("shop",)})
    write_images(file, {"shop": ("other-shop", "-v")})
    found = read_images(file)
    assert found["ledger"] == ("python3", "ledger.py")
    assert found["shop"] == ("other-shop", "-v")


def test_a_real_program_gets_the_containers_arguments_and_user():
    found = containers(images={"shop": ("other-shop", "-v")})
    running = found.running({**APP, "args": ["--port", "$(PORT)"], "env": [{"name": "PORT", "value": "80"}]})
    assert running.command == ("other-shop", "-v", "--port", "80")
    assert running.user == 1234
