"""Templates: a site replaces what it likes, nothing leads out of them, and a mistake is told with its file and line."""

from __future__ import annotations

import re

import pytest

from contactsheet import views
from contactsheet.read import read_templates
from contactsheet.render import TemplateFault, compiled, render
from tests.conftest import Site, rules

SITE = views.Site("Contacts", "../", {name: f"assets/{name}" for name in ("style.css", "icon.svg", "theme.js")})
FACE = views.Face("ada", "Ada & <Bob>", "A", 3, None, "contacts/ada.html", None)


def made_of(templates: tuple[tuple[str, str], ...], page: object = FACE) -> bytes | TemplateFault:
    """What the template page.html of these makes, or why it makes nothing."""
    ready = compiled(templates)
    return ready if isinstance(ready, TemplateFault) else render(ready, "page.html", SITE, page)


def rendered(text: str, page: object = FACE, **others: str) -> str:
    """What a template makes of a page."""
    made = made_of((("page.html", text), *others.items()), page)
    assert isinstance(made, bytes), made
    return made.decode()


def fault(text: str, **others: str) -> TemplateFault:
    """Why a template makes no page."""
    templates = (("page.html", text), *((f"{name}.html", other) for name, other in others.items()))
    made = made_of(templates)
    assert isinstance(made, TemplateFault), made
    return made


# --- escaping --------------------------------------------------------------------------------------------------------


def test_values_are_escaped_in_texts_and_in_attributes() -> None:
    assert rendered('<p title="{{ page.name }}">{{ page.name }}</p>') == (
        '<p title="Ada &amp; &lt;Bob&gt;">Ada &amp; &lt;Bob&gt;</p>'
    )


def test_what_a_value_says_is_never_taken_for_a_template() -> None:
    face = views.Face("a", "{{ 7 * 7 }} {% for %}", "A", 1, None, "p", None)
    assert rendered("{{ page.name }}", face) == "{{ 7 * 7 }} {% for %}"


def test_what_a_macro_makes_is_escaped_once_and_remembered_pieces_alike() -> None:
    macro = "{% macro bold(text) %}<b>{{ text }}</b>{% endmacro %}"
    assert rendered(macro + "{{ bold(page.name) }}") == "<b>Ada &amp; &lt;Bob&gt;</b>"
    assert rendered(macro + "{{ once(bold, page.name) }}{{ once(bold, page.name) }}") == (
        "<b>Ada &amp; &lt;Bob&gt;</b>" * 2
    )


def test_a_macro_gets_what_it_is_called_with_however_that_is_written() -> None:
    macro = "{% macro show(a, b='-') %}[{{ a }}{{ b }}{{ varargs|join }}{{ kwargs.c }}]{% endmacro %}"
    assert rendered(macro + "{{ show(1, c=3) }}{{ show(1, 2, 3, c=4) }}{{ show(b='<', a=2, c=5) }}") == (
        "[1-3][1234][2&lt;5]"
    )
    macro = "{% macro show(a, b='-') %}[{{ a }}{{ b }}]{% endmacro %}"
    assert rendered(macro + "{{ show('<') }}{{ show(1, b=2) }}{{ show(*[3, 4]) }}") == "[&lt;-][12][34]"
    assert "not more than 2" in fault(macro + "{{ show(1, 2, 3) }}").message
    assert "was not provided" in fault(macro + "{{ show() }}").message
    caller = "{% macro box() %}<i>{{ caller() }}</i>{% endmacro %}{% call box() %}{{ page.name }}{% endcall %}"
    assert rendered(caller) == "<i>Ada &amp; &lt;Bob&gt;</i>"


