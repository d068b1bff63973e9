"""Bytes to a QR code (ISO/IEC 18004), as the path of an SVG. It is made for ten thousand pages at a time.

What never changes between two codes of one size is taken from segno once; here is only what the bytes decide: the
codewords, their error correction, and where they go.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from itertools import zip_longest
from operator import itemgetter
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

QUIET = 4  # light modules around the code (ISO/IEC 18004, 5.3.8)
VERSIONS = (5, 7, 9)  # 37 to 53 modules a side: what a phone reads from a screen without being moved
_ERROR = "m"  # a seventh of the code may be unreadable
_MASK = 0  # the standard's advice is to try all eight; that takes six times as long, and readers take any
_RUN = re.compile("0*1+")


@dataclass(frozen=True)
class _Plan:
    """How a code of one size is made.

    ``side`` is in modules, without the quiet zone; ``blocks`` are the lengths of the blocks of data, ``check`` the
    number of check bytes of each. The code has so many ``bits``, of which ``mask`` turns some; ``pick`` gives, from the
    bits and the constants 0 and 1 behind them, the modules row by row.
    """

    side: int
    capacity: int
    blocks: tuple[int, ...]
    check: int
    bits: int
    mask: int
    pick: Callable[[str], tuple[str, ...]]


def capacity() -> int:
    """The largest number of bytes that a code can hold here."""
    return _plan(VERSIONS[-1]).capacity


def path(data: bytes) -> tuple[str, int]:
    """The dark modules of the code of ``data`` as a path, and the side of the whole with the quiet zone, in modules.

    The path is stroked with a width of 1, its rows lie at whole numbers: the view box begins at y = -0.5.
    Raises ValueError for more than ``capacity()`` bytes.
    """
    version = next((one for one in VERSIONS if len(data) <= _plan(one).capacity), None)
    if version is None:
        raise ValueError(f"{len(data)} bytes do not fit; {capacity()} do")
    plan = _plan(version)
    code = int.from_bytes(_with_check(_codewords(data, version, plan), plan), "big") << (plan.bits % 8)
    modules = "".join(plan.pick(format(code ^ plan.mask, f"0{plan.bits}b") + "01"))
    rows = (modules[at : at + plan.side] for at in range(0, len(modules), plan.side))
    drawn = (
        f"M{QUIET} {y}{''.join(map(_stroke, found))}"
        for y, row in enumerate(rows, QUIET)
        if (found := _RUN.findall(row))
    )
    return "".join(drawn), plan.side + 2 * QUIET


@lru_cache(maxsize=1024)
def _stroke(run: str) -> str:
    """The way over some light modules, 0, and along some dark ones, 1."""
    dark = run.count("1")
    return f"m{len(run) - dark} 0h{dark}" if len(run) > dark else f"h{dark}"


def _codewords(data: bytes, version: int, plan: _Plan) -> bytes:
    """The data in byte mode with their head and the padding (ISO/IEC 18004, 7.4)."""
    length = 8 if version < 10 else 16
    head = (0b0100 << length | len(data)) << 8 * len(data) | int.from_bytes(data, "big")
    whole = (head << 4).to_bytes((4 + length + 4) // 8 + len(data), "big")  # four more bits end the data
    total = sum(plan.blocks)
    return whole + (b"\xec\x11" * (total // 2 + 1))[: total - len(whole)]


def _with_check(data: bytes, plan: _Plan) -> bytes:
    """Data and check bytes in the order in which they are laid out: block by block in turn (ISO/IEC 18004, 7.6)."""
    blocks, at = [], 0
    for length in plan.blocks:
        blocks.append(data[at : at + length])
        at += length
    checks = [_check_bytes(block, plan.check) for block in blocks]
    woven = bytes(one for group in zip_longest(*blocks) for one in group if one is not None)
    return woven + bytes(one for group in zip(*checks, strict=True) for one in group)


def _check_bytes(block: bytes, count: int) -> bytes:
    """The remainder of the block divided by the generator of degree ``count``, over GF(256)."""
    table = _multiples(count)
    keep, shift, rest = (1 << 8 * (count - 1)) - 1, 8 * (count - 1), 0
    for byte in block:
        rest = ((rest & keep) << 8) ^ table[rest >> shift ^ byte]
    return rest.to_bytes(count, "big")


@lru_cache(maxsize=len(VERSIONS))
def _multiples(count: int) -> tuple[int, ...]:
    """The generator of degree ``count`` times each of the 256 elements, its coefficients as one number."""
    powers = [1]
    for _ in range(254):
        double = powers[-1] << 1
        powers.append(double ^ 0x11D if double & 0x100 else double)
    logs = {value: exponent for exponent, value in enumerate(powers)}

    def times(one: int, other: int) -> int:
        return powers[(logs[one] + logs[other]) % 255] if one and other else 0

    generator = [1]
    for exponent in range(count):
        shifted = [*generator, 0]
        scaled = [0, *(times(factor, powers[exponent]) for factor in generator)]
        generator = [one ^ other for one, other in zip(shifted, scaled, strict=True)]
    return tuple(
        int.from_bytes(bytes(times(factor, element) for factor in generator[1:]), "big") for element in range(256)
    )


@lru_cache(maxsize=len(VERSIONS))
def _plan(version: int) -> _Plan:
    import segno
    from segno import consts

    made = segno.make("0", version=version, error=_ERROR, mask=_MASK, mode="byte", boost_error=False, micro=False)
    kinds = [list(row) for row in made.matrix_iter(border=0, verbose=True)]
    kinds[8][-9] = consts.TYPE_DATA_LIGHT  # which segno counts among the format's, one too many of them
    table: Any = consts.ECC
    groups = table[version][consts.ERROR_LEVEL_M]
    blocks = tuple(group.num_data for group in groups for _ in range(group.num_blocks))
    check = groups[0].num_total - groups[0].num_data
    spots = _spots(kinds, {consts.TYPE_DATA_DARK, consts.TYPE_DATA_LIGHT})
    mask = int("".join("0" if (row + column) % 2 else "1" for row, column in spots), 2)
    count_bits = 12 if version < 10 else 20
    return _Plan(
        side=len(kinds),
        capacity=(sum(blocks) * 8 - count_bits) // 8,
        blocks=blocks,
        check=check,
        bits=len(spots),
        mask=mask,
        pick=itemgetter(*_order(kinds, spots)),
    )


def _spots(kinds: Sequence[Sequence[int]], data: set[int]) -> list[tuple[int, int]]:
    """Row and column of the data modules in their order: up and down in strips of two (ISO/IEC 18004, 7.7.3)."""
    side = len(kinds)
    strips = [right for right in range(side - 1, 0, -2) if right > 6] + [5, 3, 1]  # column 6 is the timing pattern
    spots = []
    for number, right in enumerate(strips):
        rows = range(side) if number % 2 else range(side - 1, -1, -1)
        spots += [(row, column) for row in rows for column in (right, right - 1) if kinds[row][column] in data]
    return spots


def _order(kinds: Sequence[Sequence[int]], spots: Sequence[tuple[int, int]]) -> list[int]:
    """For each module, row by row, which bit of the code it is, or which of the constants 0 and 1 behind them."""
    at = {spot: index for index, spot in enumerate(spots)}
    # In segno's matrix what is dark has a value above 255.
    return [
        at.get((row, column), len(spots) + (kind >> 8 > 0))
        for row, line in enumerate(kinds)
        for column, kind in enumerate(line)
    ]
