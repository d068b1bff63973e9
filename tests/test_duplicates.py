"""`duplicates` finds contacts that are likely the same, says why and how to merge them, and heeds `distinct_from`."""

from __future__ import annotations

import json
import random
from pathlib import Path
from typing import Any

import pytest

from contactsheet import pipeline
from contactsheet.check import check
from contactsheet.distinct import Pair
from contactsheet.duplicates import LEAST, find
from contactsheet.memo import Memo
from contactsheet.namesakes import Kinship, is_role, kinship, organisations, spelling, words
from contactsheet.records import Records
from contactsheet.settings import load
from contactsheet.survivors import joins
from contactsheet.traits import Traits, traits
from contactsheet.workers import Workers
from tests.conftest import Site, rules
from tests.pictures import quarters, saved


def who(contact_id: str, name: str, text: str = "", look: tuple[str, int] | None = None) -> Traits:
    """What a record of that name and those fields tells."""
    source, problems = check(contact_id, "", f"name: {name}\n{text}".encode(), None)
    assert source and not problems
    return traits(contact_id, f"contacts/{contact_id}.yaml", source.record)._replace(look=look)


def score(one: Traits, other: Traits) -> int:
    """How likely the two are the same; 0 where that was not even looked at."""
    return next((match.score for match in find([one, other], least=1)), 0)


# --- names -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("one", "other", "kin"),
    [
        ("Jane Doe", "JANE  DOE", Kinship.SAME),
        ("José Núñez", "Jose Nunez", Kinship.SAME),
        ("Doe, Jane", "Jane Doe", Kinship.SAME),
        ("Doe Jane", "Jane Doe", Kinship.REORDERED),
        ("Jürgen Müller", "Juergen Mueller", Kinship.RESPELT),
        ("Søren Kierkegård", "Soeren Kierkegaard", Kinship.RESPELT),
        ("Anne-Marie Lenoir", "Annemarie Lenoir", Kinship.RESPELT),
        ("Дмитрий Менделеев", "Dmitry Mendeleev", Kinship.RESPELT),
        ("Γιώργος Παπαδόπουλος", "Giorgos Papadopoulos", Kinship.RESPELT),
        ("山田太郎", "山田 太郎", Kinship.RESPELT),
        ("Jane Doe", "Jane Mary Doe", Kinship.LONGER),
        ("Michael Schmidt", "Micheal Schmidt", Kinship.TYPO),
        ("J. Doe", "Jane Doe", Kinship.SHORTENED),
        ("Jane", "Jane Doe", Kinship.PART),
        ("Jane Doe", "Jane Miller", Kinship.RENAMED),
        ("Jane Doe", "John Doe", Kinship.SHARED),
        ("John Doe", "John Doe Jr.", Kinship.SHARED),
        ("Bob Smith", "Robert Smith", Kinship.SHARED),
        ("محمد علي", "محمود علي", Kinship.SHARED),
        ("김 민수", "김 민주", Kinship.SHARED),
        ("Customer 12", "Customer 13", Kinship.RENAMED),
        ("Jane Doe", "Alan Turing", Kinship.OTHER),
        ("王小明", "Wang Xiaoming", Kinship.UNTOLD),
        ("J. D.", "Jane Doe", Kinship.UNTOLD),
        ("jane@example.org", "Jane Doe", Kinship.UNTOLD),
    ],
    ids=lambda value: value if isinstance(value, str) else value.name,
)
def test_names_are_compared_in_every_order_spelling_and_script(one: str, other: str, kin: Kinship) -> None:
    assert kinship(words(one), words(other), {}) is kin
    assert kinship(words(other), words(one), {}) is kin


def test_a_spelling_that_many_have_is_a_name_of_its_own_and_no_slip() -> None:
    anne, anna = words("Marte Lang"), words("Marta Lang")
    assert kinship(anne, anna, {"marte": 1, "marta": 40}) is Kinship.TYPO
    assert kinship(anne, anna, {"marte": 30, "marta": 40}) is Kinship.SHARED


