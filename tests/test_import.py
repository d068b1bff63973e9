"""Contacts come in: new, joining a contact, or known already; nothing is overwritten, and `check` passes."""

from __future__ import annotations

import base64
import io
import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml

from contactsheet import foreign, importing
from contactsheet.commands.import_contacts import import_contacts
from contactsheet.csv_fields import target
from contactsheet.importing import Arrival
from contactsheet.incoming import Incoming
from contactsheet.memo import Memo
from contactsheet.merge import Contact
from contactsheet.outcome import Work
from contactsheet.problems import Problem, Severity
from contactsheet.run import Run, silent
from contactsheet.schema import Record
from contactsheet.settings import load
from contactsheet.vcard import card
from contactsheet.workers import Workers
from tests.conftest import Site, rules
from tests.pictures import quarters, saved


def bring(site: Site, text: str | bytes, *, name: str = "in.vcf", folder: str = "", dry: bool = False) -> list[Arrival]:
    """Imports a file in this process, and checks that the repository has no error and lost nothing it had."""
    before = files_of(site)
    path = site.root.parent / name
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    with Workers(0) as workers:
        run = Run(site.root, load(site.root), workers, Memo(), silent, Work())
        found = list(importing.arrivals(run, foreign.coming([str(path)], {}), folder))
    if not dry:
        importing.write(site.root, found)
    assert not site.check().failed(strict=False), site.check().problems
    assert {file: data for file, data in files_of(site).items() if file in before} == before
    return found


def files_of(site: Site) -> dict[str, bytes]:
    """All sources of a repository."""
    found = (path for folder in ("contacts", "avatars") for path in sorted((site.root / folder).rglob("*")))
    return {path.relative_to(site.root).as_posix(): path.read_bytes() for path in found if path.is_file()}


def vcard(*lines: str, name: str = "Ada Lovelace") -> str:
    return "\n".join(["BEGIN:VCARD", "VERSION:3.0", f"FN:{name}", *lines, "END:VCARD", ""])


def record(site: Site, contact_id: str) -> dict[str, Any]:
    """A record as plain YAML."""
    found: dict[str, Any] = yaml.safe_load((site.root / f"contacts/{contact_id}.yaml").read_text(encoding="utf-8"))
    return found


def photo(data: bytes) -> str:
    return f"PHOTO;ENCODING=b;TYPE=JPEG:{base64.b64encode(data).decode()}"


def kinds(found: list[Arrival]) -> list[str]:
    return [f"{arrival.kind} {arrival.id or arrival.target}".strip() for arrival in found]


# --- IDs and files ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "email", "contact_id"),
    [
        ("Zoë Ångström", "", "zoe-angstrom"),
        ("Łukasz/Groß", "", "lukasz-gross"),
        ("Анна Щукина", "", "anna-shchukina"),
        ("李小龍", "bruce.lee@example.org", "bruce-lee"),
        ("李小龍", "", "contact"),
        ("CON", "", "con-contact"),
        ("../../etc/passwd", "", "etc-passwd"),
    ],
)
def test_a_new_contact_gets_an_id_from_its_name(site: Site, name: str, email: str, contact_id: str) -> None:
    assert kinds(bring(site, vcard(f"EMAIL:{email}", name=name))) == [f"new {contact_id}"]
    assert record(site, contact_id)["name"] == name


def test_an_id_that_somebody_has_gets_a_number_also_in_other_letters_and_for_a_picture(site: Site) -> None:
    site.contact("Ada-Lovelace", "email: a@example.org", name="Ada L.")
    site.write("avatars/ada-lovelace-2.jpg", saved(quarters(512, 512)))
    found = bring(site, vcard("TITLE:CTO") + vcard("TITLE:CEO"))
    assert kinds(found) == ["new ada-lovelace-3", "new ada-lovelace-4"]


def test_a_folder_takes_the_new_records(site: Site) -> None:
    bring(site, vcard(photo(saved(quarters(512, 512)))), folder="sales/uk")
    assert sorted(files_of(site)) == ["avatars/sales/uk/ada-lovelace.jpg", "contacts/sales/uk/ada-lovelace.yaml"]
    assert site.build().published