def test_blocks_lie_in_each_other_in_loops_and_conditions_in_their_order() -> None:
    base = (
        "{% block a %}1{% block b %}2{% endblock %}{% if page.name %}3{% block c %}4{% endblock %}5{% endif %}"
        "{% for x in 'ab' %}({% block d scoped %}{{ x }}{% endblock %}){% endfor %}6{% endblock %}7\n"
    )
    assert rendered(base) == "12345(a)(b)67\n"
    child = "{% extends 'base.html' %}{% block b %}<{{ super() }}ü>{% endblock %}{% block c %}{% endblock %}"
    assert rendered(child, **{"base.html": base}) == "1<2ü>35(a)(b)67\n"
    assert rendered("{% set x %}{% block b %}<b>{% endblock %}{% endset %}{{ x }}|{{ self.b() }}") == "<b>|<b>"


def test_a_remembered_piece_depends_on_all_its_values() -> None:
    macro = "{% macro show(a, b) %}[{{ a }}{{ b }}]{% endmacro %}"
    assert rendered(macro + "{{ once(show, 1, 2) }}{{ once(show, 1, 3) }}{{ once(show, 1, 2) }}") == "[12][13][12]"


def test_a_path_is_encoded_for_an_address() -> None:
    assert rendered("{{ 'a b/ü%.html#cs-latest'|urlpath }}") == "a%20b/%C3%BC%25.html#cs-latest"


# --- mistakes --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "line", "says"),
    [
        ("a\n{{ page.nmae }}", 2, "nmae"),
        ("a\n\n{{ nothing }}", 3, "nothing"),
        ("{% if page.nmae %}{% endif %}", 1, "nmae"),
        ("a\n{{ page.nmae|urlpath }}", 2, "nmae"),
        ("{% block b %}\n{{ page.name }}\n{% block c %}\n{{ page.nmae }}{% endblock %}{% endblock %}", 4, "nmae"),
        ("a\n{% if %}", 2, "Expected an expression"),
        ("a\n{% for x in page.name %}", 2, "endfor"),
        ("a\n{{ 1 / 0 }}", 2, "division by zero"),
        ("a\n{{ page.name|shout }}", 2, "shout"),
        ('a\n{% include "gone.html" %}', 2, "there is no template gone.html"),
        ('{% extends "gone.html" %}', 1, "there is no template gone.html"),
        ('a\n{% include "../pyproject.toml" %}', 2, "there is no template ../pyproject.toml"),
        ('a\n{% include "/etc/passwd" %}', 2, "there is no template /etc/passwd"),
        ('{% include "page.html" %}', 1, "recursion"),
    ],
)
def test_a_mistake_is_told_with_its_line(text: str, line: int, says: str) -> None:
    found = fault(text)
    assert (found.name, found.line) == ("page.html", line)
    assert says in found.message


def test_a_mistake_in_a_macro_of_another_file_is_told_where_it_is() -> None:
    found = fault(
        '{% from "macros.html" import x %}\n{{ x(page) }}', macros="\n\n{% macro x(y) %}\n{{ y.z }}{% endmacro %}"
    )
    assert (found.name, found.line) == ("macros.html", 4)


def test_a_mistake_in_a_template_that_no_page_needs_yet_is_told_too() -> None:
    found = fault("all is well", moved="\n{% if %}")
    assert (found.name, found.line) == ("moved.html", 2)


# --- the sandbox -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "expression",
    [
        "page.__class__",
        "page.__class__.__mro__",
        '"".__class__',
        'page|attr("__class__")',
        '[page]|map(attribute="__class__")|first',
        '"{0.__class__}".format(page)',
        '("{0.__class__}"|format)(page)',
        "page.__init__",
        'page["__class__"]',
        'site.__setattr__("title", "x")',
        "render.__globals__",
        "once.__wrapped__",
        "once.__wrapped__.__globals__",
        "lipsum.__globals__",
        "cycler.__init__.__globals__",
        "self._TemplateReference__context",
        "range(100000000)|list",
    ],
)
def test_an_expression_that_leads_out_of_the_templates_is_refused(expression: str) -> None:
    assert fault(f"a\n{{{{ {expression} }}}}").line == 2


@pytest.mark.parametrize(
    "call",
    [
        "once(page.name.upper)",
        'once("".format, page)',
        "once(range, 3)",
        "once(once, 1)",
        "once(cycler, 1)",
        "once([])",
    ],
)
def test_once_takes_macros_alone(call: str) -> None:
    found = fault(f"a\n{{{{ {call} }}}}")
    assert found.line == 2
    assert found.message.startswith("TypeError")


