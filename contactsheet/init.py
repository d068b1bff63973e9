"""A new repository of contacts: the files that make it build, check and complete at once. No file is written over."""

from __future__ import annotations

import json
from collections.abc import Iterator
from importlib import resources
from pathlib import Path

FIRST_RECORD = "contacts/ada-lovelace.yaml"

# What is made, from which of the files in starter/ (their names keep git and the tools of this repository off them).
_FILES = {
    "pyproject.toml": "pyproject.toml",
    FIRST_RECORD: "record.yaml",
    "build.py": "build.py.txt",
    "README.md": "readme.md",
    ".gitignore": "gitignore",
    ".editorconfig": "editorconfig",
    ".pre-commit-config.yaml": "pre-commit.yaml",
    ".github/workflows/contacts.yml": "workflow.yml",
    ".vscode/settings.json": "vscode.json",
}
SCHEMA = ".vscode/record.schema.json"


def files() -> Iterator[tuple[str, bytes]]:
    """The files of a new repository: POSIX paths relative to its root, and their bytes."""
    from contactsheet.schema import json_schema

    starter = resources.files("contactsheet").joinpath("starter")
    for path, source in _FILES.items():
        yield path, starter.joinpath(source).read_bytes()
    yield SCHEMA, f"{json.dumps(json_schema(), indent=2)}\n".encode()


def create(root: Path) -> tuple[list[str], list[str]]:
    """Writes the files of a new repository below ``root``: those written, and those left because something is there.

    Where there are records already, the first one is not made. Raises OSError where a file cannot be written.
    """
    written, left = [], []
    has_records = any(any((root / "contacts").rglob(f"*{suffix}")) for suffix in (".yaml", ".yml"))
    for path, data in files():
        target = root / path
        if path == FIRST_RECORD and has_records and not target.exists():
            continue
        target.parent.mkdir(parents=True, exist_ok=True)
        try:
            with target.open("xb") as stream:  # x: fails where anything is, a link that leads nowhere too
                stream.write(data)
        except FileExistsError:
            left.append(path)
        else:
            written.append(path)
    (root / "avatars").mkdir(exist_ok=True)
    return written, left
