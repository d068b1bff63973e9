"""How alike two names are: order, spelling, initials, scripts. It guesses no nicknames and knows no contacts."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping, Sequence
from enum import Enum
from functools import lru_cache
from itertools import islice

from contactsheet.folding import fold


class Kinship(Enum):
    """What two names are to each other."""

    SAME = "the same name"
    REORDERED = "the same name in another order"
    RESPELT = "the same name, spelled otherwise"
    LONGER = "the same name, with a word more"
    TYPO = "nearly the same name"
    SHORTENED = "the same name, shortened"
    PART = "a part of the same name"
    UNTOLD = ""
    RENAMED = "the same first name with another family name"
    SHARED = "names that have a word in common"
    OTHER = "other names"


# Letters of Cyrillic and Greek, folded, as Latin writes them most (near to ISO 9 and ISO 843, without their marks).
_ROMAN = """
а=a б=b в=v г=g ґ=g д=d ђ=dj е=e є=ye ж=zh з=z и=i і=i ї=i ј=j к=k л=l љ=lj м=m н=n њ=nj о=o п=p р=r с=s т=t ћ=c у=u
ф=f х=kh ц=ts ч=ch џ=dz ш=sh щ=shch ъ= ы=y ь= э=e ю=yu я=ya
α=a β=v γ=g δ=d ε=e ζ=z η=i θ=th ι=i κ=k λ=l μ=m ν=n ξ=x ο=o π=p ρ=r σ=s τ=t υ=y φ=f χ=ch ψ=ps ω=o
"""
_LATIN = str.maketrans(dict(letter.split("=") for letter in _ROMAN.split()))
# Of several usual spellings of one sound, one.
_SPELLINGS = (("ae", "a"), ("oe", "o"), ("ue", "u"), ("ou", "u"), ("ph", "f"), ("x", "ks"), ("w", "v"), ("y", "i"))
_TWICE = re.compile(r"(.)\1+")
_APOSTROPHES = re.compile("['’ʼ`´]")
_GENERATIONS = frozenset(("jr", "sr", "junior", "senior", "ii", "iii", "iv"))
_FORMS = """
ab ag as bv co company corp corporation eg ek ev gbr gmbh inc incorporated kg kk limited llc llp lp ltd mbh nv oy oyj
plc pte pty sa sarl sas se sl spa srl the und and
"""
_LEGAL_FORMS = frozenset(_FORMS.split())
# Who hosts mailboxes of everybody: their domain is no organisation of the contact's.
_HOSTS = """
126 163 aol comcast fastmail freenet gmail gmx googlemail hey hotmail icloud laposte libero live mac mail me msn naver
orange outlook posteo proton protonmail qq rambler seznam t-online tutanota verizon wanadoo web ya yahoo yandex zoho
"""
_MAILBOXES = frozenset(_HOSTS.split())
# What stands before the @ of an address that is an office's, not a person's (RFC 2142, and what else is usual).
_OFFICES = """
info marketing sales support abuse noc security postmaster hostmaster webmaster admin billing contact contacto accounts
customerservice enquiries hello help hi hr jobs kontakt mail noreply office orders press service team welcome
"""
_ROLES = frozenset(_OFFICES.split())
_MOST = 10  # words of a name and addresses of a contact that are looked at
_LEAST_TYPED = 4  # letters of a word in which a slip can be told from another word
_LONG = 8  # letters of a word that may have two slips
_ESTABLISHED = 3  # contacts that make a spelling one of its own, and no slip


@lru_cache(maxsize=65_536)
def _folded(text: str) -> tuple[str, ...]:
    folded = _APOSTROPHES.sub("", unicodedata.normalize("NFC", fold(text)))
    if folded.isascii():
        return tuple(re.findall(r"[a-z0-9]+", folded))
    import regex

    return tuple(regex.findall(r"[\p{L}\p{N}\p{M}]+", folded))


def words(name: str) -> tuple[str, ...]:
    """The words of a name, folded as the search does; none where an address stands for a name.

    What stands behind a comma comes first: Doe, Jane.
    """
    before, _, behind = name.partition(",")
    return () if "@" in name else (_folded(behind) + _folded(before))[:_MOST]


@lru_cache(maxsize=65_536)
def spelling(word: str) -> str:
    """A folded word in one of its spellings, and Cyrillic and Greek in Latin letters: Müller, Mueller and Мюллер."""
    latin = word.replace("ου", "ou").translate(_LATIN)
    if not latin.isascii():
        return latin
    for usual, one in _SPELLINGS:
        latin = latin.replace(usual, one)
    return _TWICE.sub(r"\1", latin) or word


def organisations(company: str, emails: Iterable[str]) -> tuple[str, ...]:
    """Keys of a company without its legal form, and of the domains of addresses that are not anybody's mailbox."""
    named = _folded(company)
    key = "".join(word for word in named if word not in _LEGAL_FORMS) or "".join(named)
    domains = map(domain, islice(emails, _MOST))
    return tuple(dict.fromkeys(spelling(one) for one in (key, *domains) if one))


