"""What was computed before, so that it is not computed again. It lies in .contactsheet/ and may be deleted at any time.

Results are kept by the digest of what they were made from, so they are right whoever made them and however old they
are. All carry a seal, made with a key that no repository holds: what a checkout brings, or a disk damaged, is not
believed. Nothing here knows what a result means.
"""

from __future__ import annotations

import hashlib
import hmac
import marshal
import os
import sqlite3
import struct
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from contactsheet import own
from contactsheet.receipt import RECEIPT, SEEN

_DATABASE = "memo.db"
_THUMBNAILS = "thumbnails"
_PART = "part"
_PART_LIMIT = 1_073_741_824  # bytes
_THUMBNAIL_LIMIT = 10_485_760  # bytes
_SEAL = 16  # bytes
_LENGTHS = struct.Struct(">QQQ")
_LAYOUT = "CREATE TABLE results (kind TEXT, key BLOB, value BLOB, seal BLOB, PRIMARY KEY (kind, key))"
# All that the database may hold: a trigger or a view that came with a checkout would be run with the table.
_HOLDS = [("table", "results", _LAYOUT), ("index", "sqlite_autoindex_results_1", None)]
_AT_ONCE = 500  # keys of one question; SQLite takes some thousand
_DAMAGE = (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)
# How many results may lie unused for one that is used: those of other branches, which come back.
_SPARE = 2
_LEAST = 1000
_TABLES = 8
_RECEIPTS = 32  # as many outputs that were built last
_PATCHED = 20  # a table is written anew when more than so many, and one in so many, of its values changed since it was
_PAGE = 16_384  # bytes: of most results there are several on one, which saves half of the writing and of the place
_HELD = 20_000  # results that are held in memory before they are written
_BUSY = 5.0  # seconds to wait for another process


class ForgottenError(Exception):
    """A result that was there when it was asked for by name is gone or damaged: all has to be computed again."""


