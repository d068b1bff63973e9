"""vCards: they read back as what was written, nothing in a record gets out of its property, and the QR code is read."""

from __future__ import annotations

import base64
import importlib.util
import io
import os
import re
import subprocess
from contextlib import closing
from dataclasses import replace
from typing import Any

import pytest
import segno
import vobject  # type: ignore[import-untyped]  # it carries no types
import zxingcpp
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, ImageCms

from contactsheet import pipeline, plan, qr
from contactsheet.memo import Memo
from contactsheet.merge import Contact
from contactsheet.outcome import Outcome
from contactsheet.schema import Record, record_of
from contactsheet.settings import load
from contactsheet.vcard import card, place, small_card, without_picture
from contactsheet.workers import Workers
from tests.conftest import Site
from tests.pictures import RED, YELLOW, opened, quarters, saved

SRGB = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()


def contact(contact_id: str = "sales/ada", **fields: Any) -> Contact:
    return Contact(contact_id, f"contacts/{contact_id}.yaml", record_of({"name": "Ada", **fields}), None)


def read_back(data: bytes) -> Any:
    return vobject.readOne(data.decode("utf-8"))


def unfolded(data: bytes) -> list[str]:
    """The lines, after unfolding (RFC 2425, 5.8.1)."""
    return data.replace(b"\r\n ", b"").decode("utf-8").split("\r\n")[:-1]


def names_of(data: bytes) -> list[str]:
    """The names of all properties."""
    return [re.split("[:;]", line)[0].rpartition(".")[2] for line in unfolded(data)]


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
        record = replace(record_of({**FULL, "name": "Ada"}), name=filling, notes=filling)
        labelled = tuple(replace(one, value=filling, label=filling) for one in record.phones)
        record = replace(record, phones=labelled, emails=labelled, tags=(filling,), fields={filling: filling})
        return card(Contact("ada", "contacts/ada.yaml", record, None))

    plain = [name for name in names_of(cards("Plain")) if not name.startswith("X-CS-")]
    assert [name for name in names_of(cards(text)) if not name.startswith("X-CS-")] == plain


@given(st.text(max_size=120), st.text(max_size=200))
def test_whatever_is_written_reads_back_as_one_card(name: str, notes: str) -> None:
    record = Record(name, notes=notes or None)
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


def test_the_same_contact_gives_the_same_bytes_and_no_revision_that_nobody_knows() -> None:
    assert card(contact(**FULL)) == card(contact(**FULL))
    assert "REV" not in names_of(card(contact(**FULL)))


def test_the_time_of_the_last_change_is_the_revision() -> None:
    assert read_back(card(contact(), rev=1_795_000_000)).rev.value == "2026-11-18T11:06:40Z"


def test_a_label_is_kept_as_it_is_written_unless_its_type_says_the_same() -> None:
    phones = [{"label": label, "value": "+44 20 7946 0958"} for label in ("mobile", "Mobile", "cell", "night desk")]
    found = read_back(card(contact(phones=phones)))
    labels = {label.group: label.value for label in found.contents["x-ablabel"]}
    assert [phone.params.get("TYPE") for phone in found.tel_list] == [["CELL"], ["CELL"], ["CELL"], None]
    assert [labels.get(phone.group) for phone in found.tel_list] == [None, "Mobile", "cell", "night desk"]


def test_what_no_vcard_has_a_property_for_is_in_it_under_the_field_s_name() -> None:
    fields: dict[str, Any] = {"type": "customer", "owner": "Mira", "source": "Fair", "do_not_disturb": ["sms", "phone"]}
    found = unfolded(card(contact(**fields, pronouns="she/her", created="2026-01-31")))
    assert {
        "PRONOUNS:she/her",
        "CREATED:2026-01-31T00:00:00Z",
        "X-CONTACTSHEET-TYPE:customer",
        "X-CONTACTSHEET-OWNER:Mira",
        "X-CONTACTSHEET-SOURCE:Fair",
        "X-CONTACTSHEET-DO-NOT-DISTURB:sms,phone",
    } <= set(found)


