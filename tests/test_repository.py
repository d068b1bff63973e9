"""The repository itself: what CI runs is valid and pinned, nothing foreign lies in the tree, templates are safe."""

from __future__ import annotations

import ast
import importlib.util
import re
import shutil
import subprocess
import sys
import zipfile
from functools import cache
from pathlib import Path
from typing import Any

import click
import pytest
import yaml

from contactsheet import pipeline
from contactsheet.machine import cores
from contactsheet.problems import Severity
from contactsheet.settings import load
from contactsheet.verbs import COMMANDS, command
from contactsheet.workers import Workers
from tests.conftest import PROJECT

WORKFLOWS = sorted((PROJECT / ".github/workflows").glob("*.yml"))
EACH_WORKFLOW = pytest.mark.parametrize("workflow", WORKFLOWS, ids=lambda path: path.name)
PICTURES = (".jpg", ".jpeg", ".png")
LARGEST_PICTURE_OF_DOCS = 300_000
MODULES = {
    ".".join(path.relative_to(PROJECT).with_suffix("").parts).removesuffix(".__init__"): path
    for path in (PROJECT / "contactsheet").rglob("*.py")
}

# What a template must never hold. Comments of Jinja are taken out first, its expressions and statements replaced.
TEMPLATE_LINT = {
    "a value marked as safe": re.compile(r"\|\s*safe\b|autoescape\s+false"),
    "a script in the page": re.compile(r"<script(?![^>]*\bsrc=)", re.IGNORECASE),
    "a style in the page": re.compile(r"<style|\bstyle\s*=", re.IGNORECASE),
    "an event handler": re.compile(r"<[^>]*\son[a-z]+\s*=", re.IGNORECASE),
    "a javascript address": re.compile(r"javascript:", re.IGNORECASE),
    "a value in a comment of HTML": re.compile(r"<!--(?:(?!-->).)*\{\{", re.DOTALL),
}
CODE_LINT = {
    "a text marked as safe": re.compile(r"\bMarkup\("),
    "a template made from a text": re.compile(r"\bfrom_string\("),
    "a shell": re.compile(r"\bshell\s*=\s*True|\bos\.system\(|\bos\.popen\("),
    "a YAML loader that makes objects": re.compile(r"\byaml\.(?:unsafe_load|full_load|load)\("),
    "pickle of what may be foreign": re.compile(r"\b(?:pickle|marshal)\.loads?\("),
}
# What loads pickles all the same, for nobody else can have written them.
OWN_PICKLES = {
    "cluster.py": "a cluster trusts whoever can reach its scheduler, and computes nothing for others",
    "contacts.py": "records that this process pickled, or took from the memory by their seal",
    "ledger.py": "merges that this process pickled, or took from the memory by their seal",
    "pool.py": "a process is told its work by the one that started it",
    "receipt.py": "the seal says that this program wrote it",
    "render.py": "templates that this process compiled, or took from the memory by their seal",
    "store.py": "the seal says that this program wrote it",
    "summaries.py": "what the process packed that gave the work, or the memory held by its seal",
}


@cache
def tree() -> tuple[str, ...]:
    """The files of the repository, POSIX and relative: those in git, and new ones that git does not ignore."""
    if shutil.which("git") is None or not (PROJECT / ".git").exists():
        pytest.skip("not on this system: no checkout by git")
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=PROJECT,
        capture_output=True,
        check=True,
    ).stdout.decode()
    return tuple(path for path in sorted(set(listed.split("\0"))) if path and (PROJECT / path).exists())


def texts() -> dict[str, str]:
    """The files of the repository that are no pictures, by path."""
    return {path: (PROJECT / path).read_text("utf-8") for path in tree() if not path.lower().endswith(PICTURES)}


def yaml_of(path: Path) -> Any:
    return yaml.safe_load(path.read_text(encoding="utf-8"))


def steps_of(workflow: Path) -> list[dict[str, Any]]:
    return [step for job in yaml_of(workflow)["jobs"].values() for step in job["steps"]]


def example(document: str, file: str) -> str:
    """The example of a file in a document of docs/."""
    text = (PROJECT / "docs" / document).read_text(encoding="utf-8")
    (found,) = re.findall(rf"^```yaml\n# {re.escape(file)}\n(.*?)^```$", text, re.DOTALL | re.MULTILINE)
    return str(found)


