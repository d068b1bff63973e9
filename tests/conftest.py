"""The few builders that all tests use: a repository of contacts in a folder of its own, and the real program on it."""

from __future__ import annotations

import compileall
import gc
import hashlib
import io
import json
import os
import signal
import subprocess
import sys
from collections.abc import Generator, Iterator, Mapping
from contextlib import redirect_stderr, redirect_stdout
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import hypothesis
import pytest

from contactsheet import cli, pipeline, render, seal
from contactsheet.machine import cores
from contactsheet.outcome import Outcome
from contactsheet.settings import load
from contactsheet.workers import Workers

if TYPE_CHECKING:
    from xdist.scheduler import LoadScopeScheduling

PROJECT = Path(__file__).resolve().parent.parent
SEAL = "the seal of the tests"


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

    def slow_pages(self) -> None:
        """Lets a record's page take long to make, so that it is certain that a test meets a build at work on them."""
        own, begin = (PROJECT / "templates/record.html").read_text(encoding="utf-8"), "{% block content %}"
        assert begin in own
        thousand = "{% for _ in range(1000) %}"
        slow = f"{begin}{thousand}{thousand}{'{% endfor %}' * 2}"
        self.write("templates/record.html", own.replace(begin, slow, 1))

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

    def command(self, *arguments: str, env: Mapping[str, str] | None = None) -> subprocess.CompletedProcess[str]:
        """What ``run`` gives, from this process: for all that does not depend on how a process begins and ends."""
        out, err = (io.TextIOWrapper(io.BytesIO(), encoding="utf-8", newline="\n") for _ in range(2))
        before, wanted = signal.getsignal(signal.SIGTERM), clean_environment(env)
        with pytest.MonkeyPatch.context() as environment, redirect_stdout(out), redirect_stderr(err):
            for name in set(os.environ) - set(wanted):
                environment.delenv(name)
            for name, value in wanted.items():
                environment.setenv(name, value)
            try:
                status = cli.main([*arguments, "--root", str(self.root)], root=self.root)
            finally:
                signal.signal(signal.SIGTERM, before)
        said = []
        for stream in (out, err):
            stream.seek(0)
            said.append(stream.read())
        return subprocess.CompletedProcess(arguments, status, *said)

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
    """This process's environment without what makes a CI of it, and with a seal that lies in nobody's home."""
    ci = ("GITHUB_ACTIONS", "GITLAB_CI", "CI", "GITHUB_STEP_SUMMARY", "GITHUB_BASE_REF")
    usual = {name: value for name, value in os.environ.items() if name not in ci}
    return {**usual, seal.VARIABLE: SEAL, **(extra or {})}


def python(*arguments: str, env: Mapping[str, str] | None = None) -> subprocess.CompletedProcess[str]:
    """Python in a process of its own, with this repository's modules."""
    return subprocess.run(
        [sys.executable, *arguments],
        cwd=PROJECT,
        capture_output=True,
        text=True,
        encoding="utf-8",
        env=clean_environment(env),
        timeout=60,
        stdin=subprocess.DEVNULL,
        check=False,
    )


def leftovers(folder: Path) -> list[str]:
    """What publications left in the .contactsheet of a folder, beside what is remembered there."""
    remembered = (".gitignore", "memo.db", "memo.db-journal", "thumbnails")
    names = sorted(path.name for path in (folder / ".contactsheet").glob("*"))
    return [name for name in names if name not in remembered and not name.endswith((".receipt", ".seen"))]


def rules(outcome: Outcome) -> list[str]:
    """The names of the rules that were broken, in the order of the problems."""
    return [problem.rule for problem in outcome.problems]


