"""The pages are valid HTML, by the checker of the W3C (Nu) all of them in one run."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.conftest import PROJECT

pytest_plugins = ["tests.browser"]


# Where .ci/run installs it: npm install --ignore-scripts --prefix .venv/checker vnu-jar
INSTALLED = PROJECT / ".venv/checker/node_modules/vnu-jar/build/dist/vnu.jar"


def checker() -> list[str]:
    """The command of the checker: the jar that the environment variable VNU_JAR names, or the installed one."""
    java, jar = shutil.which("java"), Path(os.environ.get("VNU_JAR", INSTALLED))
    if os.environ.get("CI"):  # where a skipped test would go unseen
        assert java, "the Nu checker needs Java"
        assert jar.is_file(), f"the Nu checker is not there: {jar}"
    if java is None or not jar.is_file():
        pytest.skip("not on this system: java and the Nu checker (the environment variable VNU_JAR names its jar)")
    # Most of a run this short goes to compiling code of Java that will hardly be used: it is compiled plainly.
    return [java, "-Xmx512m", "-Xss2m", "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-jar", str(jar)]


def test_every_page_of_the_sample_is_valid(sample: Path) -> None:
    pages = sorted(map(str, sample.rglob("*.html")))
    command = [*checker(), "--format", "json", "--stdout", "--exit-zero-always", *pages]
    ran = subprocess.run(command, capture_output=True, text=True, encoding="utf-8", timeout=120, check=True)
    wrong = [
        f"{one['url'].rpartition(sample.name)[2]}:{one.get('lastLine')}: {one['message']}"
        for one in json.loads(ran.stdout)["messages"]
        if one["type"] == "error"
    ]
    assert wrong == []
    assert len(pages) > 30
