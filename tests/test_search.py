"""The index of the contact list's search: what finds a contact, and in which files it stands."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import pytest

from contactsheet import present, search
from contactsheet.folding import fold, numbers, words
from contactsheet.merge import Contact
from contactsheet.schema import Labelled, Message, Record
from contactsheet.settings import Settings


def contact(contact_id: str, **fields: Any) -> Contact:
    return Contact(contact_id, f"contacts/{contact_id}.yaml", Record(**{"name": "Ada", **fields}), None)


def entry(one: Contact, settings: Settings | None = None) -> search.Entry:
    face = present.face(one)
    row = present.row(one, face, settings or Settings())
    return search.entry(search.findings(one.record, row), face)


# --- words -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("Siobhán", "siobhan"),
        ("SIOBHA\u0301N", "siobhan"),
        ("Łódź Ørsted Đặng Þór", "lodz orsted dang thor"),
        ("STRASSE Straße", "strasse strasse"),
        ("İstanbul ılık", "istanbul ilik"),
        ("Ὀδυσσεύς", "οδυσσευσ"),
        ("Семён", "семен"),
        ("أحمد مُحَمَّد", "احمد محمد"),
        ("ﬁle Ｗｉｄｅ", "file wide"),
        ("٠٢٠ ۹ ९", "020 9 9"),
        ("शर्मा", "शर्मा"),
    ],
)
def test_accents_and_case_do_not_count(text: str, folded: str) -> None:
    assert fold(text) == folded


def test_latin_letters_are_folded_as_all_others_are() -> None:
    """They have a short way, which a letter of another alphabet bars."""
    letters = [chr(code) for code in range(0xC0, 0x250)]
    names = [*letters, *(one + other for one in "aßİı" for other in letters), "Straße\nÇelik İpek", "Dvořák"]
    alif = "\u0627"
    assert [fold(name) for name in names] == [fold(name + alif).removesuffix(alif) for name in names]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Ada Lovelace", {"ada", "lovelace"}),
        ("Siobhán O'Rourke", {"siobhan", "orourke", "rourke"}),
        ("O’Rourke", {"orourke", "rourke"}),
        ("ada.lovelace@example.org", {"ada", "lovelace", "example", "org"}),
        ("Mary-Jane", {"mary", "jane"}),
        ("陈晓薇", {"陈晓薇", "晓薇", "薇"}),
        ("शर्मा", {"शर्मा"}),
        ("Agent 007", {"agent", "7"}),
        ("0", {"0"}),
        ("<script>&", {"script"}),
        ("…!?", set()),
    ],
)
def test_a_text_is_found_by_its_words(text: str, found: set[str]) -> None:
    assert words(text) == found


def test_a_name_in_hangul_is_found_by_the_given_name_while_it_is_typed() -> None:
    assert {word for word in words("박민준") if word.startswith(fold("민ㅈ"))} == {fold("민준")}


def test_a_word_without_end_has_few_beginnings() -> None:
    assert len(words("陈" * 200 + "晓" * 200)) <= 16


def test_a_telephone_number_without_end_has_few_beginnings() -> None:
    assert len(list(numbers("+1 " * 100_000))) <= 16


@pytest.mark.parametrize(
    ("phone", "found"),
    [
        ("+44 20 7946 0018", ["442079460018", "2079460018", "79460018", "18"]),
        ("020 7946 0018", ["2079460018", "79460018", "18"]),
        ("+1 212-555-0178 ext. 12", ["12125550178", "2125550178", "5550178", "178"]),
        ("0", []),
    ],
)
def test_a_telephone_number_is_found_from_each_of_its_groups(phone: str, found: list[str]) -> None:
    assert list(numbers(phone)) == found


def test_a_contact_is_found_by_all_that_it_is_called_and_reached_by() -> None:
    found = entry(
        contact(
            "ada",
            name="Countess",
            given_name="Ada",
            family_name="King",
            company="Analytical Engines",
            emails=(Labelled(value="ada@example.org"), Labelled(value="second@example.net")),
            phones=(Labelled(value="+44 20 7946 0018"), Labelled(value="+1 212 555 0178")),
            tags=("Key account",),
        )
    ).words
    for word in (
        "countess",
        "ada",
        "king",
        "analytical",
        "engines",
        "second",
        "key",
        "account",
        "2079460018",
        "2125550178",
    ):
        assert word in found


def test_an_entry_depends_on_nothing_that_neither_shows_nor_finds() -> None:
    def message(text: str) -> Message:
        return Message(at=datetime(2026, 11, 20, 9, 30, tzinfo=UTC), sender="Mira", text=text)

    one = contact("ada", notes="before", messages=(message("one"),), fields={"Account": "1"})
    other = contact("ada", notes="after", messages=(message("other"),), fields={"Account": "2"})
    assert entry(one) == entry(other)
    assert entry(one, Settings(columns=("fields.Account",))) != entry(other, Settings(columns=("fields.Account",)))


# --- files -----------------------------------------------------------------------------------------------------------

GIVEN = ("Ada", "Grace", "Łukasz", "Zoë", "晓薇", "Ольга", "Mary")
FAMILY = ("Lovelace", "Hopper", "Turing", "Müller", "陈", "Иванова", "Nowak", "Jones", "Lopez", "Martin", "Marek")


def people(count: int) -> list[search.Entry]:
    return [
        entry(
            contact(
                f"p-{n:05}",
                name=f"{GIVEN[n % 7]} {FAMILY[n % 11]}",
                company=f"Company {n // 3}",
                emails=(Labelled(value=f"mail{n}@example.org"),),
                phones=(Labelled(value=f"+44 20 7946 {n:04}"),),
                tags=(f"tag-{n % 300}", "everyone"),
                owner=("Mira", "Jonas")[n % 40 == 0],
            )
        )
        for n in range(count)
    ]


@pytest.fixture(scope="module")
def crowd() -> list[search.Entry]:
    return people(2400)


@pytest.fixture(scope="module")
def files(crowd: list[search.Entry]) -> dict[str, search.File]:
    return {file.path: file for file in search.plan(crowd)}


def scripts(entries: Sequence[search.Entry]) -> dict[str, bytes]:
    """The files of the index with what is in them."""
    return {file.path: search.render(file, lambda at: entries[at].row) for file in search.plan(entries)}


def data(files: Mapping[str, search.File], name: str) -> Any:
    return json.loads(files[f"search/{name}.js"].data)


def leaves(folder: str, prefix: str, node: Any) -> Iterator[tuple[str, list[str] | None]]:
    """What each key of the tree begins with, and the files that have all its rows; None: the list of all has."""
    if node == 0:
        yield prefix, None
    elif node == 1:
        yield prefix, [f"{folder}{prefix}-1"]
    elif isinstance(node[0], str):
        yield prefix, [f"{folder}{prefix}-{end}" for end in node]
    else:
        for letters, below in node[1].items():
            found = list(leaves(folder, prefix + letters[0], below))
            for letter in letters:
                yield from found if len(letters) == 1 else [(prefix + letter, found[0][1])]


def addressed(name: str) -> str:
    return "".join("_" if c == search.END else c if c.isascii() else f"_{ord(c):x}_" for c in name)


def ids(crowd: Sequence[search.Entry], files: Mapping[str, search.File], names: Sequence[str]) -> list[str]:
    return [crowd[at].id for name in names for at in files[f"search/{addressed(name)}.js"].positions]


def test_a_small_site_is_one_list_of_rows(crowd: list[search.Entry]) -> None:
    small = {file.path: file for file in search.plan(crowd[:100])}
    assert set(small) == {"search/root.js", "search/facets.js", "search/all/1.js"}
    assert data(small, "root") == {"total": 100, "all": ["1"], "sort": search.SORTABLE, "words": None}
    assert small["search/all/1.js"].positions == tuple(range(100))


def test_no_contact_is_no_fault() -> None:
    assert [file.path for file in search.plan([])] == ["search/root.js", "search/facets.js"]


def test_the_list_of_all_has_everyone_in_order(crowd: list[search.Entry], files: dict[str, search.File]) -> None:
    assert ids(crowd, files, [f"all/{end}" for end in data(files, "root")["all"]]) == [one.id for one in crowd]


def test_every_word_leads_to_the_rows_that_have_it_in_the_order_of_the_list(
    crowd: list[search.Entry], files: dict[str, search.File]
) -> None:
    places = dict(leaves("words/", "", data(files, "root")["words"]))
    common = 0
    holders: dict[str, list[str]] = {}
    for one in crowd:
        for word in one.words:
            holders.setdefault(word, []).append(one.id)
    for word, having in holders.items():
        sought = word + search.END
        names = next(places[sought[:n]] for n in range(len(sought) + 1) if sought[:n] in places)
        if names is None:
            assert len(having) * 8 > len(crowd)
            common += 1
            continue
        some = set(having)
        assert [one for one in ids(crowd, files, names) if one in some] == having
    assert common > 3


def test_every_facet_leads_to_the_rows_that_have_it(crowd: list[search.Entry], files: dict[str, search.File]) -> None:
    facets = data(files, "facets")
    places = dict(leaves("sets/", "", facets["sets"]))
    assert facets["owners"] == [["Mira", 2340, facets["owners"][0][2]], ["Jonas", 60, facets["owners"][1][2]]]
    assert facets["bare"][1] == len(crowd)
    for tag, count, key in facets["tags"][1:40]:
        names = next(places[key[:n]] for n in range(9) if key[:n] in places)
        assert names is not None
        having = [one.id for one in crowd if tag in one.tags]
        assert [one for one in ids(crowd, files, names) if one in set(having)] == having
        assert count == len(having) == 8


def test_no_file_is_large_and_each_has_a_name_for_every_system(
    crowd: list[search.Entry], files: dict[str, search.File]
) -> None:
    assert max(map(len, scripts(crowd).values())) < 62_000
    names = [path.casefold() for path in files]
    assert len(set(names)) == len(names)
    assert all(
        path.isascii() and path.replace("/", "").replace("-", "").replace("_", "").replace(".", "").isalnum()
        for path in names
    )
    assert not {path.split("/")[-1].split(".")[0] for path in names} & {"con", "aux", "nul", "prn", "com1", "lpt1"}


def test_a_contact_that_changes_changes_few_files(crowd: list[search.Entry]) -> None:
    renamed = [one._replace(row=one.row.replace("Ada", "Ida")) if one.id == "p-00700" else one for one in crowd]
    before, after = scripts(crowd), scripts(renamed)
    changed = [path for path in before if after.get(path) != before[path]]
    assert after.keys() == before.keys()
    assert 3 < len(changed) < 20
    assert "search/root.js" not in changed


def test_a_contact_that_comes_changes_few_files(crowd: list[search.Entry]) -> None:
    new = entry(contact("new", name="Ada Aaronson", company="Company 7", tags=("tag-1",)))
    before, after = scripts(crowd), scripts([new, *crowd])
    changed = [path for path in {*after, *before} if after.get(path) != before.get(path)]
    assert len(changed) < len(before) / 2


def test_the_same_contacts_give_the_same_bytes(crowd: list[search.Entry]) -> None:
    assert scripts(crowd) == scripts(people(2400))


def test_a_changed_title_leaves_the_layout_of_the_index_as_it_is() -> None:
    shown = [entry(contact("ada", title=title)) for title in ("Engineer", "Engineers")]
    assert shown[0].row != shown[1].row
    assert shown[0]._replace(row="") == shown[1]._replace(row="")


def test_rows_are_inert_in_every_reading() -> None:
    hostile = "</script><!--\u2028\u2029\ufeff'\"]]>&amp;\\"
    one = entry(contact("x", name=hostile, company=hostile, tags=(hostile,), owner=hostile, type=hostile))
    for script in scripts([one]).values():
        text = script.decode()
        assert not set("<>&\u2028\u2029\ufeff") & set(text)
    assert json.loads(one.row)[1] == hostile


def test_the_build_publishes_the_index(site: Any) -> None:
    site.contact("ada", name="Ada Lovelace")
    assert site.build().published
    assert 'contactsheet.take("all/1", [\n["ada","Ada Lovelace"' in site.page("search/all/1.js")