def test_our_own_card_comes_back_under_its_id(site: Site) -> None:
    own = card(Contact("sales/ada", "", Record(name="Ada", company="Engines"), None))
    assert kinds(bring(site, own)) == ["new sales/ada"]
    assert kinds(bring(site, own)) == ["known sales/ada"]


def test_nothing_is_written_by_a_dry_run(site: Site) -> None:
    assert kinds(bring(site, vcard(), dry=True)) == ["new ada-lovelace"]
    assert files_of(site) == {}


# --- who is known ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "line", "reason"),
    [
        ("email: Ada@Example.org", "EMAIL:ada@example.org", "e-mail"),
        ("phone: +44 20 7946 0958", "TEL:+44 (0)20-79460958", "phone"),
        ("fields: {UID: abc}", "UID:abc", "UID"),
        ("title: CTO", "UID:contactsheet:ada", "UID"),
    ],
    ids=["e-mail", "phone", "foreign UID", "own UID"],
)
def test_somebody_who_is_known_comes_in_as_a_record_that_joins(site: Site, text: str, line: str, reason: str) -> None:
    site.contact("ada", text, name="Ada Lovelace")
    (found,) = bring(site, vcard(line, "ORG:Engines"))
    assert (found.kind, found.id, found.target, found.reason) == ("joins", "ada-lovelace", "ada", reason)
    assert record(site, "ada-lovelace")["merge_into"] == "ada"
    site.build()
    assert site.index()["ada"]["merged_from"] == ["ada-lovelace"]


def test_who_joins_somebody_who_joins_somebody_joins_the_last(site: Site) -> None:
    site.contact("ada", name="Ada")
    site.contact("ada-2", "email: a@example.org\nmerge_into: ada", name="Ada")
    assert [one.target for one in bring(site, vcard("EMAIL:a@example.org"))] == ["ada"]


def test_two_in_one_file_who_are_one_are_joined(site: Site) -> None:
    found = bring(site, vcard("EMAIL:a@example.org") + vcard("EMAIL:a@example.org", "TITLE:CTO", name="A. Lovelace"))
    assert kinds(found) == ["new ada-lovelace", "joins a-lovelace"]
    assert record(site, "a-lovelace")["merge_into"] == "ada-lovelace"


def test_colleagues_with_one_switchboard_stay_two(site: Site) -> None:
    phone = "TEL:+44 20 7946 0958"
    found = bring(site, vcard(phone, "EMAIL:a@example.org") + vcard(phone, "EMAIL:b@example.org", name="Bob King"))
    assert [one.kind for one in found] == ["new", "new"]


MANY = (
    vcard("EMAIL:a@example.org", "TITLE:CTO", "TEL:ask at the desk", photo(saved(quarters(512, 512))))
    + vcard("NOTE:no address at all", name="Bob")
    + vcard("EMAIL:a@example.org", "TITLE:CEO", "BDAY:2026-13-45", "URL:javascript:alert(1)", name="Countess")
    + vcard("UID:x", "CATEGORIES:a,b", "X-SKYPE:ada", "ORG:Engines;Research", name="Charles")
)


def test_the_same_file_twice_adds_nothing(site: Site) -> None:
    first = bring(site, MANY)
    before = files_of(site)
    again = bring(site, MANY)
    assert [one.kind for one in first] == ["new", "new", "joins", "new"]
    assert [one.kind for one in again] == ["known"] * 4
    assert files_of(site) == before


def test_a_smaller_copy_of_the_picture_that_is_there_brings_nothing_and_a_larger_one_does(site: Site) -> None:
    site.contact("ada", "email: a@example.org", name="Ada Lovelace")
    site.write("avatars/ada.jpg", saved(quarters(512, 512)))
    assert kinds(bring(site, vcard("EMAIL:a@example.org", photo(saved(quarters(128, 128)))))) == ["known ada"]
    (found,) = bring(site, vcard("EMAIL:a@example.org", photo(saved(quarters(800, 800)))))
    assert sorted(found.files) == ["avatars/ada-lovelace.jpg", "contacts/ada-lovelace.yaml"]


