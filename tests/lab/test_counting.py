"""Where Envoy's rate limit service plays its image."""

import shutil

import pytest

from tenantmesh.lab.counting import counting_images


def test_the_service_plays_its_image_where_it_is_there(tmp_path):
    if shutil.which("redis-server") is None:
        pytest.skip("redis-server is not installed")
    assert counting_images(tmp_path) == {}
    (tmp_path / "ratelimit").touch()
    assert counting_images(tmp_path)["ratelimit"][-1] == str(tmp_path / "ratelimit")
