"""What was remembered never shows: after any change the site is, byte for byte, the one that a clean build makes."""

from __future__ import annotations

import random
import shutil
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from contactsheet import look, pipeline, read, seal, store
from contactsheet.memo import Memo
from contactsheet.outcome import Outcome, Work
from contactsheet.read import Sources
from contactsheet.settings import load
from contactsheet.standing import Standing
from contactsheet.workers import Workers
from tests.conftest import Site
from tests.pictures import saved

KEY = b"k" * 32
NAMES = ("Ada", "Ángel", "Łukasz", "محمد", "张伟", "Zoë de Boer", "O'Neil", "Acme", "ada", "Ödön")
TEXTS = ("See you.", "Thanks!\nA lot.", "It is {{ late }} & <cold>.", "好的")


class Builder:
    """Builds a site again and again with one memory, which it can close and open."""

    def __init__(self, site: Site) -> None:
        self.site = site
        self.memo = Memo(site.root / ".contactsheet", KEY)
        self.sources: Sources | None = None

    def __call__(self, *, watching: bool = False) -> Outcome:
        """A build; ``watching``: as one that knows what lies there, and that nobody else touches the output."""
        root = self.site.root
        self.sources = self._sources() if watching else None
        with Workers(0) as workers:
            return pipeline.build(root, self.site.output, load(root), workers, memo=self.memo, sources=self.sources)

    def _sources(self) -> Sources:
        now = read.scan(self.site.root)
        before = self.sources
        if before is None or [file.path for file in (*before.records, *before.pictures)] != [
            file.path for file in (*now.records, *now.pictures)
        ]:
            return now
        changed = [
            file.path
            for file, was in zip((*now.records, *now.pictures), (*before.records, *before.pictures), strict=True)
            if (file.size, file.stamp) != (was.size, was.stamp)
        ]
        return read.refreshed(self.site.root, before, changed) or now

    def from_the_shell(self) -> Outcome:
        """A build as the command does it, which knows what the last one saw, in a process of its own."""
        time.sleep(look.TICK / 1e9 + 0.02)  # else what was just written might change once more without showing
        self.reopen()
        root, output = self.site.root, self.site.output
        standing = Standing(root, output, strict=False)
        if there := standing.outcome():
            return there
        with Workers(0) as workers:
            outcome = pipeline.build(root, output, load(root), workers, memo=self.memo, since=standing.since())
        standing.note(outcome)
        return outcome

    def reopen(self) -> None:
        """What another process finds."""
        self.memo.close()
        self.memo = Memo(self.site.root / ".contactsheet", KEY)


@pytest.fixture
def builder(site: Site) -> Iterator[Builder]:
    builder = Builder(site)
    yield builder
    builder.memo.close()


def clean(site: Site, to: Path) -> tuple[dict[str, str], Outcome]:
    """The files that a clean build makes elsewhere, with their hashes, and what it said."""
    other = Site.__new__(Site)
    other.root, other.output = site.root, to
    with Workers(0) as workers:
        outcome = pipeline.build(other.root, other.output, load(other.root), workers)
    return other.tree(), outcome


def picture(shade: int) -> bytes:
    """A small picture of its own, different for each number."""
    image = Image.new("RGB", (64, 64), (shade * 37 % 256, shade * 91 % 256, shade * 53 % 256))
    image.paste((shade * 11 % 256, 20, 200), (8, 8, 8 + shade % 40, 40))
    return saved(image, "PNG")


# --- any change ------------------------------------------------------------------------------------------------------


