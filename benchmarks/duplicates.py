"""How well duplicates are found: precision and recall on a made set with known answers, and the time that it takes.

python benchmarks/duplicates.py [--quick] [--misses N]. Nobody's names are in it: they are put together by chance from a
fixed seed, in several scripts, with what makes contacts double (slips, other spellings, a new address) and with what
makes strangers look alike (namesakes, families, switchboards, logos, colleagues).
"""

from __future__ import annotations

import argparse
import random
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

if __name__ == "__main__":
    sys.path.insert(1, str(Path(__file__).resolve().parent.parent))  # what is measured is the program's

from contactsheet.distinct import Pair, pair
from contactsheet.duplicates import LEAST, Match, find
from contactsheet.schema import Record, record_of
from contactsheet.traits import Traits, traits

SIZES = (10_000, 100_000)
GRADED = 10_000
SEED = 7
THRESHOLDS = (50, 60, 70, 80, 85, 90, 95, 97, 99)
DOUBLE = 0.08  # of all people are there twice, some of them three times

_GIVEN = """
Ada Alan Amara Amelia Ana Andrea Anna Anne Antoine Barbara Bruno Carla Carlos Chiara Chloé Christian Clara Daniel
Daniela David Diego Edsger Elena Emil Emma Erik Eric Eva Fatima Felix Frances Frank Grace Hanna Hannah Hans Héctor Ines
Ingrid Jan Jana Jane Jens Joana John José Julia Julian Jürgen Karin Karl Katharina Laura Lena Léa Lucía Luis Łukasz
Maria Marie Mario Mark Marta Martin Mehmet Mia Michael Michelle Mirjam Nadia Nils Nora Oliver Olga Pablo Paula Paul
Pedro Peter Pierre Radia René Robert Sabine Sara Sarah Simon Simone Siobhán Sofia Søren Stefan Susanne Thomas Tim Tom
Ursula Victor Wei Yusuf Zoë
"""
_BEGIN = "Al An Bar Ber Bor Bran Cal Cor Dal Der Dor Eck El Fal Fen Gar Gol Har Hel Hol Jor Kal Ker Kol Lan Lin Lor"
_MIDDLE = "a e i o u an en in on ar er or el il ä ö ü é ó å"
_END = "berg borg dal feld ford gard hart holm ini ley lund mann mond more nez ner otti quist ridge rossi ski son stad"
_CYRILLIC = (
    ("Иван Ivan", "Юрий Yuri", "Дмитрий Dmitry", "Сергей Sergey", "Анна Anna", "Наталья Natalya", "Ольга Olga"),
    ("Петров Petrov", "Смирнов Smirnov", "Кузнецов Kuznetsov", "Волков Volkov", "Соколов Sokolov", "Жуков Zhukov"),
)
_GREEK = (
    ("Γιώργος Giorgos", "Μαρία Maria", "Ελένη Eleni", "Νίκος Nikos", "Δημήτρης Dimitris"),
    ("Παπαδόπουλος Papadopoulos", "Γεωργίου Georgiou", "Νικολάου Nikolaou", "Δημητρίου Dimitriou"),
)
_HAN = ("王李张刘陈杨黄赵吴周", "小明伟芳娜敏静丽强磊军洋勇艳杰")
_KOREAN = (tuple("김이박최정강조윤장임"), ("민수", "지은", "서연", "현우", "민주", "수빈", "지훈", "예진"))
_ARABIC = (
    ("محمد", "أحمد", "علي", "فاطمة", "عائشة", "خالد", "محمود", "سارة"),
    ("الحسن", "العلي", "حداد", "النجار", "خوري", "منصور"),
)
_TRADES = "Labs Werke Studio Foods Systems Press Logistics Design Energy Bank Health Works"
_FORMS = ("", "", "", " GmbH", " Ltd", " Inc.", " SA")
_MAIL = ("gmail.com", "gmx.net", "yahoo.com", "icloud.com", "outlook.com")
_SPELLINGS = (("ä", "ae"), ("ö", "oe"), ("ü", "ue"), ("å", "aa"), ("ø", "oe"))


@dataclass(frozen=True)
class Company:
    """Where people work; some have a switchboard, an address for all, or give everybody their logo."""

    name: str
    domain: str
    switchboard: str
    has_common_address: bool
    logo: tuple[str, int] | None


