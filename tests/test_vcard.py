"""vCards: they read back as what was written, nothing in a record gets out of its property, and the QR code is read."""

from __future__ import annotations

import base64
import re
from typing import Any

import pytest
import segno
import vobject  # type: ignore[import-untyped]  # it carries no types
import zxingcpp
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from contactsheet import qr
from contactsheet.merge import Contact
from contactsheet.schema import Record
from contactsheet.vcard import card, small_card
from tests.conftest import Site
from tests.pictures import quarters, saved


def contact(contact_id: str = "sales/ada", **fields: Any) -> Contact:
    return Contact(contact_id, f"contacts/{contact_id}.yaml", Record.model_validate({"name": "Ada", **fields}), None)


def read_back(data: bytes) -> Any:
    return vobject.readOne(data.decode("utf-8"))


def names_of(data: bytes) -> list[str]:
    """The names of all properties, after unfolding (RFC 2425, 5.8.1)."""
    lines = data.replace(b"\r\n ", b"").decode("utf-8").split("\r\n")[:-1]
    return [re.split("[:;]", line)[0].rpartition(".")[2] for line in lines]


FULL: dict[str, Any] = {
    "name": "Ada Lovelace",
    "given_name": "Ada",
    "family_name": "Lovelace",
    "company": "Engines, Ltd; London",
    "title": "Mathematician",
    "emails": ["ada@example.org", {"label": "work", "value": "lovelace@example.org"}],
    "phones": [{"label": "Mobile", "value": "+44 20 7946 0958"}, {"label": "Büro", "value": "+49 30 901820"}],
    "websites": ["https://example.org/a,b;c"],
    "address": "12 St James's Square\nLondon",
    "birthday": "1815-12-10",
    "time_zone": "Europe/London",
    "tags": ["vip", "a,b"],
    "notes": "Prefers letters.\nNever \\ on Fridays.",
    "fields": {"Account": "00123", "客户": "是"},
}


def test_every_field_that_a_card_has_a_place_for_reads_back() -> None:
    found = read_back(card(contact(**FULL)))
    assert (found.n.value.family, found.n.value.given, found.fn.value) == ("Lovelace", "Ada", "Ada Lovelace")
    assert found.org.value == ["Engines, Ltd; London"]
    assert found.title.value == "Mathematician"
    assert [email.value for email in found.email_list] == ["ada@example.org", "lovelace@example.org"]
    assert [email.params["TYPE"] for email in found.email_list] == [["INTERNET"], ["INTERNET", "WORK"]]
    assert [phone.value for phone in found.tel_list] == ["+44 20 7946 0958", "+49 30 901820"]
    assert found.tel_list[0].params["TYPE"] == ["CELL"]
    assert found.url.value == "https://example.org/a,b;c"
    assert found.adr.value.street == "12 St James's Square\nLondon"
    assert found.bday.value == "1815-12-10"
    assert found.tz.value == "Europe/London"
    assert found.categories.value == ["vip", "a,b"]
    assert found.note.value == "Prefers letters.\nNever \\ on Fridays."
    assert found.uid.value == "contactsheet:sales/ada"


def test_a_label_that_is_no_known_type_stands_beside_its_number() -> None:
    found = read_back(card(contact(**FULL)))
    labels = {label.group: label.value for label in found.contents["x-ablabel"]}
    assert labels[found.tel_list[1].group] == "Büro"


def test_custom_fields_keep_their_keys_in_every_script() -> None:
    found = read_back(card(contact(**FULL)))
    labels = {label.group: label.value for label in found.contents["x-ablabel"]}
    own = {labels[one.group]: one.value for name in ("x-cs-account", "x-cs-field") for one in found.contents[name]}
    assert own == {"Account": "00123", "客户": "是"}


@pytest.mark.parametrize(
    ("fields", "parts"),
    [
        ({"name": "Acme"}, ("", "Acme")),
        ({"name": "Ada Lovelace", "family_name": "Lovelace"}, ("Lovelace", "Ada")),
        ({"name": "李 小龍", "family_name": "李"}, ("李", "小龍")),
        ({"name": "Ada Lovelace", "given_name": "Ada"}, ("Lovelace", "Ada")),
        ({"name": "Countess", "family_name": "Lovelace"}, ("Lovelace", "")),
    ],
    ids=["neither", "family name", "family name first", "given name", "a name without them"],
)
def test_n_is_always_there(fields: dict[str, str], parts: tuple[str, str]) -> None:
    found = read_back(card(contact(**fields)))
    assert (found.n.value.family, found.n.value.given) == parts


def test_lines_end_with_crlf_and_have_at_most_75_octets_and_no_character_is_torn() -> None:
    data = card(contact(name="Ж" * 200, notes="😀" * 300))
    lines = data.split(b"\r\n")
    assert lines.pop() == b""
    assert max(map(len, lines)) <= 75
    assert all(line.decode("utf-8") for line in lines)
    assert b"\n" not in data.replace(b"\r\n", b"")
    assert read_back(data).note.value == "😀" * 300


