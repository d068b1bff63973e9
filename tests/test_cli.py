"""The command: what it takes, where it says what, how it ends, and that it leaves the site whole when it is stopped."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from contactsheet import __version__, cli
from contactsheet.problems import Severity
from contactsheet.rules import catalogue
from tests.conftest import PROJECT, Site, clean_environment
from tests.pictures import saved, textured

Captured = Callable[[], tuple[str, str]]
pytestmark = pytest.mark.usefixtures("no_ci")
POSIX = pytest.mark.skipif(sys.platform == "win32", reason="signals and terminals of POSIX")


@pytest.fixture
def captured(capsys: pytest.CaptureFixture[str]) -> Captured:
    """What the command gave on standard output, and what it said on standard error."""

    def read() -> tuple[str, str]:
        found = capsys.readouterr()
        return found.out, found.err

    return read


def ada(site: Site, text: str = "") -> Site:
    site.contact("ada", text, name="Ada")
    return site


def command(site: Site, *arguments: str) -> int:
    """The command in this process; ``root`` as build.py gives it."""
    return cli.main(list(arguments), root=site.root)


WRONG = "titel: Boss"
DOUBTFUL = "phone: '0123'"


# --- how it ends -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("verb", ["build", "check"])
@pytest.mark.parametrize(
    ("text", "strict", "status"),
    [("", True, 0), (DOUBTFUL, False, 0), (DOUBTFUL, True, 1), (WRONG, False, 1)],
    ids=["nothing", "a warning", "a strict warning", "an error"],
)
def test_the_status_is_0_or_1_by_the_content(site: Site, verb: str, text: str, strict: bool, status: int) -> None:
    arguments = [verb, "--strict"] if strict else [verb]
    assert command(ada(site, text), *arguments) == status
    assert (site.output / "index.html").exists() is (verb == "build" and status == 0)


@pytest.mark.parametrize(
    "arguments",
    [
        ["--nonsense"],
        ["nonsense"],
        ["check", "--format", "xml"],
        ["build", "--jobs", "0"],
        ["build", "--jobs", "many"],
        ["check", "surplus"],
        ["explain"],
        ["explain", "contact/nonsense"],
        ["check", "--root", "nowhere"],
        ["build", "--output", "contacts"],
    ],
    ids=" ".join,
)
def test_what_cannot_be_done_ends_with_2_and_a_line_that_says_why(
    site: Site, captured: Captured, arguments: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(ada(site).root)
    assert command(site, *arguments) == 2
    out, said = captured()
    assert out == ""
    assert "rror: " in said
    assert "Traceback" not in said
    assert not site.output.exists()


@pytest.mark.parametrize("verb", ["build", "check"])
@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ('titel = "Acme"', "did you mean title?"),
        ("contacts_per_page = 0", "a whole number from 1 to 1"),
        ('title = "Acme', "this is not TOML"),
    ],
)
def test_settings_that_cannot_be_used_end_with_2(
    site: Site, captured: Captured, verb: str, settings: str, said: str
) -> None:
    ada(site).settings(settings)
    assert command(site, verb) == 2
    assert said in captured()[1]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["chek"], "Did you mean 'check'?"),
        (["setavatar"], "Did you mean 'set-avatar'?"),
        (["zzz"], "No such command 'zzz'."),
        (["explain", "avatar/to-large"], "did you mean avatar/too-large?"),
        (["explain", "orphan"], "did you mean avatar/orphan?"),
        (["explain", "zzz"], "`rules` lists all"),
    ],
)
def test_a_command_or_rule_with_a_slip_is_named(captured: Captured, arguments: list[str], said: str) -> None:
    assert cli.main(arguments) == 2
    assert said in captured()[1]


@pytest.mark.parametrize("library", ["click", "PIL"])
def test_a_library_that_is_not_installed_is_no_fault_of_the_program(site: Site, tmp_path: Path, library: str) -> None:
    """Whoever forgot to install the program, or takes another Python, is told so. PIL is missed in a worker alone."""
    (tmp_path / f"{library}.py").write_text(f"raise ModuleNotFoundError(\"No module named '{library}'\")")
    site.contact("ada", name="Ada")
    site.write("ada.gif", saved(textured(), "GIF"))
    done = subprocess.run(
        [sys.executable, PROJECT / "build.py", "set-avatar", "ada", "ada.gif", "--root", site.root],
        capture_output=True,
        text=True,
        check=False,
        cwd=site.root,
        env=clean_environment({"PYTHONDONTWRITEBYTECODE": "1", "PYTHONPATH": str(tmp_path)}),
    )
    assert done.returncode == 2
    assert f"error: the library {library} is not installed for " in done.stderr
    assert "Traceback" not in done.stderr


def test_a_folder_without_contacts_is_refused(tmp_path: Path, captured: Captured) -> None:
    assert cli.main(["check", "--root", str(tmp_path)]) == 2
    assert "is no repository of contacts" in captured()[1]


@POSIX
def test_a_site_that_cannot_be_written_ends_with_1_and_stays_as_it_was(site: Site) -> None:
    import resource

    command(ada(site))
    before = site.tree()
    site.contact("bob", name="Bob")
    done = subprocess.run(
        [sys.executable, PROJECT / "build.py", "--root", site.root],
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (2000, 2000)),
        capture_output=True,
        text=True,
        env=clean_environment({"PYTHONDONTWRITEBYTECODE": "1"}),
        check=False,
    )
    assert done.returncode == 1
    assert done.stderr.startswith("error: ")
    assert "the site stays as it was" in done.stderr
    assert "Traceback" not in done.stderr
    assert site.tree() == before


@POSIX
def test_pages_that_cannot_be_written_by_who_renders_them_leave_nothing_behind(site: Site) -> None:
    import resource

    for number in range(420):  # so many that other processes render
        site.contact(f"person-{number}", name=f"Person {number}")
    site.contact("long", f"notes: {'a word ' * 30_000}", name="Long")
    done = subprocess.run(
        [sys.executable, PROJECT / "build.py", "--jobs", "2", "--root", site.root],
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (150_000, 150_000)),
        capture_output=True,
        text=True,
        env=clean_environment({"PYTHONDONTWRITEBYTECODE": "1"}),
        check=False,
    )
    assert done.returncode == 1
    assert "error: File too large; the site stays as it was" in done.stderr
    assert not site.output.exists()
    assert not list((site.root / ".contactsheet").glob("*.stage"))


def test_a_fault_of_the_program_ends_with_3_and_says_what_to_report(site: Site) -> None:
    broken = "import sys; from contactsheet import cli, pipeline; pipeline.check = None; sys.exit(cli.main())"
    done = subprocess.run(
        [sys.executable, "-c", broken, "check", "--root", str(ada(site).root)],
        capture_output=True,
        text=True,
        env=clean_environment({"PYTHONPATH": str(PROJECT)}),
        check=False,
    )
    assert done.returncode == 3
    last = done.stderr.strip().splitlines()[-1]
    assert last.startswith(f"This is a fault of contactsheet {__version__} (Python ")
    assert last.endswith("Please report it to the maintainers with these lines.")
    assert "TypeError" in done.stderr
    assert done.stdout == ""


# --- what it takes ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("arguments", [[], ["--quiet"], ["build"], ["--jobs", "1"]], ids=" ".join)
def test_without_a_verb_it_builds(site: Site, arguments: list[str]) -> None:
    assert command(ada(site), *arguments) == 0
    assert list(site.index()) == ["ada"]


def test_build_py_alone_builds_the_contacts_beside_it(site: Site) -> None:
    # The program itself is found where it is installed; build.py is copied as a team would.
    (ada(site).root / "build.py").write_bytes((PROJECT / "build.py").read_bytes())
    environment = clean_environment({"PYTHONPATH": str(PROJECT)})
    subprocess.run([sys.executable, site.root / "build.py", "--quiet"], env=environment, cwd="/", check=True)
    assert list(site.index()) == ["ada"]


def test_the_installed_command_takes_the_current_folder(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ada(site).root)
    assert cli.main([]) == 0
    assert list(site.index()) == ["ada"]


def test_output_names_another_place(site: Site, tmp_path: Path) -> None:
    assert command(ada(site), "--output", str(tmp_path / "www")) == 0
    assert (tmp_path / "www/index.html").is_file()
    assert not site.output.exists()


def test_the_number_of_jobs_changes_no_byte(site: Site) -> None:
    ada(site)
    assert command(site, "--jobs", "1") == 0
    before = site.tree()
    assert command(site, "--jobs", "3") == 0
    assert site.tree() == before


@pytest.mark.parametrize("arguments", [["--help"], ["build", "--help"], ["check", "--help"]], ids=" ".join)
def test_help_goes_to_standard_output(site: Site, captured: Captured, arguments: list[str]) -> None:
    assert command(site, *arguments) == 0
    out, said = captured()
    assert out.startswith("Usage: ")
    assert said == ""


def test_version_is_told(site: Site, captured: Captured) -> None:
    assert command(site, "--version") == 0
    assert __version__ in captured()[0]


# --- where it says what ----------------------------------------------------------------------------------------------


def test_check_gives_problems_on_standard_output_and_the_count_on_standard_error(
    site: Site, captured: Captured
) -> None:
    assert command(ada(site, WRONG), "check") == 1
    out, said = captured()
    assert out == (
        "contacts/ada.yaml:2:1: error: there is no field “titel” [contact/unknown-field]\n"
        "  2 | titel: Boss\n"
        "    | ^\n"
        "  fix: Did you mean “title”? A field of your own belongs under “fields”.\n"
        "\n"
    )
    assert said == "1 contact checked: 1 error.\n"


def test_check_without_problems_gives_nothing_and_writes_nothing(
    site: Site, captured: Captured, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("CONTACTSHEET_SEAL")  # with which machines would share what a check finds
    assert command(ada(site), "check") == 0
    assert captured() == ("", "1 contact checked: no problems.\n")
    assert sorted(path.name for path in site.root.iterdir()) == ["avatars", "contacts"]


def test_build_talks_on_standard_error_alone(site: Site, captured: Captured) -> None:
    assert command(ada(site, DOUBTFUL)) == 0
    out, said = captured()
    assert out == ""
    assert "contacts/ada.yaml:2:8: warning: " in said
    summary = said.splitlines()[-1]
    assert re.fullmatch(
        r"1 contact, 0 conversations, 0 pictures, 0 merges: \d+ files in .*, \d+ written\. 1 warning\. [\d.]+ s",
        summary,
    )


def test_the_summary_says_that_nothing_changed_and_that_a_failure_left_the_site(site: Site, captured: Captured) -> None:
    command(ada(site))
    command(site)
    assert ", none changed. no problems. " in captured()[1].splitlines()[-1]
    command(ada(site, WRONG))
    assert "1 error; " in (last := captured()[1].splitlines()[-1])
    assert "stays as it was" in last


@pytest.mark.parametrize(
    ("arguments", "severities"),
    [(["--quiet"], {"error"}), ([], {"error", "warning"}), (["--verbose"], {"error", "warning", "notice"})],
    ids=["quiet", "as it is", "verbose"],
)
def test_quiet_and_verbose_say_how_much_is_told(
    site: Site, captured: Captured, arguments: list[str], severities: set[str]
) -> None:
    ada(site, "titel: x\nphone: '0123'\nmessages: [{at: 2026-11-20T09:30:00, from: contact, text: Hi}]")
    assert command(site, *arguments) == 1
    assert set(re.findall(r": (error|warning|notice): ", captured()[1])) == severities


def test_quiet_says_nothing_when_all_is_well(site: Site, captured: Captured) -> None:
    assert command(ada(site, DOUBTFUL), "--quiet") == 0
    assert captured() == ("", "")


# --- the formats -----------------------------------------------------------------------------------------------------

FIRST_WORDS = {
    "text": "contacts/ada.yaml:2:1: error",
    "github": "::error file=contacts/ada.yaml,line=2,col=1",
    "gitlab": "[",
    "sarif": "{",
    "junit": "<?xml",
    "json": '{\n "problems"',
    "markdown": "### Contacts: 1 error",
}


@pytest.mark.parametrize("form", FIRST_WORDS)
def test_check_offers_every_format(site: Site, captured: Captured, form: str) -> None:
    assert command(ada(site, WRONG), "check", "--format", form) == 1
    assert captured()[0].startswith(FIRST_WORDS[form])


def test_on_github_its_format_comes_by_itself_and_another_can_be_asked_for(
    site: Site, captured: Captured, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GITHUB_ACTIONS", "true")
    command(ada(site, WRONG), "check")
    assert captured()[0].startswith("::error ")
    command(site, "check", "--format", "text")
    assert captured()[0].startswith("contacts/ada.yaml:2:1: error")


def test_the_summary_of_a_run_on_github_gets_the_full_list_behind_what_is_there(
    site: Site, captured: Captured, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    summary = tmp_path / "summary.md"
    summary.write_text("# Before\n")
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(summary))
    for number in range(12):
        site.contact(f"c{number:02}", WRONG, name="C")
    assert command(site, "check", "--format", "github") == 1
    out = captured()[0].splitlines()
    assert len(out) == 10
    assert out[-1].endswith("::3 more errors not shown here, 12 in all; the summary of this run lists all")
    text = summary.read_text()
    assert text.startswith("# Before\n### Contacts: 12 errors\n")
    assert text.count("- **error**") == 12


def test_the_summary_stays_below_githubs_limit_whatever_is_there(
    site: Site, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    summary = tmp_path / "summary.md"
    summary.write_bytes(b"x" * 999_000)
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(summary))
    for number in range(30):
        site.contact(f"c{number:02}", WRONG, name="C")
    command(site, "check", "--format", "github")
    assert 999_000 < summary.stat().st_size <= 1_000_000


def test_a_summary_that_cannot_be_written_is_said_and_changes_nothing_else(
    site: Site, captured: Captured, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(tmp_path))
    assert command(ada(site), "check", "--format", "github") == 0
    assert "the run's summary could not be written" in captured()[1]


# --- what it knows ---------------------------------------------------------------------------------------------------


def test_rules_lists_every_rule_with_its_severity(site: Site, captured: Captured) -> None:
    assert command(site, "rules") == 0
    lines = captured()[0].splitlines()
    assert [line.split()[0] for line in lines] == list(catalogue())
    assert all(line.split()[1] in {severity.value for severity in Severity} for line in lines)


def test_explain_says_why_with_wrong_and_right(site: Site, captured: Captured) -> None:
    assert command(site, "explain", "merge/cycle") == 0
    out = captured()[0]
    assert out.startswith("merge/cycle: ")
    assert "\nWrong:\n" in out
    assert "\nRight:\n" in out


@pytest.mark.parametrize(
    ("rule", "said"),
    [("avatar/to-large", "did you mean avatar/too-large?"), ("zzz", "`rules` lists all"), ("a\x1b[31m", "a\\x1b[31m")],
)
def test_a_rule_that_is_none_gets_the_nearest_one(site: Site, captured: Captured, rule: str, said: str) -> None:
    assert command(site, "explain", rule) == 2
    assert said in captured()[1]


def test_schema_prints_json_schema(site: Site, captured: Captured) -> None:
    assert command(site, "schema") == 0
    schema = json.loads(captured()[0])
    assert "json-schema.org" in schema["$schema"]
    assert {"name", "emails", "email", "avatar", "merge_into"} <= set(schema["properties"])


# --- terminals and pipes ---------------------------------------------------------------------------------------------


@POSIX
@pytest.mark.parametrize(
    ("environment", "coloured"),
    [({"TERM": "xterm"}, True), ({"TERM": "xterm", "NO_COLOR": "1"}, False), ({"TERM": "dumb"}, False)],
    ids=["a terminal", "NO_COLOR", "a dumb terminal"],
)
def test_colours_are_shown_on_a_terminal_unless_it_or_its_user_wants_none(
    site: Site, environment: dict[str, str], coloured: bool
) -> None:
    import pty

    ours, theirs = pty.openpty()
    with subprocess.Popen(
        [sys.executable, PROJECT / "build.py", "check", "--root", ada(site, WRONG).root],
        stdout=theirs,
        stderr=subprocess.DEVNULL,
        env=clean_environment({"NO_COLOR": "", **environment}),
    ) as process:
        os.close(theirs)
        shown = b""
        try:
            while chunk := os.read(ours, 4096):
                shown += chunk
        except OSError:  # how Linux says that the other side has closed
            pass
        os.close(ours)
        assert process.wait() == 1
    assert b"[contact/unknown-field]" in shown
    assert (b"\x1b[" in shown) is coloured


# --- it is stopped ---------------------------------------------------------------------------------------------------


@POSIX
@pytest.mark.parametrize(("number", "status"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)], ids=["Ctrl-C", "SIGTERM"])
def test_a_build_that_is_stopped_leaves_the_site_as_it_was(site: Site, number: int, status: int) -> None:
    command(ada(site))
    before = site.tree()
    picture = saved(textured(2000, 2000))
    for count in range(40):
        site.contact(f"c{count}", name=f"C{count}")
        site.write(f"avatars/c{count}.jpg", picture)
    stage = site.root / ".contactsheet" / "output.stage"
    with subprocess.Popen(
        [sys.executable, PROJECT / "build.py", "--root", site.root, "--jobs", "2"],
        stderr=subprocess.PIPE,
        env=clean_environment(),
    ) as process:
        until(lambda: stage.exists() and any(stage.iterdir()))
        process.send_signal(number)
        _, said = process.communicate(timeout=30)
    assert process.returncode == status
    assert b"Traceback" not in said
    assert site.tree() == before
    assert not stage.exists()


def until(reached: Callable[[], bool]) -> None:
    end = time.monotonic() + 30
    while not reached():
        assert time.monotonic() < end, "it did not come to that"
        time.sleep(0.005)