@dataclass(frozen=True)
class Person:
    """Somebody of the made world, as one record tells of them."""

    given: str
    family: str
    company: Company | None = None
    emails: tuple[str, ...] = ()
    phones: tuple[str, ...] = ()
    birthday: str = ""
    look: tuple[str, int] | None = None
    name: str = ""

    def record(self) -> Record:
        """The record that tells of them."""
        fields = {
            "name": self.name or f"{self.given} {self.family}",
            "company": self.company.name if self.company else None,
            "emails": list(self.emails),
            "phones": list(self.phones),
            "birthday": self.birthday or None,
        }
        return record_of(fields)


@dataclass
class World:
    """A made set: who is in it, and which pairs are the same."""

    random: random.Random
    families: Sequence[str]
    companies: Sequence[Company]
    contacts: list[Traits] = field(default_factory=list)
    same: set[Pair] = field(default_factory=set)
    addresses: set[str] = field(default_factory=set)

    def address(self, person: Person, domain: str) -> str:
        """An e-mail address of the person's own."""
        plain = "".join(c for c in f"{person.given}.{person.family}".lower() if c.isascii() and c.isprintable())
        local = plain.strip(".") or "mail"
        found = f"{local}@{domain}"
        while found in self.addresses:
            found = f"{local}{self.random.randrange(10_000)}@{domain}"
        self.addresses.add(found)
        return found

    def add(self, *people: Person) -> None:
        """Adds records of one and the same person."""
        ids = []
        for person in people:
            ids.append(f"c{len(self.contacts):06}")
            told = traits(ids[-1], f"contacts/{ids[-1]}.yaml", person.record())
            self.contacts.append(told._replace(look=person.look))
        self.same.update(pair(one, other) for one in ids for other in ids if one < other)


