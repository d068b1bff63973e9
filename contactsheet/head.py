"""Which commit git's HEAD is, found without starting git.

The layout is from git's own documentation, gitrepository-layout.
"""

from __future__ import annotations

import os

from contactsheet import regular

_SMALL = 65_536  # bytes of a file of git's own that says where something is
_LARGE = 134_217_728  # bytes of the file of all refs
_HASHES = (40, 64)  # hexadecimal digits, of SHA-1 and of SHA-256


def head(root: str | os.PathLike[str]) -> str:
    """What stays the same as long as the history that git tells of the folder ``root`` does; empty without git.

    It is the commit of HEAD, where the folder lies in the repository, and whether the clone is shallow.
    """
    here = top = os.path.realpath(root)
    while not os.path.lexists(os.path.join(top, ".git")):
        top, below = os.path.dirname(top), top
        if top == below:
            return ""
    private = _folder_of(top)
    shared = os.path.join(private, _line(private, "commondir") or ".")
    commit = _commit(private, shared)
    below = os.path.relpath(here, top).replace(os.sep, "/")
    shallow = " shallow" if os.path.exists(os.path.join(shared, "shallow")) else ""
    return f"{commit} {below}{shallow}" if commit else ""


def _folder_of(top: str) -> str:
    """Where git keeps what belongs to the working tree ``top``; that of a worktree or a submodule is a file."""
    inside = os.path.join(top, ".git")
    return inside if os.path.isdir(inside) else os.path.join(top, _line(top, ".git").removeprefix("gitdir: "))


def _commit(private: str, shared: str) -> str:
    """The commit of HEAD; where refs are kept in tables, which tables these are."""
    told = _line(private, "HEAD")
    name = told.removeprefix("ref: ")
    if name == told:
        return told if _is_hash(told) else ""
    if name == "refs/heads/.invalid":
        return "".join(_text(place, "reftable/tables.list").replace("\n", " ") for place in (private, shared))
    if ".." in name.split("/") or not name.startswith("refs/"):
        return ""
    found = _line(shared, name) or _line(private, name)
    return found if _is_hash(found) else _packed(shared, name)


def _packed(shared: str, name: str) -> str:
    for line in _text(shared, "packed-refs", _LARGE).split("\n"):
        commit, _, ref = line.partition(" ")
        if ref == name and _is_hash(commit):
            return commit
    return ""


def _is_hash(text: str) -> bool:
    return len(text) in _HASHES and not text.strip("0123456789abcdef")


def _line(folder: str, name: str) -> str:
    return _text(folder, name).partition("\n")[0].rstrip("\r")


def _text(folder: str, name: str, limit: int = _SMALL) -> str:
    data = regular.content(os.path.join(folder, *name.split("/")), limit)
    return os.fsdecode(data) if isinstance(data, bytes) else ""
