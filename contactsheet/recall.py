"""Files that were judged before: known by their stamps, and where these say nothing, by their content.

A file's stamp (size, times, inode) is believed as git believes it: not when the file was touched so shortly before it
was looked at that it could have changed once more without showing.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from contactsheet.memo import ForgottenError, Memo
from contactsheet.read import SourceFile, read_bytes
from contactsheet.summaries import fingerprint
from contactsheet.tasks import content_digest

_TICK = 100_000_000  # nanoseconds within which a file system may give two changes the same time …
_COARSE_TICK = 2_000_000_000  # … and where it counts whole seconds, as FAT does


Asked = tuple[SourceFile, tuple[Any, ...]]
# What is remembered of a file and a question: the file's size and stamp, the key of the result, and the answer.
_Row = tuple[int, tuple[int, int, int], bytes, Any]


class Recall:
    """The answers of one kind that files gave, to the question that is put to each (plain values).

    ``common`` is what all answers depend on besides a file's content, ``began`` the time (nanoseconds since 1970)
    before the files were looked at.
    """

    def __init__(self, memo: Memo, kind: str, common: bytes, root: Path, began: int) -> None:
        self._memo, self._kind, self._common = memo, kind, common
        self._root, self._began = root, began
        self._before: Mapping[tuple[str, tuple[Any, ...]], _Row] = memo.table(kind, common)
        self._known = fingerprint(kind, common)
        self._now: dict[tuple[str, tuple[Any, ...]], _Row] = {}

    @property
    def is_empty(self) -> bool:
        """Whether nothing is remembered, so that there is no use in asking."""
        return not self._before and not self._memo.get("known", self._known)

    def answers(self, asked: Sequence[Asked], limit: int) -> dict[Asked, Any]:
        """The answers that are known; only files of up to ``limit`` bytes are opened."""
        found: dict[Asked, Any] = {}
        doubtful: list[Asked] = []
        for one in asked:
            file, question = one
            row = self._before.get((file.path, question))
            if row and row[1] == file.stamp and row[0] == file.size:
                self._now[file.path, question] = row
                found[one] = row[3]
            else:
                doubtful.append(one)
        if not self.is_empty:
            found.update(self._by_content(doubtful, limit))
        return found

    def _by_content(self, asked: Iterable[Asked], limit: int) -> dict[Asked, Any]:
        keys: dict[Asked, bytes] = {}
        for one in asked:
            data = read_bytes(self._root, one[0].path, limit)
            if isinstance(data, bytes):
                keys[one] = self._key(one[1], content_digest(data))
        kept = self._memo.find(self._kind, keys.values())
        found = {one: kept[key][0] for one, key in keys.items() if key in kept}
        for one, answer in found.items():
            self._remember(one, keys[one], answer)
        return found

    def learn(self, asked: Asked, digest: bytes, answer: Any, attachment: bytes = b"") -> None:
        """A new answer (plain values), with what is kept beside it and asked for alone."""
        key = self._key(asked[1], digest)
        self._remember(asked, key, answer)
        self._memo.keep(self._kind, key, (answer, attachment))
        self._memo.keep("known", self._known, True)  # at once, so that a run that is interrupted is worth asking

    def attachment(self, asked: Asked) -> bytes:
        """What was kept beside a file's answer. Raises ForgottenError if it is gone."""
        kept = self._memo.get(self._kind, self.key(asked))
        if kept is None:
            raise ForgottenError(asked[0].path)
        return bytes(kept[1])

    def key(self, asked: Asked) -> bytes:
        """A fingerprint of a file whose answer is known: of its content, and of all that the answer depends on."""
        return self._now[asked[0].path, asked[1]][2]

    def finish(self) -> None:
        """Remembers the files that were asked for this time, and no others."""
        self._memo.set_table(self._kind, self._common, self._now)
        if self._now and not self._memo.get("known", self._known):
            self._memo.keep("known", self._known, True)
        self._memo.use(self._kind, (row[2] for row in self._now.values()))

    def _remember(self, asked: Asked, key: bytes, answer: Any) -> None:
        file, question = asked
        stamp = file.stamp if self._is_settled(file) else (0, 0, 0)
        self._now[file.path, question] = (file.size, stamp, key, answer)

    def _is_settled(self, file: SourceFile) -> bool:
        modified, changed, _ = file.stamp
        tick = _COARSE_TICK if modified % 1_000_000_000 == 0 else _TICK
        return max(modified, changed) < self._began - tick

    def _key(self, question: tuple[Any, ...], digest: bytes) -> bytes:
        return fingerprint(self._common, question, digest)