def world(count: int, seed: int = SEED) -> World:
    """A world of about ``count`` contacts."""
    chance = random.Random(seed)
    families = [b + m + e for b in _BEGIN.split() for m in _MIDDLE.split() for e in _END.split()]
    chance.shuffle(families)
    families = families[: max(400, count // 12)]
    companies = [_company(chance, number) for number in range(max(20, count // 12))]
    made = World(chance, families, companies)
    while len(made.contacts) < count:
        _settle(made)
    chance.shuffle(made.contacts)
    return made


def _settle(made: World) -> None:
    """Adds somebody, now and then with their double, or with those who look like them and are not."""
    chance = made.random
    person = _person(made)
    if chance.random() < DOUBLE:
        doubles = [_double(made, person)]
        if chance.random() < 0.15:
            doubles.append(_double(made, person))
        made.add(person, *doubles)
        return
    made.add(person)
    fate = chance.random()
    if fate < 0.04 and person.family in made.families:  # a family: one telephone, sometimes one address
        given = next(given for given in iter(lambda: _given(chance), "") if given != person.given)
        shared = replace(person, given=given, name="", birthday=_birthday(chance), look=None)
        made.add(replace(shared, emails=person.emails if chance.random() < 0.2 else _private(made, shared)))
    elif fate < 0.05:  # father and son
        made.add(replace(person, name=f"{person.given} {person.family} Jr.", emails=(), birthday="", look=None))
    elif fate < 0.08:  # a namesake elsewhere
        made.add(_employed(made, replace(Person(person.given, person.family), birthday=_birthday(chance))))
    elif fate < 0.11 and person.company:  # a colleague of the same family name
        made.add(_employed(made, Person(_given(chance), person.family), person.company))
    elif fate < 0.111 and person.company:  # a namesake at the same company
        made.add(_employed(made, Person(person.given, person.family), person.company))


def _company(chance: random.Random, number: int) -> Company:
    stem = chance.choice(_BEGIN.split()) + chance.choice(_MIDDLE.split()) + chance.choice(_END.split()).capitalize()
    name = f"{stem} {chance.choice(_TRADES.split())}{chance.choice(_FORMS)}"
    switchboard = f"+49 30 {number:07}" if chance.random() < 0.4 else ""
    logo = (f"logo{number}", chance.getrandbits(64)) if chance.random() < 0.15 else None
    plain = "".join(c for c in stem.lower() if c.isascii())
    return Company(name, f"{plain}{number}.example", switchboard, chance.random() < 0.2, logo)


def _person(made: World) -> Person:
    chance = made.random
    script = chance.random()
    if script < 0.85:
        return _employed(made, Person(_given(chance), _family(made)))
    if script < 0.93:
        givens, families = chance.choice((_CYRILLIC, _GREEK))
        return _employed(made, Person(chance.choice(givens).split()[0], chance.choice(families).split()[0]))
    if script < 0.96:
        name = chance.choice(_HAN[0]) + "".join(chance.sample(_HAN[1], 2))
        return _employed(made, Person(name[1:], name[:1], name=name))
    first, second = chance.choice((_KOREAN, _ARABIC))
    return _employed(made, Person(chance.choice(first), chance.choice(second)))


def _given(chance: random.Random) -> str:
    """A given name; some are far more frequent than others."""
    given = _GIVEN.split()
    return given[min(len(given) - 1, int(chance.expovariate(1 / 30)))]


def _family(made: World) -> str:
    return made.families[min(len(made.families) - 1, int(made.random.expovariate(3 / len(made.families))))]


def _employed(made: World, person: Person, company: Company | None = None) -> Person:
    """The person with an address, mostly a telephone, sometimes a company, a birthday and a picture."""
    chance = made.random
    at = company or (_employer(made) if chance.random() < 0.7 else None)
    person = replace(person, company=at)
    emails = _official(made, person) if at else _private(made, person)
    phones = (_phone(chance),) if chance.random() < 0.6 else ()
    if at and at.switchboard and chance.random() < 0.5:
        phones = (*phones, at.switchboard)
    if at and at.has_common_address and chance.random() < 0.3:
        emails = (*emails[: chance.randrange(2)], f"info@{at.domain}")
    look = at.logo if at and at.logo else None
    if look is None and chance.random() < 0.3:
        bits = chance.getrandbits(64)
        look = f"{bits:x}", bits
    birthday = _birthday(chance) if chance.random() < 0.1 else ""
    return replace(person, emails=emails, phones=phones, look=look, birthday=birthday)


def _employer(made: World) -> Company:
    """A company; a few have hundreds of people, most have some."""
    return made.companies[int(len(made.companies) * made.random.random() ** 3)]


def _phone(chance: random.Random) -> str:
    return f"+44 20 {chance.randrange(10**8):08}"


def _birthday(chance: random.Random) -> str:
    return f"{chance.randrange(1950, 2005)}-{chance.randrange(1, 13):02}-{chance.randrange(1, 28):02}"


def _official(made: World, person: Person) -> tuple[str, ...]:
    assert person.company
    return (made.address(person, person.company.domain),)


def _private(made: World, person: Person) -> tuple[str, ...]:
    return (made.address(person, made.random.choice(_MAIL)),)


# --- doubles ---------------------------------------------------------------------------------------------------------


def _double(made: World, person: Person) -> Person:
    """The same person as somebody else, or the same at another time, wrote them down."""
    chance = made.random
    twin = replace(person, name=_written(made, person))
    emails = person.emails if chance.random() < 0.45 else ()
    if not emails and chance.random() < 0.7:
        emails = _private(made, person)
    phones = person.phones[:1] if chance.random() < 0.4 else (_phone(chance),) if chance.random() < 0.3 else ()
    look = None
    if person.look and chance.random() < 0.4:
        bits = person.look[1] ^ (1 << chance.randrange(64)) ^ (1 << chance.randrange(64))
        look = person.look if chance.random() < 0.5 else (f"{bits:x}", bits)
    company = person.company
    change = chance.random()
    if change < 0.1:
        company = _employer(made)
        emails = _official(made, replace(twin, company=company))
    elif change < 0.3:
        company = None
    birthday = person.birthday if chance.random() < 0.7 else ""
    return replace(twin, company=company, emails=emails, phones=phones, look=look, birthday=birthday)


def _written(made: World, person: Person) -> str:
    """The person's name as it is written another time."""
    chance = made.random
    given, family = person.given, person.family
    whole = person.name or f"{given} {family}"
    roman = {}
    for names in (*_CYRILLIC, *_GREEK):
        roman.update(dict(name.split() for name in names))
    if given in roman and family in roman and chance.random() < 0.5:
        return f"{roman[given]} {roman[family]}"
    way = chance.random()
    if way < 0.5 or person.name:
        return whole
    if way < 0.58:
        return f"{family}, {given}"
    if way < 0.66:
        return _bare(whole)
    if way < 0.74:
        for usual, other in _SPELLINGS:
            whole = whole.replace(usual, other)
        return whole
    if way < 0.85:
        return f"{given} {_slip(chance, family)}" if chance.random() < 0.7 else f"{_slip(chance, given)} {family}"
    if way < 0.91:
        return f"{given[0]}. {family}"
    if way < 0.96:
        return f"{given} {_given(chance)[0]}. {family}"
    return f"{given} {_family(made)}"  # married


def _bare(text: str) -> str:
    import unicodedata

    return "".join(c for c in unicodedata.normalize("NFD", text) if not unicodedata.combining(c))


def _slip(chance: random.Random, word: str) -> str:
    """The word with one slip of the keyboard."""
    if len(word) < 4:
        return word
    at = chance.randrange(1, len(word) - 1)
    way = chance.randrange(4)
    if way == 0:
        return word[:at] + word[at + 1] + word[at] + word[at + 2 :]
    if way == 1:
        return word[:at] + word[at + 1 :]
    letter = chance.choice("aeinorst")
    return word[:at] + letter + word[at + (way == 2) :]


# --- what is measured ------------------------------------------------------------------------------------------------


def graded(made: World, matches: Sequence[Match]) -> Iterator[tuple[int, int, float, float, float]]:
    """For each threshold: how many pairs are given, precision, recall, and that of pairs which can be told at all."""
    by_id = {contact.id: contact for contact in made.contacts}
    tellable = {one for one in made.same if _shares(by_id[one[0]], by_id[one[1]])}
    for least in THRESHOLDS:
        given = {match.pair for match in matches if match.score >= least}
        right = given & made.same
        yield (
            least,
            len(given),
            len(right) / max(1, len(given)),
            len(right) / len(made.same),
            len(right & tellable) / len(tellable),
        )


def _shares(one: Traits, other: Traits) -> bool:
    """Whether two records have more in common than a name."""
    return bool(
        {*one.emails, *one.phones, *one.organisations} & {*other.emails, *other.phones, *other.organisations}
        or (one.look and one.look == other.look)
    )


def main() -> int:
    """Measures and prints."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0] if __doc__ else None)
    parser.add_argument("--quick", action="store_true", help="leave out the largest set")
    parser.add_argument("--misses", type=int, default=0, metavar="N", help="show N pairs that are judged wrongly, too")
    parser.add_argument("--seed", type=int, default=SEED, metavar="N", help="another set")
    asked = parser.parse_args()
    made = world(GRADED, asked.seed)
    matches = find(made.contacts, least=1)
    print(f"{len(made.contacts):,} contacts, {len(made.same):,} pairs of which are the same\n")
    print("least  pairs  precision  recall  of those that share more than a name")
    for least, count, precision, recall, of_tellable in graded(made, matches):
        mark = "  the default" if least == LEAST else ""
        print(f"{least:5}  {count:5,}  {precision:9.3f}  {recall:6.3f}  {of_tellable:6.3f}{mark}")
    _show(made, matches, asked.misses)
    print()
    for size in SIZES[:1] if asked.quick else SIZES:
        contacts = world(size).contacts
        began = time.process_time()
        found = find(contacts)
        print(f"{len(contacts):,} contacts: {len(found):,} pairs in {time.process_time() - began:.2f} s")
    return 0


def _show(made: World, matches: Sequence[Match], count: int) -> None:
    """Prints pairs that were given wrongly, and those that were not given."""
    by_id = {contact.id: contact for contact in made.contacts}
    wrong = [match for match in matches if match.score >= LEAST and match.pair not in made.same][:count]
    for match in wrong:
        print(f"\nwrong, {match.score}: {'; '.join(match.reasons)}")
    scores = {match.pair: match for match in matches}
    for one, other in [missed for missed in sorted(made.same) if _score(scores, missed) < LEAST][:count]:
        told = scores.get((one, other))
        print(f"\nmissed, {told.score if told else 0}: {by_id[one].name}, {by_id[other].name}")
        print(f"  {'; '.join(told.reasons) if told else 'never looked at'}")


def _score(scores: dict[Pair, Match], missed: Pair) -> int:
    return scores[missed].score if missed in scores else 0


if __name__ == "__main__":
    sys.exit(main())
