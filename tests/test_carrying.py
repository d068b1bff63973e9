"""Directives carried out in the files: the site stays the one that the directives made."""

from __future__ import annotations

import json
import re
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from contactsheet.amend import written
from contactsheet.carrying import Carried, Standing, standing
from contactsheet.edit import save
from contactsheet.memo import Memo
from contactsheet.merge import Contact
from contactsheet.settings import load
from contactsheet.workers import Workers
from tests.conftest import Site
from tests.pictures import BLUE, GREEN, RED, YELLOW
from tests.test_merge import WORDS, a_record
from tests.test_pictures import shown, square

COLOURS = (RED, GREEN, BLUE, YELLOW)


def found(site: Site) -> Standing:
    """The directives of a site."""
    with Workers(0) as workers:
        return standing(site.root, load(site.root), workers, Memo())


def carry_out(site: Site, *named: str) -> Carried:
    """Carries out the named directives, or all, in the files."""
    directives = found(site)
    targets = {directives.moved[one] for one in named or directives.moved}
    assert directives.wrong(targets) == []
    carried = directives.carried(targets)
    save(site.root, carried.files)
    return carried


# --- over random forests of directives -------------------------------------------------------------------------------


@st.composite
def a_site(draw: st.DrawFn) -> tuple[list[dict[str, Any]], dict[int, tuple[int, str, bool]]]:
    """Records, and by number their pictures: a colour, a suffix, and whether the record chooses it by another name."""
    records = [draw(a_record(number)) for number in range(draw(st.integers(1, 5)))]
    for record in records:
        record["phones"] = draw(st.sampled_from([[], ["+44 (20) 79460958"], ["+442079460958", "+44 20 7946 0959"]]))
        record["notes"] = draw(st.none() | WORDS | st.just("Two\nlines"))
        record["starred"] = draw(st.booleans())
        for message in record["messages"]:
            message["read"] = draw(st.booleans())
        if focus := draw(st.none() | st.sampled_from(["top", [0.25, 0.5]])):
            record["avatar"] = {"focus": focus}
    pictures = {
        number: (draw(st.integers(0, 3)), draw(st.sampled_from([".png", ".PNG"])), draw(st.booleans()))
        for number in draw(st.sets(st.integers(0, len(records) - 1)))
    }
    return records, pictures


@contextmanager
def made(records: list[dict[str, Any]], pictures: dict[int, tuple[int, str, bool]]) -> Iterator[Site]:
    """The site of such records."""
    with tempfile.TemporaryDirectory() as folder:
        site = Site(Path(folder) / "site")
        for number, fields in enumerate(records):
            content = dict(fields)
            if number in pictures:
                colour, suffix, chosen = pictures[number]
                name = f"chosen-{number}" if chosen else f"r{number}"
                site.write(f"avatars/{name}{suffix}", square(COLOURS[colour]))
                if chosen:
                    content["avatar"] = {"file": f"{name}{suffix}", **content.get("avatar", {})}
            site.contact(f"r{number}", written(content))
        yield site


def essence(contacts: Iterable[Contact]) -> list[Any]:
    """All of the contacts that their pages show, but for the names of files that are no more."""
    return [
        (
            one.id,
            replace(one.record, aliases=(), avatar=None, messages=_in_order(one)),
            one.picture and (one.picture.focus, one.picture.fit),
            [(old.id, old.name, old.had_thread, old.picture is not None, old.lost) for old in one.merged],
        )
        for one in contacts
    ]


def _in_order(contact: Contact) -> tuple[Any, ...]:
    return tuple(sorted(contact.record.messages, key=lambda message: message.at))


@settings(max_examples=20)
@given(a_site(), st.randoms(use_true_random=False))
def test_carrying_out_some_or_all_directives_changes_no_contact(
    forest: tuple[list[dict[str, Any]], dict[int, tuple[int, str, bool]]], chance: Any
) -> None:
    """Values, order, pictures, ledgers: of some directives first and the rest later, and of all at once."""
    with made(*forest) as site:
        before = found(site)
        wanted = essence(before.contacts.values())
        if before.moved:
            carry_out(site, chance.choice(sorted(before.moved)))
            assert essence(found(site).contacts.values()) == wanted
        carry_out(site)
        after = found(site)
        assert after.moved == {}
        assert essence(after.contacts.values()) == wanted
        assert [one for one in after.problems if one.severity == "error"] == []


PATH = re.compile(r"(?:\.\./)*(?:contacts|avatars)/[\w/.-]+\.(?:yaml|png|PNG)")


def pages(site: Site) -> dict[str, str]:
    """The site's pages and files, without the names of source files."""
    texts = {
        path: PATH.sub("FILE", (site.output / path).read_text(encoding="utf-8", errors="surrogateescape"))
        for path in site.tree()
        if path != "report.json"
    }
    # What remains of a merged record's file is its ID.
    return {
        path: re.sub(r"<code>(?:FILE|r\d+)</code>( brought the picture\.)?</p>", r"\1", text)
        for path, text in texts.items()
    }