def test_the_small_square_copy_in_our_own_card_does_not_take_the_place_of_the_picture(site: Site) -> None:
    site.contact("ada", name="Ada")
    site.write("avatars/ada.jpg", saved(quarters(900, 512)))
    own = card(Contact("ada", "", Record(name="Ada"), None), saved(quarters(256, 256).rotate(90)))
    assert kinds(bring(site, own)) == ["known ada"]
    new = card(Contact("ada", "", Record(name="Ada", title="CTO"), None), saved(quarters(256, 256).rotate(90)))
    assert [sorted(one.files) for one in bring(site, new)] == [["contacts/ada-2.yaml"]]


# --- what is refused -------------------------------------------------------------------------------------------------


def test_values_that_the_checks_refuse_become_custom_fields_with_a_warning(site: Site) -> None:
    (found,) = bring(
        site,
        vcard(
            "EMAIL;TYPE=WORK:no mail", "EMAIL:a@example.org", "TEL:desk", "BDAY:2026-13-45", "TZ:Mars/Phobos", "URL:x:y"
        ),
    )
    assert [one.rule for one in found.problems] == ["import/value"] * 5
    assert {one.line for one in found.problems} == {1}
    assert any("the custom field “E-mail (work)”" in one.fix for one in found.problems)
    assert record(site, "ada-lovelace") == {
        "name": "Ada Lovelace",
        "email": "a@example.org",
        "fields": {
            "E-mail (work)": "no mail",
            "Phone": "desk",
            "Birthday": "2026-13-45",
            "Time zone": "Mars/Phobos",
            "Website": "x:y",
        },
    }


def test_what_a_site_makes_an_error_is_taken_out_as_well(site: Site) -> None:
    site.settings('rules."contact/phone-doubtful" = "error"')
    bring(site, vcard("TEL:020 7946 0958"))
    assert record(site, "ada-lovelace")["fields"] == {"Phone": "020 7946 0958"}


def test_a_card_too_large_for_a_record_is_refused_and_the_others_come_in(site: Site) -> None:
    found = bring(site, vcard(f"NOTE:{'x' * 1_100_000}") + vcard(name="Bob"))
    assert kinds(found) == ["refused", "new bob"]
    assert [one.rule for one in found[0].problems] == ["import/card"]


@pytest.mark.parametrize(
    ("data", "word"),
    [
        (b"GIF89a" + bytes(50), "GIF"),
        (b"RIFF\0\0\0\0WEBP" + bytes(50), "WebP"),
        (b"<svg xmlns='x'/>", "SVG"),
        (b"hello", "no picture"),
        (saved(quarters(64, 64))[:-200], "cut off"),
        (saved(quarters(64, 64)) + bytes(2_700_000), "bytes"),
    ],
    ids=["GIF", "WebP", "SVG", "text", "cut", "too large"],
)
def test_a_picture_that_is_refused_is_told_and_its_contact_comes_in(site: Site, data: bytes, word: str) -> None:
    (found,) = bring(site, vcard(photo(data)))
    assert (found.kind, sorted(found.files)) == ("new", ["contacts/ada-lovelace.yaml"])
    (told,) = found.problems
    assert (told.rule, told.line, told.severity) == ("import/picture", 4, Severity.WARNING)
    assert word in told.message


def test_a_png_is_written_as_a_png(site: Site) -> None:
    (found,) = bring(site, vcard(photo(saved(quarters(512, 512), "PNG"))))
    assert sorted(found.files) == ["avatars/ada-lovelace.png", "contacts/ada-lovelace.yaml"]


# --- CSV -------------------------------------------------------------------------------------------------------------