class Life:
    """Random changes to a repository of contacts, as people make them; the same for the same seed."""

    def __init__(self, site: Site, seed: int) -> None:
        self.site, self.chance = site, random.Random(seed)
        for number in range(9):
            self.write(f"c{number}")

    def records(self) -> list[Path]:
        return sorted((self.site.root / "contacts").rglob("*.yaml"))

    def pictures(self) -> list[Path]:
        return sorted((self.site.root / "avatars").rglob("*.png"))

    def write(self, contact_id: str) -> None:
        """A record with some fields and some messages."""
        lines = [f"name: {self.chance.choice(NAMES)}"]
        if self.chance.random() < 0.5:
            lines.append(f"company: {self.chance.choice(TEXTS[:1])} {self.chance.randrange(3)}")
        if self.chance.random() < 0.5:
            lines.append(f"emails: [c{self.chance.randrange(9)}@example.org]")
        if self.chance.random() < 0.3:
            lines.append(f"notes: note {self.chance.randrange(99)}")
        if self.chance.random() < 0.2:
            lines.append("avatar: {focus: top}")
        if self.chance.random() < 0.5:
            lines.append("messages:")
            for _ in range(self.chance.randrange(1, 3)):
                at = f"2026-11-{self.chance.randrange(1, 21):02}T09:{self.chance.randrange(60):02}:00Z"
                lines.append(f"- {{at: {at}, from: contact, text: {self.chance.choice(TEXTS)!r}, read: false}}")
        self.site.write(f"contacts/{contact_id}.yaml", "\n".join(lines) + "\n")

    def rewrite(self) -> None:
        self.write(self.chance.choice(self.records()).stem)

    def note(self) -> None:
        """What only a contact's own pages show."""
        with self.chance.choice(self.records()).open("a", encoding="utf-8") as stream:
            stream.write(f"# {self.chance.randrange(9)}\n")
        path = self.chance.choice(self.records())
        text = path.read_text(encoding="utf-8")
        if "notes" not in text:
            path.write_text(f"{text}notes: note {self.chance.randrange(99)}\n", encoding="utf-8")

    def add(self) -> None:
        self.write(f"new{self.chance.randrange(4)}")

    def delete(self) -> None:
        if len(self.records()) > 3:
            self.chance.choice(self.records()).unlink()

    def rename(self) -> None:
        old = self.chance.choice(self.records())
        old.replace(old.with_name(f"renamed{self.chance.randrange(4)}.yaml"))

    def merge(self) -> None:
        source, target = self.chance.sample(self.records(), 2)
        take = self.chance.choice(("", ", take: [company]", ", keep: [avatar]"))
        with source.open("a", encoding="utf-8") as stream:
            if "merge_into" not in source.read_text(encoding="utf-8"):
                stream.write(f"merge_into: {{contact: {target.stem}{take}}}\n")

    def unmerge(self) -> None:
        for path in self.records():
            text = path.read_text(encoding="utf-8")
            path.write_text(
                "".join(line for line in text.splitlines(True) if "merge_into" not in line), encoding="utf-8"
            )

    def paint(self) -> None:
        owner = self.chance.choice(self.records()).stem
        self.site.write(f"avatars/{owner}.png", picture(self.chance.randrange(99)))

    def unpaint(self) -> None:
        if self.pictures():
            self.chance.choice(self.pictures()).unlink()

    def set(self) -> None:
        pages = (
            f"contacts_per_page = {self.chance.randrange(2, 6)}\nconversations_per_page = {self.chance.randrange(2, 5)}"
        )
        zone = self.chance.choice(("UTC", "Asia/Tokyo"))
        largest = self.chance.choice((100_000, 100_000, 100_000, 250))
        self.site.settings(
            f'title = "Site {self.chance.randrange(2)}"\n{pages}\ntime_zone = "{zone}"\nmax_picture_bytes = {largest}\n'
            f"avatar_service = {self.chance.choice(('true', 'false'))}"
        )

    def dress(self) -> None:
        own = (Path(pipeline.__file__).parent.parent / "templates" / "record.html").read_text(encoding="utf-8")
        begin = "{% block content %}"
        assert begin in own  # what stands outside the blocks does not show
        self.site.write("templates/record.html", own.replace(begin, f"{begin}<!-- {self.chance.randrange(3)} -->"))

    def undress(self) -> None:
        (self.site.root / "templates" / "record.html").unlink(missing_ok=True)

    def spoil_the_output(self) -> None:
        """Somebody edits or deletes a file of the site."""
        found = sorted(path for path in self.site.output.rglob("*.html"))
        if found:
            victim = self.chance.choice(found)
            if self.chance.random() < 0.5:
                victim.unlink()
            else:
                victim.write_bytes(b"spoilt")

    def changes(self) -> list[Callable[[], None]]:
        often = [self.rewrite, self.note, self.note, self.add, self.merge, self.paint]
        return [*often, *often, self.delete, self.rename, self.unmerge, self.unpaint, self.set, self.dress,
                self.undress, self.spoil_the_output]  # fmt: skip


