"""Group H: what strangers write into records, file names and pictures stays text on every page."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import pytest

from tests.conftest import PROJECT, Site, rules
from tests.markup import Element, parsed, skeleton
from tests.pictures import quarters, saved, segment, with_segments

if TYPE_CHECKING:
    from tests.browser import OpenWindow

pytest_plugins = ["tests.browser"]

MARK = "qzx"
PAYLOADS = {
    "markup": f"<script>alert('{MARK}')</script><img src={MARK} onerror=alert(1)>",
    "attribute": f"\" onmouseover=\"alert('{MARK}')\" autofocus onfocus=alert(1) x='",
    "ends": f"</title></style></textarea></script></bdi></p><svg onload=alert('{MARK}')>",
    "comment": f"--><!--{MARK}--!><![CDATA[ ]]> <?php {MARK} ?>",
    "template": MARK + " {{7919*6841}} {% for x in y %} {# no #} ${7919*6841} #{7919*6841} <%= 7919*6841 %>",
    "address": f"javascript:alert('{MARK}')",
    "style": f"</style><style>*{{display:none}}</style> {MARK};background:url(//evil.example/{MARK})",
    "entities": f"&lt;b&gt; {MARK} &amp;amp; &#x3c;script&#x3e; &quot;",
    "bidi": f"\u202e\u2066{MARK} \u05d0\u200f gpj.exe",
    "clobbering": f'{MARK} id="cs-main" name="title" <a id=cs-panel><form name=body>',
}
HARMLESS = f"{MARK} harmless"


def record(text: str) -> str:
    """A record that says ``text`` in every field that can say anything."""
    quoted = json.dumps(text, ensure_ascii=False)
    lines = json.dumps(f"{text}\n{text}", ensure_ascii=False)
    plain = ("name", "given_name", "family_name", "pronouns", "company", "title", "type", "owner", "source")
    return (
        "".join(f"{field}: {quoted}\n" for field in plain)
        + f"emails: [{{label: {quoted}, value: ada@example.org}}]\n"
        + f"phones: [{{label: {quoted}, value: +44 20 7946 0958}}]\n"
        + f"websites: [{{label: {quoted}, value: 'https://example.org/?a=1&b=%22%3E'}}]\n"
        + f"address: {lines}\nnotes: {lines}\ntags: [{quoted}, {', '.join([quoted] * 50)}]\n"
        + f"do_not_disturb: [{quoted}, fax]\nfields: {{{quoted}: {quoted}}}\nmessages:\n"
        + f"  - {{at: 2026-11-19T09:30:00Z, from: contact, channel: {quoted}, text: {lines}, read: false}}\n"
        + f"  - {{at: 2026-11-20T09:30:00Z, from: {quoted}, channel: {quoted}, text: {lines}}}\n"
    )


def write(site: Site, contact_id: str, text: str) -> None:
    """A contact that says ``text``, and a record like it that was merged into it and lost all it said."""
    site.contact(contact_id, record(text))
    other = record(f"{text}!").partition("messages:")[0].replace("birthday", "")
    site.contact(f"old-{contact_id}", f"{other}merge_into: {{contact: {contact_id}}}\n")


def documents(site: Site) -> dict[str, Element]:
    """All pages of a built site."""
    return {
        path.relative_to(site.output).as_posix(): parsed(path.read_text(encoding="utf-8"))
        for path in sorted(site.output.rglob("*.html"))
    }


def told(text: str) -> str:
    """A text as a page's words give it back."""
    return " ".join(text.split())


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A built site with a contact for every payload."""
    site = Site(tmp_path_factory.mktemp("hostile") / "site")
    for contact_id, text in PAYLOADS.items():
        write(site, contact_id, text)
    outcome = site.build()
    assert outcome.published, outcome.problems
    yield site


@pytest.fixture(scope="module")
def pages(hostile: Site) -> dict[str, Element]:
    """The pages of the hostile site."""
    return documents(hostile)


@pytest.mark.parametrize("kind", PAYLOADS)
def test_h1_h2_h3_a_page_is_made_of_the_same_elements_whatever_its_record_says(site: Site, kind: str) -> None:
    write(site, "ada", HARMLESS)
    assert site.build().published
    expected = {path: skeleton(document) for path, document in documents(site).items()}
    write(site, "ada", PAYLOADS[kind])
    assert site.build().published
    assert {path: skeleton(document) for path, document in documents(site).items()} == expected


@pytest.mark.parametrize("kind", PAYLOADS)
def test_h1_h7_every_field_shows_what_was_written_character_by_character(pages: dict[str, Element], kind: str) -> None:
    text = told(PAYLOADS[kind])
    shown = {path: document.one("main").text for path, document in pages.items()}
    assert shown["index.html"].count(text) >= 6
    assert shown[f"contacts/{kind}.html"].count(text) >= 25
    assert shown[f"inbox/{kind}.html"].count(text) >= 6
    assert shown[f"contacts/old-{kind}.html"].count(text) >= 2
    assert pages[f"contacts/{kind}.html"].one("title").text.startswith(text)


@pytest.mark.parametrize(
    ("address", "rule"),
    [
        ("javascript:alert(1)", "contact/website"),
        ("JaVaScRiPt://example.org/%0aalert(1)", "contact/website"),
        ("  javascript:alert(1)", "contact/website"),
        ("\\x01javascript:alert(1)", "yaml/control-character"),
        ("java\\tscript:alert(1)", "contact/line-break"),
        ("\\njavascript:alert(1)", "contact/line-break"),
        ("data:text/html,<script>alert(1)</script>", "contact/website"),
        ("vbscript:msgbox(1)", "contact/website"),
        ("file:///etc/passwd", "contact/website"),
        ("ftp://example.org/", "contact/website"),
        ("//evil.example/", "contact/website"),
        ("\\\\\\\\evil.example", "contact/website"),
        ("/\\\\evil.example", "contact/website"),
        ("https:\\\\\\\\evil.example", "contact/website"),
        ("https:evil.example", "contact/website"),
        ("https:///evil.example", "contact/website"),
        ("https://example.org@evil.example/", "contact/website"),
        ('https://example.org/\\" onclick=\\"alert(1)', "contact/website"),
        ("https://example.org/<script>", "contact/website"),
        ("https://example.org/\\u202egpj.exe", "contact/website"),
    ],
)
def test_h4_an_address_that_is_not_of_the_web_is_refused_at_its_line(site: Site, address: str, rule: str) -> None:
    site.contact("ada", f'name: Ada\nwebsite: "{address}"\n')
    site.contact("bob", "nmae: Bob")
    outcome = site.check()
    assert outcome.failed(strict=False)
    found = next(problem for problem in outcome.problems if problem.rule == rule)
    assert (found.file, found.line) == ("contacts/ada.yaml", 2)
    assert found.fix
    assert "contact/unknown-field" in rules(outcome), "the other record is judged too"


@pytest.mark.parametrize(
    "address",
    [
        "javascript:alert(1)",
        '\\"<script>\\"@example.org',
        "a@example.org?bcc=b@example.org",
        "a@b@example.org",
        "a@[::1]",
    ],
)
def test_h4_an_e_mail_address_that_says_more_is_refused(site: Site, address: str) -> None:
    site.contact("ada", f'name: Ada\nemail: "{address}"\n')
    assert rules(site.check()) == ["contact/email"]


def test_h4_links_lead_to_pages_web_addresses_mail_and_phones_alone(pages: dict[str, Element]) -> None:
    schemes = set()
    for document in pages.values():
        for one in document:
            for name in ("href", "src", "action", "formaction", "poster", "data", "srcset"):
                link = one.attributes.get(name, "")
                is_code = one.tag == "image" and re.fullmatch(r"data:image/png;base64,[A-Za-z0-9+/=]+", link)
                schemes.add("" if is_code else urlsplit(link).scheme)
                assert not link.startswith(("/", "\\"))
                assert link == link.strip()
    assert schemes == {"", "https", "mailto", "tel"}


def test_h5_no_page_has_a_script_of_its_own(pages: dict[str, Element]) -> None:
    scripts = [script for document in pages.values() for script in document.all("script")]
    assert scripts
    for script in scripts:
        assert "src" in script.attributes or script.attributes.get("type") == "application/json"


def test_h6_no_field_stands_in_an_attribute_a_style_or_a_comment(pages: dict[str, Element]) -> None:
    for document in pages.values():
        assert not document.all("style")
        for one in document:
            assert not [name for name in one.attributes if name.startswith("on") or name == "style"]
            assert not [value for value in one.attributes.values() if MARK in value]


def test_h7_nothing_that_a_record_says_is_computed(hostile: Site) -> None:
    texts = [path.read_bytes() for path in hostile.output.rglob("*") if path.is_file()]
    assert any(b"7919*6841" in text for text in texts)
    assert not any(str(7919 * 6841).encode() in text for text in texts)


def test_h9_every_page_forbids_what_it_does_not_need_before_it_loads_anything(pages: dict[str, Element]) -> None:
    for document in pages.values():
        policy = document.one("meta", http_equiv="Content-Security-Policy")
        wanted = dict(part.strip().partition(" ")[::2] for part in policy.attributes["content"].split(";"))
        assert wanted["default-src"] == "'none'"
        assert wanted["base-uri"] == wanted["form-action"] == "'none'"
        assert not re.search(r"unsafe|\*|https?:", policy.attributes["content"])
        assert policy.parent is not None
        head = [one for one in policy.parent.children if isinstance(one, Element)]
        assert head.index(policy) <= 1, "only the charset stands before it"


def test_h10_a_texts_direction_ends_where_the_text_ends(pages: dict[str, Element]) -> None:
    marked = [
        (path, text, [holder, *holder.around])
        for path, document in pages.items()
        for text, holder in document.one("body").texts
        if MARK in text
    ]
    assert marked
    for path, text, around in marked:
        assert any(one.tag == "bdi" or one.attributes.get("dir") == "auto" for one in around), (path, text)


def test_h10_no_text_holds_two_values_so_that_one_could_turn_the_other_round(pages: dict[str, Element]) -> None:
    turned = 0
    for path, document in pages.items():
        for text, holder in document.one("body").texts:
            turned += "\u202e" in text
            of_lines = {name for one in (holder, *holder.around) for name in one.classes} & {"lines", "preview"}
            assert text.count("\u202e") <= (2 if of_lines else 1), (path, text)
    assert turned


def test_h11_ids_have_a_prefix_and_nothing_but_meta_has_a_name(pages: dict[str, Element]) -> None:
    for document in pages.values():
        for one in document:
            assert one.attributes.get("id", "cs-").startswith("cs-")
            assert "name" not in one.attributes or one.tag == "meta"


def test_h12_a_real_browser_shows_every_page_and_nothing_else_happens(window: OpenWindow, hostile: Site) -> None:
    base = f"{hostile.output.as_uri()}/"
    one = window(base)
    assert (
        one.tour(base, hostile.output) == len(PAYLOADS) * 3 + 5
    )  # the list, the inbox with two tabs, and the way to add a contact
    assert one.complaints == []


# --- the other ways in -----------------------------------------------------------------------------------------------


def test_json_files_give_back_what_was_written(hostile: Site) -> None:
    index = hostile.index()
    assert {contact_id: index[contact_id]["name"] for contact_id in PAYLOADS} == PAYLOADS


def test_a_pictures_name_and_what_is_written_in_it_stay_out_of_the_markup(site: Site) -> None:
    evil = b"<script>alert('qzx')</script>"
    picture = with_segments(
        saved(quarters(512, 512)), segment(0xFE, evil), segment(0xE1, b"http://ns.adobe.com/xap/1.0/\0" + evil)
    )
    site.write("avatars/it's {{site}} & co.jpg", picture)
    site.contact("ada", 'avatar: "it\'s {{site}} & co.jpg"', name="Ada")
    assert site.build().published
    for path in site.output.rglob("*"):
        assert path.is_dir() or evil not in path.read_bytes()
    area = parsed(site.page("contacts/ada.html")).one(having="picture-area")
    assert area.one("code").text == "avatars/it's {{site}} & co.jpg"


@pytest.mark.parametrize("name", ["<img src=x onerror=alert(1)>", 'a" onload="x', "{{7*7}}", "javascript:alert(1)"])
def test_a_records_name_that_could_be_more_than_a_name_is_refused(site: Site, name: str) -> None:
    try:
        site.contact(name, name="Ada")
    except OSError:
        pytest.skip("not on this system: the file system has no such names")
    site.contact("bob", "nmae: Bob")
    outcome = site.build()
    assert outcome.published is None
    assert "contact/id" in rules(outcome)
    assert "contact/unknown-field" in rules(outcome)


# --- the source: what must never be written there --------------------------------------------------------------------

TEMPLATES = sorted((PROJECT / "templates").glob("*.html"))
CODE = sorted((PROJECT / "contactsheet").rglob("*.py"))
WITHOUT_ESCAPING = re.compile(
    r"\|\s*safe\b|\bMarkup\s*\(|\bfrom_string\s*\(|autoescape\s*=\s*False|\{%-?\s*autoescape|\bforceescape\b|\beval\s*\("
)
SITE_PATH = re.compile(r"(?:site\.)?root|.*\|urlpath")
# Encoded where they are made: addresses of the repository's host, links in what people write, places of this page.
MADE = {
    *("item.href", "piece.href", "letter.href", "area.href"),
    *("page.new", "page.upload", "page.source.edit", "merged.source.edit", "past.href"),
    *("picture.large", "picture.small", "card.small", "card.pair.apart"),  # data addresses of the program's thumbnails
    "page.qr.src",  # and of its QR code
}
NO_ADDRESS = {"site.title", "page.policy"}  # the content of a <meta> that says a name, or the hash of a style
ADDRESS = re.compile(r'\s(?:href|src|srcset|content)="((?:\{\{.*?\}\}|\{%.*?%\}|[^"])*)"')


def test_h8_nothing_in_the_source_goes_past_the_escaping() -> None:
    sources = [*TEMPLATES, *CODE]
    assert len(sources) > 100
    assert [path for path in sources if WITHOUT_ESCAPING.search(path.read_text(encoding="utf-8"))] == []


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.name)
def test_h3_h6_values_stand_in_quotes_and_never_where_a_browser_reads_code(path: Path) -> None:
    source = re.sub(r"\{#.*?#\}|\{%.*?%\}", "", path.read_text(encoding="utf-8"), flags=re.DOTALL)
    markup = re.sub(r'"[^"]*"', '""', re.sub(r"\{\{.*?\}\}", "value", source))
    assert not re.search(r"<[a-z][^>]*\s[\w:-]+\s*=(?!\")", markup)
    assert not re.search(r"<[a-z][^>]*\s(?:on\w+|style)\s*=", markup)
    assert not re.search(r"<!--|<style", markup)


def test_h6_every_part_of_an_address_is_encoded() -> None:
    parts = [
        (path.name, part)
        for path in TEMPLATES
        for address in ADDRESS.findall(path.read_text(encoding="utf-8"))
        for part in re.findall(r"\{\{\s*(.*?)\s*\}\}", address)
    ]
    assert parts
    assert [one for one in parts if one[1] not in MADE | NO_ADDRESS and not SITE_PATH.fullmatch(one[1])] == []