GOOGLE = """First Name,Middle Name,Last Name,Name Prefix,Organization Name,Organization Title,Birthday,Notes,Photo,\
Labels,E-mail 1 - Label,E-mail 1 - Value,E-mail 2 - Label,E-mail 2 - Value,Phone 1 - Label,Phone 1 - Value,\
Address 1 - Label,Address 1 - Formatted,Address 1 - Street,Address 1 - City,Address 2 - Label,Address 2 - Street,\
Website 1 - Label,Website 1 - Value,Custom Field 1 - Label,Custom Field 1 - Value,Event 1 - Label,Event 1 - Value
Ada,Augusta,Lovelace,Dr.,Engines,CTO,1815-12-10,"Two
lines",https://example.org/a.jpg,* myContacts ::: vip,\
* Work,ada@example.org ::: a@example.org,Büro,b@example.org,Mobile,+44 20 7946 0958,\
Home,"12 St James's Square
London",12 St James's Square,London,Work,1 Strand,,example.org,Shoe size,38,Anniversary,1835-07-08
"""
GOOGLE_BEFORE = """Name,Given Name,Family Name,Group Membership,E-mail 1 - Type,E-mail 1 - Value,Organization 1 - Type,\
Organization 1 - Name,Organization 1 - Title
Ada Lovelace,Ada,Lovelace,* myContacts ::: vip,* Home,ada@example.org,,Engines,CTO
"""
OUTLOOK = """"Title","First Name","Last Name","Company","Job Title","Business Street","Business City","Business State",\
"Business Postal Code","Business Country/Region","Business Phone","Mobile Phone","E-mail Address","E-mail Type",\
"E-mail 2 Address","Birthday","Anniversary","Categories","Notes","Web Page","Priority"
"Ms","Ada","Lovelace","Engines","CTO","1 Strand","Springfield","IL","62701","USA",\
"+44 20 7946 0958","+44 20 7946 0959","ada@example.org","SMTP","b@example.org","31/01/1980",\
"0/0/00","vip;press","'=1+1","www.example.org","Normal"
"""
HIGHLEVEL = """Contact Id;First Name;Last Name;Business Name;Phone;Email;Additional Emails;Created;\
Last Activity;Tags;DND
abc123;Ada;Lovelace;Engines;'+44 20 7946 0958;ada@example.org;b@example.org, c@example.org;\
2026-01-31T10:20:30-05:00;Yesterday;lead, vip;true
"""


@pytest.mark.parametrize(
    ("text", "fields"),
    [
        (
            GOOGLE,
            {
                "name": "Dr. Ada Augusta Lovelace",
                "given_name": "Ada",
                "family_name": "Lovelace",
                "company": "Engines",
                "title": "CTO",
                "birthday": "1815-12-10",
                "notes": "Two\nlines",
                "tags": ["vip"],
                "emails": [
                    {"label": "work", "value": "ada@example.org"},
                    {"label": "work", "value": "a@example.org"},
                    {"label": "Büro", "value": "b@example.org"},
                ],
                "phones": [{"label": "mobile", "value": "+44 20 7946 0958"}],
                "websites": ["https://example.org"],
                "address": "12 St James's Square\nLondon",
                "fields": {
                    "Photo": "https://example.org/a.jpg",
                    "Shoe size": "38",
                    "Anniversary": "1835-07-08",
                    "Address (work)": "1 Strand",
                },
            },
        ),
        (
            GOOGLE_BEFORE,
            {
                "name": "Ada Lovelace",
                "given_name": "Ada",
                "family_name": "Lovelace",
                "tags": ["vip"],
                "emails": [{"label": "home", "value": "ada@example.org"}],
                "company": "Engines",
                "title": "CTO",
            },
        ),
        (
            OUTLOOK,
            {
                "name": "Ms Ada Lovelace",
                "given_name": "Ada",
                "family_name": "Lovelace",
                "company": "Engines",
                "title": "CTO",
                "address": "1 Strand\nSpringfield, IL 62701\nUSA",
                "phones": [
                    {"label": "work", "value": "+44 20 7946 0958"},
                    {"label": "mobile", "value": "+44 20 7946 0959"},
                ],
                "emails": ["ada@example.org", "b@example.org"],
                "birthday": "1980-01-31",
                "tags": ["vip", "press"],
                "notes": "=1+1",
                "websites": ["https://www.example.org"],
            },
        ),
        (
            HIGHLEVEL,
            {
                "name": "Ada Lovelace",
                "given_name": "Ada",
                "family_name": "Lovelace",
                "company": "Engines",
                "phones": ["+44 20 7946 0958"],
                "emails": ["ada@example.org", "b@example.org", "c@example.org"],
                "created": "2026-01-31",
                "tags": ["lead", "vip"],
                "do_not_disturb": ["all"],
                "fields": {"UID": "abc123"},
            },
        ),
    ],
    ids=["Google", "Google before", "Outlook", "HighLevel"],
)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
def test_an_export_is_understood_by_its_headings(site: Site, text: str, fields: dict[str, Any], encoding: str) -> None:
    arrivals = bring(site, text.encode(encoding), name="in.csv")
    (found,) = [one for one in arrivals if one.kind != "told"]
    assert found.kind == "new"
    kept = record(site, found.id)
    for singular in ("email", "phone", "website"):
        if singular in kept:
            kept[f"{singular}s"] = [kept.pop(singular)]
    kept |= {day: str(kept[day]) for day in ("birthday", "created") if day in kept}
    if "do_not_disturb" in kept:
        kept["do_not_disturb"] = ["all"]
    assert kept == fields
    assert [one.kind for one in bring(site, text.encode(encoding), name="in.csv") if one.kind != "told"] == ["known"]


