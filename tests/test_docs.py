"""The documentation says what the program does: its tables come from it, its examples work, its links are alive."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import tomllib
from pathlib import Path
from urllib.parse import unquote

import pytest
import yaml

from contactsheet import __version__
from contactsheet.formats import FORMATS
from contactsheet.problems import Severity
from contactsheet.rules import catalogue
from contactsheet.schema import SINGULAR, Record
from contactsheet.settings import Settings, load
from contactsheet.shapes import keys
from contactsheet.verbs import COMMANDS, command
from tests.conftest import PROJECT, Site

DOCUMENTS = [
    *(PROJECT / name for name in ("README.md", "CHANGELOG.md", "CONTRIBUTING.md", "SECURITY.md")),
    *sorted((PROJECT / "docs").glob("*.md")),
]
EACH_DOCUMENT = pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.relative_to(PROJECT).as_posix())
BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.DOTALL | re.MULTILINE)


def text_of(name: str) -> str:
    return (PROJECT / name).read_text(encoding="utf-8")


def blocks(document: Path, language: str) -> list[str]:
    """The blocks of code of one language in a document."""
    found = BLOCK.findall(document.read_text(encoding="utf-8"))
    return [text for kind, text in found if kind == language]


def file_of(block: str) -> str:
    """The file that an example shows, from the comment in its first line."""
    found = re.match(r"# (\S+)\n", block)
    return found[1] if found else ""


def anchors(document: Path) -> set[str]:
    """The fragments that a document's headings make, as GitHub makes them."""
    prose = BLOCK.sub("", document.read_text(encoding="utf-8"))
    titles = re.findall(r"^#+ (.*)$", prose, re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in titles}


def test_making_the_tables_anew_changes_nothing() -> None:
    done = subprocess.run(
        [sys.executable, "tools/make_docs.py", "--check"],
        cwd=PROJECT,
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
    )
    assert done.returncode == 0, f"run `python tools/make_docs.py`: {done.stdout}{done.stderr}"


@pytest.mark.parametrize("name", [*keys(Record), *SINGULAR])
def test_every_field_of_a_record_is_documented(name: str) -> None:
    rows = [line for line in text_of("docs/records.md").splitlines() if line.startswith("| `")]
    assert any(f"`{name}`" in row.split(" | ")[0] for row in rows)


@pytest.mark.parametrize("name", list(Settings.__dataclass_fields__))
def test_every_setting_is_documented(name: str) -> None:
    assert f"\n| `{name}` |" in text_of("docs/settings.md")


def test_every_rule_is_documented() -> None:
    text = text_of("docs/rules.md")
    assert [name for name in catalogue() if f"\n### {name}\n" not in text] == []


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_is_documented_with_its_options(name: str) -> None:
    _before, found, after = text_of("docs/commands.md").partition(f"\n## build.py {name}")
    section = after.partition("\n## ")[0]
    options = [option for parameter in command(name).params for option in parameter.opts]
    assert found
    assert [option for option in options if option.startswith("--") and f"`{option}" not in section] == []


@pytest.mark.parametrize("name", list(FORMATS))
def test_every_format_is_documented(name: str) -> None:
    assert f"\n- `{name}`:" in text_of("docs/ci.md")


@pytest.mark.parametrize("severity", list(Severity))
def test_every_severity_is_documented(severity: Severity) -> None:
    assert f"*{severity}*" in text_of("docs/rules.md")


def test_every_block_of_a_template_is_documented_where_it_is_defined_and_no_other() -> None:
    frame = set(re.findall(r"{% block (\w+)", (PROJECT / "templates/base.html").read_text(encoding="utf-8")))
    defined = {("base.html", block) for block in frame}
    for template in (PROJECT / "templates").glob("*.html"):
        found = re.findall(r"{% block (\w+)", template.read_text(encoding="utf-8"))
        defined |= {(template.name, block) for block in found if block not in frame}
    text = (PROJECT / "docs/templates.md").read_text(encoding="utf-8")
    assert set(re.findall(r"^\| `(\w+\.html)` \| `(\w+)` \|", text, re.MULTILINE)) == defined


def test_every_template_is_documented() -> None:
    text = (PROJECT / "docs/templates.md").read_text(encoding="utf-8")
    assert [path.name for path in (PROJECT / "templates").glob("*.html") if f"| `{path.name}` |" not in text] == []