def domain(email: str) -> str:
    """The part of a domain that somebody chose: acme of ann@mail.acme.co.uk; nothing where everybody has addresses."""
    parts = email.rpartition("@")[2].split(".")
    if len(parts) > 2 and len(parts[-1]) == 2 and len(parts[-2]) <= 3:  # co.uk, com.au
        parts.pop()
    chosen = parts[-2] if len(parts) > 1 else ""
    return "" if chosen in _MAILBOXES else "".join(_folded(chosen))


def is_role(address: str) -> bool:
    """Whether an e-mail address is that of an office, as info@acme.example."""
    local, at, _ = address.partition("@")
    return bool(at) and local in _ROLES


def kinship(one: Sequence[str], other: Sequence[str], known: Mapping[str, int]) -> Kinship:
    """What two names are to each other, from their words; ``known`` says how many contacts have a spelling."""
    if not one or not other:
        return Kinship.UNTOLD
    if one == other:
        return Kinship.SAME
    if sorted(one) == sorted(other):
        return Kinship.REORDERED
    if _alike(one) == _alike(other) or "".join(map(spelling, one)) == "".join(map(spelling, other)):
        return Kinship.RESPELT
    if not _scripts(one) & _scripts(other):
        return Kinship.UNTOLD
    short, long = sorted((one, other), key=len)
    return _matched(short, long, known)


def _alike(name: Sequence[str]) -> list[str]:
    return sorted(map(spelling, name))


def _matched(short: Sequence[str], long: Sequence[str], known: Mapping[str, int]) -> Kinship:
    """What is left when the words of one name have found theirs in the other, the surest first."""
    left, right = list(short), list(long)
    whole = _paired(left, right, lambda a, b: spelling(a) == spelling(b))
    typed = _paired(left, right, lambda a, b: _is_slip(a, b, known))
    begun = _paired(left, right, lambda a, b: a.startswith(b) or b.startswith(a))
    if not whole and not typed:
        return Kinship.OTHER if left else Kinship.UNTOLD
    if _GENERATIONS & ({*short} ^ {*long}):
        return Kinship.SHARED
    if left:
        is_first = short[0] not in left and spelling(short[0]) == spelling(long[0]) and short[0].isascii()
        return Kinship.RENAMED if is_first else Kinship.SHARED if whole else Kinship.OTHER
    if len(short) == 1 < len(long):
        return Kinship.PART
    return Kinship.SHORTENED if begun else Kinship.TYPO if typed else Kinship.LONGER


def _paired(left: list[str], right: list[str], is_same: Callable[[str, str], bool]) -> int:
    """Takes out of both lists the words that belong together, and says how many pairs these are."""
    count = 0
    for word in tuple(left):
        found = next((one for one in right if is_same(word, one)), None)
        if found is not None:
            left.remove(word)
            right.remove(found)
            count += 1
    return count


def _is_slip(one: str, other: str, known: Mapping[str, int]) -> bool:
    """Whether one word is the other with a slip of the keyboard or two, and not another name that is written so.

    Only where vowels are written: elsewhere one letter more makes another name.
    """
    one, other = spelling(one), spelling(other)
    shorter, longer = sorted(map(len, (one, other)))
    if shorter < _LEAST_TYPED or not (one.isascii() and other.isascii() and one.isalpha() and other.isalpha()):
        return False
    if min(known.get(one, 0), known.get(other, 0)) >= _ESTABLISHED:
        return False
    from rapidfuzz.distance import OSA

    most = 2 if shorter >= _LONG else 1
    return longer - shorter <= most and OSA.distance(one, other, score_cutoff=most) <= most


def _scripts(name: Iterable[str]) -> set[str]:
    return {_script(spelling(word)[:1]) for word in name}


@lru_cache(maxsize=4096)
def _script(sign: str) -> str:
    """The script of a character, as the first word of its name in Unicode."""
    return "LATIN" if sign.isascii() else unicodedata.name(sign, "").partition(" ")[0]
