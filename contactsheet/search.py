"""The search of the contact list: what a row shows, in small scripts that a page loads when someone searches.

A small site is one list of rows, which the page searches itself. A large one has, besides, rows by the first letters of
their words and by their tags, types and owners, in files that split where they grow: a query loads one or two. The rows
of a word that more than an eighth of the contacts have are found quickly enough in the list of all. No file is touched.
"""

from __future__ import annotations

import hashlib
import json
from binascii import crc32
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import accumulate, chain
from operator import itemgetter
from typing import TYPE_CHECKING, Any, NamedTuple

from contactsheet import views
from contactsheet.folding import WORD_LIMIT, is_number, numbers, words

if TYPE_CHECKING:
    from contactsheet.schema import Record

FOLDER = "search"
WHOLE = 2_000  # contacts up to which a page loads all rows
SORTABLE = 20_000  # contacts up to which a page loads all rows in order to sort them
FILE_BYTES = 60_000  # of rows in a file
_COMMON = 8  # what more than one contact in so many has is looked for in the list of all
_PREVIEW = 100  # rows that answer a query of few letters at once
_LATEST = 250
_PICTURED = 40  # bytes of a row that tell its day and its picture or initials
_ROUGHLY = 64  # bytes
_ENCODER = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"))
END = "."  # where a letter would stand, the end of the word

# A node of the tree of first letters: 0, look in the list of all; 1, one file; names of several files; or how many
# contacts there are below it, and the nodes by the next letters (the file of several has the name of the first).
Node = int | list[str] | tuple[int, dict[str, Any]]


class Findings(NamedTuple):
    """What finds a contact, and what its row of results shows; all plain values.

    ``weight`` is about how many bytes its row takes: so roughly that a changed letter seldom changes how the index is
    laid out. ``begin`` and ``end`` are its row as JSON, but for the day of the last activity and the picture or
    initials, which stand between them.
    """

    words: tuple[str, ...]
    tags: tuple[str, ...]
    type: str
    owner: str
    last: str
    weight: int
    begin: str
    end: str


class Entry(NamedTuple):
    """A contact in the index.

    ``row`` is what a row of results shows, as JSON; ``weight`` about its bytes; ``words`` what finds it; ``last`` the
    day of the last activity, YYYY-MM-DD or empty.
    """

    id: str
    row: str
    weight: int
    words: tuple[str, ...]
    tags: tuple[str, ...]
    type: str
    owner: str
    pictured: bool
    last: str


class File(NamedTuple):
    """A file of the index: the rows at these positions of the list, or where there are none, other ``data`` as JSON."""

    path: str
    positions: tuple[int, ...] = ()
    data: str = "[]"