def test_an_organisation_is_a_company_without_its_legal_form_and_the_domain_that_somebody_chose() -> None:
    emails = ("a@mueller-soehne.de", "b@mail.acme.co.uk", "c@gmail.com", "d@acme.com", "e@localhost")
    assert organisations("Müller & Söhne GmbH", emails) == (spelling("mullersohne"), "acme")
    assert organisations("", ()) == ()


def test_an_office_s_address_is_nobody_s() -> None:
    assert is_role("info@acme.com")
    assert not is_role("info")
    assert not is_role("jane@info.com")


# --- scores ----------------------------------------------------------------------------------------------------------

SAME = {
    "e-mail and name": ("Jane Doe", "email: Jane@acme.com", "Jane Doe", "email: jane@ACME.com"),
    "phone and name": ("Jane Doe", "phone: +44 20 7946 0958", "J. Doe", "phone: '+442079460958'"),
    "e-mail alone, names in two scripts": ("王小明", "email: w@acme.com", "Wang Xiaoming", "email: w@acme.com"),
    "e-mail, married": ("Jane Doe", "email: jane@gmail.com", "Jane Miller", "email: jane@gmail.com"),
    "name and company": ("Jane Doe", "company: Acme", "Jane Doe", "company: ACME Ltd."),
    "name and domain": ("Jane Doe", "email: jane@acme.com", "Jane Doe", "email: doe@acme.com"),
    "company here, domain there": ("Jane Doe", "company: Acme", "Jane Doe", "email: jane@acme.com"),
    "spelling and company": ("Jürgen Müller", "company: Acme", "Juergen Mueller", "company: Acme"),
    "slip and company": ("Michael Schmidt", "company: Acme", "Micheal Schmidt", "company: Acme"),
    "name and birthday": ("Jane Doe", "birthday: 1980-01-02", "Jane Doe", "birthday: 1980-01-02"),
}
OTHERS = {
    "name alone": ("Jane Doe", "", "Jane Doe", ""),
    "name, other companies": ("Jane Doe", "company: Acme", "Jane Doe", "company: Zenith"),
    "name and company, other birthdays": (
        *("Jane Doe", "company: Acme\nbirthday: 1980-01-02"),
        *("Jane Doe", "company: Acme\nbirthday: 1950-01-02"),
    ),
    "names that leave nothing in Latin": ("Ь", "company: Acme", "Ъ", "company: Acme"),
    "companies that are signs alone": ("Jane Doe", "company: '—'", "Jane Doe", "company: '…'"),
    "name at two hosts of mailboxes": ("Jane Doe", "email: jane@gmail.com", "Jane Doe", "email: doe@gmail.com"),
    "a family's telephone": ("Jane Doe", "phone: '+442079460958'", "John Doe", "phone: '+442079460958'"),
    "a family's telephone and address": (
        *("Jane Doe", "phone: '+442079460958'\nemail: does@gmail.com"),
        *("Tim Doe", "phone: '+442079460958'\nemail: does@gmail.com"),
    ),
    "father and son": ("John Doe", "phone: '+442079460958'", "John Doe Jr.", "phone: '+442079460958'"),
    "an office's address": ("Jane Doe", "email: info@acme.com", "Alan Turing", "email: info@acme.com"),
    "colleagues": ("Jane Doe", "company: Acme", "John Doe", "company: Acme"),
    "an initial at one company": ("J. Doe", "company: Acme", "Jane Doe", "company: Acme"),
}


@pytest.mark.parametrize("fields", SAME.values(), ids=SAME)
def test_contacts_that_share_this_are_likely_the_same(fields: tuple[str, str, str, str]) -> None:
    name, text, other_name, other_text = fields
    assert score(who("a", name, text), who("b", other_name, other_text)) >= LEAST


@pytest.mark.parametrize("fields", OTHERS.values(), ids=OTHERS)
def test_contacts_that_share_no_more_than_this_are_not(fields: tuple[str, str, str, str]) -> None:
    name, text, other_name, other_text = fields
    assert score(who("a", name, text), who("b", other_name, other_text)) < LEAST


