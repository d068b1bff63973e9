"""The whole way: what a run gives for what lies in a repository, and what it leaves alone."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from pathlib import Path

import pytest

from contactsheet import pipeline, tasks
from contactsheet.pictures import Picture
from contactsheet.read import SourceFile
from contactsheet.settings import load
from contactsheet.workers import Workers
from tests.conftest import PROJECT, Site, clean_environment, rules
from tests.links import dead_links
from tests.pictures import quarters, saved

MESSAGE = "messages: [{at: 2026-11-20T09:30:00Z, from: contact, channel: email, text: Hello}]"
PICTURE = saved(quarters(600, 600), "PNG")


def test_a_build_gives_pages_thumbnails_and_an_index_of_what_it_counted(site: Site) -> None:
    site.contact("ada", MESSAGE, "Ada")
    site.contact("bob", name="Bob")
    site.contact("bob-2", "merge_into: bob", "Bob")
    site.write("avatars/ada.png", PICTURE)
    outcome = site.build()
    assert (outcome.contacts, outcome.conversations, outcome.pictures, outcome.merges) == (2, 1, 1, 1)
    assert outcome.published
    assert outcome.published.files == outcome.published.written == len(site.tree()) - 1, "all but the manifest"
    assert list(site.index()) == ["ada", "bob"]
    assert site.index()["ada"]["avatar"]["sha256"] == hashlib.sha256(PICTURE).hexdigest()
    assert not dead_links(site.output)


def test_an_empty_repository_gives_an_empty_site(site: Site) -> None:
    assert site.build().published
    assert site.index() == {}
    assert not dead_links(site.output)


def test_a_check_finds_what_a_build_finds_and_writes_nothing(site: Site) -> None:
    site.contact("ada", "nam: Ada")
    site.contact("bob", name="Bob")
    site.write("avatars/bob.png", PICTURE[:-20])
    before = sorted(site.root.rglob("*"))
    outcome = site.check()
    assert sorted(site.root.rglob("*")) == before
    assert outcome.published is None
    assert outcome.problems == site.build().problems
    assert {"contact/unknown-field", "avatar/damaged"} <= set(rules(outcome))


def test_all_problems_of_all_files_come_in_one_run_in_the_order_of_the_files(site: Site) -> None:
    for name in ("zoe", "ada", "mia"):
        site.contact(name, "nam: X")
    site.write("avatars/zoe.png", b"no picture")
    files = [problem.file for problem in site.check().problems]
    assert files == sorted(files)
    assert {"avatars/zoe.png", "contacts/ada.yaml", "contacts/mia.yaml", "contacts/zoe.yaml"} <= set(files)


def test_under_strict_a_warning_keeps_the_site_from_being_published(site: Site) -> None:
    site.contact("ada", name="Ada")
    site.write("avatars/nobody.png", PICTURE)
    assert site.build(strict=True).published is None
    assert not site.output.exists()
    assert site.build().published


def test_a_rule_that_is_made_an_error_keeps_the_site_from_being_published(site: Site) -> None:
    site.contact("ada", name="Ada")
    site.write("avatars/nobody.png", PICTURE)
    site.settings('rules = {"avatar/orphan" = "error"}')
    assert site.build().published is None


def test_a_picture_that_nobody_shows_is_judged_too(site: Site) -> None:
    site.contact("ada", name="Ada")
    site.write("avatars/nobody.png", PICTURE[:-20])
    assert "avatar/damaged" in rules(site.check())


def test_a_fault_in_the_output_settings_or_templates_never_shows_a_half_site(site: Site) -> None:
    site.contact("ada", name="Ada")
    site.build()
    before = site.tree()
    site.contact("ada", name="Ada Lovelace")
    site.write("templates/record.html", "{% if %}")
    outcome = site.build()
    assert rules(outcome) == ["site/template"]
    assert outcome.problems[0].line == 1
    assert site.tree() == before


def test_every_thing_in_the_way_is_told_in_one_run(site: Site) -> None:
    site.contact("ada", name="Ada")
    site.build()
    for name in ("bob", "cleo"):
        site.contact(name, name=name)
        site.write(f"output/contacts/{name}.html", "mine")
    assert [problem.file for problem in site.build().problems] == [
        "output/contacts/bob.html",
        "output/contacts/cleo.html",
    ]


def test_progress_is_told_by_stage_up_to_all_of_it(site: Site) -> None:
    site.contact("ada", name="Ada")
    site.write("avatars/ada.png", PICTURE)
    told: list[tuple[str, int, int]] = []
    pipeline.build(
        site.root,
        site.output,
        load(site.root),
        Workers(0),
        lambda stage, done, total: told.append((stage, done, total)),
    )
    assert ("records", 1, 1) in told
    assert ("pictures", 1, 1) in told
    assert [stage for stage, _, _ in told if stage == "pages"]


def test_importing_the_pipeline_imports_nothing_heavy() -> None:
    heavy = ("PIL", "numpy", "simplejpeg", "pydantic", "jinja2", "yaml", "phonenumbers", "watchdog", "rich")
    look = f"import sys, contactsheet.pipeline; print([name for name in {heavy} if name in sys.modules])"
    ran = subprocess.run([sys.executable, "-c", look], capture_output=True, text=True, check=True)
    assert ran.stdout == "[]\n"


# --- what decoders may do to us ---------------------------------------------------------------------------------------


def test_i31_a_picture_whose_examination_ended_its_process_is_refused_by_name() -> None:
    picture = Picture(SourceFile("avatars/ada.png", "ada", ".png", 1))
    verdict = tasks.died_examining(tasks.PictureWork(Path(), picture, 1, encode=True))
    (found,) = verdict.problems("avatars/ada.png")
    assert (found.rule, found.file) == ("avatar/undecodable", "avatars/ada.png")
    assert "could not be decoded safely" in found.message
    assert found.fix


@pytest.mark.skipif(sys.platform != "linux", reason="other systems do not enforce limits of memory")
def test_i31_a_picture_that_needs_more_memory_than_allowed_is_refused_and_all_else_is_judged(site: Site) -> None:
    import resource

    site.contact("ada", name="Ada")
    site.contact("bob", "nam: Bob")
    site.write("avatars/ada.png", saved(quarters(6000, 6000), "PNG"))
    site.write("avatars/bob.png", PICTURE)

    def limit() -> None:
        resource.setrlimit(resource.RLIMIT_DATA, (150_000_000, 150_000_000))

    ran = subprocess.run(
        [sys.executable, str(PROJECT / "build.py"), "--root", str(site.root)],
        capture_output=True,
        text=True,
        env=clean_environment({"OPENBLAS_NUM_THREADS": "1"}),
        preexec_fn=limit,
        timeout=60,
        check=False,
    )
    assert ran.returncode == 1, ran.stderr
    assert "avatars/ada.png: error:" in ran.stderr
    assert "[avatar/undecodable]" in ran.stderr
    assert "contacts/bob.yaml:1:1: error:" in ran.stderr
    assert "avatars/bob.png" not in ran.stderr
    assert "Traceback" not in ran.stderr


@pytest.mark.skipif(os.name == "nt", reason="a matter of POSIX systems")
def test_pictures_are_never_decoded_in_the_process_of_the_command(site: Site) -> None:
    site.contact("ada", name="Ada")
    site.write("avatars/ada.png", PICTURE)
    look = (
        "import sys; from contactsheet.cli import main; "
        f"status = main(['build', '--quiet', '--jobs', '1', '--root', {str(site.root)!r}]); "
        "print(status, 'PIL' in sys.modules, 'simplejpeg' in sys.modules)"
    )
    ran = subprocess.run([sys.executable, "-c", look], capture_output=True, text=True, check=True, cwd=PROJECT)
    assert ran.stdout == "0 False False\n"
    assert "avatars/ada-96." in site.page("index.html")


def test_a_broken_template_is_found_by_check_too(site: Site) -> None:
    site.contact("ada", name="Ada")
    site.write("templates/record.html", "<p>\n{% if %}\n")
    (problem,) = site.check().problems
    assert (problem.rule, problem.file, problem.line) == ("site/template", "templates/record.html", 2)


def test_a_template_that_is_not_utf_8_is_a_problem_at_its_line(site: Site) -> None:
    site.contact("ada", name="Ada")
    site.write("templates/moved.html", b"<p>\ncaf\xe9\n")
    assert ("templates/moved.html", 2, "the file is not UTF-8") in [
        (problem.file, problem.line, problem.message) for problem in site.check().problems
    ]


def test_a_link_in_the_place_of_a_publication_is_refused_by_check(site: Site) -> None:
    site.contact("ada", name="Ada")
    (site.root / ".contactsheet").mkdir()
    (site.root / ".contactsheet/output.stage").symlink_to(site.root / "contacts")
    done = site.run("check")
    assert done.returncode == 2, done.stderr
    assert (site.root / "contacts/ada.yaml").is_file()