def findings(record: Record, shown: views.Row) -> Findings:
    """What finds a contact and what its row of results shows, its picture aside; ``shown`` is its row in the list."""
    email, phone = shown.email.text if shown.email else "", shown.phone.text if shown.phone else ""
    more = [one.value for one in (*record.emails[1:], *record.phones[1:])]
    more += [name for name in (record.given_name, record.family_name) if name and name not in record.name]
    found = words("\n".join((record.name, shown.company, email, *record.tags, *more)))
    for text in (phone, *more):
        if is_number(text):
            found.update(numbers(text))
    texts = shown.title, shown.company, email, phone, shown.tags, shown.type, shown.owner
    begin = _json([shown.face.id, record.name, *texts])[:-1]
    extra, fields = (f",{_json(values) if values else '[]'}" for values in (more, shown.fields))
    size = len(f"{begin}{extra}{fields}]".encode()) + _PICTURED
    return Findings(
        words=tuple(sorted({word[:WORD_LIMIT] for word in found})),
        tags=shown.tags,
        type=shown.type,
        owner=shown.owner,
        last=shown.last_activity.iso if shown.last_activity else "",
        weight=-(-size // _ROUGHLY) * _ROUGHLY,
        begin=begin,
        end=f"{extra}{fields}" if any(shown.fields) else extra if more else "",
    )


def layout(found: Findings) -> tuple[object, ...]:
    """What the place of a contact's row in the index depends on, besides its ID and whether it has a picture."""
    return found[:-2]


def reached(found: Findings) -> list[str]:
    """The e-mail addresses and telephone numbers by which a contact is found, among its other names."""
    row = json.loads(f"{found.begin}{found.end}]")
    return [*row[4:6], *(row[9] if found.end else ())]


def entry(found: Findings, face: views.Face) -> Entry:
    """A contact's entry; it depends on nothing but what a row shows and what finds it."""
    if face.avatar:
        avatar = face.avatar.small.removeprefix(f"avatars/{face.id}-")
        drawn = f'{_json(avatar)},"",0' if found.end else _json(avatar)
    else:
        drawn = f'"",{_json(face.initials)}' + (f",{face.tone}" if face.tone or found.end else "")
    return Entry(
        id=face.id,
        row=f'{found.begin},"{found.last}",{drawn}{found.end}]',
        weight=found.weight,
        words=found.words,
        tags=found.tags,
        type=found.type,
        owner=found.owner,
        pictured=face.avatar is not None,
        last=found.last,
    )


def plan(entries: Sequence[Entry]) -> Sequence[File]:
    """The files of the index of ``entries``, which are in the order of the list. No two have one path.

    Names do not tell contents: a contact that changes leaves all files as they are but the few that have its row.
    """
    drawer = _Drawer(entries)
    everyone = range(len(entries))
    facets, keys = _facets(entries)
    whole = len(entries) <= WHOLE
    found: defaultdict[str, list[int]] = defaultdict(list)
    if not whole:
        for position, one in enumerate(entries):
            for word in one.words:
                found[word].append(position)
    root = {
        "total": len(entries),
        "all": drawer.put("all/", everyone),
        "sort": SORTABLE,
        "words": None if whole else drawer.grow("words/", found, previews=True),
    }
    if len(entries) > SORTABLE:
        newest = sorted((p for p in everyone if entries[p].last), key=lambda p: entries[p].last, reverse=True)
        drawer.add("latest", newest[:_LATEST])
    sets = {} if whole else {"sets": drawer.grow("sets/", keys, previews=False)}
    return [
        File(f"{FOLDER}/root.js", data=_json(root)),
        File(f"{FOLDER}/facets.js", data=_json({**facets, **sets})),
        *drawer.files,
    ]


def render(file: File, row: Callable[[int], str]) -> bytes:
    """The script of a file: it hands its name and its rows to the page that loads it.

    ``row`` gives the row at a position of the list, as JSON.
    """
    name = file.path.removeprefix(f"{FOLDER}/").removesuffix(".js")
    rows = ",\n".join(map(row, file.positions))
    data = f"[\n{rows}\n]" if file.positions else file.data
    return f"contactsheet.take({_json(name)}, {data});\n".encode()


class _Drawer:
    """The files of an index while it is made."""

    def __init__(self, entries: Sequence[Entry]) -> None:
        self.files: list[File] = []
        self._entries = entries
        self._weights = [one.weight for one in entries]
        self._least = max(1, min(self._weights, default=1))

    def add(self, name: str, positions: Iterable[int]) -> None:
        """A file of the rows at these positions."""
        self.files.append(File(f"{FOLDER}/{name}.js", tuple(positions)))

    def put(self, stem: str, positions: Sequence[int]) -> list[str]:
        """The rows at these positions in as many files as they need, and what the files' names end with."""
        names: list[str] = []
        for first, end in self._cuts(positions):
            number = crc32(self._entries[positions[first]].id.encode())
            while (name := f"{number:08x}") in names:
                number += 1
            names.append(name if names else "1")
            self.add(f"{stem}{names[-1]}", positions[first:end])
        return names

    def grow(self, folder: str, members: Mapping[str, list[int]], *, previews: bool) -> Node:
        """The tree of the keys, and files of what its leaves hold; ``previews`` also of the first rows of nodes."""
        tree = _Keys.of(members)
        return self._branch(folder, "", tree, range(len(tree.keys)), tree.rows_of(0, len(tree.keys)), previews)

    def _branch(self, folder: str, prefix: str, tree: _Keys, span: range, rows: set[int], previews: bool) -> Node:
        """The node of the keys that begin with ``prefix``, which are those of the ``span``; ``rows`` are all who have
        one of them.
        """
        if len(span) == 1 or self._fits(rows):
            return self._leaf(f"{folder}{_address(prefix)}-", rows)
        if previews and prefix and not self._is_common(rows):
            self.add(f"{folder}{_address(prefix)}-top", sorted(rows)[:_PREVIEW])
        below: dict[str, Any] = {}
        letters, together = "", set[int]()  # small neighbours share a file
        for letter, some in tree.by_letter(span, len(prefix)):
            here = rows if some == span else tree.rows_of(some.start, some.stop)
            if not self._fits(here):
                below[letter] = self._branch(folder, prefix + letter, tree, some, here, previews)
                continue
            if not self._fits(together | here):
                below |= self._together(folder, prefix, letters, together)
                letters, together = "", set()
            letters, together = letters + letter, together | here
        return len(rows), below | self._together(folder, prefix, letters, together)

    def _together(self, folder: str, prefix: str, letters: str, rows: set[int]) -> dict[str, Any]:
        return {letters: self._leaf(f"{folder}{_address(prefix + letters[0])}-", rows)} if letters else {}

    def _leaf(self, stem: str, rows: set[int]) -> Node:
        if self._is_common(rows) and not self._fits(rows):
            return 0
        names = self.put(stem, sorted(rows))
        return 1 if names == ["1"] else names

    def _is_common(self, positions: Sequence[int] | set[int]) -> bool:
        return len(positions) * _COMMON > len(self._entries)

    def _fits(self, positions: Sequence[int] | set[int]) -> bool:
        """Whether the rows go into one file."""
        if len(positions) * self._least > FILE_BYTES:
            return False
        return sum(map(self._weights.__getitem__, positions)) <= FILE_BYTES

    def _cuts(self, positions: Sequence[int]) -> Iterable[tuple[int, int]]:
        """The files as positions in ``positions`` from, to.

        In their second half, files end where an ID says so, so that a new row moves the rows of few files.
        """
        before = list(accumulate(map(self._weights.__getitem__, positions), initial=0))  # bytes of the rows before each
        first = 0
        while first < len(positions):
            full = max(first + 1, bisect_right(before, before[first] + FILE_BYTES) - 1)
            half = bisect_right(before, before[first] + FILE_BYTES // 2)
            end = next((index for index in range(half, full) if not self._mark(positions[index]) % 16), full)
            yield first, end
            first = end

    def _mark(self, position: int) -> int:
        return crc32(self._entries[position].id.encode())


class _Keys(NamedTuple):
    """The keys of a tree in their order, each with its END, and one after the other the positions of those who have it.

    ``begins`` is where those of a key begin in ``rows``. So whoever has one of several neighbours is found at once.
    """

    keys: list[str]
    rows: list[int]
    begins: list[int]

    @classmethod
    def of(cls, members: Mapping[str, list[int]]) -> _Keys:
        """The keys of who has them."""
        ended = {key + END: rows for key, rows in members.items()}
        keys = sorted(ended)
        lists = [ended[key] for key in keys]
        return cls(keys, list(chain.from_iterable(lists)), list(accumulate(map(len, lists), initial=0)))

    def rows_of(self, first: int, end: int) -> set[int]:
        """All who have one of the keys from ``first`` to ``end``."""
        return set(self.rows[self.begins[first] : self.begins[end]])

    def by_letter(self, span: range, at: int) -> Iterator[tuple[str, range]]:
        """The keys of a span by the letter ``at`` that place; before it all are the same."""
        first = span.start
        while first < span.stop:
            letter = self.keys[first][at]
            end = bisect_right(self.keys, letter, first, span.stop, key=itemgetter(at))
            yield letter, range(first, end)
            first = end


def _facets(entries: Sequence[Entry]) -> tuple[dict[str, Any], dict[str, list[int]]]:
    """The tags, types and owners, each with how many contacts have it and its key; and who has them, by key."""
    kinds: dict[str, defaultdict[str, list[int]]] = {kind: defaultdict(list) for kind in ("tags", "types", "owners")}
    bare: list[int] = []
    for position, one in enumerate(entries):
        for tag in dict.fromkeys(one.tags):
            kinds["tags"][tag].append(position)
        if one.type:
            kinds["types"][one.type].append(position)
        if one.owner:
            kinds["owners"][one.owner].append(position)
        if not one.pictured:
            bare.append(position)
    facets: dict[str, Any] = {"bare": ["", len(bare), _key("bare", "")]}
    members: defaultdict[str, list[int]] = defaultdict(list, {facets["bare"][2]: bare} if bare else {})
    for kind, values in kinds.items():
        listed = facets[kind] = []
        for value, positions in sorted(values.items(), key=lambda item: (-len(item[1]), item[0])):
            listed.append([value, len(positions), _key(kind, value)])
            members[listed[-1][2]] = sorted({*members[listed[-1][2]], *positions})
    return facets, members


def _key(kind: str, value: str) -> str:
    return hashlib.sha256(f"{kind}={value}".encode()).hexdigest()[:8]


def _address(prefix: str) -> str:
    """The first letters of words as part of a file name, on every system."""
    return "".join(c if c.isascii() and c.isalnum() else "_" if c == END else f"_{ord(c):x}_" for c in prefix)


def _json(data: object) -> str:
    """JSON that is the same in a script, in a page and in a comment: no markup, no line ends but those of ASCII."""
    text = _ENCODER.encode(data)
    for sign in "<>&\u2028\u2029\ufeff":
        if sign in text:
            text = text.replace(sign, f"\\u{ord(sign):04x}")
    return text