def test_pictures_count_when_they_are_the_same_or_nearly() -> None:
    look, near, far = ("a1", 0x00FF00FF00FF00FF), ("b2", 0x00FF00FF00FF00FE), ("c3", 0xF0F0F0F0F0F0F0F0)
    jane = who("a", "J. Doe", look=look)
    scores = [score(jane, who("b", "Jane Doe", look=other)) for other in (look, near, far)]
    assert scores[0] > scores[1] >= LEAST > scores[2]


def test_more_in_common_ranks_higher_and_the_reasons_are_in_words() -> None:
    people = [
        who("a", "Jane Doe", "company: Acme\nemail: jane@acme.com"),
        who("b", "Jane Doe", "email: jane@acme.com"),
        who("c", "Jane Doe", "company: Acme Ltd"),
        who("d", "Jane Doe"),
    ]
    found = {match.pair: match for match in find(people, least=1)}
    assert next(iter(found)) == ("a", "b")
    assert found["a", "b"].score > found["a", "c"].score > found["c", "d"].score
    assert found["a", "b"].reasons[0] == "the same e-mail address jane@acme.com"
    assert "the same organisation (Acme), shared by 3 contacts" in found["a", "c"].reasons
    assert "the same organisation (acme), shared by 3 contacts" in found["b", "c"].reasons
    assert found["c", "d"].reasons == ("the same name (Jane Doe), shared by 4 contacts",)


def test_an_organisation_is_called_as_it_is_written() -> None:
    """And not as spellings are compared."""
    people = [who("a", "Jane Doe", "email: jane@example.org"), who("b", "Jane Doe", "email: doe@example.org")]
    (match,) = find(people, least=1)
    assert "the same organisation (example)" in match.reasons


def test_what_speaks_against_it_is_told_too() -> None:
    people = [who("a", "Jane Doe", "company: Acme"), who("b", "Jane Doe", "company: Zenith")]
    (match,) = find(people, least=1)
    assert match.reasons[-1] == "but other companies (Acme, Zenith)"


GIVEN = ("Ada", "Grace", "Edsger", "Barbara", "Donald", "Frances", "Niklaus", "Radia", "Tony", "Leslie")
FAMILY = ("Lovelace", "Hopper", "Dijkstra", "Liskov", "Knuth", "Allen", "Wirth", "Perlman", "Hoare", "Lamport")
EVERYBODY = [f"{given} {family}" for given in GIVEN for family in FAMILY]
LOGO = ("logo", 0xF0F0F0F0F0F0)


@pytest.mark.parametrize("count", [3, 12, 100])
def test_what_many_share_makes_no_flood(count: int) -> None:
    shared = "company: Acme\nphone: '+442079460958'\nemails: [hello@acme.com, 'p{}@acme.com']"
    people = [who(f"c{n:02}", name, shared.format(n), LOGO) for n, name in enumerate(EVERYBODY[:count])]
    assert find(people) == []


def test_a_double_is_found_among_many_who_share_the_same() -> None:
    shared = "company: Acme\nphone: '+442079460958'"
    people = [who(f"c{n:02}", name, shared, LOGO) for n, name in enumerate(EVERYBODY)]
    twins = [who("x", "Alan Turing", shared, LOGO), who("y", "Turing Alan", shared, LOGO)]
    assert [match.pair for match in find([*people, *twins])] == [("x", "y")]


def test_the_order_of_the_contacts_does_not_show() -> None:
    people = [who(f"c{n}", f"Jane Doe{'e' * (n % 3)}", f"company: Acme\nemail: j{n % 4}@acme.com") for n in range(12)]
    shuffled = random.Random(1).sample(people, len(people))
    assert find(people, least=1) == find(shuffled, least=1) != []


# --- survivors -------------------------------------------------------------------------------------------------------


