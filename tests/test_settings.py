"""The settings of a site: defaults, what each may be, and an error that says what to write and where."""

from __future__ import annotations

from dataclasses import fields

import pytest
from PIL import Image

from contactsheet.rules import catalogue
from contactsheet.settings import Settings, SettingsError, load
from tests.conftest import Site, rules
from tests.pictures import saved


def refused(site: Site) -> str:
    """What the settings are refused with."""
    with pytest.raises(SettingsError) as caught:
        load(site.root)
    return str(caught.value)


def test_without_a_file_there_are_defaults(site: Site) -> None:
    assert load(site.root) == Settings()


@pytest.mark.parametrize("text", ["", "[project]\nname = 'x'\n", "[tool.ruff]\nline-length = 100\n", "[tool]\n"])
def test_a_file_without_our_table_leaves_the_defaults(site: Site, text: str) -> None:
    site.write("pyproject.toml", text)
    assert load(site.root) == Settings()


def test_every_setting_has_a_word_on_what_it_is() -> None:
    for setting in fields(Settings):
        assert setting.metadata["what"]


@pytest.mark.parametrize(
    ("text", "name", "value"),
    [
        ('title = "Büro & Söhne"', "title", "Büro & Söhne"),
        ('repository = "https://github.com/acme/contacts"', "repository", "https://github.com/acme/contacts"),
        ('repository = ""', "repository", ""),
        ('branch = "trunk"', "branch", "trunk"),
        ('detail_page = "classic"', "detail_page", "classic"),
        ('detail-page = "classic"', "detail_page", "classic"),
        ('accent = "#2F6f4f"', "accent", "#2F6f4f"),
        ('logo = "logo.svg"', "logo", "logo.svg"),
        ("search_engines = true", "search_engines", True),
        ("contacts_per_page = 1", "contacts_per_page", 1),
        ("conversations-per-page = 500", "conversations_per_page", 500),
        ("max_picture_bytes = 1_000_000", "max_picture_bytes", 1_000_000),
        ('phone_region = "GB"', "phone_region", "GB"),
        ('time_zone = "Asia/Kolkata"', "time_zone", "Asia/Kolkata"),
        ('columns = ["phone", "fields.Account no."]', "columns", ("phone", "fields.Account no.")),
        ("columns = []", "columns", ()),
        ('rules = { "avatar/small" = "off" }', "rules", {"avatar/small": "off"}),
        ('rules."avatar/small" = "error"', "rules", {"avatar/small": "error"}),
        ('[tool.contactsheet.rules]\n"contact/email" = "notice"', "rules", {"contact/email": "notice"}),
    ],
)
def test_a_setting_is_taken(site: Site, text: str, name: str, value: object) -> None:
    site.settings(text)
    assert getattr(load(site.root), name) == value