@pytest.mark.parametrize("seed", range(2))
def test_after_any_change_from_the_shell_the_site_is_that_of_a_clean_build(
    site: Site, builder: Builder, tmp_path: Path, seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(seal.VARIABLE, "key")
    short = []

    def retouched(*arguments: Any, strict: bool) -> Outcome | None:
        short.append(way(*arguments, strict=strict))
        return short[-1]

    way = pipeline._retouched
    monkeypatch.setattr(pipeline, "_retouched", retouched)
    life = Life(site, seed)
    for step in range(16):
        changes = [life.note] if step % 2 else life.chance.sample(life.changes(), life.chance.randrange(1, 3))
        for change in changes:
            change()
        outcome = builder.from_the_shell()
        expected, clean_outcome = clean(site, tmp_path / f"clean{step}")
        assert outcome.problems == clean_outcome.problems
        if clean_outcome.published:
            assert site.tree() == expected
    assert sum(map(bool, short)) > 4, "this tests the short way"


@pytest.mark.parametrize("watching", [False, True], ids=["each a process", "watching"])
@pytest.mark.parametrize("seed", range(2))
def test_after_any_change_the_site_is_that_of_a_clean_build(
    site: Site, builder: Builder, tmp_path: Path, seed: int, watching: bool
) -> None:
    life = Life(site, seed)
    if watching:  # it is the next build that notices what is written into a file of the output
        life.spoil_the_output = lambda: None  # type: ignore[method-assign]  # it does not happen
    for step in range(12):
        for change in life.chance.sample(life.changes(), life.chance.randrange(1, 4)):
            change()
        outcome = builder(watching=watching)
        expected, clean_outcome = clean(site, tmp_path / f"clean{step}")
        assert outcome.problems == clean_outcome.problems
        if clean_outcome.published:
            assert site.tree() == expected
        if not watching and life.chance.random() < 0.3:
            builder.reopen()


def test_while_watching_the_avatar_service_is_switched_on_and_has_all_pictures(
    site: Site, builder: Builder, tmp_path: Path
) -> None:
    site.contact("ada", "emails: [ada@example.org]", name="Ada")
    site.write("avatars/ada.png", picture(1))
    for service in ("false", "false", "true"):
        site.settings(f"avatar_service = {service}")
        assert builder(watching=True).published
    assert site.tree() == clean(site, tmp_path / "clean")[0]


def test_while_watching_what_keeps_the_site_from_being_published_is_forgotten_when_it_is_mended(
    site: Site, builder: Builder, tmp_path: Path
) -> None:
    site.contact("ada", name="Ada")
    site.contact("bob", name="Bob")
    for number in range(2):
        site.write("avatars/ada.png", picture(number))
        builder(watching=True)
    site.contact("bob", "nonsense: 1", name="Bob")
    site.write("avatars/ada.png", picture(2))
    assert not builder(watching=True).published
    site.contact("bob", "notes: mended", name="Bob")
    assert builder(watching=True).published
    assert site.tree() == clean(site, tmp_path / "clean")[0]


# --- what a change may cost ------------------------------------------------------------------------------------------


# Of the list, records, cards, the file of all cards, threads, the inbox's tabs (all: two pages, unread, starred), and
# how to add a contact.
PAGES = 3 + 12 + 12 + 1 + 4 + (2 + 1 + 1) + 1


@pytest.fixture
def town(site: Site, builder: Builder) -> Builder:
    """Twelve contacts on three list pages, four of them with a conversation, three with a picture; built."""
    site.settings("contacts_per_page = 5\nconversations_per_page = 3")
    for number in range(12):
        text = (
            f"messages: [{{at: 2026-11-{number + 1:02}T09:00:00Z, from: contact, text: Hello}}]\n" if number < 4 else ""
        )
        site.contact(f"c{number:02}", text, name=f"Name {number:02}")
    for number in range(3):
        site.write(f"avatars/c{number:02}.png", picture(number))
    assert builder().work == Work(records=12, pictures=3, pages=PAGES)
    return builder


def cost(builder: Builder) -> tuple[int, int, int, int]:
    """Records checked, pictures examined, pages rendered, files written by one build."""
    outcome = builder()
    assert outcome.published, outcome.problems
    return outcome.work.records, outcome.work.pictures, outcome.work.pages, outcome.published.written


def test_nothing_changed_costs_nothing(town: Builder) -> None:
    assert cost(town) == (0, 0, 0, 0)
    town.reopen()
    assert cost(town) == (0, 0, 0, 0)


def test_a_changed_note_costs_the_record_its_card_and_the_file_of_all_cards(town: Builder) -> None:
    town.site.contact("c07", "notes: changed", name="Name 07")
    assert cost(town) == (1, 0, 3, 3)


def test_the_file_of_all_cards_is_right_whether_a_contact_changes_moves_or_goes(town: Builder, tmp_path: Path) -> None:
    site = town.site
    changes: list[Callable[[], object]] = [
        lambda: site.contact("c07", "notes: changed", name="Name 07"),
        lambda: site.contact("c07", "notes: changed", name="Name 99"),
        (site.root / "contacts/c05.yaml").unlink,
        lambda: site.write("avatars/c07.png", picture(70)),
    ]
    for step, change in enumerate(changes):
        town.reopen()  # so that nothing but what is remembered tells whose cards the file holds, and in which order
        change()
        assert town().published
        assert site.tree() == clean(site, tmp_path / f"clean{step}")[0]


def test_a_changed_title_costs_its_list_page_and_a_file_of_the_search_too(town: Builder) -> None:
    town.site.contact("c07", "title: Engineer", name="Name 07")
    assert cost(town) == (1, 0, 4, 5)


def test_a_changed_picture_costs_the_pages_that_show_it(town: Builder) -> None:
    town.site.write("avatars/c01.png", picture(50))
    records, pictures, pages, written = cost(town)
    assert (records, pictures) == (0, 1)
    # Its row, its record with the file's facts, its card, the file of all cards, and the pages of the inbox with the
    # threads beside which it stands.
    assert pages == 1 + 1 + 1 + 1 + 2 + 4
    assert written == pages + 2 + 3  # two thumbnails, two indexes, a file of the search


def test_touched_files_of_the_same_content_cost_no_work(town: Builder) -> None:
    for path in (town.site.root / "contacts").iterdir():
        path.write_bytes(path.read_bytes())
    assert cost(town) == (0, 0, 0, 0)


def test_a_lost_output_costs_no_picture_and_no_record(town: Builder) -> None:
    before = town.site.tree()
    shutil.rmtree(town.site.output)
    records, pictures, pages, _ = cost(town)
    assert (records, pictures, pages) == (0, 0, PAGES)
    assert town.site.tree() == before


def test_going_back_to_another_branch_costs_no_picture_and_no_record(town: Builder) -> None:
    record, avatar = town.site.root / "contacts/c01.yaml", town.site.root / "avatars/c01.png"
    old = record.read_bytes(), avatar.read_bytes()
    town.site.contact("c01", "notes: on the branch", name="Other name")
    town.site.write("avatars/c01.png", picture(51))
    town()
    record.write_bytes(old[0])
    avatar.write_bytes(old[1])
    records, pictures, _, _ = cost(town)
    assert (records, pictures) == (0, 0)


# --- what is not believed --------------------------------------------------------------------------------------------


def test_a_damaged_memory_is_made_anew(town: Builder) -> None:
    town.memo.close()
    (town.site.root / ".contactsheet/memo.db").write_bytes(b"not a database" * 1000)
    town.reopen()
    assert cost(town) == (12, 3, PAGES, 0)
    town.reopen()
    assert cost(town) == (0, 0, 0, 0)


def test_a_deleted_memory_is_made_anew(town: Builder) -> None:
    town.memo.close()
    shutil.rmtree(town.site.root / ".contactsheet")
    town.reopen()
    assert cost(town) == (12, 3, PAGES, 0)


def test_what_was_sealed_with_another_key_is_not_believed(town: Builder) -> None:
    town.memo.close()
    town.memo = Memo(town.site.root / ".contactsheet", b"another" * 4)
    assert cost(town) == (12, 3, PAGES, 0)


def test_a_damaged_thumbnail_is_made_anew(town: Builder) -> None:
    before = town.site.tree()
    for path in (town.site.root / ".contactsheet/thumbnails").rglob("*"):
        if path.is_file():
            path.write_bytes(b"damaged")
    shutil.rmtree(town.site.output)
    assert cost(town)[1] == 3
    assert town.site.tree() == before


def test_of_what_is_unused_most_is_deleted_and_of_what_is_used_nothing(
    town: Builder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(store, "_LEAST", 2)
    for round_ in range(8):
        town.site.write("avatars/c01.png", picture(60 + round_))
        town.site.contact("c07", f"notes: {round_}", name="Name 07")
        town()
        town.reopen()
    thumbnails = [path for path in (town.site.root / ".contactsheet/thumbnails").rglob("*") if path.is_file()]
    assert 9 <= len(thumbnails) <= 3 * 9 + 2
    shutil.rmtree(town.site.output)
    assert cost(town)[:2] == (0, 0)


def test_a_memory_that_leads_elsewhere_by_a_link_is_left_alone(site: Site, tmp_path: Path) -> None:
    site.contact("ada", name="Ada")
    (tmp_path / "elsewhere").mkdir()
    (site.root / ".contactsheet").symlink_to(tmp_path / "elsewhere")
    remembered = Memo(site.root / ".contactsheet", KEY)
    remembered.keep("kind", b"key", 1)
    remembered.save()
    remembered.close()
    assert list((tmp_path / "elsewhere").iterdir()) == []
