"""Results on the disk: in a database of .contactsheet/, and in the parts of it that machines give each other.

All carry a seal, made with a key that no repository holds: what a checkout brings, or a disk damaged, is not believed.
"""

from __future__ import annotations

import marshal
import os
import sqlite3
import struct
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from contactsheet import own
from contactsheet.digest import blake2b, compare_digest

Results = dict[tuple[str, bytes], Any]

THUMBNAILS = "thumbnails"  # the folder beside the database, for ``album``
_DATABASE = "memo.db"
_BESIDE = ("-journal", "-wal", "-shm")  # what SQLite calls its files beside a database (sqlite.org/tempfiles.html)
_PART = "part"
_PART_LIMIT = 1_073_741_824  # bytes
_SEAL = 16  # bytes
_LENGTHS = struct.Struct(">QQQ")
_LAYOUT = "CREATE TABLE results (kind TEXT, key BLOB, value BLOB, seal BLOB, PRIMARY KEY (kind, key))"
# All that the database may hold: a trigger or a view that came with a checkout would be run with the table.
_HOLDS = [("table", "results", _LAYOUT), ("index", "sqlite_autoindex_results_1", None)]
_AT_ONCE = 500  # keys of one question; SQLite takes some thousand
_DAMAGE = (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)
# How many may lie unused for one that is used: those of other branches, which come back.
_SPARE = 2
_LEAST = 1000
_LEAST_LARGE = 8
_PAGE = 16_384  # bytes: of most results there are several on one, which saves half of the writing and of the place
_BUSY = 5.0  # seconds to wait for another process