@EACH_DOCUMENT
def test_every_link_leads_to_a_file_or_a_heading_that_is_there(document: Path) -> None:
    prose = BLOCK.sub("", document.read_text(encoding="utf-8"))
    links = [*re.findall(r"\]\(([^)\s]+)\)", prose), *re.findall(r'(?:src|srcset|href)="([^"]+)"', prose)]
    dead = []
    for link in links:
        if link.startswith("https://"):
            continue
        path, _, fragment = unquote(link).partition("#")
        target = document.parent / path if path else document
        if not target.exists() or (fragment and fragment not in anchors(target)):
            dead.append(link)
    assert dead == []


def test_every_page_of_the_documentation_can_be_reached_from_the_readme() -> None:
    pages = {path.name for path in (PROJECT / "docs").glob("*.md")}
    assert set(re.findall(r"\(docs/([a-z]+\.md)", text_of("README.md"))) == pages


def test_every_picture_of_the_documentation_is_shown_somewhere() -> None:
    pictures = {path.name for path in (PROJECT / "docs").glob("*.png")}
    shown = {name for document in DOCUMENTS for name in re.findall(r'[\w-]+\.png(?=")', document.read_text("utf-8"))}
    assert shown == pictures


def test_the_readme_s_records_build_into_a_site_with_a_merge(site: Site) -> None:
    for block in blocks(PROJECT / "README.md", "yaml"):
        site.write(file_of(block), block)
    outcome = site.build()
    assert outcome.problems == ()
    assert site.index()["ada-lovelace"]["merged_from"] == ["ada-king"]


@pytest.mark.parametrize("name", ["records", "pictures", "merging"])
def test_the_records_in_the_documentation_have_no_problem(name: str, site: Site) -> None:
    for block in blocks(PROJECT / f"docs/{name}.md", "yaml"):
        assert site.write(file_of(block), block).parent.is_relative_to(site.root / "contacts")
    site.contact("jane-doe", name="Jane Doe")
    outcome = site.check()
    assert outcome.contacts + outcome.merges > 1
    assert [problem for problem in outcome.problems if problem.rule != "merge/conflict"] == []


def test_the_problem_that_the_documentation_shows_is_what_check_tells(site: Site) -> None:
    site.contact("ada-lovelace", "company: Analytical Engines\ntitel: Programmer\n", name="Ada Lovelace")
    (as_text,) = blocks(PROJECT / "README.md", "text")
    (as_json,) = blocks(PROJECT / "docs/ci.md", "json")
    assert site.command("check").stdout.strip() == as_text.strip()
    assert json.loads(site.command("check", "--format", "json").stdout) == json.loads(as_json)


def test_the_settings_in_the_documentation_are_accepted(site: Site) -> None:
    for name in ("settings", "security"):
        found = blocks(PROJECT / f"docs/{name}.md", "toml")
        assert found, name
        for block in found:
            site.write("pyproject.toml", block)
            assert load(site.root) != Settings()


def test_every_example_in_yaml_says_which_file_it_shows() -> None:
    examples = [block for document in DOCUMENTS for block in blocks(document, "yaml")]
    assert [block for block in examples if not file_of(block)] == []
    assert all(yaml.safe_load(block) for block in examples)


def test_the_changelog_has_a_section_for_what_is_unreleased_and_for_this_version() -> None:
    sections = re.findall(r"^## \[([^]]+)\]", text_of("CHANGELOG.md"), re.MULTILINE)
    assert sections[0] == "Unreleased"
    assert __version__ in sections


def test_the_readme_s_test_command_installs_the_extra_that_the_tests_need() -> None:
    extras = tomllib.loads(text_of("pyproject.toml"))["project"]["optional-dependencies"]
    assert "pip install -e '.[test]' && pytest" in text_of("README.md")
    assert any(requirement.startswith("pytest") for requirement in extras["test"])


@pytest.mark.parametrize("name", sorted(COMMANDS))
def test_every_command_shows_in_its_help_how_it_is_typed(name: str) -> None:
    examples = (command(name).epilog or "").split("\n")
    typed = [line.strip() for line in examples if line.startswith("  build.py")]
    assert typed
    assert all(line.split()[1:2] in ([name], []) for line in typed) or name == "build"


def test_the_list_of_commands_says_of_each_what_it_does_without_being_cut() -> None:
    """On a terminal of 80 columns, which leaves 60 beside the longest name."""
    assert [name for name in COMMANDS if command(name).get_short_help_str(60).endswith("...")] == []


def test_the_kinds_of_values_are_told_in_words() -> None:
    kinds = re.findall(r"^\| `\w+` \| (.*) \|$", text_of("docs/templates.md"), re.MULTILINE)
    assert len(kinds) > 100
    assert [kind for kind in kinds if re.search(r"[<\[.]", kind)] == []
