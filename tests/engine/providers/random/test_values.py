"""What the generated values look like."""

import base64
import string
import time
import uuid

import bcrypt
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

SPECIAL = "!@#$%&*()-_=+[]{}<>:?"
CLASSES = {
    "upper": string.ascii_uppercase,
    "lower": string.ascii_lowercase,
    "numeric": string.digits,
    "special": SPECIAL,
}


@given(
    length=st.integers(1, 80),
    flags=st.fixed_dictionaries({name: st.booleans() for name in CLASSES}),
    minimums=st.fixed_dictionaries({name: st.integers(0, 9) for name in CLASSES}),
)
def test_a_string_has_its_length_its_classes_and_its_minimums(random, length, flags, minimums):
    assume(any(flags.values()))
    assume(sum(minimums.values()) <= length)
    options = {f"min{name.capitalize()}": least for name, least in minimums.items()}
    result = random.create("String", {"length": length, **flags, **options}).outputs["result"]
    assert len(result) == length
    for name, characters in CLASSES.items():
        count = sum(one in characters for one in result)
        assert count >= minimums[name]
        if not flags[name]:
            assert count == minimums[name]


@given(special=st.sets(st.sampled_from("~^|é€"), min_size=1))
def test_own_special_characters_take_the_place_of_the_usual_ones(random, special):
    inputs = {"length": 40, "minSpecial": 20, "overrideSpecial": "".join(sorted(special))}
    result = random.create("String", inputs).outputs["result"]
    assert len(result) == 40
    assert sum(one in special for one in result) >= 20
    assert not set(result) & set(SPECIAL)


def test_the_characters_that_a_minimum_asks_for_are_not_always_first(random):
    """Else the first characters of a password would be known."""
    inputs = {"length": 12, "minNumeric": 1, "numeric": False, "special": False}
    positions = {
        next(index for index, one in enumerate(random.create("String", inputs).outputs["result"]) if one.isdigit())
        for _ in range(300)
    }
    assert positions == set(range(12))


def test_a_password_has_a_bcrypt_hash_of_itself(random):
    outputs = random.create("Password", {"length": 20}).outputs
    assert outputs["bcryptHash"].startswith("$2a$10$")
    assert bcrypt.checkpw(outputs["result"].encode(), outputs["bcryptHash"].encode())


def test_a_long_password_is_hashed_up_to_72_bytes(random):
    outputs = random.create("Password", {"length": 100}).outputs
    assert bcrypt.checkpw(outputs["result"].encode()[:72], outputs["bcryptHash"].encode())


def test_a_password_has_no_telling_id(random):
    assert random.create("Password", {"length": 20}).id == "none"


@given(length=st.integers(1, 64))
def test_bytes_have_two_spellings(random, length):
    made = random.create("Bytes", {"length": length})
    data = bytes.fromhex(made.outputs["hex"])
    assert len(data) == length
    assert base64.b64decode(made.outputs["base64"]) == data
    assert made.id == "none"
    assert "id" not in made.outputs


@given(length=st.integers(1, 32), prefix=st.sampled_from(["", "app-"]))
def test_an_id_has_four_spellings_after_its_prefix(random, length, prefix):
    made = random.create("Id", {"byteLength": length, "prefix": prefix})
    outputs = made.outputs
    data = base64.urlsafe_b64decode(made.id + "==")
    assert len(data) == length
    assert outputs["b64Url"] == prefix + made.id
    assert outputs["b64Std"] == prefix + base64.b64encode(data).decode()
    assert outputs["hex"] == prefix + data.hex()
    assert outputs["dec"] == prefix + str(int.from_bytes(data, "big"))


@given(bounds=st.tuples(st.integers(-(2**40), 2**40), st.integers(-(2**40), 2**40)), seed=st.text(max_size=5))
def test_an_integer_lies_within_both_bounds(random, bounds, seed):
    least, most = sorted(bounds)
    made = random.create("Integer", {"min": least, "max": most, "seed": seed})
    assert least <= made.outputs["result"] <= most
    assert made.id == str(made.outputs["result"])


@given(items=st.lists(st.text(max_size=3), max_size=8), count=st.none() | st.integers(0, 30), seed=st.text(max_size=3))
def test_a_shuffle_repeats_no_item_before_all_were_used(random, items, count, seed):
    inputs = {"inputs": items, "seed": seed} | ({} if count is None else {"resultCount": count})
    results = random.create("Shuffle", inputs).outputs["results"]
    wanted = len(items) if count is None else count
    assert len(results) == (wanted if items else 0)
    for batch in (results[at : at + len(items)] for at in range(0, len(results), len(items) or 1)):
        remaining = list(items)
        for one in batch:
            remaining.remove(one)


@pytest.mark.parametrize("length", [1, 2, 3, 5])
def test_a_pet_has_as_many_words_as_asked(random, length):
    words = random.create("Pet", {"length": length, "separator": " "}).id.split(" ")
    assert len(words) == length
    assert all(word.isalpha() and word.islower() for word in words)


def test_a_pet_has_two_words_after_a_prefix(random):
    prefix, *words = random.create("Pet", {"prefix": "zoo"}).id.split("-")
    assert (prefix, len(words)) == ("zoo", 2)


def test_uuids_have_their_versions(random):
    plain, four, seven = (random.create(kind, {}).outputs["result"] for kind in ("Uuid", "Uuid4", "Uuid7"))
    assert len(plain) == 36
    assert uuid.UUID(four).version == 4
    assert (uuid.UUID(seven).int >> 76) & 0xF == 7
    assert abs((uuid.UUID(seven).int >> 80) / 1000 - time.time()) < 60


@pytest.mark.parametrize(
    ("kind", "inputs"),
    [
        ("Bytes", {"length": 16}),
        ("Id", {"byteLength": 16}),
        ("String", {"length": 30}),
        ("Uuid", {}),
        ("Uuid4", {}),
        ("Uuid7", {}),
        ("Integer", {"min": 0, "max": 2**60}),
    ],
)
def test_no_two_values_are_the_same(random, kind, inputs):
    assert len({str(random.create(kind, inputs).outputs) for _ in range(50)}) == 50
