"""`init` makes a repository that builds and checks at once; the shipped schema is the one that the code has."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from contactsheet.init import SCHEMA, create, files
from contactsheet.schema import json_schema
from tests.conftest import PROJECT, Site, clean_environment


def run(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, *arguments]
    environment = clean_environment({"PYTHONPATH": str(PROJECT)})
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)


def test_a_new_repository_builds_and_checks_without_a_problem(tmp_path: Path) -> None:
    folder = tmp_path / "team" / "contacts of ours"
    assert run(tmp_path, "-m", "contactsheet", "init", str(folder)).returncode == 0
    built = run(folder, "build.py", "--strict")
    assert built.returncode == 0, built.stderr
    assert "no problems" in built.stderr
    assert (folder / "output/contacts/ada-lovelace.html").is_file()
    assert run(folder, "build.py", "check", "--strict").returncode == 0


def test_no_file_is_written_over(tmp_path: Path) -> None:
    (tmp_path / "README.md").write_text("ours")
    (tmp_path / "build.py").symlink_to("nowhere")
    written, left = create(tmp_path)
    assert left == ["build.py", "README.md"]
    assert "pyproject.toml" in written
    assert (tmp_path / "README.md").read_text() == "ours"
    assert not (tmp_path / "nowhere").exists()


@pytest.mark.parametrize("record", ["contacts/ada-lovelace.yml", "contacts/sales/bob.yaml"])
def test_where_there_are_records_no_first_one_is_made(tmp_path: Path, record: str) -> None:
    site = Site(tmp_path / "contacts")
    site.write(record, "name: Somebody\n")
    written, _ = create(site.root)
    assert "contacts/ada-lovelace.yaml" not in written
    assert not (site.root / "contacts/ada-lovelace.yaml").exists()
    assert site.check().contacts == 1


def test_a_second_init_changes_nothing_and_fails(tmp_path: Path) -> None:
    create(tmp_path)
    done = run(tmp_path, "-m", "contactsheet", "init", str(tmp_path))
    assert done.returncode == 1
    assert done.stderr.count("which was there") == len(dict(files()))


def test_its_workflow_and_hook_are_valid(tmp_path: Path) -> None:
    create(tmp_path)
    for schema, file in (("vendor.github-workflows", ".github/workflows/contacts.yml"),):
        command = ("-m", "check_jsonschema", "--builtin-schema", schema, str(tmp_path / file))
        done = run(tmp_path, *command)
        assert done.returncode == 0, done.stdout


def test_editors_find_the_schema_that_the_program_has(tmp_path: Path) -> None:
    create(tmp_path)
    schemas = json.loads((tmp_path / ".vscode/settings.json").read_text())["yaml.schemas"]
    assert [*schemas] == [f"./{SCHEMA}"]
    assert json.loads((tmp_path / SCHEMA).read_text()) == json_schema()


def test_the_shipped_schema_is_current() -> None:
    shipped = (PROJECT / "contactsheet/record.schema.json").read_text(encoding="utf-8")
    assert shipped == f"{json.dumps(json_schema(), indent=2)}\n", (
        "run: python build.py schema > contactsheet/record.schema.json"
    )


def test_this_repository_s_editor_settings_lead_to_the_shipped_schema() -> None:
    settings = json.loads((PROJECT / ".vscode/settings.json").read_text(encoding="utf-8"))
    (path,) = settings["yaml.schemas"]
    assert (PROJECT / path).resolve() == PROJECT / "contactsheet/record.schema.json"
