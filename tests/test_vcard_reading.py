"""vCards read: every dialect to the same fields, any bytes without an exception, our own cards as they were."""

from __future__ import annotations

import base64
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contactsheet import vcard_fields, vcard_reading
from contactsheet.importing import Suited, suit
from contactsheet.incoming import Incoming
from contactsheet.merge import Contact
from contactsheet.problems import Problem, Severity
from contactsheet.schema import record_of
from contactsheet.settings import Settings
from contactsheet.vcard import card
from tests.pictures import quarters, saved

FILE = "cards.vcf"


def read(data: bytes) -> list[Incoming | Problem]:
    """Everyone in a file, and its problems."""
    return [
        vcard_fields.incoming(one, FILE) if isinstance(one, vcard_reading.Card) else one
        for one in vcard_reading.cards(data, FILE)
    ]


def only(data: bytes) -> Incoming:
    """The one contact of a file that has no problem of its own."""
    (found,) = read(data)
    assert isinstance(found, Incoming), found
    return found


def with_lines(*lines: str, version: str = "3.0") -> Incoming:
    """The contact of a card that has a name and these lines."""
    return only("\r\n".join(["BEGIN:VCARD", f"VERSION:{version}", "FN:Ada", *lines, "END:VCARD", ""]).encode())


# --- as programs write them ------------------------------------------------------------------------------------------

APPLE = """BEGIN:VCARD
VERSION:3.0
PRODID:-//Apple Inc.//macOS 14.1//EN
N:Lovelace;Ada;Augusta;;
FN:Ada Augusta Lovelace
ORG:Analytical Engines;Research;
TITLE:Mathematician
EMAIL;type=INTERNET;type=WORK:ada@work.example
item1.EMAIL;type=INTERNET;type=pref:ada@example.org
item1.X-ABLabel:_$!<Home>!$_
TEL;type=CELL;type=VOICE;type=pref:+44 20 7946 0958
TEL;type=WORK;type=FAX:+44 20 7946 0959
item2.TEL:+44 20 7946 0960
item2.X-ABLabel:Cottage
item3.ADR;type=HOME:;;12 St James's Square;London;;SW1Y 4JH;UK
item3.X-ABADR:gb
item4.URL;type=pref:https://example.org/
item4.X-ABLabel:_$!<HomePage>!$_
BDAY;X-APPLE-OMIT-YEAR=1604:1604-12-10
X-SOCIALPROFILE;type=twitter:https://twitter.com/ada
IMPP;X-SERVICE-TYPE=Skype;type=HOME:skype:ada.lovelace
item5.X-ABRELATEDNAMES;type=pref:William King
item5.X-ABLabel:_$!<Spouse>!$_
CATEGORIES:vip,friends\\, old
NOTE:Prefers letters\\; never calls.\\nTwo lines.
REV:2026-01-01T00:00:00Z
UID:5C6B1D3A-0000-4000-8000-000000000001
END:VCARD
"""


def test_a_card_of_apple_with_groups_labels_and_a_birthday_without_a_year() -> None:
    assert only(APPLE.replace("\n", "\r\n").encode()).fields == {
        "name": "Ada Augusta Lovelace",
        "given_name": "Ada",
        "family_name": "Lovelace",
        "company": "Analytical Engines",
        "title": "Mathematician",
        "emails": [{"label": "home", "value": "ada@example.org"}, {"label": "work", "value": "ada@work.example"}],
        "phones": [
            {"label": "mobile", "value": "+44 20 7946 0958"},
            {"label": "work fax", "value": "+44 20 7946 0959"},
            {"label": "Cottage", "value": "+44 20 7946 0960"},
        ],
        "websites": [{"label": "homepage", "value": "https://example.org/"}],
        "address": "12 St James's Square\nSW1Y 4JH London\nUK",
        "tags": ["vip", "friends, old"],
        "notes": "Prefers letters; never calls.\nTwo lines.",
        "fields": {
            "Department": "Research",
            "Birthday": "--12-10",
            "Twitter": "https://twitter.com/ada",
            "Skype": "skype:ada.lovelace",
            "Spouse": "William King",
            "UID": "5C6B1D3A-0000-4000-8000-000000000001",
        },
    }