def joined(people: list[Traits], distinct: frozenset[Pair] = frozenset()) -> dict[str, str]:
    """Who would join whom."""
    return dict(joins(find(people, distinct), {one.id: one for one in people}, distinct))


MAIL = "email: jane@acme.com\n"
TALK = "messages: {at: 2026-11-20T09:30:00Z, from: contact, text: Hi}\n"


@pytest.mark.parametrize(
    ("mine", "theirs"),
    [
        (TALK, "created: 2020-01-01\ntitle: CTO\nnotes: Knows all.\n"),
        ("created: 2020-01-01\n", "created: 2026-01-01\ntitle: CTO\n"),
        ("title: CTO\n", "created: 2026-01-01\n"),
        ("", ""),
    ],
    ids=["has the conversation", "is older", "says more where one has no age", "comes first"],
)
def test_the_survivor_is_the_one_that(mine: str, theirs: str) -> None:
    assert joined([who("a", "Jane Doe", MAIL + mine), who("b", "Jane Doe", MAIL + theirs)]) == {"b": "a"}
    if mine:
        assert joined([who("b", "Jane Doe", MAIL + mine), who("a", "Jane Doe", MAIL + theirs)]) == {"a": "b"}


def test_three_that_are_the_same_join_one() -> None:
    people = [who(one, "Jane Doe", MAIL + ("title: CTO" if one == "b" else "")) for one in "abc"]
    assert joined(people) == {"a": "b", "c": "b"}


def test_who_is_like_two_that_are_not_one_joins_the_likelier() -> None:
    people = [
        who("jane", "Jane Doe", "phones: ['+442079460958', '+442079460111']"),
        who("john", "John Doe", "phone: '+442079460958'"),
        who("j", "J. Doe", "email: j@acme.com\nphones: ['+442079460958', '+442079460111']"),
    ]
    assert joined(people) == {"jane": "j"}


def test_a_chain_makes_nobody_join_who_is_declared_to_be_somebody_else() -> None:
    people = [who(one, "Jane Doe", f"emails: [{mails}]") for one, mails in
              (("a", "x@a.com"), ("b", "x@a.com, y@a.com"), ("c", "y@a.com"))]  # fmt: skip
    assert len(joined(people)) == 2
    assert len(joined(people, frozenset([("a", "c")]))) == 1


# --- the command -----------------------------------------------------------------------------------------------------


@pytest.fixture
def doubled(site: Site) -> Site:
    """A repository with a pair and somebody else."""
    site.contact("jane-doe", "created: 2020-01-01\nemail: jane@acme.com\ntitle: Editor", name="Jane Doe")
    site.contact("leads/jane", "# from the fair\nemail: JANE@acme.com\ncreated: 2026-01-01\n", name="J. Doe")
    site.contact("ada", "email: ada@acme.com", name="Ada Lovelace")
    return site


def test_the_command_tells_score_contacts_reasons_and_the_directive(doubled: Site) -> None:
    done = doubled.command("duplicates")
    reasons = (
        "the same e-mail address jane@acme.com; the same organisation (acme), shared by 3 contacts;"
        " the same name, shortened (Jane Doe, J. Doe)"
    )
    assert done.returncode == 0
    assert done.stdout.splitlines() == [
        "100  Jane Doe (jane-doe), contacts/jane-doe.yaml",
        "     J. Doe (leads/jane), contacts/leads/jane.yaml",
        "     " + reasons,
        "     into contacts/leads/jane.yaml: merge_into: jane-doe",
        "",
    ]
    assert done.stderr.strip() == "1 pair of 3 contacts may be the same."


def test_the_help_says_what_is_left_out_by_default(site: Site) -> None:
    assert f"[default: {LEAST}]" in site.command("duplicates", "--help").stdout


