"""Pages as trees of elements, so that tests ask for what a page says and not for how its source is laid out."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from html.parser import HTMLParser

VOID = frozenset(("area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"))


class Element:
    """An element with its attributes and what it holds: elements and texts."""

    def __init__(self, tag: str, attributes: Mapping[str, str], parent: Element | None) -> None:
        self.tag, self.attributes, self.parent = tag, attributes, parent
        self.children: list[Element | str] = []

    def __iter__(self) -> Iterator[Element]:
        """All elements below this one, in the order of the page."""
        for child in self.children:
            if isinstance(child, Element):
                yield child
                if child.tag != "template":  # which scripts copy, and which nobody sees
                    yield from child

    def all(self, tag: str = "", having: str = "", **attributes: str) -> list[Element]:
        """The elements below of that tag and class with those attributes (``aria_label`` for aria-label)."""
        wanted = {name.replace("_", "-"): value for name, value in attributes.items()}
        return [
            one
            for one in self
            if (not tag or one.tag == tag)
            and all(one.attributes.get(name) == value for name, value in wanted.items())
            and (not having or having in one.classes)
        ]

    def one(self, tag: str = "", having: str = "", **attributes: str) -> Element:
        """The only such element below."""
        (found,) = self.all(tag, having, **attributes)
        return found

    @property
    def classes(self) -> list[str]:
        """Its classes."""
        return self.attributes.get("class", "").split()

    @property
    def texts(self) -> Iterator[tuple[str, Element]]:
        """All texts in it, each with the element that holds it."""
        for child in self.children:
            if isinstance(child, str):
                yield child, self
            else:
                yield from child.texts

    @property
    def text(self) -> str:
        """All it says, in one line."""
        return " ".join("".join(text for text, _ in self.texts).split())

    @property
    def around(self) -> Iterator[Element]:
        """The elements in which it stands, the nearest first."""
        parent = self.parent
        while parent:
            yield parent
            parent = parent.parent


class _Builder(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.root = self.open = Element("", {}, None)
        self.comments: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        names = [name for name, _ in attrs]
        assert len(set(names)) == len(names), f"<{tag}> has an attribute twice: {names}"
        element = Element(tag, {name: value or "" for name, value in attrs}, self.open)
        self.open.children.append(element)
        if tag not in VOID:
            self.open = element

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if tag not in VOID:
            self.handle_endtag(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.tag == tag, f"</{tag}> ends a <{self.open.tag}>"
        assert self.open.parent is not None
        self.open = self.open.parent

    def handle_data(self, data: str) -> None:
        self.open.children.append(data)

    def handle_comment(self, data: str) -> None:
        self.comments.append(data)


def parsed(page: str) -> Element:
    """The page; every element must be closed where it was opened, and nothing may stand in a comment."""
    builder = _Builder()
    builder.feed(page)
    builder.close()
    assert builder.open is builder.root, f"<{builder.open.tag}> is never closed"
    assert not builder.comments, builder.comments
    return builder.root


def skeleton(element: Element) -> list[tuple[str, tuple[str, ...]]]:
    """The elements below with the names of their attributes: what a page is made of, whatever it says."""
    return [(one.tag, tuple(one.attributes)) for one in element]