OUTLOOK = """BEGIN:VCARD
VERSION:2.1
N;LANGUAGE=de;CHARSET=Windows-1252:Müller;Jörg
FN;CHARSET=Windows-1252:Jörg Müller
ORG:Engines GmbH;Vertrieb
TEL;WORK;VOICE:+49 30 901820
TEL;CELL;VOICE:+49 170 9018200
TEL;WORK;FAX:+49 30 901821
ADR;WORK;PREF;ENCODING=QUOTED-PRINTABLE;CHARSET=UTF-8:;;Stra=C3=9Fe 1;Berlin;;10115;Deutsch=
land
LABEL;WORK;PREF;ENCODING=QUOTED-PRINTABLE;CHARSET=UTF-8:Stra=C3=9Fe 1=0D=0A=
10115 Berlin=0D=0A=
Deutschland
EMAIL;PREF;INTERNET:joerg@example.org
NOTE:C:\\new is a folder\\; a backslash is itself here
 and this line was folded before a blank
BDAY:19800131
REV:20260101T000000Z
END:VCARD
"""


def test_a_card_of_outlook_in_version_2_1_with_bare_types_and_quoted_printable() -> None:
    assert only(OUTLOOK.replace("\n", "\r\n").encode("cp1252")).fields == {
        "name": "Jörg Müller",
        "given_name": "Jörg",
        "family_name": "Müller",
        "company": "Engines GmbH",
        "phones": [
            {"label": "work", "value": "+49 30 901820"},
            {"label": "mobile", "value": "+49 170 9018200"},
            {"label": "work fax", "value": "+49 30 901821"},
        ],
        "emails": ["joerg@example.org"],
        "address": "Straße 1\n10115 Berlin\nDeutschland",
        "notes": "C:\\new is a folder; a backslash is itself here and this line was folded before a blank",
        "birthday": "1980-01-31",
        "fields": {"Department": "Vertrieb"},
    }


NEXTCLOUD = """BEGIN:VCARD
VERSION:4.0
PRODID:-//Sabre//Sabre VObject 4.5.3//EN
UID:urn:uuid:03a0e51f-d1aa-4385-8a53-e29025acd8af
FN:Ada Lovelace
N:Lovelace;Ada;;Dr.;
EMAIL;TYPE="home,pref":ada@example.org
EMAIL;TYPE=Büro;PREF=2:ada@work.example
TEL;VALUE=uri;TYPE="voice,cell";PREF=1:tel:+44-20-7946-0958;ext=12
TEL;TYPE=WORK:+44 20 7946 0959
ADR;TYPE=HOME;LABEL="12 St James's Square^nLondon":;;12 St James's Square;London;;;
BDAY;VALUE=date:18151210
ANNIVERSARY:--0708
TZ:Europe/London
GENDER:F
NICKNAME:Countess
RELATED;TYPE=spouse;VALUE=text:William King
CATEGORIES:vip
X-MANAGERSNAME:Charles
END:VCARD
"""


def test_a_card_of_nextcloud_in_version_4_0_with_uris_quoted_types_and_labels_in_parameters() -> None:
    found = only(NEXTCLOUD.encode())
    assert found.fields == {
        "name": "Ada Lovelace",
        "given_name": "Ada",
        "family_name": "Lovelace",
        "emails": [{"label": "home", "value": "ada@example.org"}, {"label": "Büro", "value": "ada@work.example"}],
        "phones": [
            {"label": "mobile", "value": "+44-20-7946-0958 ext. 12"},
            {"label": "work", "value": "+44 20 7946 0959"},
        ],
        "address": "12 St James's Square\nLondon",
        "birthday": "1815-12-10",
        "time_zone": "Europe/London",
        "tags": ["vip"],
        "fields": {
            "UID": "urn:uuid:03a0e51f-d1aa-4385-8a53-e29025acd8af",
            "Anniversary": "--0708",
            "Gender": "F",
            "Nickname": "Countess",
            "Related (spouse)": "William King",
            "X-MANAGERSNAME": "Charles",
            "Name prefix": "Dr.",
        },
    }
    assert found.unplaced == ("ANNIVERSARY", "GENDER", "NICKNAME", "RELATED", "X-MANAGERSNAME")