def test_as_json_it_tells_the_same(doubled: Site) -> None:
    (pair,) = json.loads(doubled.command("duplicates", "--format", "json").stdout)["pairs"]
    assert pair["score"] == 100
    assert [one["id"] for one in pair["contacts"]] == ["jane-doe", "leads/jane"]
    assert pair["contacts"][1] == {"id": "leads/jane", "name": "J. Doe", "file": "contacts/leads/jane.yaml"}
    assert len(pair["reasons"]) == 3
    assert pair["directives"] == [{"file": "contacts/leads/jane.yaml", "merge_into": "jane-doe"}]


def test_written_directives_merge_and_leave_everything_else_as_it_is(doubled: Site) -> None:
    done = doubled.command("duplicates", "--write")
    assert done.returncode == 0
    assert "wrote contacts/leads/jane.yaml" in done.stderr
    text = (doubled.root / "contacts/leads/jane.yaml").read_text()
    assert text.replace("merge_into: jane-doe\n", "") == (
        "name: J. Doe\n# from the fair\nemail: JANE@acme.com\ncreated: 2026-01-01\n"
    )
    assert doubled.check().merges == 1
    assert doubled.command("duplicates").stdout == ""


def test_nothing_below_the_least_score_is_written(doubled: Site) -> None:
    doubled.contact("leads/ada", name="Ada Lovelace")
    assert doubled.command("duplicates", "--least", "50", "--limit", "1", "--write").returncode == 0
    assert "merge_into" not in (doubled.root / "contacts/leads/ada.yaml").read_text()
    assert "merge_into" not in (doubled.root / "contacts/ada.yaml").read_text()


def test_only_pairs_with_the_named_contacts_are_shown(doubled: Site) -> None:
    doubled.contact("ada-king", "email: ada@acme.com\nmerge_into: ada", name="Ada King")
    assert doubled.command("duplicates", "ada").stdout == ""
    assert doubled.command("duplicates", "ada-king").stdout == ""
    assert "leads/jane" in doubled.command("duplicates", "jane-doe", "ada").stdout


def test_an_unknown_contact_is_refused_with_the_nearest(doubled: Site) -> None:
    done = doubled.command("duplicates", "jane-do")
    assert done.returncode == 2
    assert "did you mean jane-doe?" in done.stderr


def test_errors_are_told_and_end_it(doubled: Site) -> None:
    doubled.contact("bad", "titel: CTO", name="Bad")
    done = doubled.command("duplicates", "--write")
    assert done.returncode == 1
    assert "contacts/bad.yaml:2:1: error" in done.stderr
    assert done.stdout == ""
    assert "merge_into" not in (doubled.root / "contacts/leads/jane.yaml").read_text()


def test_names_cannot_steer_the_terminal(site: Site) -> None:
    for one in ("a", "b"):
        site.contact(one, 'email: jane@acme.com\ncompany: "{0} \\u202Eevil"\n', name='"Jane \\u202E{Doe"')
    done = site.command("duplicates")
    assert done.returncode == 0
    assert "\u202e" not in done.stdout
    assert "Jane \\u202e{Doe (a)" in done.stdout


def test_the_same_picture_counts_without_a_site_having_been_built(site: Site) -> None:
    for one, name in (("a", "J. Doe"), ("b", "Jane Doe")):
        site.contact(one, name=name)
        site.write(f"avatars/{one}.png", saved(quarters(512, 512), "PNG"))
    assert "the same picture" in site.command("duplicates").stdout


