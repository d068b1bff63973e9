"""Bytes to a QR code (ISO/IEC 18004), as a PNG or as the path of an SVG. It is made for ten thousand pages at a time.

Error correction and mask are linear in the bits of the data over GF(2): each bit turns the same modules, whatever the
others are. So a code is the exclusive or of what its bytes draw, which is worked out once for each size of code; where
only a few codes are made, that takes longer than to work out their own check bytes.
"""

from __future__ import annotations

import re
import struct
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property, lru_cache, reduce
from itertools import count, islice, product
from operator import getitem, xor
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Container, Sequence

QUIET = 4  # light modules around the code (ISO/IEC 18004, 5.3.8)
# The level of error correction (M, of which a seventh may be unreadable) and the mask (0), ready to be drawn (7.9). The
# standard's advice is to try all eight masks; that takes six times as long, and readers take any.
_FORMAT = 0b101010000010010
_RUN = re.compile("1*0+")
_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_FEW = 8  # codes of a size
# So many bytes at their beginning and at their end are the same in most data: what a vCard begins and ends with.
_BEGIN, _END = 28, 13


class _Version(NamedTuple):
    """A size of code: the rows and columns in which alignment patterns have their centres (annex E), the lengths of
    the blocks of data, and the number of check bytes of each (table 9).
    """

    number: int
    centres: tuple[int, ...]
    blocks: tuple[int, ...]
    check: int

    @property
    def side(self) -> int:
        """In modules, without the quiet zone."""
        return 17 + 4 * self.number

    @property
    def capacity(self) -> int:
        """The largest number of bytes that fit, beside four bits that tell the mode and eight that tell the length."""
        return (sum(self.blocks) * 8 - 12) // 8


# 37 to 53 modules a side: what a phone reads from a screen without being moved.
_VERSIONS = (
    _Version(5, (6, 30), (43, 43), 24),
    _Version(7, (6, 22, 38), (31, 31, 31, 31), 18),
    _Version(9, (6, 26, 46), (36, 36, 36, 37, 37), 22),
)

Strokes = Mapping[str, int]
"""What each hexadecimal digit draws in one place of a code."""


class _Brush(dict[int, int]):
    """What each byte draws in one place of a code, from what its ``bits`` draw."""

    def __init__(self, bits: Sequence[int]) -> None:
        super().__init__()
        self._bits = bits

    def __missing__(self, octet: int) -> int:
        drawn = self[octet] = _octet(self._bits, octet)
        return drawn


class _Block(NamedTuple):
    """The data and the check bytes of a block: what the eight bits of each draw alone."""

    data: Sequence[Sequence[int]]
    checks: Sequence[Sequence[int]]