class Store:
    """Results by kind and key, as plain values (what marshal takes); closed where there is no place for them.

    What cannot be read counts as not there. Where the database turns out to be damaged, there is a new one; where it
    fails in another way, it is given up for this run. It ``is_new`` where nothing was in it when it was opened.
    """

    def __init__(self, place: Path | None, key: bytes) -> None:
        self._place, self._key = place, key
        self.is_new = True
        self._database = self._opened()

    @property
    def is_open(self) -> bool:
        """Whether it takes results."""
        return self._database is not None

    def find(self, kind: str, keys: Sequence[bytes]) -> dict[bytes, Any]:
        """The results that are there, by key."""
        found: dict[bytes, Any] = {}
        for start in range(0, len(keys), _AT_ONCE):
            found.update(self._believed(kind, keys[start : start + _AT_ONCE]))
        return found

    def write(self, results: Results) -> bool:
        """Puts results into the database, all or none, and says whether it could."""
        for _ in range(2):  # the second time into a new one
            if self._database is not None:
                with self._attempt() as database, database:
                    database.executemany("INSERT OR REPLACE INTO results VALUES (?, ?, ?, ?)", self._rows(results))
                    return True
        return False

    def drop_unused(self, used: Mapping[str, Collection[bytes]], large: Collection[str]) -> None:
        """Deletes what is not used of each kind, where there is too much of it; some kinds are ``large``."""
        if self._database is None:
            return
        with self._attempt() as database, database:
            for kind, keys in used.items():
                (count,) = database.execute("SELECT count(*) FROM results WHERE kind = ?", (kind,)).fetchone()
                if count > allowance(len(keys), large=kind in large):
                    database.execute("CREATE TEMP TABLE IF NOT EXISTS used (key BLOB PRIMARY KEY)")
                    database.execute("DELETE FROM used")
                    database.executemany("INSERT INTO used VALUES (?)", ((key,) for key in keys))
                    database.execute(
                        "DELETE FROM results WHERE kind = ? AND key NOT IN (SELECT key FROM used)", (kind,)
                    )

    def empty(self) -> None:
        """Deletes the database, whoever made it, and begins a new one."""
        self.close()
        if self._place:
            for path in self._place.glob(f"{_DATABASE}*"):
                with suppress(OSError):
                    path.unlink()
            self._database = self._opened()

    def close(self) -> None:
        """Lets the file go."""
        if self._database is not None:
            self._database.close()
            self._database = None

    # --- parts -------------------------------------------------------------------------------------------------------

    def give_away(self, results: Results) -> None:
        """Puts results into a file of their own, which another machine takes in when it finds it.

        So the folders of several machines can be laid over each other.
        """
        if self._place is None or not results:
            return
        value = marshal.dumps([(kind, key, kept) for (kind, key), kept in results.items()])
        name = blake2b(value, digest_size=8).hexdigest()
        own.write(self._place / f"{name}.{_PART}", self._seal(_PART, b"", value) + value)

    def take_in(self) -> Results:
        """What other machines gave away; their files are deleted."""
        results: Results = {}
        if self._place is None or self._database is None:
            return results
        for path in sorted(self._place.glob(f"*.{_PART}")):
            data = own.read(path, _PART_LIMIT)
            if data and compare_digest(data[:_SEAL], self._seal(_PART, b"", data[_SEAL:])):
                for kind, key, kept in marshal.loads(data[_SEAL:]):  # noqa: S302  # the seal says that it is ours
                    results[kind, key] = kept
            with suppress(OSError):
                path.unlink()
        return results

    # --- the database ------------------------------------------------------------------------------------------------

    def _opened(self) -> sqlite3.Connection | None:
        if self._place is None:
            return None
        database = self._place / _DATABASE
        files = [self._place / f"{_DATABASE}{suffix}" for suffix in ("", *_BESIDE)]
        if any(path.is_symlink() for path in (self._place, self._place / THUMBNAILS, *files)):
            return None  # a checkout can bring links, and they lead anywhere
        if any(path.exists() and not path.is_file() for path in files):
            return None
        try:
            self._place.mkdir(exist_ok=True)
            (self._place / THUMBNAILS).mkdir(exist_ok=True)
            if not os.path.lexists(self._place / ".gitignore"):
                own.write(self._place / ".gitignore", b"*\n")
            found = _connected(database)
            self.is_new = not found.execute("SELECT 1 FROM results LIMIT 1").fetchone()
            return found
        except (OSError, sqlite3.Error) as error:
            return None if _code(error) == sqlite3.SQLITE_BUSY else self._made_anew()

    def _made_anew(self) -> sqlite3.Connection | None:
        """A new database in the place of one that is damaged, or of another layout."""
        assert self._place is not None
        with suppress(OSError, sqlite3.Error):
            (self._place / _DATABASE).unlink()
            return _connected(self._place / _DATABASE)
        return None

    @contextmanager
    def _attempt(self) -> Iterator[sqlite3.Connection]:
        """A use of the database; when it fails, the database is given up for this run; if it is damaged, for good."""
        assert self._database is not None
        try:
            yield self._database
        except sqlite3.Error as error:
            self.close()
            if _code(error) in _DAMAGE:
                self._database = self._made_anew()

    def _rows(self, results: Results) -> Iterator[tuple[str, bytes, bytes, bytes]]:
        for (kind, key), kept in results.items():
            value = marshal.dumps(kept)
            yield kind, key, value, self._seal(kind, key, value)

    def _believed(self, kind: str, keys: Sequence[bytes]) -> Mapping[bytes, Any]:
        rows: list[tuple[bytes, object, object]] = []
        if self._database is not None:
            with self._attempt() as database:
                marks = ", ".join("?" * len(keys))
                question = f"SELECT key, value, seal FROM results WHERE kind = ? AND key IN ({marks})"  # noqa: S608  # "?" alone
                rows = database.execute(question, (kind, *keys)).fetchall()
        return {
            key: marshal.loads(value)  # noqa: S302  # the seal says that this program wrote it
            for key, value, seal in rows
            if isinstance(value, bytes) and isinstance(seal, bytes)  # as they are not in one that is none of ours
            if compare_digest(seal, self._seal(kind, key, value))
        }

    def _seal(self, kind: str, key: bytes, value: bytes) -> bytes:
        lengths = _LENGTHS.pack(len(name := kind.encode()), len(key), len(value))
        return blake2b(b"".join((lengths, name, key, value)), digest_size=_SEAL, key=self._key).digest()


def allowance(used: int, *, large: bool = False) -> int:
    """How many may lie there where so many are used, before the others are deleted; of large ones, it is fewer."""
    return (1 + _SPARE) * used + (_LEAST_LARGE if large else _LEAST)


def _connected(place: Path) -> sqlite3.Connection:
    database = sqlite3.connect(place, timeout=_BUSY)
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


def _code(error: Exception) -> int:
    """What SQLite says is wrong; 0 where it says nothing."""
    return getattr(error, "sqlite_errorcode", 0) & 0xFF  # the upper bits say it more precisely
