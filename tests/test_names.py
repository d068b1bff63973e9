"""Names as people read them: their order, letters and initials in every script, colours, days and sizes in words."""

from __future__ import annotations

import random
from collections.abc import Iterable
from datetime import date, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from contactsheet import names
from contactsheet.merge import Contact
from contactsheet.names import (
    TONES,
    day_in_words,
    initials,
    letter,
    size_in_words,
    sort_key,
    time_in_words,
    tone,
)
from contactsheet.schema import Record
from contactsheet.values import is_visible
from contactsheet.zones import zone


def in_list_order(contacts: Iterable[Contact]) -> list[Contact]:
    """The contacts as the list sorts them."""
    return sorted(contacts, key=lambda one: (sort_key(one.record), one.id))


def contact(contact_id: str, name: str, family_name: str = "") -> Contact:
    record = Record(name=name, family_name=family_name or None)
    return Contact(contact_id, f"contacts/{contact_id}.yaml", record, None)


def record(name: str, given_name: str = "", family_name: str = "") -> Record:
    return Record(name=name, given_name=given_name or None, family_name=family_name or None)


def ordered(*names: str) -> list[str]:
    """The names in the order of the list, whatever the order of their IDs."""
    contacts = [contact(f"c{number:03}", name) for number, name in enumerate(names)]
    random.Random(1).shuffle(contacts)
    return [one.record.name for one in in_list_order(contacts)]


# --- order -----------------------------------------------------------------------------------------------------------


def test_the_list_sorts_by_family_name_and_else_by_name() -> None:
    contacts = [contact("a", "Zoë Abel", "Abel"), contact("b", "Bakery"), contact("c", "Ann Young", "Young")]
    assert [one.id for one in in_list_order(reversed(contacts))] == ["a", "b", "c"]


@pytest.mark.parametrize(
    "names",
    [
        ("alba", "ALBB", "albc"),
        ("Ecart", "Éclair", "Ecole", "école b"),
        ("Angström", "Ångström B", "Apel"),
        ("Lind", "Łuk", "Lyon"),
        ("de Boer", "Dean"),
        ("3M", "Acme"),
        ("…", "7", "a", "Ω", "Я", "ა", "א", "ع", "क", "한", "あ", "中"),
        ("Ада", "Ёлка", "Жук"),
        ("Contact 1", "Contact 10", "Contact 2"),
    ],
    ids=["case", "accents", "rings", "strokes", "spaces", "digits", "scripts", "cyrillic", "numbers"],
)
def test_names_stand_in_the_order_of_unicode_collation_whatever_their_case_and_accents(names: tuple[str, ...]) -> None:
    assert ordered(*reversed(names)) == list(names)


def test_names_that_collate_alike_stand_in_the_order_of_their_ids() -> None:
    contacts = [contact("c", "Jose"), contact("a", "JOSÉ"), contact("b", "josé")]
    assert [one.id for one in in_list_order(contacts)] == ["a", "b", "c"]


def test_within_a_family_the_whole_name_decides_and_then_the_id() -> None:
    family = [contact("a", "Zed Ng", "Ng"), contact("c", "Amy Ng", "Ng"), contact("b", "AMY NG", "ng")]
    assert [one.id for one in in_list_order(family)] == ["b", "c", "a"]


NAMES = st.text(st.sampled_from("aAáÁbBzZßøæ '-.1中محЯ👩\u0301\u200d"), min_size=1, max_size=6)


@given(st.lists(st.tuples(NAMES, NAMES), min_size=1, max_size=12), st.randoms(use_true_random=False))
@settings(max_examples=60)
def test_the_order_is_the_same_for_any_order_of_the_input(
    names: list[tuple[str, str]], random_order: random.Random
) -> None:
    contacts = [contact(f"c{at:02}", f"x{name}", family.strip()) for at, (name, family) in enumerate(names)]
    shuffled = random_order.sample(contacts, len(contacts))
    assert [one.id for one in in_list_order(shuffled)] == [one.id for one in in_list_order(contacts)]


# --- letters ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "heading"),
    [
        ("ada", "A"),
        ("Émile", "E"),
        ("E\u0301mile", "E"),
        ("Łukasz", "L"),
        ("Ørsted", "O"),
        ("ßen", "S"),
        ("ﬁn", "F"),
        ("Ｆull", "F"),
        ("Ödön", "O"),
        ("Ωmega", "Ω"),
        ("Ёлка", "Е"),
        ("Йод", "Й"),
        ("ნინო", "ნ"),
        ("محمد", "م"),
        ("陈晓薇", "陈"),
        ("박민준", "ㅂ"),
        ("がく", "か"),
        ("3M", "#"),
        ("'t Hooft", "#"),
        ("🦊 Fox", "#"),
        ("…", "#"),
        ("\u200fعلي", "ع"),
    ],
)
def test_a_contact_stands_under_the_letter_that_it_is_sorted_by(name: str, heading: str) -> None:
    assert letter(record(name)) == heading


def test_the_letter_is_the_family_names_where_there_is_one() -> None:
    assert letter(record("Ada Lovelace", "Ada", "Lovelace")) == "L"