@dataclass(frozen=True, eq=False)
class _Plan:
    """How a code of one size is made.

    A drawing is a number: the rows of a PNG of one bit a pixel, one after the other, each with a byte in front and with
    the quiet zone; a bit is 1 where the picture is light. ``side`` is in modules, with the quiet zone, ``total`` is the
    number of data bytes. ``blank`` is the drawing of a code of nothing but zeros. ``made`` counts the codes.
    """

    side: int
    total: int
    blank: int
    blocks: tuple[_Block, ...]
    made: Iterator[int] = field(default_factory=count)

    @cached_property
    def brushes(self) -> tuple[_Brush, ...]:
        """For every byte of the data, what changes in the drawing, with the check bytes that it changes."""
        return tuple(brush for block in self.blocks for brush in _brushes(block))

    @property
    def row(self) -> int:
        """The bytes of a row."""
        return 1 + -(-self.side // 8)


def capacity() -> int:
    """The largest number of bytes that a code can hold here."""
    return _VERSIONS[-1].capacity


def png(data: bytes) -> tuple[bytes, int]:
    """The code of ``data`` as a PNG of a pixel a module, and its side with the quiet zone.

    Raises ValueError for more than ``capacity()`` bytes.
    """
    plan = _plan_for(len(data))
    rows = _drawing(data, plan)
    before, crc, after = _around(plan)
    check = zlib.adler32(rows).to_bytes(4, "big")
    crc = zlib.crc32(check, zlib.crc32(rows, crc))
    return b"".join((before, rows, check, crc.to_bytes(4, "big"), after)), plan.side


def path(data: bytes) -> tuple[str, int]:
    """The dark modules of the code of ``data`` as a path, and the side of the whole with the quiet zone, in modules.

    The path is stroked with a width of 1, its rows lie at whole numbers: the view box begins at y = -0.5.
    Raises ValueError for more than ``capacity()`` bytes.
    """
    plan = _plan_for(len(data))
    rows = _drawing(data, plan)
    drawn = []
    for y in range(QUIET, plan.side - QUIET):
        pixels = int.from_bytes(rows[y * plan.row + 1 : (y + 1) * plan.row], "big")
        row = format(pixels, f"0{8 * (plan.row - 1)}b")[QUIET : plan.side - QUIET]
        drawn.append(f"M{QUIET} {y}{''.join(map(_stroke, _RUN.findall(row)))}")
    return "".join(drawn), plan.side


@lru_cache(maxsize=1024)
def _stroke(run: str) -> str:
    """The way over some light modules, 1, and along some dark ones, 0."""
    dark = run.count("0")
    return f"m{len(run) - dark} 0h{dark}" if len(run) > dark else f"h{dark}"


@lru_cache(maxsize=len(_VERSIONS))
def _around(plan: _Plan) -> tuple[bytes, int, bytes]:
    """What a PNG has before its rows, the sum of their chunk as far as it stands there, and what comes behind it."""
    size = plan.side * plan.row
    # Stored as they are: there is little to deflate, and versions of zlib would do it differently.
    kind = b"IDAT\x78\x01\x01" + struct.pack("<HH", size, size ^ 0xFFFF)
    head = struct.pack(">IIBBBBB", plan.side, plan.side, 1, 0, 0, 0, 0)
    before = _SIGNATURE + _chunk(b"IHDR", head) + (len(kind) + size).to_bytes(4, "big") + kind
    return before, zlib.crc32(kind), _chunk(b"IEND", b"")


def _chunk(kind: bytes, data: bytes) -> bytes:
    return len(data).to_bytes(4, "big") + kind + data + zlib.crc32(kind + data).to_bytes(4, "big")


@lru_cache(maxsize=256)
def _plan_for(count: int) -> _Plan:
    """The smallest size of code that holds so many bytes."""
    version = next((version for version in _VERSIONS if count <= version.capacity), None)
    if version is None:
        raise ValueError(f"{count} bytes do not fit; {capacity()} do")
    return _plan(version)


def _drawing(data: bytes, plan: _Plan) -> bytes:
    """The rows of the code's picture."""
    words = _codewords(data, plan.total)
    size = plan.side * plan.row
    if next(plan.made) < _FEW:
        return _single(words, plan).to_bytes(size, "big")
    # The head takes a byte and a half, so the data lie half a byte beside the codewords.
    begin, end = sorted((_BEGIN + 1, max(0, len(data) - _END + 2)))
    drawn = _remembered(plan, 0, words[:begin]) ^ _remembered(plan, end, words[end:])
    drawn = reduce(xor, map(getitem, plan.brushes[begin:end], words[begin:end]), drawn ^ plan.blank)
    return drawn.to_bytes(size, "big")


def _single(words: bytes, plan: _Plan) -> int:
    """The drawing of a code by itself."""
    drawn, left = plan.blank, iter(words)
    for block in plan.blocks:
        data = bytes(islice(left, len(block.data)))
        check = _check(data, len(block.checks))
        drawn = reduce(xor, map(_octet, (*block.data, *block.checks), data + check), drawn)
    return drawn


def _octet(bits: Sequence[int], octet: int) -> int:
    """What a byte draws, from what its bits do."""
    return reduce(xor, (bits[bit] for bit in range(8) if octet & 0x80 >> bit), 0)


def _check(data: bytes, count: int) -> bytes:
    """The check bytes of a block: the remainder of division by the generator (ISO/IEC 18004, 7.5.2)."""
    rest, shift = 0, 8 * (count - 1)
    for octet in data:
        rest = _further(rest ^ octet << shift, count)
    return rest.to_bytes(count, "big")


@lru_cache(maxsize=512)
def _remembered(plan: _Plan, first: int, words: bytes) -> int:
    """What codewords from the ``first`` on draw, for those that many codes have in common."""
    return reduce(xor, map(getitem, plan.brushes[first:], words), 0)


def _codewords(data: bytes, total: int) -> bytes:
    """The data in byte mode with their head and the padding (ISO/IEC 18004, 7.4)."""
    head = (0x400 | len(data)) << 8 * len(data) | int.from_bytes(data, "big")
    whole = (head << 4).to_bytes(2 + len(data), "big")  # four more bits end the data
    return whole + (b"\xec\x11" * (total // 2 + 1))[: total - len(whole)]


# --- what is the same for all codes of a size ------------------------------------------------------------------------


@lru_cache(maxsize=len(_VERSIONS))
def _plan(version: _Version) -> _Plan:
    fixed = _fixed(version)
    spots = _spots(version.side, fixed)
    side = version.side + 2 * QUIET
    pixels = _pixels(side)
    blank = sum(map(sum, pixels))
    # Of the data the mask alone decides.
    dark = [
        *(spot for spot in fixed if fixed[spot]),
        *((row, column) for row, column in spots if not (row + column) % 2),
    ]
    for row, column in dark:
        blank ^= pixels[row + QUIET][column + QUIET]
    bits = [pixels[row + QUIET][column + QUIET] for row, column in spots]
    return _Plan(side, sum(version.blocks), blank, tuple(_blocks(bits, version.blocks)))


def _fixed(version: _Version) -> dict[tuple[int, int], bool]:
    """The modules that are the same whatever a code says, by row and column, and whether they are dark (6.3)."""
    side = version.side
    fixed = {spot: not at % 2 for at in range(side) for spot in ((6, at), (at, 6))}  # the timing patterns
    first, last = version.centres[0], version.centres[-1]
    for row, column in product(version.centres, repeat=2):
        if (row, column) not in ((first, first), (first, last), (last, first)):  # where finder patterns are
            fixed |= {(row + y, column + x): max(abs(x), abs(y)) != 1 for y, x in product(range(-2, 3), repeat=2)}
    for row, column in ((3, 3), (3, side - 4), (side - 4, 3)):  # the finder patterns, with what separates them
        for y, x in product(range(-4, 5), repeat=2):
            if 0 <= row + y < side and 0 <= column + x < side:
                fixed[row + y, column + x] = max(abs(x), abs(y)) not in (2, 4)
    return fixed | _told(version)


def _told(version: _Version) -> dict[tuple[int, int], bool]:
    """The modules in which a code tells how to read it, each thing twice: its format and its version (7.9, 7.10)."""
    side, told = version.side, {(version.side - 8, 8): True}
    down = [*range(6), 7, 8, *range(side - 7, side)]
    across = [*range(side - 1, side - 9, -1), 7, *range(5, -1, -1)]
    for bit, (row, column) in enumerate(zip(down, across, strict=True)):
        told[row, 8] = told[8, column] = bool(_FORMAT >> bit & 1)
    if version.number >= 7:
        rest = version.number << 12
        for bit in range(17, 11, -1):  # the remainder of division by the generator of the code (annex D)
            rest ^= 0x1F25 << bit - 12 if rest >> bit & 1 else 0
        for bit in range(18):
            row, column = bit // 3, side - 11 + bit % 3
            told[row, column] = told[column, row] = bool((version.number << 12 | rest) >> bit & 1)
    return told


def _pixels(side: int) -> list[list[int]]:
    """The pixels of a square, each as a drawing in which nothing else is light."""
    row = 8 * (1 + -(-side // 8))
    return [[1 << (row * (side - y) - 9 - x) for x in range(side)] for y in range(side)]


def _blocks(bits: Sequence[int], blocks: Sequence[int]) -> Iterator[_Block]:
    """What draws data and check bytes; ``bits`` draw the code's bits. ``blocks`` are the lengths of the blocks of data.

    Data and then check bytes lie block by block in turn (ISO/IEC 18004, 7.6).
    """
    octets = [bits[at : at + 8] for at in range(0, len(bits) - 7, 8)]
    rows = [[number for number, length in enumerate(blocks) if at < length] for at in range(max(blocks))]
    owners = [number for row in rows for number in row]
    for number in range(len(blocks)):
        data = [octet for owner, octet in zip(owners, octets, strict=False) if owner == number]
        yield _Block(data, octets[len(owners) + number :: len(blocks)])


def _brushes(block: _Block) -> Iterator[_Brush]:
    """What draws the bytes of the data, with the check bytes that they change."""
    digits = [half for octet in block.checks for half in _halves(octet)]
    for octet, rests in zip(block.data, _rests(len(block.data), len(block.checks)), strict=True):
        yield _Brush([reduce(xor, map(getitem, digits, rest), bit) for bit, rest in zip(octet, rests, strict=True)])


@lru_cache(maxsize=2 * len(_VERSIONS))
def _rests(length: int, check: int) -> list[list[str]]:
    """The check bytes (hexadecimal) that each bit of each byte makes, in a block of so many bytes."""
    rests = [_multiples(check)[0x80 >> bit] for bit in range(8)]  # as those of the last byte leave them
    found = [rests]
    for _ in range(length - 1):
        rests = [_further(rest, check) for rest in rests]
        found.append(rests)
    return [[f"{rest:0{2 * check}x}" for rest in of_byte] for of_byte in reversed(found)]


def _halves(octet: Sequence[int]) -> tuple[Strokes, Strokes]:
    """What the two digits of a byte draw, from what its bits do."""
    return _digits(octet[:4]), _digits(octet[4:])


def _digits(bits: Sequence[int]) -> Strokes:
    """What each hexadecimal digit draws, from what its four bits draw."""
    return dict(zip("0123456789abcdef", _sums(bits), strict=True))


def _sums(bits: Sequence[int]) -> list[int]:
    """What each number makes, from what its bits make, the highest first."""
    sums = [0]
    for bit in reversed(bits):
        sums += [bit ^ one for one in sums]
    return sums


def _further(rest: int, count: int) -> int:
    """The remainder of division by the generator of degree ``count``, over GF(256), with one more byte, 0, behind."""
    shift = 8 * (count - 1)
    return ((rest & (1 << shift) - 1) << 8) ^ _multiples(count)[rest >> shift]


@lru_cache(maxsize=len(_VERSIONS))
def _multiples(count: int) -> Sequence[int]:
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
    return _sums(
        [int.from_bytes(bytes(times(factor, 0x80 >> bit) for factor in generator[1:]), "big") for bit in range(8)]
    )


def _spots(side: int, fixed: Container[tuple[int, int]]) -> list[tuple[int, int]]:
    """Row and column of the data modules in their order: up and down in strips of two (ISO/IEC 18004, 7.7.3)."""
    strips = [right for right in range(side - 1, 0, -2) if right > 6] + [5, 3, 1]  # column 6 is the timing pattern
    spots = []
    for number, right in enumerate(strips):
        rows = range(side) if number % 2 else range(side - 1, -1, -1)
        spots += [(row, column) for row in rows for column in (right, right - 1) if (row, column) not in fixed]
    return spots
