"""Asks git. Nothing starts what a repository's settings name or goes through a shell, and no question writes to it."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import subprocess

# A repository may come from a stranger. Reading it must not write to it, nor start what it names: a file-system
# monitor, a hook, a program that verifies signatures; nor fetch what a partial clone lacks.
_HARMLESS = (
    "--no-optional-locks",
    "--no-pager",
    "--no-replace-objects",
    "--literal-pathspecs",  # a file's name is never a pattern, though it may have brackets
    *("-c", "core.fsmonitor=false"),
    *("-c", f"core.hooksPath={os.devnull}"),
    *("-c", "log.showSignature=false"),
    *("-c", "protocol.allow=never"),
)
_SMALL = 65_536  # bytes read at once
# Objects asked for at once: so few that the question fits into every system's pipe while nobody reads it.
_AT_ONCE = 50


class GitError(Exception):
    """Git cannot tell; the text says why."""


def git(root: Path, *arguments: str) -> str:
    """What git prints for ``arguments`` in the folder ``root``, bytes that are no UTF-8 as surrogates.

    Raises GitError where it cannot be run or says that it failed.
    """
    with _started(root, arguments) as process:
        out, err = process.communicate()
    _judge(process, arguments, err)
    return os.fsdecode(out)


def commit_of(root: Path, revision: str) -> str:
    """The full name of a commit. Raises GitError for what names none."""
    return git(root, "rev-parse", "--verify", "--quiet", "--end-of-options", f"{revision}^{{commit}}").strip()


def fork_point(root: Path, base: str, to: str = "HEAD") -> str:
    """The commit at which ``to`` left ``base``. Raises GitError where they have none in common."""
    return git(root, "merge-base", commit_of(root, base), commit_of(root, to)).strip()


def parts(root: Path, *arguments: str) -> Iterator[bytes]:
    """What git prints for ``arguments``, piece by piece as it comes; each ends with a zero byte, which is left out.

    Raises GitError as ``git`` does, at the end.
    """
    with _started(root, arguments, heard=False) as process:
        assert process.stdout is not None
        rest = b""
        while block := process.stdout.read(_SMALL):
            *whole, rest = (rest + block).split(b"\0")
            yield from whole
        if rest:
            yield rest
        process.wait()
    _judge(process, arguments, b"")


def blobs(root: Path, ids: Iterable[str], limit: int) -> Iterator[tuple[str, bytes | None]]:
    """The contents of objects by their full IDs, each as soon as it is read; None for one that is not there, is no
    file, or has more than ``limit`` bytes.

    Raises GitError where git cannot be run.
    """
    wanted = list(dict.fromkeys(ids))
    if not wanted:
        return
    fitting = _fitting(root, wanted, limit)
    with _started(root, ("cat-file", "--batch"), asked=True, heard=False) as process:
        for start in range(0, len(wanted), _AT_ONCE):
            some = wanted[start : start + _AT_ONCE]
            _ask(process, [one for one in some if one in fitting])
            for one in some:
                yield one, _content(process, one) if one in fitting else None


def _fitting(root: Path, ids: Iterable[str], limit: int) -> frozenset[str]:
    """Those of the objects that are files of at most ``limit`` bytes."""
    arguments = ("cat-file", "--batch-check")
    with _started(root, arguments, asked=True) as process:
        out, err = process.communicate("".join(f"{one}\n" for one in ids).encode())
    _judge(process, arguments, err)
    told = (line.split(" ") for line in out.decode("ascii", "replace").splitlines())
    return frozenset(line[0] for line in told if len(line) == 3 and line[1] == "blob" and int(line[2]) <= limit)


def _ask(process: subprocess.Popen[bytes], ids: Sequence[str]) -> None:
    assert process.stdin is not None
    try:
        process.stdin.write("".join(f"{one}\n" for one in ids).encode())
        process.stdin.flush()
    except OSError as error:
        raise GitError(f"git ended early: {error.strerror or error}") from None


def _content(process: subprocess.Popen[bytes], blob: str) -> bytes:
    assert process.stdout is not None
    try:
        size = int(process.stdout.readline().split(b" ")[2])
        data = process.stdout.read(size)
        process.stdout.read(1)  # the line's end behind it
    except (OSError, ValueError, IndexError):
        raise GitError(f"the object {blob} cannot be read") from None
    return data


@contextmanager
def _started(
    root: Path, arguments: tuple[str, ...], *, asked: bool = False, heard: bool = True
) -> Iterator[subprocess.Popen[bytes]]:
    """Git at work; it does not outlive the block. ``asked``: it reads what is written to it. ``heard``: its errors are
    to be read, together with what it prints, by ``communicate``.
    """
    import subprocess

    command = ["git", *_HARMLESS, "-C", str(root), *arguments]
    environment = {**os.environ, "GIT_NO_LAZY_FETCH": "1", "GIT_TERMINAL_PROMPT": "0"}
    try:
        process = subprocess.Popen(  # noqa: S603  # a list, no shell
            command,
            env=environment,
            stdin=subprocess.PIPE if asked else subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE if heard else subprocess.DEVNULL,
        )
    except OSError as error:
        raise GitError(f"git cannot be run: {error.strerror or error}") from None
    try:
        yield process
    finally:
        process.kill()  # which does nothing to one that has ended
        for stream in (process.stdin, process.stdout, process.stderr):
            with suppress(OSError):
                if stream:
                    stream.close()
        process.wait()


def _judge(process: subprocess.Popen[bytes], arguments: tuple[str, ...], err: bytes) -> None:
    if process.returncode:
        said = os.fsdecode(err).strip().splitlines()
        unknown = "there is no branch, tag or commit of that name in this clone"
        nothing = unknown if arguments[0] == "rev-parse" else f"git {arguments[0]} found nothing"
        raise GitError(said[0] if said else nothing)
