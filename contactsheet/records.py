"""The stage that reads and checks the records: those that changed since they were read before, that is."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from contactsheet import tasks
from contactsheet.claims import Claim
from contactsheet.problems import Problem, from_plain
from contactsheet.read import RECORD_LIMIT, SourceFile, Sources
from contactsheet.recall import Name, Recall
from contactsheet.run import Run
from contactsheet.summaries import Summary

if TYPE_CHECKING:
    from contactsheet.check import Settled

_RECORDS_AT_ONCE = 100

_Told = tuple[tuple[Problem, ...], Claim | None, Summary | None]
"""What is remembered of a reading, as values with names."""


class Records(NamedTuple):
    """All records that could be read, in the order of their files, and everything that is wrong with any."""

    claims: tuple[Claim, ...]
    summaries: Mapping[str, Summary]
    problems: tuple[Problem, ...]
    recall: Recall
    names: Mapping[str, Name]

    def record(self, contact_id: str) -> bytes:
        """A record as pickled SourceRecord. Raises ForgottenError."""
        return self.recall.attachment(self.names[contact_id])

    def content(self, contact_id: str) -> bytes:
        """A fingerprint of a record."""
        return self.recall.key(self.names[contact_id])


def expect(run: Run, files: Sequence[SourceFile]) -> None:
    """Lets the workers begin with these records while something else is done, where none of them is known."""
    if run.spread(len(files)) and _recall(run).is_empty:
        run.workers.expect(len(files), tasks.load_checks)
        run.workers.begin(tasks.read_records, _work(run, files), common=run.settings)


def _question(path: str) -> tuple[str]:
    """What a record's file is asked, besides its content: its path, from which the ID comes."""
    return (path,)


def _recall(run: Run, *, few: bool = False) -> Recall:
    return Recall(run.memo, "record", run.judging, run.root, run.began, run.changes, few=few)


def read(run: Run, sources: Sources) -> Records:
    """All records, read and checked by the workers where they are not known."""
    run.progress("records", 0, len(sources.records))
    recall = _recall(run)
    told, problems = _judged(run, recall, sources.records)
    recall.finish()
    problems += [one for found, _, _ in told.values() for one in found]
    claims = tuple(claim for _, claim, _ in told.values() if claim)
    summaries = {summary.id: summary for _, _, summary in told.values() if summary}
    by_id = {claim.id: (claim.file, _question(claim.file)) for claim in claims}
    return Records(claims, summaries, tuple(problems), recall, by_id)


def some(run: Run, files: Sequence[SourceFile], settled: Settled) -> dict[str, tuple[bytes, Any]]:
    """What these files alone say, by their paths, where they can be read: a fingerprint, and all of it as plain values.

    ``settled`` are values that are known to be in order.
    """
    run.progress("records", 0, len(files))
    recall = _recall(run, few=True)
    answers, _ = _answers(run, recall, files, settled)
    recall.finish()
    return {path: (recall.key((path, _question(path))), answer) for path, answer in answers.items()}


def _judged(run: Run, recall: Recall, files: Sequence[SourceFile]) -> tuple[dict[str, _Told], list[Problem]]:
    """What files say, by their paths, and what is wrong with those that cannot be read."""
    answers, problems = _answers(run, recall, files)
    return {file.path: _told(run, file.path, answers[file.path]) for file in files if file.path in answers}, problems


def _answers(
    run: Run, recall: Recall, files: Sequence[SourceFile], settled: Settled = frozenset()
) -> tuple[dict[str, Any], list[Problem]]:
    asked = {file.path: (file, _question(file.path)) for file in files}
    answers = {path: answer for (path, _), answer in recall.answers(list(asked.values()), RECORD_LIMIT).items()}
    unknown = [file for file in files if file.path not in answers]
    problems: list[Problem] = []
    for file, (digest, answer, record) in zip(unknown, _read(run, unknown, settled), strict=True):
        if digest:
            recall.learn(asked[file.path], digest, answer, record)
            answers[file.path] = answer
        else:
            problems += map(from_plain, answer[0])
    return answers, problems


def _told(run: Run, path: str, answer: Any) -> _Told:
    cache: dict[str, tuple[Any, _Told]] = run.memo.cache("records")
    if path not in cache or cache[path][0] is not answer:
        problems, claim, summary = answer
        named = tuple(map(from_plain, problems)), claim and Claim(*claim), summary and Summary(*summary)
        cache[path] = answer, named
    return cache[path][1]


def _read(run: Run, files: Sequence[SourceFile], settled: Settled) -> Iterator[tasks.Reading]:
    run.work.records += len(files)
    done = 0
    for told in run.workers.map(
        tasks.read_records,
        _work(run, files, settled),
        apart=run.spread(len(files)),
        on_death=tasks.died_reading,
        common=run.settings,
    ):
        yield from told
        done += len(told)
        run.progress("records", done, len(files))


def _work(run: Run, files: Sequence[SourceFile], settled: Settled = frozenset()) -> Iterator[tasks.RecordWork]:
    for start in range(0, len(files), _RECORDS_AT_ONCE):
        batch = files[start : start + _RECORDS_AT_ONCE]
        yield tasks.RecordWork(
            run.root,
            tuple([(file.name, file.path) for file in batch]),
            tuple([run.travelling(file.path, RECORD_LIMIT) for file in batch]),
            settled,
        )