# Tests of these files stay together in one process, so that what is costly to make is made once: a browser, a preview,
# a watcher, a cluster, a site that all of them look at. The longest begin first, so that none is waited for at the end.
TOGETHER = {
    **{f"test_browser_{part}.py": "browser, the rest" for part in ("changes", "inbox", "preview", "record")},
    "hostile/test_injection.py": "browser, the rest",
    **{f"test_browser_{part}.py": "browser, forms" for part in ("add", "edit", "picture")},
    **dict.fromkeys(("test_browser.py", "test_markup.py"), "browser"),
    "test_browser_list.py": "browser, the list",
    "hostile/test_output.py": "faults",
    "test_cluster.py": "cluster",
    "hostile/test_images.py": "images",
    **dict.fromkeys(("hostile/test_server.py", "test_editing_records.py", "test_serve.py"), "preview"),
    "test_watch.py": "watcher",
    **{f"test_{name}.py": name for name in ("determinism", "committing", "likeness", "pages", "search")},
}


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers() -> int:
    """Twice as many processes as processors, since many tests wait; but each collects and imports all once more."""
    return 2 * cores()


def pytest_configure(config: pytest.Config) -> None:
    """Compiles the package once, so that none of the many processes has to, also where Python is to write no caches.

    No test of properties fails since the machine is slow. What a property finds, it finds among the first examples, or
    in another run, for each run has others.
    """
    slow = [hypothesis.HealthCheck.too_slow]
    hypothesis.settings.register_profile("any machine", max_examples=60, deadline=None, suppress_health_check=slow)
    hypothesis.settings.load_profile("any machine")
    if not hasattr(config, "workerinput"):
        compileall.compile_dir(PROJECT / "contactsheet", quiet=2)


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Generator[None, object, object]:
    """Thousands of tests are collected and stay: whoever looks for garbage need not look at them again and again."""
    gc.disable()
    try:
        return (yield)
    finally:
        gc.freeze()
        gc.enable()


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report(
    collector: pytest.Collector,
) -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
    """Each process begins to collect at another file, and goes round.

    What it compiles on the way (pytest its own form of each test module, hypothesis the constants of all modules) lies
    there for the others when they come to it. Where all begin at the same one, each compiles everything.
    """
    report = yield
    worker = getattr(collector.config, "workerinput", None)
    if worker and report.result and isinstance(collector, pytest.Package):
        first = len(report.result) * int(worker["workerid"].removeprefix("gw")) // worker["workercount"]
        report.result = report.result[first:] + report.result[:first]
    return report


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The tests that stay together take longest, so they begin first. All others are in the order of their files."""
    files = list(TOGETHER)
    items.sort(key=lambda item: _place(_file(item.nodeid), files))


def _place(file: str, first: list[str]) -> tuple[int, str]:
    return (first.index(file) if file in first else len(first)), file


def _file(test: str) -> str:
    return test.partition("::")[0].partition("tests/")[2]


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> LoadScopeScheduling:
    """Shares the tests out by function, but for those that stay together."""
    from xdist.scheduler import LoadScopeScheduling

    class Scheduling(LoadScopeScheduling):  # type: ignore[misc]  # xdist tells no types
        def _split_scope(self, nodeid: str) -> str:
            return TOGETHER.get(_file(nodeid)) or nodeid.partition("[")[0]

    return Scheduling(config, log)


@pytest.fixture(scope="session", autouse=True)
def _no_key_in_the_home() -> Iterator[None]:
    """No test makes a key among the settings of the user who runs it."""
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv(seal.VARIABLE, SEAL)
        yield


@pytest.fixture(scope="session", autouse=True)
def _templates_compiled_once() -> Iterator[None]:
    """The same templates are compiled once in a process, since that takes most of the time of a small build."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(render, "compiled", lru_cache(maxsize=100)(render.compiled))
        yield


@pytest.fixture
def site(tmp_path: Path) -> Site:
    """An empty repository of contacts."""
    return Site(tmp_path / "site")


@pytest.fixture
def no_ci(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Whatever machine runs the tests, the command is on nobody's CI; its handler of SIGTERM goes with it."""
    for name in set(os.environ) - set(clean_environment()):
        monkeypatch.delenv(name)
    before = signal.getsignal(signal.SIGTERM)
    yield
    signal.signal(signal.SIGTERM, before)
