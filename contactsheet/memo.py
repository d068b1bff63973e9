"""What was computed before, so that it is not computed again. It lies in .contactsheet/ and may be deleted at any time.

Results are kept by the digest of what they were made from, so they are right whoever made them and however old they
are. Nothing here knows what a result means.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from contactsheet.album import Album
from contactsheet.receipt import RECEIPT, SEEN
from contactsheet.store import Store

_RECEIPTS = 32  # as many outputs that were built last
_PATCHED = 20  # a table is written anew when more than so many, and one in so many, of its values changed since it was
_MARK = 16  # bytes
_HELD = 20_000  # results that are held in memory before they are written


class ForgottenError(Exception):
    """A result that was there when it was asked for by name is gone or damaged: all has to be computed again."""


class Memo:
    """Results by kind and key, and an ``album`` of thumbnails. Without a place it remembers only while it lives.

    What cannot be read counts as not there; what cannot be written is not remembered: no build fails by its memo. It
    ``is_new`` where nothing was remembered when it was opened.
    """

    def __init__(self, place: Path | None = None, key: bytes = b"") -> None:
        self._place, self._store = place, Store(place, key)
        self.album = Album(place, self._store)
        self._fresh = self._store.take_in()
        self.is_new = self._store.is_new and not self._fresh
        self._held: dict[tuple[str, bytes], Any] = {}
        self._tables: dict[tuple[str, bytes], Any] = {}
        # Of each table the mark of the whole that is stored, and what was changed and taken out since.
        self._patched: dict[tuple[str, bytes], tuple[bytes, dict[Any, Any], frozenset[Any]]] = {}
        self._used: dict[str, set[bytes]] = {}
        self._kinds_of_tables: set[str] = set()
        self._drops = True
        self._caches: dict[str, dict[Any, Any]] = {}
        self.save()

    def get(self, kind: str, key: bytes) -> Any:
        """The result, as plain values (what marshal takes), or None."""
        return next(iter(self.find(kind, [key]).values()), None)

    def find(self, kind: str, keys: Iterable[bytes]) -> dict[bytes, Any]:
        """The results that are there, by key."""
        wanted = dict.fromkeys(keys)
        at_hand = (
            (key, some[kind, key]) for some in (self._held, self._fresh) for key in wanted if (kind, key) in some
        )
        found = dict(at_hand)
        found.update(self._store.find(kind, [key for key in wanted if key not in found]))
        self.use(kind, found)
        return found

    def keep(self, kind: str, key: bytes, value: Any) -> None:
        """Remembers a result, for good when it is saved."""
        self._fresh[kind, key] = value
        self.use(kind, (key,))
        if len(self._fresh) > _HELD and self._store.is_open:
            self.save()

    def table(self, kind: str, key: bytes) -> Any:
        """A result that is a map and stays in memory, for it is asked for as a whole; empty if there is none."""
        name = (f"{kind}s", key)
        if name not in self._tables:
            self._kinds_of_tables.update((name[0], _patches(name)[0]))
            mark, whole = self.get(*name) or (b"", {})
            of, changed, gone, _ = self.get(*_patches(name)) or (b"", {}, (), 0)
            if not mark or of != mark:  # it belongs to another whole
                changed, gone = {}, ()
            for one in gone:
                whole.pop(one, None)
            whole.update(changed)
            self._tables[name], self._patched[name] = whole, (mark, changed, frozenset(gone))
        return self._tables[name]

    def set_table(self, kind: str, key: bytes, table: Any) -> None:
        """Remembers a map of plain values as a whole.

        Where little of it changed, only that is written: the whole of ten thousand contacts has some megabytes.
        """
        name = (f"{kind}s", key)
        before = self.table(kind, key)
        if before == table:
            return
        mark, patched, left = self._patched[name]
        changed = {one: value for one, value in table.items() if one in patched or before.get(one) is not value}
        gone = left.union(before.keys()).difference(table)
        most = max(_PATCHED, len(table) // _PATCHED)
        if not mark or len(changed) + len(gone) > most:
            mark, changed, gone = os.urandom(_MARK), {}, frozenset()
            self._fresh[name] = mark, table
        self._fresh[_patches(name)] = mark, changed, tuple(gone), most
        self._tables[name], self._patched[name] = table, (mark, changed, gone)
        self.use(name[0], (key,))
        self.use(_patches(name)[0], (key,))

    def amend_table(self, kind: str, key: bytes, changes: Mapping[Any, Any]) -> None:
        """Remembers some values of a table that is not at hand, without loading the whole.

        Where they are too many by now, or the table is not known, they are left out: what is not remembered is
        computed again.
        """
        name = (f"{kind}s", key)
        if name in self._tables:
            self.set_table(kind, key, {**self._tables[name], **changes})
            return
        mark, changed, gone, most = self.get(*_patches(name)) or (b"", {}, (), 0)
        changed = {**changed, **changes}
        if mark and len(changed) + len(gone) <= most:
            self._fresh[_patches(name)] = mark, changed, tuple(one for one in gone if one not in changes), most

    def cache(self, name: str) -> dict[Any, Any]:
        """A map that lives as long as this process, for values that are cheap to make, but not ten thousand times."""
        return self._caches.setdefault(name, {})

    def save(self, *, hold: bool = False) -> None:
        """Writes what is new; to ``hold`` it is to have it at hand until the next time, for it will be asked for."""
        self._held.clear()
        if self._fresh and self._store.write(self._fresh):
            if hold:
                self._held.update(self._fresh)
            self._fresh.clear()

    @property
    def is_kept(self) -> bool:
        """Whether results outlive this process."""
        return self._store.is_open

    def give_away(self) -> None:
        """Puts what is new into a file of its own, for another machine.

        What is not used here is used by another of them, so nothing is dropped when this is closed.
        """
        self.spare()
        self._store.give_away(self._fresh)

    def use(self, kind: str, keys: Iterable[bytes]) -> None:
        """Says that results are in use although nobody asked for them by their keys."""
        self._used.setdefault(kind, set()).update(keys)

    def spare(self) -> None:
        """Says that who uses it asks for a part of what is in use alone: nothing counts as unused."""
        self._drops = False

    def close(self) -> None:
        """Writes what is new, deletes most of what nobody uses any more, and lets the file go."""
        self.save()
        self._drop_unused()
        self._store.close()

    def _drop_unused(self) -> None:
        """Deletes what was not used, if there is much more of it than of what was: other branches come back."""
        if not self._store.is_open or not self._drops:
            return
        self._store.drop_unused(self._used, large=self._kinds_of_tables)
        self.album.drop_unused()
        self._drop_receipts()

    def _drop_receipts(self) -> None:
        assert self._place is not None
        with suppress(OSError):
            there = sorted(self._place.glob(f"*.{RECEIPT}"), key=lambda path: path.stat().st_mtime_ns)
            for path in there[:-_RECEIPTS]:
                path.unlink()
                path.with_suffix(f".{SEEN}").unlink(missing_ok=True)

    def forget(self) -> None:
        """Deletes everything, the receipts of builds too, because something in it is wrong."""
        self._fresh.clear()
        self._held.clear()
        self._tables.clear()
        self._patched.clear()
        self._caches.clear()
        self.album.forget()
        self._store.empty()
        if self._place:
            for path in (path for suffix in (RECEIPT, SEEN) for path in self._place.glob(f"*.{suffix}")):
                with suppress(OSError):
                    path.unlink()


def _patches(name: tuple[str, bytes]) -> tuple[str, bytes]:
    """Where what changed in a table is kept."""
    return f"{name[0]} amended", name[1]


class Aside(Memo):
    """What another memo remembers, for a look at files that are not those of the next build.

    Results go into the other one, for they are right whoever made them; which files there were does not.
    """

    def __init__(self, other: Memo) -> None:
        super().__init__()
        self._other, self.album = other, other.album

    def find(self, kind: str, keys: Iterable[bytes]) -> dict[bytes, Any]:
        """The results that are there, by key."""
        return self._other.find(kind, keys)

    def keep(self, kind: str, key: bytes, value: Any) -> None:
        """Remembers a result."""
        self._other.keep(kind, key, value)

    def set_table(self, kind: str, key: bytes, table: Any) -> None:
        """Forgets it, but for as long as this lives."""
        self._tables[f"{kind}s", key] = table

    @property
    def is_kept(self) -> bool:
        """Whether results outlive this process."""
        return self._other.is_kept