@pytest.mark.parametrize("shape", ["BOM", "CRLF"])
def test_the_file_may_come_from_windows(site: Site, shape: str) -> None:
    text = '[tool.contactsheet]\ntitle = "Acme"\n'
    site.write("pyproject.toml", f"\ufeff{text}" if shape == "BOM" else text.replace("\n", "\r\n"))
    assert load(site.root).title == "Acme"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("titel = 'x'", "pyproject.toml:2: [tool.contactsheet] has no setting “titel”; did you mean title?"),
        ("zzz = 'x'", "pyproject.toml:2: [tool.contactsheet] has no setting “zzz”; known are title, logo, accent,"),
        ("\ntitle = 7", "pyproject.toml:3: title is not a text of one line"),
        ('title = "a\\nb"', "pyproject.toml:2: title is not a text of one line"),
        ("contacts_per_page = 0", "pyproject.toml:2: contacts_per_page is 0; write a whole number from 1 to 1,000"),
        ("contacts_per_page = 1001", "write a whole number from 1 to 1,000"),
        ("contacts_per_page = true", "contacts_per_page is True; write a whole number"),
        ('contacts-per-page = "9"', "pyproject.toml:2: contacts-per-page is '9'; write a whole number"),
        ('columns = "phone"', "pyproject.toml:2: columns is not a list of texts; write it as in"),
        ("columns = [1]", "pyproject.toml:2: columns is not a list of texts"),
        ('columns = ["phones"]', "columns has “phones”, which is no column; did you mean phone?"),
        ('columns = ["fields."]', "which is no column; known are company, title, email,"),
        ('columns = ["tags", "tags"]', "columns has “tags” twice; take one out"),
        ("conversations_per_page = 1", "write a whole number from 2 to 500"),
        ('accent = "green"', "accent is “green”; write a colour as # and six digits from 0 to f"),
        ('accent = "#2f6"', "write a colour as # and six digits"),
        ('logo = "../logo.svg"', "write the name of an SVG or PNG file in templates/"),
        ('logo = "logo.jpg"', "write the name of an SVG or PNG file in templates/"),
        ("search_engines = 1", "search_engines is 1; write true or false"),
        ('search_engines = "yes"', "search_engines is 'yes'; write true or false"),
        ("max_picture_bytes = 2.5", "write a whole number from 1 to 26,214,400"),
        ('detail_page = "modern"', "detail_page is “modern”; write “picture-area” or “classic”"),
        ('repository = "javascript:alert(1)"', "write an address that begins with https://"),
        ('repository = "https://"', "write an address that begins with https://"),
        ('phone_region = "gb"', "write a country's two letters in capitals, for example GB"),
        ('phone_region = "XX"', "write a country's two letters in capitals, for example GB"),
        ('phone_region = "UK"', "write a country's two letters in capitals, for example GB"),
        ('time_zone = "IST"', "time_zone is “IST”; write an IANA name such as Europe/London"),
        ('time_zone = ""', "write an IANA name"),
        ("rules = 'off'", "pyproject.toml:2: rules is a value; write a table"),
        (
            '[tool.contactsheet.rules]\n"contact/emial" = "off"',
            "pyproject.toml:3: there is no rule “contact/emial”; did",
        ),
        ('[tool.contactsheet.rules]\n"zzz" = "off"', "there is no rule “zzz”; the command `rules` lists them"),
        ('rules."contact/email" = "of"', "pyproject.toml:2: contact/email is 'of'; write “error”, “warning”, “notice”"),
        ('rules."contact/email" = false', "contact/email is False; write “error”"),
        ("title = ", "this is not TOML"),
        ("title = 'a'\ntitle = 'b'", "this is not TOML"),
    ],
)
def test_what_cannot_be_used_is_refused_with_its_line_and_what_to_write(site: Site, text: str, message: str) -> None:
    site.settings(text)
    assert message in refused(site)


def test_a_setting_of_the_same_name_elsewhere_is_not_taken_for_the_line(site: Site) -> None:
    site.write("pyproject.toml", "[project]\ntitle = 1\n[tool.contactsheet]\ntitle = 2\n[tool.other]\ntitle = 3\n")
    assert refused(site).startswith("pyproject.toml:4: ")


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"[tool]\ncontactsheet = 7", "tool.contactsheet is a value"),
        (b"title = '\xe9'", "the file is not UTF-8"),
        (b"#" * 1_048_577, "it has 1,048,577 bytes"),
        (b"a = " + b"[" * 100_000, "this is not TOML"),
    ],
    ids=["no table", "Latin-1", "too large", "too deep"],
)
def test_a_file_that_cannot_be_read_is_refused(site: Site, content: bytes, message: str) -> None:
    site.write("pyproject.toml", content)
    assert message in refused(site)


def test_a_link_is_not_followed_even_to_nowhere(site: Site) -> None:
    (site.root / "pyproject.toml").symlink_to("nowhere.toml")
    assert "no regular file" in refused(site)


def test_a_firm_rule_stays_an_error(site: Site) -> None:
    firm = [rule.name for rule in catalogue().values() if rule.firm]
    assert len(firm) > 40
    for rule in firm:
        for weight in ("warning", "notice", "off"):
            site.settings(f'rules."{rule}" = "{weight}"')
            assert f"{rule} stays an error" in refused(site)
        site.settings(f'rules."{rule}" = "error"')
        assert load(site.root).rules == {rule: "error"}


def test_the_command_ends_with_the_status_for_wrong_settings(site: Site) -> None:
    site.settings("titel = 'x'")
    run = site.command("check")
    assert run.returncode == 2
    assert run.stderr == "error: pyproject.toml:2: [tool.contactsheet] has no setting “titel”; did you mean title?\n"


def test_the_largest_picture_is_the_one_that_the_site_allows(site: Site) -> None:
    site.contact("ada", name="Ada")
    picture = saved(Image.new("RGB", (512, 512)), "PNG")
    site.write("avatars/ada.png", picture)
    site.settings(f"max_picture_bytes = {len(picture)}")
    assert rules(site.check()) == []
    site.settings(f"max_picture_bytes = {len(picture) - 1}")
    assert rules(site.check()) == ["avatar/too-large"]


def test_phone_numbers_without_a_country_are_those_of_the_sites_region(site: Site) -> None:
    site.contact("ada", "phone: 020 7946 0958", name="Ada")
    assert rules(site.check()) == ["contact/phone-doubtful"]
    site.settings('phone_region = "GB"')
    assert rules(site.check()) == []