def merges(site: Site) -> Any:
    """What the report tells of merges and pictures, without the names of source files."""
    report = site.report()
    bare = [{**one, "file": None, "picture": one["picture"] and "FILE"} for one in report["merges"]]
    return json.dumps([bare, [{**one, "file": "FILE"} for one in report["pictures"]]])


@settings(max_examples=4)
@given(a_site())
def test_the_site_stays_the_same(forest: tuple[list[dict[str, Any]], dict[int, tuple[int, str, bool]]]) -> None:
    """Byte for byte, but for the names of source files that are others now."""
    with made(*forest) as site:
        assert not site.build().failed(strict=False)
        before, told = pages(site), merges(site)
        carry_out(site)
        assert not site.build().failed(strict=False)
        assert pages(site) == before
        assert merges(site) == told


# --- by example ------------------------------------------------------------------------------------------------------


def test_the_survivors_file_changes_where_it_must_and_nowhere_else(site: Site) -> None:
    """Comments, order and the way numbers are typed stay."""
    site.contact(
        "jane",
        "# Our editor\nname: Jane   # Doe\nphone: +442079460958  # desk\n\n# old\ntags: [ 'a', b ]\ntitle: Editor\n"
        "messages:\n  - {at: 2026-11-20T10:00, from: Mira, text: Later}  # no offset\n",
    )
    site.contact(
        "jane-2",
        "name: Jane\nphones: [+44 20 79460958, (0049) 30 901820]\ntags: [c]\ntitle: Boss\ncompany: Acme\n"
        "created: 2026-01-02\nmerge_into: jane\n"
        "messages: {at: 2026-11-20T09:00, from: contact, text: Hi, read: false}\n",
    )
    site.settings('phone_region = "GB"')
    carry_out(site)
    assert (site.root / "contacts/jane.yaml").read_text() == (
        "# Our editor\nname: Jane   # Doe\ncompany: Acme\n"
        'phones:  # desk\n  - "+442079460958"\n  - "(0049) 30 901820"\ncreated: 2026-01-02\n\n'
        "# old\ntags: [ 'a', b, c ]\n"
        "aliases:\n  - id: jane-2\n    name: Jane\n    lost:\n      - field: title\n"
        "        value: Boss\n        kept: Editor\ntitle: Editor\n"
        "messages:\n  - {at: 2026-11-20T10:00, from: Mira, text: Later}  # no offset\n"
        "  - at: 2026-11-20T09:00:00\n    from: contact\n    text: Hi\n    read: false\n"
    )
    assert not (site.root / "contacts/jane-2.yaml").exists()


@pytest.mark.parametrize(
    ("old", "new", "path"),
    [
        ("avatars/jane.png", "avatars/new.png", "avatars/jane.png"),
        ("avatars/jane.png", "contacts/new.PNG", "contacts/jane.png"),
        (None, "avatars/new.png", "avatars/jane.png"),
    ],
)
def test_the_picture_that_wins_becomes_the_survivors_own(site: Site, old: str | None, new: str, path: str) -> None:
    """It is the only one then, with the focus that it had."""
    site.contact("jane", "avatar: {fit: contain}\n", name="Jane")
    site.contact("new", "merge_into: jane\navatar: {focus: top}\n", name="Jane")
    if old:
        site.write(old, square(RED))
    site.write(new, square(BLUE))
    carried = carry_out(site)
    assert carried.moves == {new: path}
    assert carried.dropped == ([old] if old else [])
    assert [one.name for one in site.root.rglob("*.[pP][nN][gG]")] == [path.rpartition("/")[2]]
    assert "avatar:\n  focus: [0.5, 0.0]\n" in (site.root / "contacts/jane.yaml").read_text()
    assert not site.build().failed(strict=False)
    assert shown(site, "jane") == BLUE


def test_a_later_directive_joins_what_was_carried_out_before(site: Site) -> None:
    """The page tells of both, in the order in which they came."""
    site.contact("jane", name="Jane")
    site.contact("a", "title: A\nmerge_into: jane\n", name="Jane")
    carry_out(site)
    site.contact("b", "title: B\nmerge_into: a\n", name="Jane")
    carry_out(site)
    site.build()
    assert site.index()["jane"]["merged_from"] == ["a", "b"]
    assert [one["lost"] for one in site.report()["merges"]] == [
        [],
        [{"field": "title", "value": "B", "kept": "A", "from": "b"}],
    ]


def test_what_is_wrong_is_not_carried_out(site: Site) -> None:
    """A value that the checker refuses would be lost."""
    site.contact("jane", name="Jane")
    site.contact("a", "merge_into: jane\ntitel: CTO\n", name="Jane")
    directives = found(site)
    assert [one.rule for one in directives.wrong(["jane"])] == ["contact/unknown-field"]