def validated(schema: str, *files: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "check_jsonschema", "--builtin-schema", schema, *map(str, files)],
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
    )


# What CI runs


@pytest.mark.parametrize(
    ("schema", "files"),
    [
        pytest.param("vendor.github-workflows", WORKFLOWS, id="workflows"),
        pytest.param("vendor.github-actions", [PROJECT / "action.yml"], id="action"),
    ],
)
def test_what_github_runs_is_valid(schema: str, files: list[Path]) -> None:
    assert files
    done = validated(schema, *files)
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize(
    ("schema", "file"),
    [
        ("vendor.github-workflows", ".github/workflows/check.yml"),
        ("vendor.gitlab-ci", ".gitlab-ci.yml"),
    ],
    ids=["github", "gitlab"],
)
def test_the_documentation_s_examples_for_ci_are_valid(schema: str, file: str, tmp_path: Path) -> None:
    written = tmp_path / Path(file).name
    written.write_text(example("ci.md", file), encoding="utf-8")
    done = validated(schema, written)
    assert done.returncode == 0, done.stdout


def test_the_hook_runs_a_command_that_is_there_on_what_check_reads() -> None:
    (hook,) = yaml_of(PROJECT / ".pre-commit-hooks.yaml")
    assert {"id", "name", "entry", "language", "files", "pass_filenames"} <= hook.keys()
    assert (hook["entry"], hook["language"], hook["pass_filenames"]) == ("contactsheet check", "python", False)
    concerns = re.compile(hook["files"])
    assert all(concerns.search(path) for path in ("contacts/a/b.yaml", "avatars/b.png", "pyproject.toml"))
    assert not concerns.search("docs/contacts/x.md")


def test_the_documentation_s_hook_is_the_repository_s() -> None:
    (used,) = yaml.safe_load(example("ci.md", ".pre-commit-config.yaml"))["repos"]
    (hook,) = yaml_of(PROJECT / ".pre-commit-hooks.yaml")
    assert [one["id"] for one in used["hooks"]] == [hook["id"]]


@EACH_WORKFLOW
def test_a_workflow_may_read_contents_and_nothing_else_by_default(workflow: Path) -> None:
    assert yaml_of(workflow)["permissions"] == {"contents": "read"}


@EACH_WORKFLOW
def test_a_workflow_knows_no_secret_and_does_not_run_for_strangers_with_rights(workflow: Path) -> None:
    settings = "\n".join(line.partition("#")[0] for line in workflow.read_text(encoding="utf-8").splitlines())
    assert "secrets." not in settings
    assert "pull_request_target" not in settings
    assert "workflow_run" not in settings


@EACH_WORKFLOW
def test_a_workflow_leaves_no_token_in_the_checkout(workflow: Path) -> None:
    checkouts = [step for step in steps_of(workflow) if step.get("uses", "").startswith("actions/checkout@")]
    assert all(step["with"]["persist-credentials"] is False for step in checkouts)


@EACH_WORKFLOW
def test_a_workflow_s_scripts_hold_no_expression(workflow: Path) -> None:
    # What GitHub puts into a script before the shell reads it can be a command: a branch's name, say.
    assert [step["run"] for step in steps_of(workflow) if "${{" in step.get("run", "")] == []


@pytest.mark.parametrize("file", [*WORKFLOWS, PROJECT / "action.yml"], ids=lambda path: path.name)
def test_every_action_is_pinned_by_its_full_hash_with_the_version_beside_it(file: Path) -> None:
    used = re.findall(r"uses: (.*)", file.read_text(encoding="utf-8"))
    pinned = re.compile(r"[\w-]+(?:/[\w-]+)+@[0-9a-f]{40} # v\d+\.\d+\.\d+")
    assert [action for action in used if not pinned.fullmatch(action)] == []


def test_a_fork_s_pull_request_brings_only_contacts_and_pictures() -> None:
    steps = steps_of(PROJECT / ".github/workflows/check.yml")
    own, fork, take, *_ = steps
    assert own["with"]["ref"].endswith("|| github.event.pull_request.base.sha }}")
    from_a_fork = "github.event.pull_request.head.repo.full_name != github.repository"
    assert fork["if"] == take["if"] == from_a_fork
    assert fork["with"]["path"] == "proposed"