def test_a_card_of_google_escapes_colons_and_puts_everyone_into_a_group_of_its_own() -> None:
    found = with_lines("URL:http\\://www.example.org/ada", "item1.URL:example.org", "CATEGORIES:myContacts,vip")
    assert found.fields["websites"] == ["http://www.example.org/ada", "https://example.org"]
    assert found.fields["tags"] == ["vip"]


def test_a_card_of_khard_with_two_addresses_and_a_private_object() -> None:
    found = with_lines(
        "ADR;TYPE=home:;;1 First Street;Springfield;IL;62701;USA",
        "ADR;TYPE=work:PO Box 7;;;Leeds;;LS1;UK",
        "X-JABBER:ada@jabber.example",
    )
    assert found.fields["address"] == "1 First Street\nSpringfield, IL 62701\nUSA"
    assert found.fields["fields"] == {"X-JABBER": "ada@jabber.example", "Address (work)": "PO Box 7, LS1 Leeds, UK"}


# --- encodings and lines ---------------------------------------------------------------------------------------------

SMALL = "BEGIN:VCARD\r\nVERSION:3.0\r\nFN:Zoë Ångström\r\nNOTE:a\r\n bc\r\n\td\r\nEND:VCARD\r\n"


@pytest.mark.parametrize(
    "data",
    [
        SMALL.encode(),
        SMALL.encode("utf-8-sig"),
        SMALL.encode("utf-16"),
        SMALL.encode("utf-16-be"),
        SMALL.encode("utf-16-le"),
        SMALL.replace("\r\n", "\n").encode(),
        SMALL.replace("\r\n", "\r").encode(),
        b"\r\n\r\n" + SMALL.lower().replace("zoë ångström", "Zoë Ångström").encode(),
    ],
    ids=["UTF-8", "with a mark", "UTF-16", "UTF-16 BE", "UTF-16 LE", "LF", "CR", "small letters"],
)
def test_a_card_reads_the_same_in_every_encoding_and_with_every_line_end(data: bytes) -> None:
    assert only(data).fields == {"name": "Zoë Ångström", "notes": "abcd"}


def test_letters_of_which_nothing_says_what_they_are_are_guessed_and_that_is_told() -> None:
    found = only(SMALL.encode("cp1252"))
    assert found.name == "Zoë Ångström"
    (told,) = found.problems
    assert (told.rule, told.line, told.severity) == ("import/encoding", 3, Severity.WARNING)


@pytest.mark.parametrize("charset", ["zlib", "rot13", "idna", "unicode_escape", "nonsense", "utf-16"])
def test_a_charset_that_is_none_of_text_is_not_asked(charset: str) -> None:
    assert with_lines(f"NOTE;CHARSET={charset}:abc", version="2.1").fields["notes"] == "abc"


def test_base64_lines_that_are_not_indented_belong_to_the_picture() -> None:
    packed = base64.b64encode(bytes(range(200))).decode()
    lines = ["PHOTO;JPEG;ENCODING=BASE64:", *(packed[at : at + 60] for at in range(0, len(packed), 60)), "", "NOTE:x"]
    found = with_lines(*lines, version="2.1")
    assert found.photo
    assert (found.photo.data, found.photo.line) == (bytes(range(200)), 4)
    assert found.fields["notes"] == "x"


def test_the_card_of_an_agent_inside_a_card_is_none_of_its_own() -> None:
    found = with_lines(
        "AGENT:", "BEGIN:VCARD", "VERSION:2.1", "FN:Bob", "EMAIL:b@example.org", "END:VCARD", "TITLE:CTO"
    )
    assert found.fields == {"name": "Ada", "title": "CTO"}