@pytest.mark.parametrize(
    ("first", "last"),
    [(0x21, 0x24F), (0x370, 0x3FF), (0x400, 0x52F), (0x531, 0x586), (0x5D0, 0x5EA), (0x620, 0x6D3), (0x1E00, 0x1EFF)],
    ids=["latin", "greek", "cyrillic", "armenian", "hebrew", "arabic", "latin-vietnamese"],
)
def test_no_letter_comes_twice_in_the_list(first: int, last: int) -> None:
    names = [chr(c) for c in range(first, last + 1) if is_visible(chr(c)) and chr(c).isprintable()]
    contacts = in_list_order(contact(f"c{number:04}", name) for number, name in enumerate(names))
    headings = [found for one in contacts if (found := letter(one.record)) != "#"]
    runs = [now for before, now in zip(["", *headings], headings, strict=False) if now != before]
    assert len(runs) == len(set(runs))


# --- initials --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("Ada Lovelace", "AL"),
        ("ada", "A"),
        ("Ludwig van Beethoven", "LB"),
        ("Siobhán O'Rourke", "SO"),
        ("'t Hooft", "TH"),
        ("(Bob) Smith", "BS"),
        ("Jane Doe -", "JD"),
        ("Élan Vital", "ÉV"),
        ("e\u0301lan vital", "E\u0301V"),
        ("straße", "S"),
        ("ßen", "ß"),
        ("Ελένη Παπαδάκη", "ΕΠ"),
        ("Олена Коваленко", "ОК"),
        ("ნინო", "ნ"),
        ("Ünal Öz", "ÜÖ"),
        ("3M", "3"),
        ("24 Hours", "2"),
        ("Café 24", "C"),
        ("محمد علي", "م"),
        ("نُور", "نُ"),
        ("陈晓薇", "陈"),
        ("박민준", "박"),
        ("\u1107\u1161\u11a8", "\u1107\u1161\u11a8"),
        ("कि शर्मा", "कि"),
        ("あ い", "あ"),
        ("👩\u200d🚀 Mae", "👩\u200d🚀"),
        ("👍🏽", "👍🏽"),
        ("🇬🇧 Office", "🇬🇧"),
        ("❤️", "❤️"),
        ("Ada 🦊", "A"),
        ("1️⃣ one", "1️⃣"),
        ("...", "."),
        ("—", "—"),
        ("\u200fعلي", "ع"),
    ],
)
def test_initials_are_whole_characters_of_the_name(name: str, shown: str) -> None:
    assert initials(record(name)) == shown


def test_given_and_family_name_give_the_initials_whatever_the_order_of_the_name() -> None:
    assert initials(record("Balogh Zsófia", "Zsófia", "Balogh")) == "ZB"


def test_a_chinese_name_shows_the_family_names_sign_however_its_parts_are_given() -> None:
    assert initials(record("陈晓薇", "晓薇", "陈")) == "陈"


@given(st.text(min_size=1, max_size=30))
@settings(max_examples=200)
def test_initials_are_never_empty_and_at_most_two_characters_for_a_reader(name: str) -> None:
    import regex

    shown = initials(Record(name))
    assert shown
    assert len(regex.findall(r"\X", shown)) <= 2


# --- colours, zones, words -------------------------------------------------------------------------------------------


def test_a_colour_comes_from_the_id_alone_and_all_twelve_are_used() -> None:
    tones = {f"contact-{number}": tone(f"contact-{number}") for number in range(300)}
    assert set(tones.values()) == set(range(TONES))
    assert (tone("ada-lovelace"), tone("sales/grace"), tone("ada")) == (0, 1, 11)


@pytest.mark.parametrize("name", ["Mars/Olympus", "europe/london", "../tzdata/zones", "", "Europe", "/etc/passwd"])
def test_what_is_no_time_zone_gives_none(name: str) -> None:
    assert zone(name) is None


def test_a_time_zone_has_its_name_and_its_offset() -> None:
    found = zone("Asia/Kathmandu")
    assert found is not None
    assert datetime(2026, 11, 20, tzinfo=found).isoformat() == "2026-11-20T00:00:00+05:45"


def test_days_and_times_are_in_words_that_no_locale_changes() -> None:
    assert day_in_words(date(2026, 3, 1)) == "1 Mar 2026"
    assert day_in_words(date.min) == "1 Jan 1"
    assert time_in_words(datetime(2026, 3, 1, 9, 5)) == "09:05"  # noqa: DTZ001  # the time of a clock on a wall


@pytest.mark.parametrize(
    ("count", "words"),
    [
        (0, "0 bytes"),
        (1023, "1023 bytes"),
        (1024, "1 kB"),
        (840_000, "820 kB"),
        (1_023_999, "1000 kB"),
        (1_024_000, "1.0 MB"),
        (2_621_440, "2.5 MB"),
    ],
)
def test_a_size_is_in_units_of_1024(count: int, words: str) -> None:
    assert size_in_words(count) == words


def test_the_table_of_ascii_is_the_collation_s() -> None:
    for c in map(chr, range(32, 127)):
        assert names._primary(c) == names._collated(c), c


@given(st.text(st.characters(min_codepoint=32, max_codepoint=126), min_size=1))
def test_ascii_characters_weigh_together_what_they_weigh_alone(text: str) -> None:
    assert names._primary(text) == names._collated(text)


@given(st.text(st.sampled_from("ÆæŒœßØøŁłĐđÐðĦħǾŻéabclo -'·"), min_size=1))
def test_latin_letters_that_weigh_as_others_are_known_to(text: str) -> None:
    assert names._primary(text) == names._collated(text)