def test_what_was_remembered_is_not_read_again(doubled: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    def survey() -> Any:
        memo = Memo(doubled.root / ".contactsheet", b"k" * 32)
        with Workers(0) as workers:
            found = pipeline.survey(doubled.root, load(doubled.root), workers, memo=memo)
        memo.close()
        return found

    _, first = survey()
    monkeypatch.setattr(Records, "record", None)
    outcome, again = survey()
    assert again == first
    assert outcome.work.records == 0


# --- declared to be two ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("file", "other"), [("jane-doe", "leads/jane"), ("leads/jane", "jane-doe")])
def test_a_pair_that_either_declares_to_be_two_is_not_shown_again(doubled: Site, file: str, other: str) -> None:
    with (doubled.root / f"contacts/{file}.yaml").open("a") as stream:
        stream.write(f"\ndistinct_from: {other}\n")
    assert doubled.command("duplicates", "--least", "1", file).stdout.count(f"({other})") == 0
    assert rules(doubled.check()) == []


def test_a_declaration_holds_for_what_was_merged_into_either(doubled: Site) -> None:
    doubled.contact("jane-2", "merge_into: jane-doe\ndistinct_from: [old]", name="Jane Doe")
    doubled.contact("old", "merge_into: leads/jane", name="J. Doe")
    assert doubled.command("duplicates").stdout == ""


@pytest.mark.parametrize(
    ("named", "says", "fix"),
    [
        ("jane-do", "there is no contact “jane-do”", "Did you mean jane-doe?"),
        ("zzzzzzz", "there is no contact “zzzzzzz”", "Write the ID of a contact that exists"),
        ("ada", "the contact is declared to be somebody else than itself", "Take it out."),
    ],
)
def test_a_declaration_that_names_nobody_else_is_a_warning(doubled: Site, named: str, says: str, fix: str) -> None:
    doubled.contact("ada", f"distinct_from:\n- leads/jane\n- {named}", name="Ada Lovelace")
    (problem,) = doubled.check().problems
    assert (problem.rule, problem.severity, problem.line) == ("contact/distinct-from", "warning", 4)
    assert problem.message == says
    assert problem.fix.startswith(fix)


@pytest.mark.parametrize("chain", [False, True], ids=["directly", "by way of a third"])
@pytest.mark.parametrize("declarer", ["a", "b"])
def test_merging_two_that_are_declared_to_be_two_is_an_error_at_the_directive(
    site: Site, declarer: str, chain: bool
) -> None:
    declared = {declarer: f"distinct_from: [{'b' if declarer == 'a' else 'a'}]\n"}
    site.contact("c", name="Jane")
    site.contact("a", declared.get("a", "") + ("merge_into: c\n" if chain else ""), name="Jane")
    site.contact("b", f"merge_into: {'c' if chain else 'a'}\n{declared.get('b', '')}", name="Jane")
    (problem,) = site.check().problems
    assert (problem.rule, problem.severity) == ("merge/distinct", "error")
    file = f"contacts/{declarer if chain else 'b'}.yaml"
    assert problem.file == file
    assert (site.root / file).read_text().splitlines()[(problem.line or 0) - 1].startswith("merge_into")


def test_declarations_are_united_and_show_on_no_page(site: Site) -> None:
    for one in ("x", "y"):
        site.contact(one, name=one.title())
    site.contact("jane", "", name="Jane")
    site.contact("new", "merge_into: jane\n", name="Jane")
    site.build()
    before = site.tree()
    site.contact("jane", "distinct_from: [x]", name="Jane")
    site.contact("new", "merge_into: jane\ndistinct_from: [x, y]", name="Jane")
    assert site.build().problems == ()
    assert site.tree() == before


def test_contacts_that_are_declared_to_be_two_may_share_a_picture(site: Site) -> None:
    for one in ("acme", "acme-labs"):
        site.contact(one, name=one)
        site.write(f"avatars/{one}.png", saved(quarters(512, 512), "PNG"))
    assert rules(site.check()) == ["avatar/alike"]
    site.contact("acme-labs", "distinct_from: acme", name="acme-labs")
    assert rules(site.check()) == []


def test_a_new_declaration_is_heeded_by_who_watches(site: Site, tmp_path: Path) -> None:
    for one in ("acme", "acme-labs"):
        site.contact(one, name=one)
        site.write(f"avatars/{one}.png", saved(quarters(512, 512), "PNG"))
    memo = Memo()
    with Workers(0) as workers:
        assert rules(pipeline.check(site.root, load(site.root), workers, memo=memo)) == ["avatar/alike"]
        site.contact("acme-labs", "distinct_from: acme", name="acme-labs")
        assert rules(pipeline.check(site.root, load(site.root), workers, memo=memo)) == []
