"""Makes repositories of contacts to measure with: any number of records, some with pictures and conversations.

The same numbers give the same bytes. What was made is kept and made again only when its recipe changes.
"""

from __future__ import annotations

import os
import random
import shutil
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import photographs

RECIPE = 1  # another number has all of them made again
PICTURE_EVERY = 5
TALK_EVERY = 10
_DONE = "made.txt"

_GIVEN = "Ada Grace Alan Edsger Barbara Donald Frances Niklaus Radia Tony Łukasz Zoë Amara Siobhán Wei Mirjam"
_FAMILY = "Lovelace Hopper Turing Perlman Liskov Knuth Allen Wirth Ångström O'Rourke Núñez Haddad Okafor Li"
_WORDS = "the engine weaves algebraic patterns just as loom of spring letters and drawings were sent to every office"


@dataclass(frozen=True, slots=True)
class Corpus:
    """A repository of contacts below ``root``; ``contacts`` records, ``pictures`` of which have a picture."""

    root: Path
    contacts: int
    pictures: int

    @property
    def output(self) -> Path:
        """Where its site goes."""
        return self.root / "output"

    @property
    def avatars(self) -> Path:
        """Where its pictures lie."""
        return self.root / "avatars"

    @property
    def telling(self) -> str:
        """The ID of a contact in the middle, with a picture and a conversation wherever the corpus has such."""
        return f"contact-{self.contacts // 2 // TALK_EVERY * TALK_EVERY:06}"

    def clear(self) -> None:
        """Takes away the site and all that is remembered, so that the next build is a cold one."""
        set_aside(self.root.parent, self.output, self.root / ".contactsheet")


def set_aside(store: Path, *folders: Path) -> None:
    """Takes folders away as if they had never been there.

    They are moved, and deleted with the other scratch when all is measured: for some minutes ext4 takes ten times as
    long to make a file where thousands were deleted, which would be most of what is measured.
    """
    aside = store / "scratch" / "aside"
    aside.mkdir(parents=True, exist_ok=True)
    for folder in folders:
        if folder.exists():
            folder.rename(aside / f"{time.time_ns()}")


def usual_store() -> Path:
    """The folder for what programs keep between runs, of the system's kind."""
    if sys.platform == "win32":
        base = os.environ.get("LOCALAPPDATA") or Path.home() / "AppData" / "Local"
    else:
        base = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(base) / "contactsheet-bench"


def of_contacts(store: Path, count: int) -> Corpus:
    """``count`` contacts, every fifth with a picture of 512 pixels a side, every tenth with a conversation."""
    corpus = Corpus(store / f"contacts-{count}", count, -(-count // PICTURE_EVERY))
    if _begun(corpus):
        _records(corpus, TALK_EVERY)
        photographs.make(photographs.small_pictures(corpus.avatars, count, PICTURE_EVERY))
        _finished(corpus)
    return corpus


def of_text(store: Path, count: int) -> Corpus:
    """``count`` contacts of text alone: no pictures, no conversations."""
    corpus = Corpus(store / f"text-{count}", count, 0)
    if _begun(corpus):
        _records(corpus, 0)
        _finished(corpus)
    return corpus


def of_pictures(store: Path, count: int) -> Corpus:
    """``count`` contacts, each with a picture as a team brings them."""
    corpus = Corpus(store / f"pictures-{count}", count, count)
    if _begun(corpus):
        _records(corpus, 0)
        photographs.make(photographs.phone_pictures(corpus.avatars, count))
        _finished(corpus)
    return corpus


def _mark() -> str:
    return f"{RECIPE} {photographs.SEED}"


def _begun(corpus: Corpus) -> bool:
    """Whether the corpus is to be made; its folders are there then, and empty."""
    done = corpus.root / _DONE
    if done.is_file() and done.read_text() == _mark():
        return False
    print(f"making {corpus.root} …", flush=True)
    shutil.rmtree(corpus.root, ignore_errors=True)
    (corpus.root / "contacts").mkdir(parents=True)
    corpus.avatars.mkdir()
    (corpus.root / "pyproject.toml").write_text('[tool.contactsheet]\ntitle = "Benchmark"\n')
    return True


def _finished(corpus: Corpus) -> None:
    (corpus.root / _DONE).write_text(_mark())


def _records(corpus: Corpus, talk_every: int) -> None:
    chance = random.Random(corpus.contacts)
    for number in range(corpus.contacts):
        text = _record(chance, number, talks=talk_every > 0 and number % talk_every == 0)
        path = corpus.root / "contacts" / f"contact-{number:06}.yaml"
        path.write_text(text, encoding="utf-8", newline="\n")


def _record(chance: random.Random, number: int, *, talks: bool) -> str:
    """One record of about 1.6 kB as YAML."""
    given, family = chance.choice(_GIVEN.split()), f"{chance.choice(_FAMILY.split())}-{number % 997}"
    words = _WORDS.split()

    def prose(count: int) -> str:
        return " ".join(chance.choice(words) for _ in range(count))

    lines = [
        f"name: {given} {family}",
        f"given_name: {given}",
        f"family_name: {family}",
        f"company: {prose(3).title()}",
        f"title: {prose(2).title()}",
        f"type: {chance.choice(('lead', 'customer', 'supplier'))}",
        f"owner: {chance.choice(('Mira', 'Jonas', 'Priya'))}",
        "emails:",
        f"  - {{label: work, value: contact{number}@example.org}}",
        f"phone: +44 20 7946 {number % 10000:04}",
        f"website: https://example.org/people/{number}",
        f"created: 2026-{number % 12 + 1:02}-{number % 28 + 1:02}",
        f"tags: [{', '.join(sorted({chance.choice(words), chance.choice(words)}))}]",
        "fields:",
        f"  Account: {number:07}",
        "notes: |",
        *(f"  {prose(16)}" for _ in range(11)),
    ]
    if talks:
        lines.append("messages:")
        lines += [
            f"  - {{at: 2026-{month:02}-11T09:{number % 60:02}:00Z, from: contact, channel: email, text: {prose(12)}}}"
            for month in (3, 4)
        ]
    return "\n".join(lines) + "\n"
