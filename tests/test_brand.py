"""The accent colour in shades that everyone can read, the logo in a size that fits, and the settings of both."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from contactsheet import brand
from tests.conftest import PROJECT, Site
from tests.markup import parsed
from tests.pictures import quarters, saved

STYLE = (PROJECT / "templates/style.css").read_text(encoding="utf-8")
SVG = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 120 30"><rect width="120" height="30"/></svg>'


def tokens(text: str) -> dict[str, tuple[str, str]]:
    """The tokens of a style sheet that have a colour for light and one for dark."""
    found = re.findall(r"--([\w-]+): light-dark\((#[0-9a-f]{6}), (#[0-9a-f]{6})\)", text)
    return {name: (light, dark) for name, light, dark in found}


def contrast(one: str, other: str) -> float:
    """The contrast ratio of two colours as WCAG 2.2 defines it, written down a second time: what is made is judged."""
    dark, light = sorted(map(luminance, (one, other)))
    return (light + 0.05) / (dark + 0.05)


def luminance(colour: str) -> float:
    parts = [part / 255 for part in bytes.fromhex(colour.removeprefix("#"))]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return sum(share * part for share, part in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


def page(site: Site, path: str = "index.html") -> str:
    assert site.build().published
    return site.page(path)


def test_the_grounds_are_those_of_the_style_sheet() -> None:
    known = tokens(STYLE)
    assert tuple(zip(*(known[name] for name in ("ground", "raised", "sunken")), strict=True)) == brand.GROUNDS


@pytest.mark.parametrize(
    "accent", ["", "#2f6f4f", "#ffffff", "#000000", "#ffff00", "#0000ff", "#ff0000", "#808080", "#00ffff"]
)
@pytest.mark.parametrize("scheme", [0, 1], ids=["light", "dark"])
def test_an_accent_is_readable_wherever_it_stands(accent: str, scheme: int) -> None:
    known = {**tokens(STYLE), **tokens(brand.style(accent).decode() if accent else "")}
    token = {name: pair[scheme] for name, pair in known.items()}
    for ground in ("ground", "raised", "sunken", "accent-soft"):
        assert contrast(token["accent"], token[ground]) >= 4.5
    for text in ("ink", "ink-2"):
        assert contrast(token[text], token["accent-soft"]) >= 4.5
    for ground in ("ground", "raised", "sunken"):
        assert contrast(token["accent-strong"], token[ground]) >= 3
    assert contrast(token["on-accent"], token["accent"]) >= 4.5


@pytest.mark.parametrize("ground", ["ground", "raised", "sunken"])
@pytest.mark.parametrize("ink", ["ink", "ink-2", "ink-3"])
def test_every_ink_is_readable_on_every_ground(ink: str, ground: str) -> None:
    known = tokens(STYLE)
    for one, below in zip(known[ink], known[ground], strict=True):
        assert contrast(one, below) >= 4.5


def test_an_accent_that_can_be_read_is_taken_as_it_is() -> None:
    assert tokens(brand.style("#2F6F4F").decode())["accent"][0] == "#2f6f4f"


def test_the_accent_is_a_style_sheet_of_the_site_behind_the_first(site: Site) -> None:
    site.settings('accent = "#2f6f4f"')
    sheets = [link.attributes["href"] for link in parsed(page(site)).all("link", rel="stylesheet")]
    assert [Path(sheet).name.partition(".")[0] for sheet in sheets] == ["style", "accent"]
    assert "#2f6f4f" in site.page(sheets[1])


def test_without_an_accent_there_is_one_style_sheet(site: Site) -> None:
    assert len(parsed(page(site)).all("link", rel="stylesheet")) == 1


@pytest.mark.parametrize(
    ("name", "data", "size"),
    [
        ("logo.svg", SVG, ("112", "28")),
        ("logo.svg", '<?xml version="1.0"?><svg width="10px" height="20px"></svg>', ("14", "28")),
        ("logo.svg", '<svg viewBox="0 0 4000 10"/>', ("160", "1")),
        ("logo.png", saved(quarters(64, 32), "PNG"), ("56", "28")),
    ],
    ids=["SVG with a viewBox", "SVG with sides", "very wide", "PNG"],
)
def test_the_logo_stands_before_the_title_with_its_size(
    site: Site, name: str, data: str | bytes, size: tuple[str, str]
) -> None:
    site.settings(f'logo = "{name}"')
    site.write(f"templates/{name}", data)
    image = parsed(page(site)).one("a", having="brand").one("img")
    assert (image.attributes["width"], image.attributes["height"]) == size
    assert image.attributes["alt"] == ""
    assert (site.output / image.attributes["src"]).is_file()


@pytest.mark.parametrize("data", [None, "<svg></svg>", '<svg viewBox="0 0 0 0"></svg>'])
def test_a_logo_that_cannot_be_shown_is_refused_in_check_too(site: Site, data: str | None) -> None:
    site.settings('logo = "logo.svg"')
    if data is not None:
        site.write("templates/logo.svg", data)
    (found,) = site.check().problems
    assert (found.rule, found.file) == ("site/template", "templates/logo.svg")
    assert not site.build().published


def test_a_site_changes_one_block_and_leaves_the_rest_to_the_program(site: Site) -> None:
    site.write(
        "templates/base.html",
        '{% extends "program/base.html" %}{% block head %}<link rel="stylesheet" '
        'href="{{ site.root }}{{ site.assets["ours.css"]|urlpath }}">{% endblock %}',
    )
    site.write("templates/ours.css", "body { color: red; }")
    site.contact("ada", name="Ada")
    document = parsed(page(site, "contacts/ada.html"))
    sheets = [Path(link.attributes["href"]).name for link in document.all("link", rel="stylesheet")]
    assert [sheet.partition(".")[0] for sheet in sheets] == ["style", "ours"]
    assert document.one("h1").text == "Ada"


@pytest.mark.parametrize(("setting", "robots"), [("", ["noindex"]), ("search_engines = true", [])])
def test_search_engines_are_asked_to_stay_away_unless_the_site_says_otherwise(
    site: Site, setting: str, robots: list[str]
) -> None:
    site.settings(setting)
    metas = parsed(page(site)).all("meta", name="robots")
    assert [meta.attributes["content"] for meta in metas] == robots