def test_a_line_that_begins_like_the_end_but_is_folded_ends_nothing() -> None:
    assert with_lines("NOTE:see", " END:VCARD", "TITLE:CTO").fields["notes"] == "seeEND:VCARD"


# --- names, days, numbers --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("lines", "name"),
    [
        (["N:Lovelace;Ada;Augusta;Dr.;"], "Dr. Ada Augusta Lovelace"),
        (["FN:", "N:Lovelace;Ada"], "Ada Lovelace"),
        (["FN:\u200b\u2800", "ORG:Engines"], "Engines"),
        (["N:;;;;", "NICKNAME:Countess"], "Countess"),
        (["EMAIL:ada@example.org"], "ada@example.org"),
        (["TEL:+44 20 7946 0958"], "+44 20 7946 0958"),
    ],
    ids=["N alone", "FN empty", "FN shows nothing", "nickname", "e-mail", "phone"],
)
def test_a_contact_is_called_by_what_there_is(lines: list[str], name: str) -> None:
    assert only("\n".join(["BEGIN:VCARD", *lines, "END:VCARD"]).encode()).name == name


def test_a_name_that_is_too_long_is_cut_and_kept_whole_beside() -> None:
    found = only(f"BEGIN:VCARD\nFN:{'long ' * 60}\nEND:VCARD".encode())
    assert len(found.name) <= 200
    assert found.fields["fields"]["Full name"] == ("long " * 60).strip()
    assert [one.rule for one in found.problems] == ["import/value"]


@pytest.mark.parametrize(
    ("line", "fields"),
    [
        ("BDAY:1815-12-10", {"birthday": "1815-12-10"}),
        ("BDAY:18151210", {"birthday": "1815-12-10"}),
        ("BDAY;VALUE=date-time:1815-12-10T00:00:00Z", {"birthday": "1815-12-10"}),
        ("BDAY:--12-10", {"fields": {"Birthday": "--12-10"}}),
        ("BDAY:--1210", {"fields": {"Birthday": "--12-10"}}),
        ("BDAY:1815-12", {"fields": {"Birthday": "1815-12"}}),
        ("BDAY;VALUE=text:circa 1800", {"fields": {"Birthday": "circa 1800"}}),
        ("TZ:-05:00", {"fields": {"Time zone": "-05:00"}}),
        ("TZ;VALUE=text:America/New_York", {"time_zone": "America/New_York"}),
        ("UID:contactsheet:../../etc/passwd", {"fields": {"UID": "contactsheet:../../etc/passwd"}}),
        ("PRONOUNS:she/her", {"pronouns": "she/her"}),
        ("CREATED:20260102T030405Z", {"created": "2026-01-02"}),
        ("NOTE:\x00a\x1bb\x85c", {"notes": "ab\nc"}),
        ("TITLE:a\\nb\tc", {"title": "a b c"}),
    ],
)
def test_values_come_to_their_fields(line: str, fields: dict[str, Any]) -> None:
    assert with_lines(line).fields == {"name": "Ada", **fields}


# --- pictures --------------------------------------------------------------------------------------------------------

PICTURE = saved(quarters(64, 64))
PACKED = base64.b64encode(PICTURE).decode()


@pytest.mark.parametrize(
    ("line", "version"),
    [
        (f"PHOTO;ENCODING=b;TYPE=JPEG:{PACKED}", "3.0"),
        (f"PHOTO;TYPE=JPEG;ENCODING=BASE64:{PACKED}", "2.1"),
        (f"PHOTO;JPEG;BASE64:{PACKED}", "2.1"),
        (f"PHOTO:data:image/jpeg;base64,{PACKED}", "4.0"),
        (f"PHOTO:data:image/jpeg\\;base64\\,{PACKED}", "4.0"),
        (f"PHOTO;VALUE=uri:data:image/jpeg;base64,{PACKED.rstrip('=')}", "4.0"),
        (f"PHOTO;TYPE=JPEG:{PACKED}", "3.0"),
        (f"LOGO;ENCODING=b;TYPE=JPEG:{PACKED}", "3.0"),
    ],
    ids=["3.0", "2.1", "2.1 bare", "data", "data escaped", "no padding", "no encoding", "logo"],
)
def test_a_picture_is_found_in_every_way_of_writing_it(line: str, version: str) -> None:
    found = with_lines(line, version=version)
    assert found.photo
    assert found.photo.data == PICTURE