# --- version 4.0 -----------------------------------------------------------------------------------------------------

# A line of a card, as the grammar of RFC 6350, 3.3 has it, for the names and parameters that there can be here.
LINE = re.compile(r"(?:[A-Za-z0-9-]+\.)?[A-Za-z0-9-]+(?:;TYPE=[a-z]+)?:(?:[^\\\x00-\x08\x0a-\x1f\x7f]|\\[\\,;n])*")


def test_version_4_has_the_fields_in_its_own_forms() -> None:
    found = unfolded(card(contact(**FULL, created="2026-01-31"), b"\xff\xd8\xff", 1_795_000_000, "4.0"))
    assert found == [
        "BEGIN:VCARD",
        "VERSION:4.0",
        "UID:contactsheet:sales/ada",
        "KIND:individual",
        "N:Lovelace;Ada;;;",
        "FN:Ada Lovelace",
        r"ORG:Engines\, Ltd\; London",
        "TITLE:Mathematician",
        r"NOTE:Prefers letters.\nNever \\ on Fridays.",
        "BDAY:18151210",
        "EMAIL:ada@example.org",
        "EMAIL;TYPE=work:lovelace@example.org",
        "item3.TEL;TYPE=cell:+44 20 7946 0958",
        "item3.X-ABLabel:Mobile",
        "item4.TEL:+49 30 901820",
        "item4.X-ABLabel:Büro",
        "URL:https://example.org/a,b;c",
        r"ADR:;;12 St James's Square\nLondon;;;;",
        "TZ:Europe/London",
        r"CATEGORIES:vip,a\,b",
        "CREATED:20260131T000000Z",
        "item6.X-CS-ACCOUNT:00123",
        "item6.X-ABLabel:Account",
        "item7.X-CS-FIELD:是",
        "item7.X-ABLabel:客户",
        "REV:20261118T110640Z",
        "PHOTO:data:image/jpeg;base64,/9j/",
        "END:VCARD",
    ]
    assert [line for line in found if not LINE.fullmatch(line)] == []


def test_a_contact_that_is_a_company_says_so_in_version_4() -> None:
    assert "KIND:org" in unfolded(card(contact(name="Acme", company="Acme"), version="4.0"))


@given(st.text(max_size=120), st.text(max_size=200))
def test_whatever_is_written_stays_in_its_line_in_version_4(name: str, notes: str) -> None:
    website = replace(contact(websites=["https://example.org/"]).record.websites[0], value=name)
    record = Record(name, notes=notes or None, websites=(website,))
    data = card(Contact("ada", "contacts/ada.yaml", record, None), version="4.0")
    assert [line for line in unfolded(data) if not LINE.fullmatch(line) and not line.startswith("URL:")] == []
    assert len(names_of(data)) == (9 if notes else 8)


# --- on the site -----------------------------------------------------------------------------------------------------


def photo_of(data: bytes) -> Image.Image:
    return opened(read_back(data).photo.value)


def test_the_picture_is_a_jpeg_of_256_pixels_without_anything_beside_it(site: Site) -> None:
    exif = Image.Exif()
    exif[0x010F] = "Camera"
    site.contact("ada", name="Ada")
    site.write("avatars/ada.jpg", saved(quarters(900, 700), exif=exif, icc_profile=SRGB))
    assert site.build().published
    image = photo_of((site.output / "vcards/ada.vcf").read_bytes())
    assert (image.format, image.size, image.mode) == ("JPEG", (256, 256), "RGB")
    assert not {"exif", "icc_profile", "comment"} & image.info.keys()
    assert image.getpixel((40, 40)) == pytest.approx(RED, abs=12)
    assert image.getpixel((210, 210)) == pytest.approx(YELLOW, abs=12)


