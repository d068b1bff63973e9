"""The real `build.py --watch`: whatever is saved is on the site a moment later, and Ctrl-C ends it."""

from __future__ import annotations

import os
import re
import shutil
import signal
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.conftest import PROJECT, Site, leftovers
from tests.pictures import quarters, saved
from tests.processes import Command, command, wait_for

pytestmark = pytest.mark.skipif(os.name == "nt", reason="Ctrl-C is sent to process groups of POSIX")

PICTURE = saved(quarters(512, 512), "PNG")


class Watched:
    """A repository with two contacts and the command that watches it."""

    def __init__(self, site: Site, running: Command) -> None:
        self.site, self.running = site, running
        self.wait_for_builds(1)

    @property
    def builds(self) -> int:
        """How many builds have ended: each says how long it took."""
        return len(re.findall(r"\d s$", self.running.said, re.MULTILINE))

    def builds_so_far(self) -> int:
        """How many builds have ended when the last one has said so too: a page is there before that is said."""
        self.until(lambda: bool(re.search(r"\d s$", self.running.said.rpartition("\n\n")[2], re.MULTILINE)))
        return self.builds

    def wait_for_builds(self, count: int) -> None:
        wait_for(lambda: self.builds >= count or self.running.process.poll() is not None)
        assert self.running.process.poll() is None, self.running.said

    def until(self, condition: Callable[[], bool]) -> None:
        wait_for(lambda: condition() or self.running.process.poll() is not None)
        assert self.running.process.poll() is None, self.running.said

    def page_says(self, path: str, text: str) -> None:
        page = self.site.output / path
        self.until(lambda: page.is_file() and text in page.read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def watched(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Watched]:
    """One process for all tests of this module that it survives: that it goes on is a part of what they show."""
    site = Site(tmp_path_factory.mktemp("watch") / "site")
    shutil.copytree(PROJECT / "templates", site.root / "templates")
    site.contact("ada", name="Ada")
    site.contact("bob", name="Bob")
    with command(site.root, "--watch") as running:
        yield Watched(site, running)
        assert "polling the files instead" not in running.said


def test_without_events_the_files_are_looked_at(site: Site) -> None:
    site.contact("ada", name="Ada")
    with command(site.root, "--watch", "--poll") as running:
        polled = Watched(site, running)
        site.contact("ada", name="Ada Lovelace")
        polled.page_says("contacts/ada.html", "Ada Lovelace")
        site.contact("eve", name="Eve")
        polled.page_says("contacts/eve.html", "Eve")
        (site.root / "contacts/ada.yaml").unlink()
        polled.until(lambda: not (site.output / "contacts/ada.html").exists())


def left_by(site: Site, contact_id: str) -> list[str]:
    """The files of a contact on the site: its pages, its card and its thumbnails."""
    files = (name for _, _, names in os.walk(site.output) for name in names)
    return [name for name in files if name.startswith((f"{contact_id}.", f"{contact_id}-"))]


def save_by_rename(target: Path, text: str) -> None:
    """As many editors save: the new file beside the old one, then in its place."""
    draft = target.with_name(f".{target.name}.swp")
    draft.write_text(text)
    draft.replace(target)


def test_a_save_in_place_is_built(watched: Watched) -> None:
    watched.site.contact("ada", name="Ada Lovelace")
    watched.page_says("contacts/ada.html", "Ada Lovelace")
    watched.until(lambda: "contacts/ada.yaml changed" in watched.running.said)


def test_a_save_by_rename_is_built(watched: Watched) -> None:
    save_by_rename(watched.site.root / "contacts/ada.yaml", "name: Augusta Ada King\n")
    watched.page_says("contacts/ada.html", "Augusta Ada King")


def test_a_new_contact_in_a_new_folder_with_a_picture_gets_pages_and_thumbnails(watched: Watched) -> None:
    watched.site.write("avatars/sales/cleo.png", PICTURE)
    watched.site.contact("sales/cleo", name="Cleo")
    watched.page_says("index.html", "avatars/sales/cleo-96.")
    assert (watched.site.output / "contacts/sales/cleo.html").is_file()


def test_a_deleted_contact_loses_page_and_thumbnails(watched: Watched) -> None:
    watched.site.write("avatars/gone.png", PICTURE)
    watched.site.contact("gone", name="Soon Gone")
    watched.page_says("index.html", "avatars/gone-96.")
    watched.until(lambda: len(left_by(watched.site, "gone")) == len(("page", "card", "512", "96")))
    (watched.site.root / "contacts/gone.yaml").unlink()
    (watched.site.root / "avatars/gone.png").unlink()
    # The thumbnails go last, since no page may show one that is not there.
    watched.until(lambda: not left_by(watched.site, "gone"))
    watched.page_says("index.html", "Bob")


def test_a_moved_folder_of_contacts_moves_its_pages(watched: Watched) -> None:
    watched.site.contact("old/eve", name="Eve")
    watched.page_says("contacts/old/eve.html", "Eve")
    (watched.site.root / "contacts/old").rename(watched.site.root / "contacts/new")
    watched.page_says("contacts/new/eve.html", "Eve")
    watched.until(lambda: not (watched.site.output / "contacts/old").exists())


def test_a_template_that_changes_changes_the_pages(watched: Watched) -> None:
    page = watched.site.root / "templates/record.html"
    text = page.read_text(encoding="utf-8")
    page.write_text(text.replace("{% block content %}", "{% block content %}<!-- by hand -->", 1))
    watched.page_says("contacts/bob.html", "<!-- by hand -->")


def test_a_setting_that_changes_changes_the_pages(watched: Watched) -> None:
    watched.site.settings('title = "Our people"')
    watched.page_says("index.html", "Our people")


def test_an_error_is_told_the_site_stays_and_its_mending_is_built(watched: Watched) -> None:
    before, old = watched.builds, watched.site.page("contacts/bob.html")
    watched.site.contact("bob", "nam: Robert")
    watched.wait_for_builds(before + 1)
    watched.until(lambda: "contacts/bob.yaml:1:1: error:" in watched.running.said)
    assert watched.site.page("contacts/bob.html") == old
    watched.site.contact("bob", name="Robert")
    watched.page_says("contacts/bob.html", "Robert")


def test_settings_that_cannot_be_read_are_told_and_their_mending_is_built(watched: Watched) -> None:
    watched.site.settings("title = ")
    watched.until(lambda: "this is not TOML" in watched.running.said)
    watched.site.settings('title = "Mended"')
    watched.page_says("index.html", "Mended")


def test_a_burst_of_a_thousand_files_is_one_build(watched: Watched) -> None:
    before = watched.builds_so_far()
    # Asleep, it hears of all of them at one go, also where this process has to wait between two of them.
    watched.running.signal(signal.SIGSTOP)
    for number in range(1000):
        watched.site.contact(f"many/contact-{number}", name=f"Contact {number}")
    watched.running.signal(signal.SIGCONT)
    watched.page_says("index.html", "1,0")
    watched.site.contact("last", name="The last one")
    watched.page_says("contacts/last.html", "The last one")
    assert watched.builds - before <= 2 + 1, "the thousand in one, or in two where the machine is slow, and the last"


def test_temporary_files_and_the_output_itself_start_no_build(watched: Watched) -> None:
    before = watched.builds_so_far()
    for name in ("contacts/.ada.yaml.swp", "contacts/ada.yaml~", "contacts/4913", "output/extra.txt", "notes.txt"):
        watched.site.write(name, "x")
    watched.site.contact("ada", name="Ada after the noise")
    watched.page_says("contacts/ada.html", "Ada after the noise")
    watched.wait_for_builds(before + 1)
    assert watched.builds == before + 1


def test_ctrl_c_ends_it_at_once_without_a_traceback(watched: Watched) -> None:
    watched.running.signal(signal.SIGINT)
    assert watched.running.status() == 130
    assert "Traceback" not in watched.running.said
    wait_for(lambda: not watched.running.has_processes(), 20)


@pytest.mark.parametrize(("number", "status"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_signal_in_the_first_build_ends_it_too(site: Site, number: signal.Signals, status: int) -> None:
    site.slow_pages()
    for index in range(300):
        site.contact(f"contact-{index}", name=f"Contact {index}")
    with command(site.root, "--watch") as running:
        wait_for((site.root / ".contactsheet").exists)
        running.signal(number)
        assert running.status() == status, running.said
        assert "Traceback" not in running.said
        wait_for(lambda: not running.has_processes(), 20)
    assert leftovers(site.root) == []
