"""`export` gives what the site shows, in forms that other programs read, and writes over nothing."""

from __future__ import annotations

import csv
import io
import json
import re
from pathlib import Path
from typing import Any

import pytest
import vobject  # type: ignore[import-untyped]  # it carries no types

from contactsheet import seal
from contactsheet.commands.shared import complete_contact
from contactsheet.csv_writing import table
from contactsheet.schema import Record
from contactsheet.start import Start
from contactsheet.verbs import command
from tests.conftest import Site
from tests.pictures import opened, quarters, saved

pytestmark = pytest.mark.usefixtures("no_ci")


@pytest.fixture
def town(site: Site) -> Site:
    """Ada, into whom a record with a phone was merged; Bob, and a company in a folder."""
    site.contact("ada", "family_name: Lovelace\nemail: ada@example.org\ntags: [vip, print]", name="Ada Lovelace")
    site.contact("lead", "phone: +44 20 7946 0958\nmerge_into: ada", name="Ada Lovelace")
    site.contact("bob", "tags: [VIP]\nnotes: |\n  Two\n  lines", name="Bob")
    site.contact("firms/acme", "company: Acme", name="Acme")
    return site


@pytest.fixture
def pictured(town: Site) -> Site:
    """The same, and Ada has a picture."""
    town.write("avatars/ada.png", saved(quarters(64, 64), "PNG"))
    return town


def cards(text: str) -> list[Any]:
    return list(vobject.readComponents(text))


def exported(site: Site, *arguments: str) -> str:
    """What the command writes to standard output."""
    done = site.command("export", *arguments)
    assert done.returncode == 0, done.stderr
    return done.stdout


# --- which contacts --------------------------------------------------------------------------------------------------


def test_without_arguments_it_gives_all_cards_of_the_site_with_their_pictures(pictured: Site) -> None:
    text = exported(pictured)
    assert [card.fn.value for card in cards(text)] == ["Acme", "Bob", "Ada Lovelace"]
    assert opened(cards(text)[2].photo.value).size == (256, 256)
    assert pictured.build().published
    assert text.encode() == (pictured.output / "contacts.vcf").read_bytes()


def test_ids_and_tags_choose_the_contacts(town: Site) -> None:
    assert [card.fn.value for card in cards(exported(town, "firms/acme", "ada"))] == ["Acme", "Ada Lovelace"]
    assert [card.fn.value for card in cards(exported(town, "--tag", "vip"))] == ["Bob", "Ada Lovelace"]
    assert [card.fn.value for card in cards(exported(town, "firms/acme", "--tag", "print"))] == ["Acme", "Ada Lovelace"]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("adda",), "there is no contact adda; did you mean ada?"),
        (("lead",), "lead was merged into ada; export that"),
        (("--tag", "prnt"), "no contact has the tag “prnt”; did you mean “print”?"),
        (("--format", "csv", "--version", "4.0"), "--version 4.0 is for vCards, and this is a table; leave it out"),
        (("--format", "jcard", "--version", "3.0"), "a jCard is always 4.0; leave it out"),
    ],
    ids=["no contact", "merged", "no tag", "version of a table", "version of a jCard"],
)
def test_what_cannot_be_done_is_refused_in_words(town: Site, arguments: tuple[str, ...], said: str) -> None:
    done = town.command("export", *arguments)
    assert (done.returncode, done.stdout) == (2, "")
    assert said in done.stderr


def test_the_merged_contact_has_what_the_merge_brought(town: Site) -> None:
    (ada,) = cards(exported(town, "ada"))
    assert (ada.email.value, ada.tel.value) == ("ada@example.org", "+44 20 7946 0958")


def test_no_pictures_leaves_the_pictures_out(pictured: Site) -> None:
    assert "PHOTO" not in exported(pictured, "--no-pictures")


def test_it_begins_no_memory_and_uses_that_of_a_build(pictured: Site, tmp_path: Path) -> None:
    home = {seal.VARIABLE: "", "XDG_CONFIG_HOME": str(tmp_path)}
    plain = pictured.command("export", env=home)
    assert not (pictured.root / ".contactsheet").exists()
    assert pictured.command("build", "--quiet", env=home).returncode == 0
    assert pictured.command("export", env=home).stdout == plain.stdout
    (thumbnails := pictured.root / ".contactsheet/thumbnails").rename(tmp_path / "gone")
    thumbnails.mkdir()
    assert pictured.command("export", env=home).stdout == plain.stdout


# --- errors ----------------------------------------------------------------------------------------------------------


def test_with_an_error_in_the_contents_nothing_is_exported_and_the_error_is_told(town: Site, tmp_path: Path) -> None:
    town.contact("bad", "titel: Engineer", name="Bad")
    done = town.command("export", "-o", str(tmp_path / "all.vcf"))
    assert done.returncode == 1
    assert "contacts/bad.yaml:2:1: error: " in done.stderr
    assert "Nothing is exported: 1 error." in done.stderr
    assert not (tmp_path / "all.vcf").exists()


# --- where to --------------------------------------------------------------------------------------------------------


def test_a_new_file_is_written_and_an_old_one_is_left_as_it_is(pictured: Site, tmp_path: Path) -> None:
    target = tmp_path / "all.vcf"
    done = pictured.command("export", "-o", str(target))
    assert (done.returncode, done.stdout) == (0, "")
    assert done.stderr.endswith("3 contacts exported, 1 with picture.\n")
    before = target.read_bytes()
    assert len(cards(before.decode())) == 3
    done = pictured.command("export", "bob", "-o", str(target))
    assert done.returncode == 2
    assert "is there already and stays as it is" in done.stderr
    assert target.read_bytes() == before


