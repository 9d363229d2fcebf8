"""Seeds give what Go's math/rand gives; the expected numbers were printed by a Go 1.26 program."""

import pytest

from tenantmesh.engine.providers.random.gorand import GoRandom

PRINTED_BY_GO = {
    "a": (82, 18907, 900486144953, 728953463, [9, 2, 6, 4, 8, 3, 7, 5, 0, 1], 2598312657, 181230),
    "tenantmesh": (85, 412452, 70533932738, 905530545, [7, 1, 8, 4, 2, 0, 5, 3, 6, 9], 2280660725, 218501),
    "x y z": (8, 35212, 857403171066, 220326688, [9, 2, 8, 6, 4, 1, 0, 5, 3, 7], 342130448, 275780),
    "12345": (43, 749112, 635065333385, 391185749, [3, 1, 7, 8, 4, 2, 0, 6, 9, 5], 1062618929, 945064),
}


@pytest.mark.parametrize("seed", PRINTED_BY_GO)
def test_a_seed_gives_the_numbers_that_go_gives(seed):
    generator = GoRandom(seed)
    numbers = [generator.below(limit) for limit in (100, 1 << 20, 1 << 40, 1_000_000_007)]
    permutation = generator.permutation(10)
    large = generator.below(3_000_000_000)
    for _ in range(1000):
        generator.below(5)
    assert (*numbers, permutation, large, generator.below(1_000_000)) == PRINTED_BY_GO[seed]


def test_an_integer_and_a_shuffle_take_the_generator_for_their_seed(random):
    assert random.create("Integer", {"min": 5, "max": 104, "seed": "a"}).outputs["result"] == 5 + 82
    inputs = {"inputs": [str(one) for one in range(10)], "seed": "k", "resultCount": 15}
    generator = GoRandom("k")
    expected = generator.permutation(10) + generator.permutation(10)[:5]
    assert random.create("Shuffle", inputs).outputs["results"] == [str(one) for one in expected]