def test_a_view_cannot_be_changed_by_a_template() -> None:
    assert fault("{% set page.name = 'x' %}").line == 1
    assert fault("{{ [1].append(2) }}").line == 1


# --- a site's own templates ------------------------------------------------------------------------------------------


def test_a_template_of_the_site_replaces_the_programs_and_the_rest_stays(site: Site) -> None:
    site.contact("ada", name="Ada")
    site.write(
        "templates/list.html",
        '{% extends "base.html" %}{% block title %}Ours{% endblock %}{% block content %}'
        "<main>{% for group in page.groups %}{{ group.letter }}{% endfor %}</main>{% endblock %}",
    )
    assert site.build().published
    assert "<main>A</main>" in site.page("index.html")
    assert "<title>Ours</title>" in site.page("index.html")
    assert 'class="picture-area"' in site.page("contacts/ada.html")


def test_a_template_of_the_site_can_draw_the_qr_code_itself(site: Site) -> None:
    site.contact("ada", name="Ada")
    site.write("templates/record.html", '<path d="{{ page.qr.path }}"/>')
    assert site.build().published
    assert re.fullmatch(r'<path d="M4 4h7[Mmh0-9 ]+"/>', site.page("contacts/ada.html"))


def test_a_macro_of_the_site_can_stand_beside_the_programs(site: Site) -> None:
    site.contact("ada", name="Ada")
    site.write("templates/ours.html", "{% macro hi(name) %}Hello {{ name }}!{% endmacro %}")
    site.write("templates/list.html", '{% from "ours.html" import hi %}{{ hi(page.groups[0].rows[0].face.name) }}')
    assert site.build().published
    assert site.page("index.html") == "Hello Ada!"


@pytest.mark.parametrize(
    ("name", "text", "line"),
    [
        ("list.html", "\n{{ page.nothing }}", 2),
        ("record.html", "\n\n{{ page.__class__ }}", 3),
        ("macros.html", "{% macro icon(name) %}\n{% endmacro", 2),
        ("moved.html", "{% endif %}", 1),
    ],
    ids=["an unknown value", "a way out", "a tag that does not end", "a page that this site has not"],
)
def test_a_broken_template_is_a_problem_with_its_line_and_the_old_site_stays(
    site: Site, name: str, text: str, line: int
) -> None:
    site.contact("ada", name="Ada")
    assert site.build().published
    before = site.tree()
    site.contact("bob", name="Bob")
    site.write(f"templates/{name}", text)
    outcome = site.build()
    assert rules(outcome) == ["site/template"]
    (problem,) = outcome.problems
    assert (problem.file, problem.line) == (f"templates/{name}", line)
    assert outcome.failed(strict=False)
    assert site.tree() == before


def test_a_mistake_that_only_the_last_page_meets_leaves_the_old_site_too(site: Site) -> None:
    for number in range(30):
        site.contact(f"c{number:02}", name=f"C {number:02}")
    assert site.build().published
    before = site.tree()
    site.write("templates/record.html", "{% if page.face.id == 'c29' %}{{ 1 / 0 }}{% endif %}fine")
    assert rules(site.build()) == ["site/template"]
    assert site.tree() == before


def test_a_link_among_the_sites_templates_is_not_followed(site: Site) -> None:
    site.contact("ada", name="Ada")
    secret = site.write("secret.html", "secret")
    (site.root / "templates").mkdir()
    try:
        (site.root / "templates/list.html").symlink_to(secret)
    except OSError:
        pytest.skip("not on this system: symbolic links need a right")
    assert site.build().published
    assert "secret" not in site.page("index.html")


def test_the_programs_own_templates_are_all_there(site: Site) -> None:
    names = set(read_templates(site.root))
    assert {"base.html", "list.html", "inbox.html", "thread.html", "record.html", "moved.html", "macros.html"} <= names
    assert {"style.css", "icon.svg"} <= names
