"""What a site sets in [tool.contactsheet] of its pyproject.toml. Every setting has a default, the file is optional."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

from contactsheet.brand import LOGO_SUFFIXES, is_colour
from contactsheet.hosting import HOSTS
from contactsheet.nearest import nearest
from contactsheet.read import read_bytes
from contactsheet.repository import SETTINGS
from contactsheet.zones import countries, zone

FILE = SETTINGS
PICTURE_BYTES = 2_621_440  # 2.5 MB
COLUMNS = ("company", "title", "email", "phone", "type", "tags", "owner", "last_activity")
_SIZE_LIMIT = 1_048_576  # bytes of pyproject.toml


class SettingsError(Exception):
    """The settings cannot be used; the text says why and what to write."""


def _setting(default: Any, what: str, low: int = 0, high: int = 0) -> Any:
    return field(default=default, metadata={"what": what, "low": low, "high": high})


@dataclass(frozen=True, slots=True)
class Settings:
    """The settings of a site; the texts beside them are their documentation."""

    title: str = _setting("Contacts", "the site's name, at the top of every page")
    logo: str = _setting("", "a file in `templates/`, SVG or PNG, that stands before the title")
    accent: str = _setting(
        "", "the colour of what is chosen or new, as in `#2f6f4f`; shades of it are taken where it could not be read"
    )
    search_engines: bool = _setting(
        False, "`true` lets search engines list the site; by default every page asks them not to"
    )
    repository: str = _setting("", "address of the repository on its host, for links to its upload page")
    branch: str = _setting("main", "the branch that those links lead to")
    host: str = _setting(
        "", "what serves the repository, `github`, `gitlab`, `gitea` or `bitbucket`, where its address does not tell"
    )
    detail_page: str = _setting(
        "picture-area", "`picture-area` shows the control for the picture on record pages, `classic` leaves it out"
    )
    picture_history: bool = _setting(
        True,
        "`false` leaves out of record pages what git remembers of the picture: when it changed, by whom, from what",
    )
    columns: tuple[str, ...] = field(
        default=COLUMNS,
        metadata={
            "what": "what rows of the contact list show besides the name, in this order; also custom fields, as in "
            "`fields.Account`. `company` and `title` stand below the name, `type` stands with the tags"
        },
    )
    contacts_per_page: int = _setting(100, "rows on a page of the contact list", 1, 1000)
    conversations_per_page: int = _setting(50, "conversations on a page of the inbox", 2, 500)
    max_picture_bytes: int = _setting(PICTURE_BYTES, "the largest picture accepted, in bytes", 1, 26_214_400)
    avatar_service: bool = _setting(
        False,
        "`true` also publishes each picture at the addresses under which Libravatar and Gravatar have it, which lets "
        "anyone test whether an e-mail address is known",
    )
    phone_region: str = _setting("", "country (two letters) of phone numbers that name none")
    time_zone: str = _setting("UTC", "IANA name of the time zone in which times are shown")
    rules: Mapping[str, str] = field(
        default_factory=dict,
        metadata={"what": "rules by name, each set to `error`, `warning`, `notice` or `off`"},
    )


def load(root: Path) -> Settings:
    """The settings of the repository ``root``. Raises SettingsError for what cannot be used."""
    import tomllib

    if not os.path.lexists(root / FILE):
        return Settings()
    data = read_bytes(root, FILE, _SIZE_LIMIT)
    if not isinstance(data, bytes):
        raise SettingsError(f"{FILE}: {data.message}")
    try:
        text = data.decode("utf-8-sig").replace("\r\n", "\n")
        table = tomllib.loads(text)
    except UnicodeDecodeError:
        raise SettingsError(f"{FILE}: the file is not UTF-8; save it as UTF-8") from None
    except (ValueError, RecursionError) as error:
        raise SettingsError(f"{FILE}: this is not TOML: {error}") from None
    chosen = table.get("tool", {})
    chosen = chosen.get("contactsheet", {}) if isinstance(chosen, dict) else {}
    if not isinstance(chosen, dict):
        raise SettingsError(f"{FILE}: tool.contactsheet is a value; write a table, [tool.contactsheet]")
    return Settings(**{name.replace("-", "_"): _checked(name, value, text) for name, value in chosen.items()})


def _refused(text: str, name: str, message: str) -> SettingsError:
    """The error of a setting, with the line on which it stands if that can be told."""
    name_in_toml = rf"\s*(?:rules\s*\.\s*)?[\"']?{re.escape(name)}[\"']?\s*="
    inside = False
    for number, line in enumerate(text.splitlines(), 1):
        if line.lstrip().startswith("["):
            inside = re.match(r"\s*\[\s*tool\s*\.\s*contactsheet\b", line) is not None
        elif inside and re.match(name_in_toml, line):
            return SettingsError(f"{FILE}:{number}: {message}")
    return SettingsError(f"{FILE}: {message}")


def _checked(written: str, value: Any, text: str) -> Any:
    name = written.replace("-", "_")
    known = {one.name: one for one in fields(Settings)}
    if name not in known:
        near = nearest(name, known, 0.5)
        hint = f"did you mean {near}?" if near else f"known are {', '.join(known)}"
        raise _refused(text, written, f"[tool.contactsheet] has no setting “{written}”; {hint}")
    if name == "rules":
        return _checked_rules(value, text)
    if name == "columns":
        return _checked_columns(value, text)
    default, limits = known[name].default, known[name].metadata
    if isinstance(default, bool):
        if not isinstance(value, bool):
            raise _refused(text, written, f"{written} is {value!r}; write true or false")
    elif isinstance(default, int):
        if not isinstance(value, int) or isinstance(value, bool) or not limits["low"] <= value <= limits["high"]:
            span = f"from {limits['low']:,} to {limits['high']:,}"
            raise _refused(text, written, f"{written} is {value!r}; write a whole number {span}")
    elif not isinstance(value, str) or not value.isprintable():
        raise _refused(text, written, f"{written} is not a text of one line; write it in quotes")
    if fix := _fix(name, value):
        raise _refused(text, written, f"{written} is “{value}”; write {fix}")
    return value


def _fix(name: str, value: Any) -> str:
    """What to write instead of a setting of the right type; empty where nothing is wrong with it."""
    if name == "detail_page" and value not in ("picture-area", "classic"):
        return "“picture-area” or “classic”"
    if name == "accent" and value and not is_colour(value):
        return "a colour as # and six digits from 0 to f, for example #2f6f4f"
    if name == "logo" and value and not (value.endswith(LOGO_SUFFIXES) and "/" not in value and "\\" not in value):
        return "the name of an SVG or PNG file in templates/, for example logo.svg"
    if name == "host" and value not in ("", *HOSTS):
        return " or ".join(f"“{host}”" for host in HOSTS)
    if name == "repository" and value and not re.match(r"https?://[^/\s]+", value):
        return "an address that begins with https://"
    if name == "phone_region" and value and value not in countries():
        return "a country's two letters in capitals, for example GB"
    if name == "time_zone" and zone(value) is None:
        return "an IANA name such as Europe/London"
    return ""


def _checked_columns(value: Any, text: str) -> tuple[str, ...]:
    if not isinstance(value, list) or not all(isinstance(one, str) for one in value):
        raise _refused(text, "columns", 'columns is not a list of texts; write it as in ["email", "phone"]')
    for name in value:
        if name not in COLUMNS and not re.fullmatch(r"fields\.\S.*", name):
            near = nearest(name, COLUMNS, 0.5)
            hint = f"did you mean {near}?" if near else f"known are {', '.join(COLUMNS)} and fields.NAME"
            raise _refused(text, "columns", f"columns has “{name}”, which is no column; {hint}")
        if value.count(name) > 1:
            raise _refused(text, "columns", f"columns has “{name}” twice; take one out")
    return tuple(value)


def _checked_rules(value: Any, text: str) -> Mapping[str, str]:
    from contactsheet.rules import catalogue

    if not isinstance(value, dict):
        raise _refused(text, "rules", "rules is a value; write a table, [tool.contactsheet.rules]")
    for name, weight in value.items():
        rule = catalogue().get(name)
        if rule is None:
            near = nearest(name, catalogue(), 0.5)
            hint = f"did you mean {near}?" if near else "the command `rules` lists them"
            raise _refused(text, name, f"there is no rule “{name}”; {hint}")
        if weight not in ("error", "warning", "notice", "off"):
            raise _refused(text, name, f"{name} is {weight!r}; write “error”, “warning”, “notice” or “off”")
        if rule.firm and weight != "error":
            raise _refused(text, name, f"{name} stays an error, since without it there is nothing safe to show")
    return dict(value)