def test_a_link_that_leads_nowhere_is_not_followed(town: Site, tmp_path: Path) -> None:
    (tmp_path / "all.vcf").symlink_to(tmp_path / "elsewhere")
    assert town.command("export", "-o", str(tmp_path / "all.vcf")).returncode == 2
    assert not (tmp_path / "elsewhere").exists()


@pytest.mark.parametrize(
    ("name", "begins"),
    [("all.vcf", "BEGIN:VCARD"), ("all.json", '[\n["vcard"'), ("all.CSV", "Name,First Name"), ("all", "BEGIN:VCARD")],
)
def test_the_name_of_the_file_says_what_is_written(town: Site, tmp_path: Path, name: str, begins: str) -> None:
    assert town.command("export", "-o", str(tmp_path / name)).returncode == 0
    assert (tmp_path / name).read_text(encoding="utf-8").startswith(begins)


# --- vCard 4.0 and jCard ---------------------------------------------------------------------------------------------


def test_version_4_has_the_picture_as_a_data_uri(pictured: Site) -> None:
    text = exported(pictured, "ada", "--version", "4.0").replace("\r\n ", "")
    assert text.startswith("BEGIN:VCARD\r\nVERSION:4.0\r\n")
    assert "\r\nPHOTO:data:image/jpeg;base64,/9j/" in text


def test_a_jcard_says_what_the_card_of_version_4_says(town: Site) -> None:
    town.contact("bob", "phones: [{label: Büro, value: +49 30 901820}]\nbirthday: 1990-05-17", name="Bob; junior")
    kind, properties = json.loads(exported(town, "bob", "--format", "jcard"))
    assert kind == "vcard"
    assert properties == [
        ["version", {}, "text", "4.0"],
        ["uid", {}, "uri", "contactsheet:bob"],
        ["kind", {}, "text", "individual"],
        ["n", {}, "text", ["", "Bob; junior", "", "", ""]],
        ["fn", {}, "text", "Bob; junior"],
        ["bday", {}, "date", "1990-05-17"],
        ["tel", {"group": "item1"}, "text", "+49 30 901820"],
        ["x-ablabel", {"group": "item1"}, "text", "Büro"],
    ]


def test_several_jcards_are_a_list(pictured: Site) -> None:
    found = json.loads(exported(pictured, "--format", "jcard"))
    assert [kind for kind, _ in found] == ["vcard"] * 3
    (photo,) = [one for _, card in found for one in card if one[0] == "photo"]
    assert photo[:3] == ["photo", {}, "uri"]
    assert photo[3].startswith("data:image/jpeg;base64,/9j/")


# --- CSV -------------------------------------------------------------------------------------------------------------


def rows(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text, newline="")))


def cell(value: str) -> str:
    """What the table says of a custom field with that value."""
    (row,) = rows(b"".join(table([Record(name="Bob", fields={"Field": value})])).decode())
    return row["Custom Field 1 - Value"]


def test_the_table_has_the_headings_of_google_contacts(town: Site) -> None:
    text = exported(town, "--format", "csv")
    assert text.splitlines()[0] == (
        "Name,First Name,Last Name,Organization Name,Organization Title,Birthday,Notes,Labels,"
        "E-mail 1 - Label,E-mail 1 - Value,Phone 1 - Label,Phone 1 - Value"
    )
    acme, bob, ada = rows(text)
    assert (acme["Name"], acme["Organization Name"], acme["Labels"]) == ("Acme", "Acme", "")
    assert (bob["Notes"], bob["Labels"]) == ("Two\nlines", "VIP")
    assert (ada["First Name"], ada["Last Name"], ada["Labels"]) == ("Ada", "Lovelace", "vip ::: print")
    assert (ada["E-mail 1 - Value"], ada["Phone 1 - Value"]) == ("ada@example.org", "+44 20 7946 0958")


def test_what_google_has_no_heading_for_is_in_custom_fields(town: Site) -> None:
    town.contact("bob", "type: lead\ntime_zone: Europe/Rome\nfields: {Account: '007'}", name="Bob")
    (bob,) = rows(exported(town, "bob", "--format", "csv"))
    found = {bob[f"Custom Field {n} - Label"]: bob[f"Custom Field {n} - Value"] for n in (1, 2, 3)}
    assert found == {"Time zone": "Europe/Rome", "Type": "lead", "Account": "007"}


@pytest.mark.parametrize("text", ["=1+1", "+1+cmd|' /C calc'!A0", "-2", "@SUM(A1)", "'=1", "+", "+44=1"])
def test_no_cell_is_a_formula_to_a_spreadsheet(text: str) -> None:
    assert cell(text) == f"'{text}"


@pytest.mark.parametrize("number", ["+44 20 7946 0958", "+1 (555) 010-9999", "020 7946 0958"])
def test_a_telephone_number_stays_as_it_is(number: str) -> None:
    assert cell(number) == number


# --- help ------------------------------------------------------------------------------------------------------------


def test_its_help_has_examples_and_ids_complete(town: Site) -> None:
    done = town.command("export", "--help")
    assert re.search(r"^ +build\.py export -o contacts\.vcf", done.stdout, re.MULTILINE)
    export = command("export")
    context = export.make_context("export", ["--root", str(town.root)], obj=Start(town.root))
    for typed, offered in (("", ["ada", "bob", "firms/acme", "lead"]), ("fi", ["firms/acme"])):
        assert [item.value for item in complete_contact(context, export.params[1], typed)] == offered