@pytest.mark.skipif(shutil.which("bash") is None, reason="not on this system: bash")
def test_the_step_that_takes_a_fork_s_contacts_leaves_everything_else(tmp_path: Path) -> None:
    for path, text in {
        "build.py": "ours",
        "contacts/old.yaml": "ours",
        "avatars/old.png": "ours",
        "proposed/build.py": "theirs",
        "proposed/templates/base.html": "theirs",
        "proposed/contacts/new.yaml": "theirs",
    }.items():
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text(text)
    (script,) = (
        step["run"] for step in steps_of(PROJECT / ".github/workflows/check.yml") if "proposed" in step.get("run", "")
    )
    subprocess.run(["bash", "-eo", "pipefail", "-c", script], cwd=tmp_path, check=True)
    files = {path.relative_to(tmp_path).as_posix(): path.read_text() for path in tmp_path.rglob("*") if path.is_file()}
    assert files == {"build.py": "ours", "contacts/new.yaml": "theirs"}


@pytest.mark.skipif(shutil.which("bash") is None, reason="not on this system: bash")
def test_the_script_of_ci_is_sound_and_stops_at_the_first_failure() -> None:
    script = PROJECT / ".ci/run"
    assert "\nset -euo pipefail\n" in script.read_text(encoding="utf-8")
    subprocess.run(["bash", "-n", str(script)], check=True)
    assert sys.platform == "win32" or script.stat().st_mode & 0o111 == 0o111


# What lies in the tree


def test_git_keeps_of_the_output_only_its_ignore_file() -> None:
    assert [path for path in tree() if path.startswith("output/")] == ["output/.gitignore"]


def test_everything_in_the_tree_is_text_but_the_pictures_of_the_sample_and_of_the_documentation() -> None:
    strange = []
    for path in tree():
        data = (PROJECT / path).read_bytes()
        is_picture = path.startswith(("avatars/", "docs/")) and path.lower().endswith(PICTURES)
        if not is_picture and (b"\0" in data or data.decode("utf-8", "replace").encode() != data):
            strange.append(path)
    assert strange == []


def test_no_link_lies_in_the_tree() -> None:
    assert [path for path in tree() if (PROJECT / path).is_symlink()] == []


def test_the_pictures_of_the_documentation_are_small() -> None:
    sizes = {path.name: path.stat().st_size for path in (PROJECT / "docs").glob("*.png")}
    assert sizes
    assert [name for name, size in sizes.items() if size > LARGEST_PICTURE_OF_DOCS] == []


def test_no_file_names_the_host_of_a_registry_of_packages() -> None:
    host = re.compile(r"\b(?:[a-z0-9-]+\.)*(?:pyp[i]\.org|pythonhoste[d]\.org|npmj[s]\.(?:org|com)|debia[n]\.org)\b")
    assert {path: found[0] for path, text in texts().items() if (found := host.search(text))} == {}


def test_no_file_names_a_place_of_the_machine_it_was_written_on() -> None:
    here = "|".join(re.escape(path.as_posix()) for path in {PROJECT, Path.home()} if len(path.parts) > 1)
    machine = re.compile(rf"(?<![\w./-])(?:{here})/|/home/\w+/|/Users/\w+/|[A-Z]:\\Users\\")
    assert {path: found[0] for path, text in texts().items() if (found := machine.search(text))} == {}


# What is written into templates and code


def lint_of_template(text: str) -> list[str]:
    """The names of the rules that a template breaks."""
    plain = re.sub(r"\{#.*?#\}", "", text, flags=re.DOTALL)
    found = [name for name, pattern in TEMPLATE_LINT.items() if pattern.search(plain)]
    html = re.sub(r"\{%.*?%\}", " ", re.sub(r"\{\{.*?\}\}", "value", plain, flags=re.DOTALL), flags=re.DOTALL)
    tags = (re.sub(r'"[^"]*"', '""', tag) for tag in re.findall(r'<[a-zA-Z](?:"[^"]*"|[^">])*>', html))
    return [
        *found,
        *(["an attribute without double quotes"] if any(re.search(r'=(?!"")', tag) for tag in tags) else []),
    ]


@pytest.mark.parametrize("template", sorted((PROJECT / "templates").glob("*.html")), ids=lambda path: path.name)
def test_a_template_leaves_no_way_for_a_value_to_become_more_than_text(template: Path) -> None:
    assert lint_of_template(template.read_text(encoding="utf-8")) == []


