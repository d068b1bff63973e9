"""contacts.json and report.json: what programs read of a site."""

from __future__ import annotations

import hashlib
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contactsheet import ledger
from contactsheet.ledger import problem_entry
from contactsheet.problems import Problem, Severity
from tests.conftest import Site
from tests.pictures import exif_orientation, quarters, saved, with_exif

MESSAGE = "messages: [{at: 2026-11-20T09:30:00Z, from: contact, text: Hello}]"


def digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


SIMPLE = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=5)
VALUES = st.recursive(SIMPLE, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner))


@given(VALUES)
def test_values_are_written_as_the_library_writes_them_with_an_indent(value: object) -> None:
    written = f"{json.dumps(value, ensure_ascii=False, indent=1)}\n"
    assert ledger.as_json(value) == written.encode()


def test_the_index_holds_the_contacts_in_the_order_of_the_list(site: Site) -> None:
    site.contact("c", "family_name: Ämter", name="Zoe")
    site.contact("a", name="Bob")
    site.contact("b", name="alice")
    site.build()
    assert list(site.index()) == ["b", "c", "a"]


@pytest.mark.parametrize("count", range(5))
def test_the_index_is_one_value_although_it_is_made_in_portions(
    site: Site, count: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ledger, "_AT_ONCE", 2)
    for number in range(count):
        site.contact(f"c{number}", name=f"Zoé {number} “{{,”")
    (site.root / "contacts").mkdir(exist_ok=True)
    site.build()
    text = (site.output / "contacts.json").read_text("utf-8")
    assert text == json.dumps(json.loads(text), ensure_ascii=False, indent=1) + "\n"
    assert len(json.loads(text)["contacts"]) == count


def test_an_entry_of_the_index_names_page_thread_and_picture(site: Site) -> None:
    source = saved(quarters())
    site.contact("sales/ada", MESSAGE, name="Ada")
    site.write("avatars/sales/ada.jpg", source)
    site.build()
    entry = site.index()["sales/ada"]
    avatar = entry.pop("avatar")
    assert entry == {
        "id": "sales/ada",
        "name": "Ada",
        "page": "contacts/sales/ada.html",
        "thread": "inbox/sales/ada.html",
        "merged_from": [],
    }
    assert avatar["source"] == "avatars/sales/ada.jpg"
    assert avatar["sha256"] == digest(source)
    for size in ("512", "96"):
        assert avatar[size].startswith(f"avatars/sales/ada-{size}.")
        assert (site.output / avatar[size]).is_file()


def test_without_messages_and_picture_thread_and_avatar_are_null(site: Site) -> None:
    site.contact("ada", name="Ada")
    site.build()
    assert (site.index()["ada"]["thread"], site.index()["ada"]["avatar"]) == (None, None)


def test_the_report_tells_of_each_picture_where_it_came_from_and_what_was_made_of_it(site: Site) -> None:
    source = with_exif(saved(quarters(900, 600)), exif_orientation(6))
    site.contact("ada", "avatar: {focus: top}", name="Ada")
    site.write("avatars/ada.jpg", source)
    site.build()
    (picture,) = site.report()["pictures"]
    thumbnails = picture.pop("thumbnails")
    assert picture == {
        "contact": "ada",
        "file": "avatars/ada.jpg",
        "sha256": digest(source),
        "format": "JPEG",
        "width": 600,
        "height": 900,
        "transforms": ["upright from EXIF orientation 6", "cropped around 0.5, 0.0"],
    }
    for size in ("512", "96"):
        data = (site.output / thumbnails[size]["path"]).read_bytes()
        assert thumbnails[size]["sha256"] == digest(data)
        assert digest(data)[:12] in thumbnails[size]["path"]


def test_the_report_holds_the_problems_as_check_gives_them(site: Site) -> None:
    site.contact("ada", "phone: 0123", name="Ada")
    outcome = site.build()
    assert site.report()["problems"] == [problem_entry(problem) for problem in outcome.problems]
    (entry,) = site.report()["problems"]
    assert list(entry) == ["rule", "severity", "file", "line", "column", "field", "message", "fix"]
    assert (entry["rule"], entry["severity"], entry["line"], entry["field"]) == (
        "contact/phone-doubtful",
        "warning",
        2,
        "phone",
    )


def test_both_files_are_utf_8_without_escapes_and_the_same_in_every_build(site: Site) -> None:
    site.contact("ada", name="Ada Ωμέγα 李")
    site.build()
    before = [(site.output / name).read_bytes() for name in ("contacts.json", "report.json")]
    assert "Ada Ωμέγα 李" in before[0].decode("utf-8")
    site.build()
    assert before == [(site.output / name).read_bytes() for name in ("contacts.json", "report.json")]


@pytest.mark.parametrize(
    ("file", "told"),
    [("avatars/\udcff\udcfe.png", "avatars/\\udcff\\udcfe.png"), ("avatars/ü.png", "avatars/ü.png")],
    ids=["bytes that are not UTF-8", "UTF-8"],
)
def test_a_files_name_is_told_in_utf_8_whatever_its_bytes(file: str, told: str) -> None:
    problem = Problem("avatar/orphan", Severity.WARNING, file, None, None, "", "nobody's", "Name it.")
    assert problem_entry(problem)["file"] == told
    json.dumps(problem_entry(problem), ensure_ascii=False).encode("utf-8")


def test_a_very_long_value_in_a_message_is_cut() -> None:
    problem = Problem("contact/type", Severity.ERROR, "contacts/a.yaml", 1, 1, "x" * 999, "y" * 200_000, "z" * 200_000)
    assert all(len(str(value)) < 450 for value in problem_entry(problem).values())