def rows(text: str, chosen: Mapping[str, str] | None = None) -> list[Incoming | Problem]:
    columns = {heading: one for heading, name in (chosen or {}).items() if (one := target(name))}
    return list(foreign._read("in.csv", io.BytesIO(text.encode()), columns))


def test_other_headings_are_understood_where_somebody_says_what_they_are() -> None:
    chosen = {"Kunde": "name", "Telefon": "phones:work", "Nr": "fields.Number", "Gruppe": "tags", "Mail": "email"}
    (found,) = rows("Kunde\tTelefon\tNr\tGruppe\tMail\tOrt\nAda\t+44 20\t007\ta, b\ta@example.org\tLondon\n", chosen)
    assert isinstance(found, Incoming)
    assert found.fields == {
        "name": "Ada",
        "phones": [{"label": "work", "value": "+44 20"}],
        "tags": ["a", "b"],
        "emails": ["a@example.org"],
        "fields": {"Number": "007", "Ort": "London"},
    }
    assert found.unplaced == ("Ort",)


@pytest.mark.parametrize(
    ("text", "chosen", "words"),
    [
        ("Kunde;Ort\nAda;London\n", {}, ["“Kunde”", "“Ort”"]),
        ("name;Ort\nAda;London\n", {"Stadt": "address"}, ["“Stadt”", "“Ort”"]),
    ],
    ids=["nobody", "no such column"],
)
def test_headings_that_say_nothing_are_named_with_the_remedy(
    text: str, chosen: dict[str, str], words: list[str]
) -> None:
    found = rows(text, chosen)[0]
    assert isinstance(found, Problem)
    assert (found.rule, found.line) == ("import/headings", 1)
    assert all(word in found.message for word in words)
    assert "--map" in found.fix


@pytest.mark.parametrize(
    ("cell", "field", "value"),
    [
        ("10.12.1815", "birthday", "1815-12-10"),
        ("12/31/1980", "birthday", "1980-12-31"),
        ("12/12/1980", "birthday", "1980-12-12"),
        ("Jan 31 1980 10:00 AM", "birthday", "1980-01-31"),
        ("January 31st, 1980", "birthday", "1980-01-31"),
        ("03/04/1980", "fields", {"Birthday": "03/04/1980"}),
        ("--12-10", "fields", {"Birthday": "--12-10"}),
    ],
)
def test_days_are_read_where_they_can_be_only_one_day(cell: str, field: str, value: object) -> None:
    (found,) = rows(f'name,birthday\nAda,"{cell}"\n')
    assert isinstance(found, Incoming)
    assert found.fields[field] == value
    assert [one.rule for one in found.problems] == (["import/value"] if cell == "03/04/1980" else [])


def test_a_row_with_more_cells_than_headings_is_told_at_its_line_behind_a_cell_of_several_lines() -> None:
    _, found = rows('name,notes\nAda,"a\nb"\nBob,x,y\n')
    assert isinstance(found, Incoming)
    assert [(one.rule, one.line) for one in found.problems] == [("import/line", 4)]


def test_a_quotation_mark_that_is_not_closed_ends_the_file_with_its_line() -> None:
    first, second = rows('name,notes\nAda,x\nBob,"' + "y\n" * 70_000)
    assert isinstance(first, Incoming)
    assert isinstance(second, Problem)
    assert (second.rule, second.line) == ("import/card", 3)