class Memo:
    """Results by kind and key, and thumbnails by content. Without a place it remembers only while it lives.

    What cannot be read counts as not there; what cannot be written is not remembered: no build fails by its memo.
    """

    def __init__(self, place: Path | None = None, key: bytes = b"") -> None:
        self._place, self._key = place, key
        self._fresh: dict[tuple[str, bytes], Any] = {}
        self._tables: dict[tuple[str, bytes], Any] = {}
        # Of each table the mark of the whole that is stored, and what was changed and taken out since.
        self._patched: dict[tuple[str, bytes], tuple[bytes, dict[Any, Any], frozenset[Any]]] = {}
        self._used: dict[str, set[bytes]] = {}
        self._kinds_of_tables: set[str] = set()
        self._used_thumbnails: set[str] = set()
        self._held: dict[str, bytes] = {}
        self._drops = True
        self._has_new_thumbnails = False
        self._caches: dict[str, dict[Any, Any]] = {}
        self._database = self._opened() if place else None
        if self._database is not None:
            self._take_in()

    # --- results -----------------------------------------------------------------------------------------------------

    def get(self, kind: str, key: bytes) -> Any:
        """The result, as plain values (what marshal takes), or None."""
        return next(iter(self.find(kind, [key]).values()), None)

    def find(self, kind: str, keys: Iterable[bytes]) -> dict[bytes, Any]:
        """The results that are there, by key."""
        wanted = list(dict.fromkeys(keys))
        found = {key: self._fresh[kind, key] for key in wanted if (kind, key) in self._fresh}
        asked = [key for key in wanted if key not in found]
        for start in range(0, len(asked), _AT_ONCE):
            found.update(self._stored(kind, asked[start : start + _AT_ONCE]))
        self.use(kind, found)
        return found

    def keep(self, kind: str, key: bytes, value: Any) -> None:
        """Remembers a result, for good when it is saved."""
        self._fresh[kind, key] = value
        self.use(kind, (key,))
        if len(self._fresh) > _HELD and self._database is not None:
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
            mark, changed, gone = os.urandom(_SEAL), {}, frozenset()
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

    def save(self) -> None:
        """Writes what is new; where the database turns out to be damaged, into a new one."""
        for _ in range(2):
            if self._database is None or not self._fresh:
                return
            with self._attempt() as database, database:
                database.executemany("INSERT OR REPLACE INTO results VALUES (?, ?, ?, ?)", self._rows())
                self._fresh.clear()

    def _rows(self) -> Iterator[tuple[str, bytes, bytes, bytes]]:
        for (kind, key), kept in self._fresh.items():
            value = marshal.dumps(kept)
            yield kind, key, value, self._seal(kind, key, value)

    @property
    def is_kept(self) -> bool:
        """Whether results outlive this process."""
        return self._database is not None

    def give_away(self) -> None:
        """Puts what is new into a file of its own, which another machine's memory takes in when it finds it.

        So the folders of several machines can be laid over each other. What is not used here is used by another of
        them, so nothing is dropped when this is closed.
        """
        self._used.clear()
        self._has_new_thumbnails = False
        if self._place is None or not self._fresh:
            return
        value = marshal.dumps([(kind, key, kept) for (kind, key), kept in self._fresh.items()])
        seal = self._seal(_PART, b"", value)
        name = hashlib.blake2b(value, digest_size=8).hexdigest()
        own.write(self._place / f"{name}.{_PART}", seal + value)

    def _take_in(self) -> None:
        """Takes in what other machines gave away."""
        assert self._place is not None
        for path in sorted(self._place.glob(f"*.{_PART}")):
            data = own.read(path, _PART_LIMIT)
            if data and hmac.compare_digest(data[:_SEAL], self._seal(_PART, b"", data[_SEAL:])):
                for kind, key, kept in marshal.loads(data[_SEAL:]):  # noqa: S302  # the seal says that it is ours
                    self._fresh[kind, key] = kept
            with suppress(OSError):
                path.unlink()
        self.save()

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
        self._let_go()

    def _drop_unused(self) -> None:
        """Deletes what was not used, if there is much more of it than of what was: other branches come back."""
        if self._database is None or not self._drops:
            return
        with self._attempt() as database, database:
            for kind, keys in self._used.items():
                least = _TABLES if kind in self._kinds_of_tables else _LEAST
                (count,) = database.execute("SELECT count(*) FROM results WHERE kind = ?", (kind,)).fetchone()
                if count > (1 + _SPARE) * len(keys) + least:
                    database.execute("CREATE TEMP TABLE IF NOT EXISTS used (key BLOB PRIMARY KEY)")
                    database.execute("DELETE FROM used")
                    database.executemany("INSERT INTO used VALUES (?)", ((key,) for key in keys))
                    database.execute(
                        "DELETE FROM results WHERE kind = ? AND key NOT IN (SELECT key FROM used)", (kind,)
                    )
        if self._has_new_thumbnails:
            self._drop_thumbnails()
        self._drop_receipts()

    def _drop_receipts(self) -> None:
        assert self._place is not None
        with suppress(OSError):
            there = sorted(self._place.glob(f"*.{RECEIPT}"), key=lambda path: path.stat().st_mtime_ns)
            for path in there[:-_RECEIPTS]:
                path.unlink()
                path.with_suffix(f".{SEEN}").unlink(missing_ok=True)

    def _let_go(self) -> None:
        if self._database is not None:
            self._database.close()
            self._database = None

    def forget(self) -> None:
        """Deletes everything, the receipts of builds too, because something in it is wrong."""
        self._fresh.clear()
        self._tables.clear()
        self._patched.clear()
        self._caches.clear()
        self._held.clear()
        self._let_go()
        if self._place:
            names = f"{_DATABASE}*", f"*.{RECEIPT}", f"*.{SEEN}"
            for path in (path for name in names for path in self._place.glob(name)):
                with suppress(OSError):
                    path.unlink()
            self._database = self._opened()

    # --- thumbnails --------------------------------------------------------------------------------------------------

    def thumbnail(self, digest: str) -> bytes | None:
        """The thumbnail of that SHA-256, or None. What is not what its name says is deleted."""
        if digest in self._held:
            return self._held[digest]
        path = self._thumbnail_path(digest)
        data = own.read(path, _THUMBNAIL_LIMIT) if path else None
        if path is None or data is None:
            return None
        if hashlib.sha256(data).hexdigest() == digest:
            return data
        with suppress(OSError):
            path.unlink()
        return None

    def has_thumbnail(self, digest: str) -> bool:
        """Whether there is a thumbnail of that SHA-256, as far as its name tells."""
        if self._place is None or digest in self._held:
            return digest in self._held
        return os.path.exists(os.path.join(self._place, _THUMBNAILS, digest[:2], digest))  # noqa: PTH110, PTH118  # many

    def keep_thumbnail(self, digest: str, data: bytes, *, hold: bool = False) -> None:
        """Remembers a thumbnail by its SHA-256; with ``hold``, while this lives even where it cannot be written."""
        path = self._thumbnail_path(digest)
        if path and self._database is not None and own.write(path, data):
            self._has_new_thumbnails = True
        elif hold:
            self._held[digest] = data

    def use_thumbnails(self, digests: Iterable[str]) -> None:
        """Says which thumbnails are in use."""
        self._used_thumbnails.update(digests)

    def _drop_thumbnails(self) -> None:
        assert self._place is not None
        there = list((self._place / _THUMBNAILS).glob("*/*"))
        if len(there) > (1 + _SPARE) * len(self._used_thumbnails) + _LEAST:
            for path in there:
                if path.name not in self._used_thumbnails:
                    with suppress(OSError):
                        path.unlink()

    def _thumbnail_path(self, digest: str) -> Path | None:
        return self._place / _THUMBNAILS / digest[:2] / digest if self._place else None

    # --- the database ------------------------------------------------------------------------------------------------

    def _opened(self) -> sqlite3.Connection | None:
        assert self._place is not None
        database = self._place / _DATABASE
        if any(path.is_symlink() for path in (self._place, database, self._place / _THUMBNAILS)):
            return None  # a checkout can bring links, and they lead anywhere
        if database.exists() and not database.is_file():
            return None
        try:
            self._place.mkdir(exist_ok=True)
            (self._place / _THUMBNAILS).mkdir(exist_ok=True)
            if not os.path.lexists(self._place / ".gitignore"):
                own.write(self._place / ".gitignore", b"*\n")
            return self._connected()
        except (OSError, sqlite3.Error) as error:
            return None if _code(error) == sqlite3.SQLITE_BUSY else self._made_anew()

    def _made_anew(self) -> sqlite3.Connection | None:
        """A new database in the place of one that is damaged, or of another layout."""
        assert self._place is not None
        with suppress(OSError, sqlite3.Error):
            (self._place / _DATABASE).unlink()
            return self._connected()
        return None

    def _connected(self) -> sqlite3.Connection:
        assert self._place is not None
        database = sqlite3.connect(self._place / _DATABASE, timeout=_BUSY)
        try:
            holds = database.execute("SELECT type, name, sql FROM sqlite_master").fetchall()
            if holds not in ([], _HOLDS):
                raise sqlite3.DatabaseError("another layout")
            database.text_factory = bytes  # a text is none of ours, and need not even be one
            # A power cut may damage it, which the seals tell; waiting for the disk would cost more than it saves.
            database.execute("PRAGMA synchronous = OFF")
            if not holds:
                database.execute(f"PRAGMA page_size = {_PAGE}")
                with database:
                    database.execute(_LAYOUT.replace("TABLE", "TABLE IF NOT EXISTS"))  # another process makes it too
        except sqlite3.Error:
            database.close()
            raise
        return database

    @contextmanager
    def _attempt(self) -> Iterator[sqlite3.Connection]:
        """A use of the database; when it fails, the database is given up for this run; if it is damaged, for good."""
        assert self._database is not None
        try:
            yield self._database
        except sqlite3.Error as error:
            self._let_go()
            if _code(error) in _DAMAGE:
                self._database = self._made_anew()

    def _stored(self, kind: str, keys: list[bytes]) -> Mapping[bytes, Any]:
        rows: list[tuple[bytes, object, object]] = []
        if self._database is not None:
            with self._attempt() as database:
                marks = ", ".join("?" * len(keys))
                question = f"SELECT key, value, seal FROM results WHERE kind = ? AND key IN ({marks})"  # noqa: S608  # marks
                rows = database.execute(question, (kind, *keys)).fetchall()
        return {
            key: marshal.loads(value)  # noqa: S302  # the seal says that this program wrote it
            for key, value, seal in rows
            if isinstance(value, bytes) and isinstance(seal, bytes)  # as they are not in one that is none of ours
            if hmac.compare_digest(seal, self._seal(kind, key, value))
        }

    def _seal(self, kind: str, key: bytes, value: bytes) -> bytes:
        lengths = _LENGTHS.pack(len(name := kind.encode()), len(key), len(value))
        return hashlib.blake2b(b"".join((lengths, name, key, value)), digest_size=_SEAL, key=self._key).digest()