def test_the_photo_goes_before_the_logo_which_is_told_to_be_left_out() -> None:
    found = with_lines(f"LOGO;ENCODING=b:{base64.b64encode(b'logo').decode()}", f"PHOTO;ENCODING=b:{PACKED}")
    assert found.photo
    assert (found.photo.data, found.left_out) == (PICTURE, ("LOGO",))


def test_a_picture_elsewhere_is_kept_as_an_address_and_told() -> None:
    found = with_lines("PHOTO;VALUE=URI:https://example.org/ada.jpg")
    assert found.photo is None
    assert found.fields["fields"] == {"Photo": "https://example.org/ada.jpg"}
    assert [(one.rule, one.line) for one in found.problems] == [("import/picture", 4)]


@pytest.mark.parametrize("value", ["%%%", "data:image/png;base64,%%%", "A"])
def test_a_picture_of_broken_base64_is_told(value: str) -> None:
    found = with_lines(f"PHOTO;ENCODING=b:{value}")
    assert found.photo is None
    assert [one.rule for one in found.problems] == ["import/picture"]


def test_bytes_that_are_no_picture_are_left_out() -> None:
    assert with_lines("KEY;ENCODING=b:AAAA", "SOUND:data:audio/ogg;base64,AAAA").left_out == ("KEY", "SOUND")


# --- what is wrong ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "rule", "line"),
    [
        ("BEGIN:VCARD\nFN:Ada\n", "import/card", 1),
        ("BEGIN:VCARD\nFN:Ada\nBEGIN:VCARD\nFN:Bob\nEND:VCARD\n", "import/card", 1),
        ("BEGIN:VCARD\n" + "X-A:b\n" * 1001 + "END:VCARD\n", "import/card", 1),
        ("BEGIN:VCARD\nNOTE:" + "x" * 16_800_000 + "\nEND:VCARD\n", "import/card", 1),
        ("\n\nBEGIN:VCARD\nNOTE:nobody\nEND:VCARD\n", "import/nobody", 3),
        ("BEGIN:VCARD\nFN:\u200b\nEND:VCARD\n", "import/nobody", 1),
        ("BEGIN:VCARD\nKIND:group\nFN:Friends\nEND:VCARD\n", "import/group", 1),
        ("BEGIN:VCARD\nX-ADDRESSBOOKSERVER-KIND:group\nFN:Friends\nEND:VCARD\n", "import/group", 1),
        ("\n" * 3_000_001, "import/card", 1),
    ],
    ids=["no end", "no end before the next", "properties", "size", "nobody", "invisible", "group", "Apple's", "lines"],
)
def test_a_card_that_is_none_is_a_problem_at_its_line(text: str, rule: str, line: int) -> None:
    found = read(text.encode())[0]
    assert isinstance(found, Problem)
    assert (found.rule, found.file, found.line) == (rule, FILE, line)


@pytest.mark.parametrize("line", ["nonsense", ":x", "A B:x", 'X-A;b="open:x', "X-A" + ";b" * 200 + ":x"])
def test_a_line_that_is_no_property_is_told_and_the_rest_comes_in(line: str) -> None:
    found = with_lines(line, "TITLE:CTO")
    assert found.fields == {"name": "Ada", "title": "CTO"}
    assert [(one.rule, one.line) for one in found.problems] == [("import/line", 4)]


def test_what_stands_between_cards_is_told_once() -> None:
    card = "BEGIN:VCARD\nFN:Ada\nEND:VCARD\n"
    _, _, told = read(f"{card}stray\n{card}lines\n".encode())
    assert isinstance(told, Problem)
    assert (told.rule, told.line) == ("import/line", 4)


