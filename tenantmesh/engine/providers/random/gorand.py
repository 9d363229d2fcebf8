"""Go's math/rand generator, so that a seed gives the values that the real provider makes of it.

The generator is Mitchell and Reeds' additive lagged Fibonacci sequence y[k+607] = y[k] + y[k+334] modulo 2^64. Go mixes
every seed with a table of 607 numbers, the state of the sequence after 7.8e12 steps from seed 1
(src/math/rand/gen_cooked.go). The recurrence is linear, so that state is x^N modulo x^607 - x^334 - 1 applied to the
first terms: computed here in milliseconds instead of stored.
"""

from collections.abc import Iterator
from functools import cache

_LENGTH = 607
_LAG = 334
_WORD = (1 << 64) - 1
_INT32_MAX = (1 << 31) - 1
_COOKED_STEPS = 7_800_000_000_000
# A product's coefficient is a sum of at most 607 products of two words: 138 bits, rounded up to bytes.
_SLOT = 18


class GoRandom:
    """`rand.New(rand.NewSource(crc64(seed)))` as terraform-provider-random seeds it. Never for secrets."""

    def __init__(self, seed: str) -> None:
        self._history = _seeded(_crc64(seed.encode()))
        self._next = 0

    def below(self, limit: int) -> int:
        """A number from 0 to `limit` - 1, as `Intn`."""
        if limit <= _INT32_MAX:
            return self._draw(limit, 31)
        return self._draw(limit, 63)

    def permutation(self, size: int) -> list[int]:
        """The numbers below `size` in some order, as `Perm`."""
        result = [0] * size
        for index in range(size):
            other = self.below(index + 1)
            result[index] = result[other]
            result[other] = index
        return result

    def _draw(self, limit: int, bits: int) -> int:
        if limit & (limit - 1) == 0:
            return self._bits(bits) & (limit - 1)
        largest = (1 << bits) - 1 - (1 << bits) % limit
        value = self._bits(bits)
        while value > largest:
            value = self._bits(bits)
        return value % limit

    def _bits(self, count: int) -> int:
        history, index = self._history, self._next
        value = (history[index] + history[(index + _LAG) % _LENGTH]) & _WORD
        history[index] = value
        self._next = (index + 1) % _LENGTH
        return (value & (_WORD >> 1)) >> (63 - count)


def _seeded(seed: int) -> list[int]:
    """The first 607 terms of the sequence for a seed, in the order in which they are used."""
    numbers = _lehmer(_reduced(seed))
    mixed = [_mix(numbers, 20) ^ cooked for cooked in _cooked()]
    return [mixed[_slot(index)] for index in range(_LENGTH)]


def _reduced(seed: int) -> int:
    magnitude = abs(seed) % _INT32_MAX
    return (magnitude if seed >= 0 else (_INT32_MAX - magnitude) % _INT32_MAX) or 89482311


def _lehmer(seed: int) -> Iterator[int]:
    value = seed
    for _ in range(20):
        value = value * 48271 % _INT32_MAX
    while True:
        value = value * 48271 % _INT32_MAX
        yield value


def _mix(numbers: Iterator[int], shift: int) -> int:
    return (next(numbers) << 2 * shift) & _WORD ^ next(numbers) << shift ^ next(numbers)


def _slot(index: int) -> int:
    """Where Go's array holds the term that is used at step `index`."""
    return (_LAG - 1 - index) % _LENGTH


@cache
def _cooked() -> tuple[int, ...]:
    numbers = _lehmer(1)
    array = [_mix(numbers, 10) for _ in range(_LENGTH)]
    terms = [array[_slot(index)] for index in range(_LENGTH)]
    while len(terms) < 2 * _LENGTH:
        terms.append((terms[-_LENGTH] + terms[_LAG - _LENGTH]) & _WORD)
    weights = _power_of_x(_COOKED_STEPS)
    later = [sum(map(int.__mul__, weights, terms[start:])) & _WORD for start in range(_LENGTH)]
    result = [0] * _LENGTH
    for index, value in enumerate(later):
        result[_slot(_COOKED_STEPS + index)] = value
    return tuple(result)


def _power_of_x(exponent: int) -> list[int]:
    """The coefficients of x^exponent modulo x^607 - x^334 - 1 and 2^64."""
    result = [1]
    for bit in f"{exponent:b}":
        result = _reduce(_square(result))
        if bit == "1":
            result = _reduce([0, *result])
    return result + [0] * (_LENGTH - len(result))


def _square(coefficients: list[int]) -> list[int]:
    packed = int.from_bytes(b"".join(value.to_bytes(_SLOT, "little") for value in coefficients), "little")
    size = 2 * len(coefficients)
    product = (packed * packed).to_bytes(size * _SLOT, "little")
    return [int.from_bytes(product[at : at + _SLOT], "little") & _WORD for at in range(0, size * _SLOT, _SLOT)]


def _reduce(coefficients: list[int]) -> list[int]:
    for power in range(len(coefficients) - 1, _LENGTH - 1, -1):
        value = coefficients[power]
        coefficients[power - _LENGTH] = (coefficients[power - _LENGTH] + value) & _WORD
        coefficients[power - _LENGTH + _LAG] = (coefficients[power - _LENGTH + _LAG] + value) & _WORD
    return coefficients[:_LENGTH]


def _crc64(data: bytes) -> int:
    """CRC-64 of ISO 3309 as Go's hash/crc64 computes it, as a signed number."""
    value = _WORD
    for byte in data:
        value ^= byte
        for _ in range(8):
            value = value >> 1 ^ (0xD800000000000000 if value & 1 else 0)
    value ^= _WORD
    return value - (1 << 64) if value >> 63 else value