@pytest.mark.parametrize(
    ("template", "rule"),
    [
        ("<p>{{ name|safe }}</p>", "a value marked as safe"),
        ("{% autoescape false %}{{ name }}{% endautoescape %}", "a value marked as safe"),
        ("<a href={{ url }}>x</a>", "an attribute without double quotes"),
        ("<a class=\"b\" href='{{ url }}'>x</a>", "an attribute without double quotes"),
        ("<script>let x = 1</script>", "a script in the page"),
        ('<p style="color: {{ colour }}">x</p>', "a style in the page"),
        ("<style>p { color: red }</style>", "a style in the page"),
        ('<p onclick="x()">x</p>', "an event handler"),
        ('<a href="javascript:x()">x</a>', "a javascript address"),
        ("<!-- {{ name }} -->", "a value in a comment of HTML"),
    ],
)
def test_the_lint_finds(template: str, rule: str) -> None:
    assert lint_of_template(template) == [rule]


def imports(module: str, path: Path) -> set[str]:
    """The modules of the package that a module imports when it runs, wherever in it that stands."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    for_types = {one for node in ast.walk(tree) if _is_for_types(node) for one in ast.walk(node)}
    statements = [node for node in ast.walk(tree) if isinstance(node, ast.ImportFrom) and node not in for_types]
    named = [(str(node.module), f"{node.module}.{one.name}") for node in statements for one in node.names]
    return ({whole if whole in MODULES else within for within, whole in named} & MODULES.keys()) - {module}


def _is_for_types(node: ast.AST) -> bool:
    return isinstance(node, ast.If) and isinstance(node.test, ast.Name) and node.test.id == "TYPE_CHECKING"


def test_no_import_leads_in_a_circle() -> None:
    """Nor does one that waits in a function: what stands above knows what lies below, and never the other way."""
    left = {module: imports(module, path) for module, path in MODULES.items()}
    assert any(left.values())
    while loose := [one for one in left if not left[one] or not any(one in needed for needed in left.values())]:
        left = {one: needed.difference(loose) for one, needed in left.items() if one not in loose}
    assert left == {}


def test_no_module_makes_markup_or_code_of_a_text() -> None:
    found = {
        (path.name, name)
        for path in (PROJECT / "contactsheet").rglob("*.py")
        for name, pattern in CODE_LINT.items()
        if pattern.search(path.read_text(encoding="utf-8"))
    }
    assert found == {(name, "pickle of what may be foreign") for name in OWN_PICKLES}


# What is shown and shipped


def test_the_sample_builds_with_the_warnings_that_it_is_to_show_and_no_error(tmp_path: Path) -> None:
    with Workers(cores()) as workers:
        outcome = pipeline.build(PROJECT, tmp_path / "output", load(PROJECT), workers)
    assert outcome.published is not None
    assert [(one.rule, one.file) for one in outcome.problems if one.severity is not Severity.NOTICE] == [
        ("avatar/small", "avatars/wulandari.jpg"),
        ("merge/conflict", "contacts/leads/2026-11-okafor.yaml"),
        ("merge/conflict", "contacts/leads/web-form-orourke.yaml"),
    ]
    assert outcome.contacts >= 24
    assert outcome.conversations >= 10
    assert outcome.merges == 2


@pytest.mark.skipif(importlib.util.find_spec("hatchling") is None, reason="not on this system: hatchling")
def test_the_wheel_carries_the_code_the_rules_and_the_templates(tmp_path: Path) -> None:
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory", str(tmp_path)],
        cwd=PROJECT,
        check=True,
        capture_output=True,
    )
    (wheel,) = tmp_path.glob("*.whl")
    with zipfile.ZipFile(wheel) as packed:
        names = set(packed.namelist())
    templates = {
        f"contactsheet/{path.relative_to(PROJECT).as_posix()}"
        for path in (PROJECT / "templates").rglob("*")
        if path.is_file()
    }
    package = PROJECT / "contactsheet"
    code = {
        path.relative_to(PROJECT).as_posix()
        for path in package.rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    assert templates | code <= names
    assert not any(name.startswith(("tests/", "contacts/", "avatars/")) for name in names)


def test_ci_knows_every_format_that_it_names() -> None:
    named = set(re.findall(r"--format[ =](\w+)", (PROJECT / "docs/ci.md").read_text(encoding="utf-8")))
    parameters = (parameter for name in COMMANDS for parameter in command(name).params)
    known = {
        name for parameter in parameters if isinstance(parameter.type, click.Choice) for name in parameter.type.choices
    }
    assert named <= known
