"""What a site sets in [tool.contactsheet] of its pyproject.toml. Every setting has a default, the file is optional."""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

from contactsheet.read import read_bytes

FILE = "pyproject.toml"
PICTURE_BYTES = 2_621_440  # 2.5 MB
_SIZE_LIMIT = 1_048_576  # bytes of pyproject.toml


class SettingsError(Exception):
    """The settings cannot be used; the text says why and what to write."""


def _setting(default: Any, what: str, low: int = 0, high: int = 0) -> Any:
    return field(default=default, metadata={"what": what, "low": low, "high": high})


@dataclass(frozen=True, slots=True)
class Settings:
    """The settings of a site; the texts beside them are their documentation."""

    title: str = _setting("Contacts", "the site's name, at the top of every page")
    repository: str = _setting("", "address of the repository on its host, for links to its upload page")
    branch: str = _setting("main", "the branch that those links lead to")
    detail_page: str = _setting(
        "picture-area", "`picture-area` shows the control for the picture on record pages, `classic` leaves it out"
    )
    contacts_per_page: int = _setting(100, "rows on a page of the contact list", 1, 1000)
    conversations_per_page: int = _setting(50, "conversations on a page of the inbox", 2, 500)
    max_picture_bytes: int = _setting(PICTURE_BYTES, "the largest picture accepted, in bytes", 1, 26_214_400)
    phone_region: str = _setting("", "country (two letters) of phone numbers that name none")
    time_zone: str = _setting("UTC", "IANA name of the time zone in which times are shown")
    rules: Mapping[str, str] = field(
        default_factory=dict,
        metadata={"what": "rules by name, each set to `error`, `warning`, `notice` or `off`"},
    )


def load(root: Path) -> Settings:
    """The settings of the repository ``root``. Raises SettingsError for what cannot be used."""
    import tomllib

    if not (root / FILE).exists():
        return Settings()
    data = read_bytes(root, FILE, _SIZE_LIMIT)
    if not isinstance(data, bytes):
        raise SettingsError(f"{FILE}: {data.message}")
    try:
        table = tomllib.loads(data.decode("utf-8"))
    except (ValueError, RecursionError) as error:
        raise SettingsError(f"{FILE}: this is not TOML: {error}") from None
    chosen = table.get("tool", {})
    chosen = chosen.get("contactsheet", {}) if isinstance(chosen, dict) else {}
    if not isinstance(chosen, dict):
        raise SettingsError(f"{FILE}: [tool.contactsheet] is no table")
    return Settings(
        **{name.replace("-", "_"): _checked(name.replace("-", "_"), value) for name, value in chosen.items()}
    )


def _checked(name: str, value: Any) -> Any:
    known = {one.name: one for one in fields(Settings)}
    if name not in known:
        near = difflib.get_close_matches(name, known, 1, 0.5)
        hint = f"did you mean {near[0]}?" if near else f"known are {', '.join(known)}"
        raise SettingsError(f"{FILE}: [tool.contactsheet] has no setting {name!r}; {hint}")
    if name == "rules":
        return _checked_rules(value)
    default, limits = known[name].default, known[name].metadata
    if isinstance(default, int):
        if not isinstance(value, int) or isinstance(value, bool) or not limits["low"] <= value <= limits["high"]:
            raise SettingsError(f"{FILE}: {name} is a whole number from {limits['low']} to {limits['high']}")
    elif not isinstance(value, str) or not value.isprintable():
        raise SettingsError(f"{FILE}: {name} is a text of one line")
    if fault := _fault(name, value):
        raise SettingsError(f"{FILE}: {name} {fault}")
    return value


def _fault(name: str, value: Any) -> str:
    """What is wrong with a setting of the right type; empty where nothing is."""
    if name == "detail_page" and value not in ("picture-area", "classic"):
        return "is “picture-area” or “classic”"
    if name == "repository" and value and not value.startswith(("https://", "http://")):
        return "is an address that begins with https://"
    if name == "phone_region" and value and not (len(value) == 2 and value.isascii() and value.isupper()):
        return "is a country's two letters in capitals, for example GB"
    if name == "time_zone":
        from contactsheet.names import zone

        if zone(value) is None:
            return "is an IANA name such as Europe/London"
    return ""


def _checked_rules(value: Any) -> Mapping[str, str]:
    from contactsheet.rules import catalogue

    if not isinstance(value, dict):
        raise SettingsError(f"{FILE}: [tool.contactsheet.rules] is no table")
    for name, weight in value.items():
        rule = catalogue().get(name)
        if rule is None:
            near = difflib.get_close_matches(name, catalogue(), 1, 0.5)
            hint = f"; did you mean {near[0]}?" if near else ""
            raise SettingsError(f"{FILE}: there is no rule {name!r}{hint}")
        if weight not in ("error", "warning", "notice", "off"):
            raise SettingsError(f"{FILE}: {name} is set to error, warning, notice or off")
        if rule.firm and weight != "error":
            raise SettingsError(f"{FILE}: {name} stays an error; without it there is nothing safe to show")
    return dict(value)