# --- files -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("data", "name"),
    [
        (b"PK\x03\x04" + bytes(40), "a.xlsx"),
        (bytes(1000), "a.csv"),
        (b"", "a.vcf"),
        (b"hello", "a.vcf"),
        (b"name\n", "a.csv"),
    ],
    ids=["spreadsheet", "zeros", "empty", "no card", "no row"],
)
def test_a_file_without_contacts_is_refused(site: Site, data: bytes, name: str) -> None:
    found = bring(site, data, name=name)
    assert [problem.rule for one in found for problem in one.problems if one.kind == "refused"] == ["import/file"]


def test_the_command_says_what_becomes_of_each_card_and_fails_where_one_is_refused(site: Site, tmp_path: Path) -> None:
    site.contact("ada", "email: a@example.org", name="Ada")
    folder = tmp_path / "cards"
    folder.mkdir()
    (folder / "b.vcf").write_text(vcard("EMAIL:a@example.org") + "BEGIN:VCARD\nFN:Half\n", encoding="utf-8")
    (folder / "a.csv").write_text("name,Shoe\nBob \x1b[2J,38\n", encoding="utf-8")
    (folder / "c.txt").write_text("no card", encoding="utf-8")
    arguments = ("import", str(folder), "--into", "sales")
    dry = site.command(*arguments, "--dry-run")
    assert sorted(files_of(site)) == ["contacts/ada.yaml"]
    done = site.command(*arguments)
    assert (dry.returncode, done.returncode, dry.stdout) == (1, 1, done.stdout)
    assert done.stdout.splitlines() == [
        "new      Bob [2J: contacts/sales/bob-2j.yaml",
        "joins    Ada Lovelace: contacts/sales/ada-lovelace.yaml, joins ada (same e-mail)",
        f"refused  {(folder / 'b.vcf').as_posix()}:6: the card has no end: the line END:VCARD is missing",
    ]
    assert "1 new, 1 joining a contact, 1 refused." in done.stderr
    assert "Kept as custom fields: Shoe (1)." in done.stderr
    assert "import/card" in done.stderr
    assert sorted(files_of(site)) == [
        "contacts/ada.yaml",
        "contacts/sales/ada-lovelace.yaml",
        "contacts/sales/bob-2j.yaml",
    ]


def test_the_problems_can_be_told_as_json(site: Site, tmp_path: Path) -> None:
    path = tmp_path / "in.vcf"
    path.write_text("BEGIN:VCARD\nFN:Half\n", encoding="utf-8")
    done = site.command("import", str(path), "--format", "json")
    assert [one["rule"] for one in json.loads(done.stdout)["problems"]] == ["import/card"]


def test_standard_input_is_read(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(vcard().encode())))
    assert site.command("import", "-").returncode == 0
    assert record(site, "ada-lovelace") == {"name": "Ada Lovelace"}


def test_a_file_that_is_not_there_is_a_problem(site: Site) -> None:
    done = site.command("import", "nowhere.vcf")
    assert done.returncode == 1
    assert "import/file" in done.stderr


@pytest.mark.parametrize(
    "arguments", [("--map", "a=b"), ("--map", "name"), ("--into", "../x"), ("--into", "a b"), ()], ids=str
)
def test_what_cannot_be_meant_is_refused_as_usage(site: Site, arguments: tuple[str, ...]) -> None:
    assert site.command("import", *(("x.vcf", *arguments) if arguments else ())).returncode == 2


@pytest.mark.skipif(os.name != "posix", reason="links need rights elsewhere")
def test_nothing_is_written_through_a_link(site: Site, tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (site.root / "contacts" / "sales").symlink_to(elsewhere)
    path = tmp_path / "in.vcf"
    path.write_text(vcard(), encoding="utf-8")
    assert site.command("import", str(path), "--into", "sales").returncode == 1
    assert list(elsewhere.iterdir()) == []


def test_the_help_has_examples() -> None:
    assert "build.py import contacts.vcf --dry-run" in (import_contacts.epilog or "")


def test_a_repository_with_errors_of_its_own_takes_contacts_in(site: Site) -> None:
    site.contact("bob", "email: nobody\n", name="Bob")
    path = site.root.parent / "in.vcf"
    path.write_text(vcard("EMAIL:a@example.org"), encoding="utf-8")
    assert site.command("import", str(path)).returncode == 0
    assert rules(site.check()) == ["contact/email"]