def test_what_shows_through_is_white_in_the_card(site: Site) -> None:
    site.contact("ada", "avatar: {fit: contain}", name="Ada")
    site.write("avatars/ada.png", saved(quarters(512, 256), "PNG"))
    assert site.build().published
    image = photo_of((site.output / "vcards/ada.vcf").read_bytes())
    assert image.getpixel((128, 20)) == pytest.approx((255, 255, 255), abs=4)
    assert image.getpixel((40, 90)) == pytest.approx(RED, abs=12)


def town(site: Site) -> Site:
    """Three contacts with a picture, and one without."""
    for number in range(4):
        site.contact(f"c{number}", name=f"Name {number}")
    for number in range(3):
        site.write(f"avatars/c{number}.png", saved(quarters(64 + number, 64), "PNG"))
    return site


def cards_of(site: Site) -> list[bytes]:
    """The cards of all contacts, each from its own file, in the order of the list."""
    return [(site.output / f"vcards/{contact_id}.vcf").read_bytes() for contact_id in site.index()]


def test_all_cards_lie_in_one_file_in_the_order_of_the_list(site: Site) -> None:
    assert town(site).build().published
    assert (site.output / "contacts.vcf").read_bytes() == b"".join(cards_of(site))
    assert 'href="contacts.vcf" download' in site.page("index.html")


def rebuilt(site: Site, memo: Memo, workers: Workers) -> Outcome:
    """A build that remembers what those before it did."""
    outcome = pipeline.build(site.root, site.output, load(site.root), workers, memo=memo)
    assert outcome.published, outcome.problems
    return outcome


