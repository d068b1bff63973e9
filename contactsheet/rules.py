"""The catalogue of rules: what each finding is called, how much it weighs, why it is one.

The texts stand in ``rules.toml`` beside this module.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from typing import NamedTuple

from contactsheet.problems import Place, Problem, Severity


class Rule(NamedTuple):
    """One rule.

    ``firm``: it cannot be lowered, because without it there is no value to go on with, or no safe one.
    """

    name: str
    severity: Severity
    firm: bool
    summary: str
    why: str
    wrong: str
    right: str

    @property
    def group(self) -> str:
        """What the rule is about: yaml, contact, avatar, merge, site or import."""
        return self.name.partition("/")[0]


@cache
def catalogue() -> Mapping[str, Rule]:
    """Every rule by its name, in the order of the catalogue."""
    import tomllib
    from importlib import resources

    text = resources.files("contactsheet").joinpath("rules.toml").read_text(encoding="utf-8")
    return {
        name: Rule(
            name=name,
            severity=Severity(entry["severity"]),
            firm=entry.get("firm", False),
            summary=entry["summary"],
            why=entry["why"],
            wrong=entry["wrong"],
            right=entry["right"],
        )
        for name, entry in tomllib.loads(text).items()
    }


def problem(
    rule: str,
    file: str,
    place: Place | None = None,
    *,
    field: str = "",
    message: str,
    fix: str,
    related: Iterable[str] = (),
) -> Problem:
    """A problem under the named rule, with that rule's default severity.

    Raises KeyError for a rule that the catalogue lacks.
    """
    line, column = place or (None, None)
    return Problem(rule, catalogue()[rule].severity, file, line, column, field, message, fix, tuple(related))


def weighed(problems: Iterable[Problem], weights: Mapping[str, str]) -> list[Problem]:
    """The problems with the severities that a site has set; those of rules that it turned off are left out."""
    found = []
    for one in problems:
        weight = weights.get(one.rule, one.severity)
        if weight != "off":
            found.append(one if weight == one.severity else one._replace(severity=Severity(weight)))
    return found


def explanation(rule: Rule) -> Iterator[str]:
    """A rule in words, line by line: what it says, why, and an example of wrong and right."""
    yield f"{rule.name}: {rule.summary} ({rule.severity}{', cannot be lowered' if rule.firm else ''})"
    yield ""
    yield from rule.why.strip().splitlines()
    for title, example in (("Wrong", rule.wrong), ("Right", rule.right)):
        yield ""
        yield f"{title}:"
        yield from (f"    {line}" for line in example.strip("\n").splitlines())