def _code(error: Exception) -> int:
    """What SQLite says is wrong; 0 where it says nothing."""
    return getattr(error, "sqlite_errorcode", 0) & 0xFF  # the upper bits say it more precisely


def _patches(name: tuple[str, bytes]) -> tuple[str, bytes]:
    """Where what changed in a table is kept."""
    return f"{name[0]} amended", name[1]


class Aside(Memo):
    """What another memo remembers, for a look at files that are not those of the next build.

    Results go into the other one, for they are right whoever made them; which files there were does not.
    """

    def __init__(self, other: Memo) -> None:
        super().__init__()
        self._other = other

    def find(self, kind: str, keys: Iterable[bytes]) -> dict[bytes, Any]:
        """The results that are there, by key."""
        return self._other.find(kind, keys)

    def keep(self, kind: str, key: bytes, value: Any) -> None:
        """Remembers a result."""
        self._other.keep(kind, key, value)

    def set_table(self, kind: str, key: bytes, table: Any) -> None:
        """Forgets it, but for as long as this lives."""
        self._tables[f"{kind}s", key] = table

    def thumbnail(self, digest: str) -> bytes | None:
        """The thumbnail of that SHA-256, or None."""
        return self._other.thumbnail(digest)

    def has_thumbnail(self, digest: str) -> bool:
        """Whether that thumbnail is there."""
        return self._other.has_thumbnail(digest)

    def keep_thumbnail(self, digest: str, data: bytes, *, hold: bool = False) -> None:
        """Remembers a thumbnail by its SHA-256."""
        self._other.keep_thumbnail(digest, data, hold=hold)

    @property
    def is_kept(self) -> bool:
        """Whether results outlive this process."""
        return self._other.is_kept