@pytest.mark.parametrize(
    "text",
    [
        "Ada\r\nTEL:+1 555",
        "Ada\nEND:VCARD\nBEGIN:VCARD",
        "Ada\rNOTE:x",
        "a\\nTEL:1;x,y",
        "a\x85TEL:1",
        "a\u2028TEL:1",
        "a\x0bTEL:1\x0c",
        "\\",
        'x";TYPE="y:z',
    ],
    ids=["CRLF", "LF", "CR", "escapes", "NEL", "U+2028", "VT and FF", "backslash", "quotes"],
)
def test_no_value_adds_a_property(text: str) -> None:
    def cards(filling: str) -> bytes:
        record = Record.model_construct(
            **{**Record.model_validate({**FULL, "name": "Ada"}).__dict__, "name": filling, "notes": filling}
        )
        labelled = tuple(one.model_copy(update={"value": filling, "label": filling}) for one in record.phones)
        update = {"phones": labelled, "emails": labelled, "tags": (filling,), "fields": {filling: filling}}
        return card(Contact("ada", "contacts/ada.yaml", record.model_copy(update=update), None))

    plain = [name for name in names_of(cards("Plain")) if not name.startswith("X-CS-")]
    assert [name for name in names_of(cards(text)) if not name.startswith("X-CS-")] == plain


@given(st.text(max_size=120), st.text(max_size=200))
def test_whatever_is_written_reads_back_as_one_card(name: str, notes: str) -> None:
    record = Record(name="?").model_copy(update={"name": name, "notes": notes or None})
    data = card(Contact("ada", "contacts/ada.yaml", record, None))
    assert names_of(data).count("FN") == names_of(data).count("END") == 1
    assert len(names_of(data)) == (7 if notes else 6)


def test_a_picture_is_in_the_card_as_a_jpeg() -> None:
    photo = saved(quarters(64, 64))
    data = card(contact(), photo)
    found = read_back(data)
    assert found.photo.value == photo
    assert found.photo.params == {"ENCODING": ["b"], "TYPE": ["JPEG"]}
    assert max(map(len, data.split(b"\r\n"))) <= 75
    assert base64.b64encode(photo)[:40] in data.replace(b"\r\n ", b"")


def test_the_same_contact_gives_the_same_bytes_and_no_revision() -> None:
    assert card(contact(**FULL)) == card(contact(**FULL))
    assert "REV" not in names_of(card(contact(**FULL)))


def test_a_build_writes_a_card_for_every_contact_and_none_for_a_merged_one(site: Site) -> None:
    site.contact("sales/ada", "email: ada@example.org", name="Ada")
    site.contact("lead", "merge_into: sales/ada\nphone: +44 20 7946 0958", name="Ada")
    assert site.build().published
    cards = sorted(path.relative_to(site.output / "vcards").as_posix() for path in site.output.glob("vcards/**/*.vcf"))
    assert cards == ["sales/ada.vcf"]
    found = read_back((site.output / "vcards/sales/ada.vcf").read_bytes())
    assert found.tel.value == "+44 20 7946 0958"
    assert 'href="../../vcards/sales/ada.vcf"' in site.page("contacts/sales/ada.html")


# --- the QR code -----------------------------------------------------------------------------------------------------


def test_a_small_card_has_the_vital_things_and_never_more_than_its_octets() -> None:
    data = small_card(contact(**FULL).record, 180)
    assert len(data) <= 180
    found = read_back(data)
    assert (found.fn.value, found.tel.value, found.email.value) == (
        "Ada Lovelace",
        "+44 20 7946 0958",
        "ada@example.org",
    )
    assert "NOTE" not in names_of(data)


@pytest.mark.parametrize("name", ["x" * 200, "😀" * 200, "\\;," * 66], ids=["letters", "emoji", "escapes"])
def test_a_name_that_is_too_long_is_cut_and_stays_sound(name: str) -> None:
    data = small_card(contact(name=name).record, 180)
    assert len(data) <= 180
    assert name.startswith(read_back(data).fn.value)
    assert len(read_back(data).fn.value) > 5


def modules(path: str, side: int) -> list[list[bool]]:
    """The dark modules that a path of rows and runs draws."""
    dark = [[False] * side for _ in range(side)]
    x = y = 0
    for command, numbers in re.findall("([Mmh])([0-9 ]+)", path):
        values = [int(number) for number in numbers.split()]
        if command == "M":
            x, y = values
        elif command == "m":
            x += values[0]
        else:
            dark[y][x : x + values[0]] = [True] * values[0]
            x += values[0]
    return dark


@pytest.mark.parametrize(("version", "length"), [(5, 84), (7, 122), (9, 180)])
def test_a_full_code_is_module_for_module_that_of_a_trusted_encoder(version: int, length: int) -> None:
    data = bytes(range(256))[:length]
    trusted = segno.make(data, version=version, error="m", mask=0, mode="byte", boost_error=False, micro=False)
    path, side = qr.path(data)
    assert side == 17 + 4 * version + 2 * qr.QUIET
    assert modules(path, side) == [[bool(module) for module in row] for row in trusted.matrix_iter(border=qr.QUIET)]


@pytest.mark.parametrize("length", [1, 83, 85, 100, 123, 150])
def test_a_code_that_is_not_full_is_read(length: int) -> None:
    text = ("BEGIN:VCARD äöü 😀 " * 20).encode()[:length].decode("utf-8", "ignore")
    path, side = qr.path(text.encode())
    image = Image.new("L", (side, side), 255)
    image.putdata([0 if dark else 255 for row in modules(path, side) for dark in row])
    found = zxingcpp.read_barcodes(image.resize((side * 4, side * 4), Image.Resampling.NEAREST))
    assert [code.text for code in found] == [text]


def test_more_than_fits_is_refused() -> None:
    assert qr.capacity() == 180
    with pytest.raises(ValueError, match="181 bytes do not fit"):
        qr.path(b"x" * 181)