@given(st.binary(max_size=300), st.binary(max_size=300))
def test_any_bytes_give_contacts_and_problems(inside: bytes, behind: bytes) -> None:
    for data in (inside, b"BEGIN:VCARD\nFN:Ada\n" + inside + b"\nEND:VCARD\n" + behind):
        for one in suit(Settings(), read(data)):
            assert isinstance(one, Problem | Suited)


PIECES = (
    "BEGIN:VCARD\n",
    "END:VCARD\n",
    "\n ",
    "\n",
    ";",
    ":",
    ",",
    '"',
    "\\",
    "=",
    "PHOTO;ENCODING=b:",
    "N:",
    "TEL:",
    "ADR",
)
MORE = (
    "NOTE;ENCODING=QUOTED-PRINTABLE:",
    "CHARSET=utf-16",
    "BDAY:",
    "item1.",
    "X-ABLabel:",
    "^n",
    "=0D=0A",
    "tel:",
    "\0",
    "é",
)


@given(st.lists(st.sampled_from(PIECES + MORE), max_size=60).map("".join))
def test_any_order_of_what_cards_are_made_of_gives_contacts_and_problems(text: str) -> None:
    for one in suit(Settings(), read(f"BEGIN:VCARD\n{text}".encode())):
        assert isinstance(one, Problem | Suited)


# --- our own cards ---------------------------------------------------------------------------------------------------

LINE = st.text(st.characters(exclude_categories=("C", "Zl", "Zp")), min_size=1, max_size=30).map(str.strip).filter(bool)
LINES = st.lists(LINE, min_size=1, max_size=3).map("\n".join)
NAME = LINE.filter(lambda text: any(c.isalnum() for c in text))
SAME = ("work", "office", "business", "home", "private", "personal", "mobile", "cell", "fax", "pager")
OTHER = LINE.filter(lambda text: text.lower() not in SAME)  # of these, a card keeps what they mean
LABEL = st.none() | st.sampled_from(["work", "home", "mobile", "fax", "Büro", "a,b;c:d\\e"]) | OTHER


def labelled(values: st.SearchStrategy[str]) -> st.SearchStrategy[list[dict[str, Any]]]:
    return st.lists(st.fixed_dictionaries({"value": values, "label": LABEL}), max_size=3)


RECORDS = st.fixed_dictionaries(
    {"name": NAME},
    optional={
        "company": LINE,
        "title": LINE,
        "emails": labelled(st.sampled_from(["ada@example.org", "a.b+c@example.com", "ö@example.org"])),
        "phones": labelled(st.sampled_from(["+44 20 7946 0958", "+49 30 901820", "ext 12, ask; or wait"])),
        "websites": labelled(st.sampled_from(["https://example.org/a,b;c", "http://example.org/?a=b:c"])),
        "address": LINES,
        "birthday": st.dates().map(str),
        "time_zone": st.sampled_from(["Europe/London", "America/Argentina/Buenos_Aires", "UTC"]),
        "tags": st.lists(LINE.filter(lambda tag: tag.lower() != "mycontacts"), max_size=4),
        "notes": LINES,
        "fields": st.dictionaries(LINE, LINE, max_size=4),
    },
)


@given(RECORDS)
def test_our_own_card_reads_back_as_the_same_record(fields: dict[str, Any]) -> None:
    record = record_of(fields)
    found = only(card(Contact("sales/ada", "contacts/sales/ada.yaml", record, None), PICTURE))
    assert found.own_id == "sales/ada"
    assert found.photo
    assert found.photo.data == PICTURE
    assert record_of(found.fields) == record
    assert (found.problems, found.unplaced, found.left_out) == ((), (), ())


def test_our_own_card_has_the_parts_of_the_name_that_the_record_left_to_the_reader() -> None:
    record = record_of({"name": "Ada Lovelace", "family_name": "Lovelace"})
    found = only(card(Contact("ada", "contacts/ada.yaml", record, None)))
    assert found.fields == {"name": "Ada Lovelace", "given_name": "Ada", "family_name": "Lovelace"}
