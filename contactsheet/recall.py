"""Files that were judged before: known by their stamps, and where these say nothing, by their content.

A file's stamp (size, times, inode) is believed as git believes it: not when the file was touched so shortly before it
was looked at that it could have changed once more without showing.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from contactsheet.fingerprints import content_digest, fingerprint
from contactsheet.look import COARSE_TICK, TICK
from contactsheet.memo import ForgottenError, Memo
from contactsheet.read import UNCHANGED, Changes, SourceFile, content

Asked = tuple[SourceFile, tuple[Any, ...]]
Name = tuple[str, tuple[Any, ...]]
"""The path of a file and the question that is put to it."""
# What is remembered of a file and a question: the file's size and stamp, the key of the result, and the answer.
_Row = tuple[int, tuple[int, int, int], bytes, Any]


class Recall:
    """The answers of one kind that files gave, to the question that is put to each (plain values).

    ``common`` is what all answers depend on besides a file's content, ``began`` the time (nanoseconds since 1970)
    before the files were looked at. ``changes`` are contents as if they were written. With ``few`` only some of the
    files are asked, all of which changed: what others answered is not looked at, and stays remembered.
    """

    def __init__(
        self,
        memo: Memo,
        kind: str,
        common: bytes,
        root: Path,
        began: int,
        changes: Changes = UNCHANGED,
        *,
        few: bool = False,
    ) -> None:
        self._memo, self._kind, self._common = memo, kind, common
        self._root, self._began, self._changes = root, began, changes
        self._few = few
        self._before: Mapping[Name, _Row] = {} if few else memo.table(kind, common)
        self._known = fingerprint(kind, common)
        self._now: dict[Name, _Row] = {}
        self._has_told = False

    @property
    def is_empty(self) -> bool:
        """Whether nothing is remembered, so that there is no use in asking."""
        return not self._before and not self._memo.get("known", self._known)

    def answers(self, asked: Sequence[Asked], limit: int) -> dict[Name, Any]:
        """The answers that are known, by path and question; only files of up to ``limit`` bytes are opened."""
        found: dict[Name, Any] = {}
        doubtful: list[Asked] = []
        for file, question in asked:
            name = (file.path, question)
            row = self._before.get(name)
            if row and row[1] == file.stamp and row[0] == file.size:
                self._now[name] = row
                found[name] = row[3]
            else:
                doubtful.append((file, question))
        if not self.is_empty:
            found.update(self._by_content(doubtful, limit))
        return found

    def _by_content(self, asked: Iterable[Asked], limit: int) -> dict[Name, Any]:
        keys: list[tuple[Asked, bytes]] = []
        for one in asked:
            data = content(self._root, one[0].path, limit, self._changes)
            if isinstance(data, bytes):
                keys.append((one, self._key(one[1], content_digest(data))))
        kept = self._memo.find(self._kind, (key for _, key in keys))
        found: dict[Name, Any] = {}
        for one, key in keys:
            if key in kept:
                answer, _ = kept[key]
                found[one[0].path, one[1]] = answer
                self._remember(one, key, answer)
        return found

    def learn(self, asked: Asked, digest: bytes, answer: Any, attachment: bytes = b"") -> None:
        """A new answer (plain values), with what is kept beside it and asked for alone."""
        key = self._key(asked[1], digest)
        self._remember(asked, key, answer)
        self._memo.keep(self._kind, key, (answer, attachment))
        if not self._has_told:
            self._memo.keep("known", self._known, True)  # at once, so that a run that is interrupted is worth asking
            self._has_told = True

    def attachment(self, name: Name) -> bytes:
        """What was kept beside a file's answer. Raises ForgottenError if it is gone."""
        kept = self._memo.get(self._kind, self.key(name))
        if kept is None:
            raise ForgottenError(name[0])
        return bytes(kept[1])

    def key(self, name: Name) -> bytes:
        """A fingerprint of a file whose answer is known: of its content, and of all that the answer depends on."""
        return self._now[name][2]

    def finish(self) -> None:
        """Remembers the files that were asked for this time, and no others."""
        if self._few:
            self._memo.amend_table(self._kind, self._common, self._now)
            return
        self._memo.set_table(self._kind, self._common, self._now)
        self._memo.use(self._kind, (row[2] for row in self._now.values()))

    def _remember(self, asked: Asked, key: bytes, answer: Any) -> None:
        file, question = asked
        stamp = file.stamp if self._is_settled(file) else (0, 0, 0)
        self._now[file.path, question] = (file.size, stamp, key, answer)

    def _is_settled(self, file: SourceFile) -> bool:
        modified, changed, _ = file.stamp
        tick = COARSE_TICK if modified % 1_000_000_000 == 0 else TICK
        return max(modified, changed) < self._began - tick

    def _key(self, question: tuple[Any, ...], digest: bytes) -> bytes:
        return fingerprint(self._common, question, digest)
