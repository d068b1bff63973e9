"""The few builders that all tests use: a repository of contacts in a folder of its own, and the real program on it."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from contactsheet import pipeline
from contactsheet.outcome import Outcome
from contactsheet.settings import load
from contactsheet.workers import Workers

PROJECT = Path(__file__).resolve().parent.parent


class Site:
    """A repository of contacts below ``root``, empty but for what a test writes into it."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.output = root / "output"
        root.mkdir(parents=True, exist_ok=True)
        (root / "contacts").mkdir()
        (root / "avatars").mkdir()

    def write(self, path: str, content: str | bytes) -> Path:
        """A file of the repository with its folders; text becomes UTF-8 with the line ends it has."""
        target = self.root / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content if isinstance(content, bytes) else content.encode())
        return target

    def contact(self, contact_id: str, text: str = "", name: str = "") -> Path:
        """A record: ``text`` is its YAML, or the fields behind a ``name``."""
        return self.write(f"contacts/{contact_id}.yaml", f"name: {name}\n{text}" if name else text)

    def settings(self, text: str) -> Path:
        """The settings, as the lines of [tool.contactsheet]."""
        return self.write("pyproject.toml", f"[tool.contactsheet]\n{text}\n")

    def check(self, jobs: int = 0) -> Outcome:
        """All checks, in this process."""
        with Workers(jobs) as workers:
            return pipeline.check(self.root, load(self.root), workers)

    def build(self, jobs: int = 0, *, strict: bool = False) -> Outcome:
        """A build, in this process."""
        with Workers(jobs) as workers:
            return pipeline.build(self.root, self.output, load(self.root), workers, strict=strict)

    def run(
        self, *arguments: str, env: Mapping[str, str] | None = None, timeout: float = 60
    ) -> subprocess.CompletedProcess[str]:
        """The real command in a process of its own, as a person or CI runs it."""
        return subprocess.run(
            [sys.executable, str(PROJECT / "build.py"), *arguments, "--root", str(self.root)],
            capture_output=True,
            text=True,
            encoding="utf-8",
            env=clean_environment(env),
            timeout=timeout,
            stdin=subprocess.DEVNULL,
            check=False,
        )

    def index(self) -> dict[str, dict[str, Any]]:
        """The entries of contacts.json by ID, in its order."""
        entries = json.loads((self.output / "contacts.json").read_text(encoding="utf-8"))["contacts"]
        return {entry["id"]: entry for entry in entries}

    def report(self) -> dict[str, Any]:
        """report.json."""
        report: dict[str, Any] = json.loads((self.output / "report.json").read_text(encoding="utf-8"))
        return report

    def page(self, path: str) -> str:
        """The text of a page of the site."""
        return (self.output / path).read_text(encoding="utf-8")

    def tree(self) -> dict[str, str]:
        """Every file of the output with the hash of its bytes."""
        return {
            path.relative_to(self.output).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
            for path in sorted(self.output.rglob("*"))
            if path.is_file()
        }


def clean_environment(extra: Mapping[str, str] | None = None) -> dict[str, str]:
    """This process's environment without what makes a CI of it."""
    ci = ("GITHUB_ACTIONS", "GITLAB_CI", "CI", "GITHUB_STEP_SUMMARY", "GITHUB_BASE_REF")
    return {**{name: value for name, value in os.environ.items() if name not in ci}, **(extra or {})}


def rules(outcome: Outcome) -> list[str]:
    """The names of the rules that were broken, in the order of the problems."""
    return [problem.rule for problem in outcome.problems]


@pytest.fixture
def site(tmp_path: Path) -> Site:
    """An empty repository of contacts."""
    return Site(tmp_path / "site")