def test_of_very_many_pictures_the_file_of_all_cards_has_none(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(plan, "_PICTURES_OF_ALL", 2)
    town(site)
    with closing(Memo()) as memo, Workers(0) as workers:
        for turn, count in enumerate((3, 3, 2, 2, 3)):
            (site.root / "avatars/c2.png").unlink(missing_ok=True)
            if count == 3:
                site.write("avatars/c2.png", saved(quarters(80, 80), "PNG"))
            site.contact("c3", f"notes: turn {turn}", name="Name 3")
            rebuilt(site, memo, workers)
            cards = cards_of(site)
            assert sum(b"PHOTO;" in one for one in cards) == count
            expected = cards if count == 2 else map(without_picture, cards)
            assert (site.output / "contacts.vcf").read_bytes() == b"".join(expected)


def test_a_card_has_its_place_among_others_or_none() -> None:
    ada, adam, bob = (card(contact(contact_id), b"x" * 200) for contact_id in ("ada", "adam", "bob"))
    changed = card(contact("ada", notes="END:VCARD\r\nEND:VCARD"))
    assert place(adam + ada + bob, changed) == (len(adam), len(adam + ada))
    assert place(adam + changed + bob, ada) == (len(adam), len(adam + changed))
    assert place(adam + bob, changed) is None


def test_of_the_cards_that_did_not_change_none_is_read_for_the_file_of_all(site: Site) -> None:
    with closing(Memo()) as memo, Workers(0) as workers:
        rebuilt(town(site), memo, workers)
        before = cards_of(site)
        site.contact("c1", "notes: changed", name="Name 1")
        other = site.output / "vcards/c0.vcf"
        seen = other.stat()
        with other.open("r+b") as stream:  # unseen: with the same size, time and inode
            stream.write(b"OTHER")
        os.utime(other, ns=(seen.st_atime_ns, seen.st_mtime_ns))
        outcome = rebuilt(site, memo, workers)
    assert (outcome.work.pictures, outcome.work.pages) == (0, 3)
    changed = (site.output / "vcards/c1.vcf").read_bytes()
    assert b"NOTE:changed" in changed
    assert (site.output / "contacts.vcf").read_bytes() == b"".join([before[0], changed, *before[2:]])


def test_a_card_says_when_its_contact_was_committed_last(site: Site) -> None:
    commit(town(site), "2026-11-01T10:00:00Z")
    site.contact("c1", "merge_into: c0", name="Name 1")
    commit(site, "2026-11-02T10:00:00Z")
    site.write("avatars/c2.png", saved(quarters(90, 64), "PNG"))
    commit(site, "2026-11-03T10:00:00Z")
    site.contact("new", name="Not committed")
    assert site.build().published
    revisions = {
        one: getattr(read_back(data), "rev", None) for one, data in zip(site.index(), cards_of(site), strict=True)
    }
    assert {one: rev and rev.value for one, rev in revisions.items()} == {
        "c0": "2026-11-02T10:00:00Z",
        "c2": "2026-11-03T10:00:00Z",
        "c3": "2026-11-01T10:00:00Z",
        "new": None,
    }


def test_a_commit_alone_changes_the_cards_that_it_touches(site: Site) -> None:
    commit(town(site), "2026-11-01T10:00:00Z")
    with closing(Memo()) as memo, Workers(0) as workers:
        site.contact("c1", "notes: changed", name="Name 1")
        rebuilt(site, memo, workers)
        commit(site, "2026-11-02T10:00:00Z")
        outcome = rebuilt(site, memo, workers)
    assert outcome.published
    assert (outcome.work.records, outcome.work.pages, outcome.published.written) == (0, 2, 2)
    assert "REV:2026-11-02T10:00:00Z" in unfolded((site.output / "vcards/c1.vcf").read_bytes())


def commit(site: Site, when: str) -> None:
    """A commit of all there is."""
    told = {"GIT_COMMITTER_DATE": when, "GIT_AUTHOR_DATE": when, "GIT_CONFIG_GLOBAL": os.devnull}
    who = ("-c", "user.name=Test", "-c", "user.email=test@example.org")
    for command in (("init", "-q"), ("add", "contacts", "avatars"), (*who, "commit", "-q", "-m", "change")):
        subprocess.run(["git", "-C", str(site.root), *command], env={**os.environ, **told}, check=True)


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


def anew(name: str) -> Any:
    """A module that has made nothing yet."""
    found = importlib.util.find_spec(name)
    assert found and found.loader
    module = importlib.util.module_from_spec(found)
    found.loader.exec_module(module)
    return module


@pytest.mark.parametrize(("version", "length"), [(5, 84), (7, 122), (9, 180)])
def test_a_full_code_is_module_for_module_that_of_a_trusted_encoder(version: int, length: int) -> None:
    data = bytes(range(256))[:length]
    trusted = segno.make(data, version=version, error="m", mask=0, mode="byte", boost_error=False, micro=False)
    path, side = qr.path(data)
    assert side == 17 + 4 * version + 2 * qr.QUIET
    dark = [[bool(module) for module in row] for row in trusted.matrix_iter(border=qr.QUIET)]
    assert modules(path, side) == dark
    picture, pixels = qr.png(data)
    with Image.open(io.BytesIO(picture)) as image:
        assert (image.format, image.mode, image.size) == ("PNG", "1", (side, side))
        assert pixels == side
        assert [[not image.getpixel((x, y)) for x in range(side)] for y in range(side)] == dark


@pytest.mark.parametrize("length", [1, 83, 85, 100, 123, 150])
def test_a_code_that_is_not_full_is_read(length: int) -> None:
    text = ("BEGIN:VCARD äöü 😀 " * 20).encode()[:length].decode("utf-8", "ignore")
    path, side = qr.path(text.encode())
    image = Image.new("L", (side, side), 255)
    image.putdata([0 if dark else 255 for row in modules(path, side) for dark in row])
    found = zxingcpp.read_barcodes(image.resize((side * 4, side * 4), Image.Resampling.NEAREST))
    assert [code.text for code in found] == [text]


def test_the_hundredth_code_of_a_size_is_made_as_the_first_one_is() -> None:
    for length in (1, 10, 11, 40, 84, 85, 123, 180):
        data = bytes(range(1, length + 1))
        for number in range(100):
            qr.png(bytes([number]) * length)
        assert qr.png(data) == anew("contactsheet.qr").png(data), length


def test_more_than_fits_is_refused() -> None:
    assert qr.capacity() == 180
    for drawn in (qr.path, qr.png):
        with pytest.raises(ValueError, match="181 bytes do not fit"):
            drawn(b"x" * 181)
