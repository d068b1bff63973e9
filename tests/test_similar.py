"""Who a new contact may be already: asked while someone types, answered from what the last build knew."""

from __future__ import annotations

import json
import random
import time
from collections.abc import Sequence

import pytest

from contactsheet import similar
from contactsheet.check import check
from contactsheet.merge import Contact
from contactsheet.search import Findings
from contactsheet.settings import Settings
from contactsheet.similar import Draft
from contactsheet.summaries import Summary, packed, summarise


def known(*records: str) -> list[Summary]:
    """Summaries of records, whose IDs are c0, c1, …"""
    found = []
    for number, text in enumerate(records):
        source, problems = check(f"c{number}", f"contacts/c{number}.yaml", text.encode(), "GB")
        assert source, problems
        found.append(summarise(Contact(source.id, source.file, source.record, None, ()), Settings()))
    return found


def like(records: Sequence[str], draft: Draft) -> list[tuple[str, str]]:
    return [(one.id, one.reason) for one in similar.like(similar.register(known(*records), "GB"), draft)]


ADA = "name: Ada Lovelace\nemails: [ada@example.org, countess@example.org]\nphone: +44 20 7946 0958\n"


@pytest.mark.parametrize(
    ("draft", "reason"),
    [
        (Draft("Someone", ("ADA@Example.org",)), "the same e-mail"),
        (Draft("Someone", ("new@example.org", "countess@example.org")), "the same e-mail"),
        (Draft("Someone", (), ("020 7946 0958",)), "the same phone"),
        (Draft("Someone", (), ("+44 (0)20-7946-0958",)), "the same phone"),
        (Draft("ada LOVELACE"), "the same name"),
        (Draft("Lovelace, Ada"), "the same name"),
        (Draft("Âda Lovelace"), "the same name"),
        (Draft("Ada Lovelase"), "a similar name"),
        (Draft("Ada King Lovelace"), "a similar name"),
        (Draft("Ada Lovelase", ("ada@example.org",)), "the same e-mail and a similar name"),
        (Draft("Ada Lovelace", ("ada@example.org",), ("020 7946 0958",)), "the same e-mail, phone and name"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_contact_is_recognised(draft: Draft, reason: str) -> None:
    assert like([ADA, "name: Bob\n"], draft) == [("c0", reason)]


@pytest.mark.parametrize(
    "draft",
    [
        Draft(),
        Draft("Ada"),
        Draft("Ada Byron"),
        Draft("Emma Lovegood"),
        Draft("Someone", ("ada@example.com",), ("+44 20 7946 0959",)),
        Draft("…", ("",), ("",)),
    ],
    ids=str,
)
def test_others_are_not(draft: Draft) -> None:
    assert like([ADA], draft) == []


def test_the_likeliest_comes_first_and_there_are_few() -> None:
    records = [*(f"name: Ada Lovelac{letter}\n" for letter in "abcdf"), "name: Ada Lovelace\n", ADA]
    found = like(records, Draft("Ada Lovelace", ("ada@example.org",)))
    assert [reason for _, reason in found][:2] == ["the same e-mail and name", "the same name"]
    assert len(found) == similar.SHOWN


def test_a_renewed_register_knows_who_came_changed_and_went() -> None:
    first, second, third = known(ADA, "name: Bob Hill\n", "name: Cleo Ray\n")
    before = similar.register([first, second], None)
    changed = known("name: x\n", "name: Bob Dale\n")[1]
    after = similar.register([changed, third], None, before)
    wanted = {"Ada Lovelace": [], "Bob Hill": [], "Bob Dale": ["c1"], "Cleo Ray": ["c2"]}
    assert {name: [one.id for one in similar.like(after, Draft(name))] for name in wanted} == wanted


def test_ten_thousand_contacts_are_compared_while_one_types() -> None:
    dice = random.Random(1)
    letters = "abcdefghijklmnopqrstuvwxyz"
    (pattern,) = known(ADA)
    names = [" ".join("".join(dice.choices(letters, k=7)) for _ in range(2)) for _ in range(10_000)]
    register = similar.register(
        (pattern._replace(id=f"c{n}", name=name, findings=_found(n)) for n, name in enumerate(names)), None
    )
    draft = Draft(f"{names[77]}x", ("a78@example.org",), ("+44 20 7946 0079",))
    assert {one.id for one in similar.like(register, draft)} == {"c77", "c78", "c79"}
    least = min(_seconds(register, draft) for _ in range(5))
    assert least < 0.05


def _found(number: int) -> bytes:
    row = ["", "", "", "", f"a{number}@example.org", f"+44 20 7946 {number:04}", [], "", ""]
    return packed(Findings((), (), "", "", "", 0, json.dumps(row)[:-1], ""))


def _seconds(register: similar.Register, draft: Draft) -> float:
    began = time.thread_time()
    similar.like(register, draft)
    return time.thread_time() - began
