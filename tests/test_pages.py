"""The pages of a built site: what stands where, who is shown how, and that every link leads somewhere."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit

import pytest

from tests.conftest import Site
from tests.links import dead_links
from tests.markup import Element, parsed
from tests.pictures import quarters, saved

PICTURE = saved(quarters(512, 512), "PNG")
NEWEST = datetime(2026, 11, 20, 9, 30, tzinfo=UTC)


def messages(count: int, newest: datetime = NEWEST, text: str = "Hello") -> str:
    """So many messages of a contact, an hour apart, as YAML."""
    lines = "".join(
        f"  - {{at: {(newest - timedelta(hours=back)).isoformat()}, from: contact, channel: email, text: {text}}}\n"
        for back in range(count)
    )
    return f"messages:\n{lines}"


def built(site: Site) -> Site:
    outcome = site.build()
    assert outcome.published, outcome.problems
    return site


def page(site: Site, path: str) -> Element:
    return parsed(site.page(path))


def conversation_list(document: Element) -> list[str]:
    """The IDs in the page's conversation list, in order."""
    entries = document.one("nav", aria_label="Conversations").all("li", having="conversation")
    return [entry.attributes["data-contact"] for entry in entries]


@pytest.fixture(scope="module")
def three(tmp_path_factory: pytest.TempPathFactory) -> Site:
    """Ada with a picture and a conversation, Grace with a picture, and Zoë with a conversation; to be looked at."""
    site = Site(tmp_path_factory.mktemp("three") / "site")
    site.contact("ada", f"family_name: Lovelace\n{messages(2)}", name="Ada Lovelace")
    site.write("avatars/ada.png", PICTURE)
    site.contact("sales/grace", "tags: [navy]", name="Grace Hopper")
    site.write("avatars/sales/grace.png", saved(quarters(600, 600, "L"), "PNG"))
    site.contact("zoe", messages(1, NEWEST - timedelta(days=3)), name="Zoë")
    return built(site)


# --- pictures and initials -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("path", "landmark", "label", "size"),
    [
        ("index.html", "main", "", "40"),
        ("inbox.html", "nav", "Conversations", "40"),
        ("inbox/ada.html", "nav", "Conversations", "40"),
        ("inbox/ada.html", "aside", "Contact", "128"),
    ],
    ids=["list", "inbox", "beside a thread", "panel"],
)
def test_a_picture_stands_with_its_contact_in_sizes_for_every_screen(
    three: Site, path: str, landmark: str, label: str, size: str
) -> None:
    avatar = three.index()["ada"]["avatar"]
    around = page(three, path).one(landmark, **({"aria_label": label} if label else {}))
    (image,) = [
        image for image in around.all("img") if any(one.attributes.get("data-contact") == "ada" for one in image.around)
    ]
    up = "../" * path.count("/")
    once, twice = (avatar["96"], avatar["96"]) if size == "40" else (avatar["512"], avatar["512"])
    assert image.attributes["src"] == f"{up}{once}"
    assert image.attributes["srcset"] == f"{up}{once} 1x, {up}{twice} 2x"
    assert (image.attributes["width"], image.attributes["height"]) == (size, size)
    assert image.attributes["loading"] == "lazy"
    assert image.attributes["alt"] == ""


def test_a_thumbnail_has_at_least_the_pixels_that_its_place_shows(three: Site) -> None:
    for path in ("index.html", "inbox.html", "inbox/ada.html"):
        images = page(three, path).all("img")
        assert images, path
        for image in images:
            shown = int(image.attributes["width"])
            for choice in image.attributes["srcset"].split(", "):
                found = re.search(r"-(96|512)\.[0-9a-f]+\.webp ([12])x$", choice)
                assert found is not None
                assert int(found[1]) >= shown * int(found[2])


def test_a_contact_without_a_picture_has_the_same_initials_and_colour_on_every_page(three: Site) -> None:
    looks = set()
    for path in ("index.html", "inbox.html", "inbox/zoe.html"):
        document = page(three, path)
        for one in document.all("span", having="avatar"):
            if any(around.attributes.get("data-contact") == "zoe" for around in one.around):
                (tone,) = [name for name in one.classes if name.startswith("tone-")]
                looks.add((one.text, tone))
                assert one.attributes["aria-hidden"] == "true"
    assert len(looks) == 1
    assert next(iter(looks))[0] == "Z"


def test_the_colour_comes_from_the_id_and_not_from_the_name(site: Site) -> None:
    site.contact("zoe", name="Zoë")
    before = page(built(site), "index.html").one("span", having="avatar").classes
    site.contact("zoe", name="Someone Else")
    assert page(built(site), "index.html").one("span", having="avatar").classes == before


def test_the_record_page_shows_no_picture_of_the_contact(three: Site) -> None:
    for contact_id in ("ada", "sales/grace", "zoe"):
        document = page(three, f"contacts/{contact_id}.html")
        assert not document.all("img")
        assert not document.all(having="avatar")
        assert "avatars/" not in "".join(one.attributes.get("href", "") for one in document)


# --- the record page -------------------------------------------------------------------------------------------------


def picture_area(site: Site, contact_id: str) -> list[Element]:
    return page(site, f"contacts/{contact_id}.html").all("section", having="picture-area")


def test_the_picture_area_says_where_the_file_belongs(three: Site) -> None:
    (area,) = picture_area(three, "zoe")
    assert area.one("code").text == "avatars/zoe.jpg"
    assert not area.all("a")
    (area,) = picture_area(three, "sales/grace")
    assert area.one("code").text == "avatars/sales/grace.png"
    assert "PNG, 600 × 600 pixels" in area.text


def test_with_a_repository_the_picture_area_leads_to_its_upload_page(site: Site) -> None:
    site.settings('repository = "https://github.com/acme/contacts"')
    site.contact("ada", name="Ada")
    site.write("avatars/ada.png", PICTURE)
    site.contact("zoe", name="Zoë")
    built(site)
    for contact_id, words in (("ada", "Replace picture"), ("zoe", "Add picture")):
        (area,) = picture_area(site, contact_id)
        button = area.one("a")
        assert button.attributes["href"] == "https://github.com/acme/contacts/upload/main/avatars"
        assert button.text == words
        assert area.one("code").text.startswith(f"avatars/{contact_id}.")


def test_a_classic_detail_page_leaves_the_picture_area_out(site: Site) -> None:
    site.settings('detail_page = "classic"')
    site.contact("ada", name="Ada")
    built(site)
    assert not picture_area(site, "ada")


def test_neighbours_are_those_of_the_list(three: Site) -> None:
    document = page(three, "contacts/ada.html")
    around = document.one("nav", aria_label="Neighbours")
    assert around.one("a", rel="prev").attributes["href"] == "../contacts/sales/grace.html"
    assert around.one("a", rel="next").attributes["href"] == "../contacts/zoe.html"


def test_what_lost_in_a_merge_stands_on_the_survivors_page(site: Site) -> None:
    site.contact("ada", "title: Countess", name="Ada")
    site.contact("lead", "title: Lead\nmerge_into: {contact: ada, keep: [title, name]}", name="Ada L.")
    merged = page(built(site), "contacts/ada.html").one("section", having="merged")
    assert merged.one("h2").text == "Merged from Ada L."
    assert [cell.text for cell in merged.one("tbody").all("td")][-2:] == ["Lead", "Countess"]


def test_the_record_says_the_role_and_on_which_channels_not_to_disturb(site: Site) -> None:
    site.contact("ada", "title: CTO\ncompany: Acme\ndo_not_disturb: [sms, Fax]", name="Ada")
    site.contact("bob", "company: Acme", name="Bob")
    built(site)
    record = page(site, "contacts/ada.html")
    assert record.one("p", having="role").text == "CTO · Acme"
    assert record.one("p", having="notice").text == "Do not disturb SMS, Fax"
    assert page(site, "contacts/bob.html").one("p", having="role").text == "Acme"


# --- merged-away addresses -------------------------------------------------------------------------------------------


def refresh(document: Element) -> str:
    return document.one("meta", http_equiv="refresh").attributes["content"]


def test_a_merged_away_record_and_its_thread_lead_to_the_survivors(site: Site) -> None:
    site.contact("ada", name="Ada")
    site.contact("leads/ada", f"merge_into: ada\n{messages(1)}", name="Ada L.")
    built(site)
    record, thread = page(site, "contacts/leads/ada.html"), page(site, "inbox/leads/ada.html")
    assert refresh(record) == "0; url=../../contacts/ada.html"
    assert record.one("main").one("a").attributes["href"] == "../../contacts/ada.html"
    assert refresh(thread) == "0; url=../../inbox/ada.html"
    assert thread.one("main").one("a").attributes["href"] == "../../inbox/ada.html"


def test_a_merged_away_record_without_a_conversation_leaves_no_thread(site: Site) -> None:
    site.contact("ada", messages(1), name="Ada")
    site.contact("lead", "merge_into: ada", name="Ada L.")
    built(site)
    assert not (site.output / "inbox/lead.html").exists()


def test_every_record_of_a_chain_leads_to_the_root(site: Site) -> None:
    site.contact("a", name="A")
    site.contact("b", "merge_into: a", name="B")
    site.contact("c", "merge_into: b", name="C")
    built(site)
    assert refresh(page(site, "contacts/c.html")) == "0; url=../contacts/a.html"


# --- links -----------------------------------------------------------------------------------------------------------


def test_every_link_is_relative_and_leads_to_a_file_of_the_site(site: Site) -> None:
    for number in range(7):
        site.contact(
            f"team-{number % 2}/c{number}", f"website: https://example.org/\n{messages(1)}", name=f"C {number}"
        )
    site.write("avatars/team-0/c0.png", PICTURE)
    site.contact("old", f"merge_into: team-0/c0\n{messages(1)}", name="Old")
    site.settings("contacts_per_page = 2\nconversations_per_page = 2")
    built(site)
    assert not dead_links(site.output)
    assert not dead_links(site.output, "contacts/old.html")
    for path in site.output.rglob("*.html"):
        document = parsed(path.read_text(encoding="utf-8"))
        for one in document:
            for link in (one.attributes.get("href", ""), one.attributes.get("src", "")):
                parts = urlsplit(link)
                assert not link.startswith("/")
                is_code = one.tag == "image" and parts.scheme == "data"
                assert is_code or parts.scheme in ("", "https", "mailto", "tel")
                if parts.fragment and not parts.path:
                    assert len(document.all(id=parts.fragment)) == 1


def test_a_link_to_the_latest_message_finds_it(three: Site) -> None:
    row = page(three, "index.html").one("tr", data_contact="ada")
    link = row.one("td", having="last").one("a").attributes["href"]
    assert link == "inbox/ada.html#cs-latest"
    latest = page(three, "inbox/ada.html").one(id="cs-latest")
    assert latest.one("time").text == "09:30"


# --- the contact list ------------------------------------------------------------------------------------------------


def test_a_row_is_a_contact_and_stands_in_the_lists_order(three: Site) -> None:
    rows = page(three, "index.html").one("table").all("tr")[1:]
    assert [row.attributes["data-contact"] for row in rows] == ["sales/grace", "ada", "zoe"]
    assert list(three.index()) == ["sales/grace", "ada", "zoe"]


def test_the_list_has_a_hundred_rows_a_page(site: Site) -> None:
    for number in range(201):
        site.contact(f"c{number:03}", name=f"Contact {number:03}")
    built(site)
    counts = [
        len(page(site, path).all("tr", data_contact=f"c{first:03}")) and len(page(site, path).all("th", scope="row"))
        for path, first in (("index.html", 0), ("pages/contacts-2.html", 100), ("pages/contacts-3.html", 200))
    ]
    assert counts == [100, 100, 1]
    second = page(site, "pages/contacts-2.html")
    assert second.one("main").one("p", having="quiet").text == "101–200 of 201"
    paging = second.one("nav", aria_label="Pages")
    assert paging.one("a", rel="prev").attributes["href"] == "../index.html"
    assert paging.one("a", aria_current="page").text == "Page 2"


def test_a_row_shows_what_tells_people_apart(site: Site) -> None:
    site.contact(
        "ada",
        "title: CTO\ncompany: Acme\nemails: [ada@example.org, b@example.org]\nphone: +44 20 7946 0958\n"
        "type: customer\nowner: Mira\ntags: [a, b, c, d]\n",
        name="Ada",
    )
    row = page(built(site), "index.html").one("tr", data_contact="ada")
    assert row.one("a", having="name").attributes["href"] == "contacts/ada.html"
    for words in ("CTO · Acme", "ada@example.org", "+44 20 7946 0958", "customer", "Mira", "+2 more tags"):
        assert words in row.text
    assert "b@example.org" not in row.text


def test_without_any_contact_the_pages_say_how_to_begin(site: Site) -> None:
    built(site)
    assert "contacts/ada-lovelace.yaml" in page(site, "index.html").one("main").text
    assert "No conversations yet" in page(site, "inbox.html").one("main").text
    assert not conversation_list(page(site, "inbox.html"))
    assert not dead_links(site.output)


def test_one_contact_with_nothing_but_a_name_has_its_pages(site: Site) -> None:
    site.contact("zoe", name="Zoë")
    built(site)
    assert page(site, "index.html").one("tr", data_contact="zoe").one("a").text == "Zoë"
    record = page(site, "contacts/zoe.html")
    assert record.one("h1").text == "Zoë"
    assert not record.all("nav", aria_label="Neighbours")
    assert not dead_links(site.output)


# --- the inbox -------------------------------------------------------------------------------------------------------


def test_conversations_stand_newest_first_with_fifty_on_a_page(site: Site) -> None:
    for number in range(120):
        site.contact(f"c{number:03}", messages(1, NEWEST - timedelta(days=number)), name=f"C {number}")
    built(site)
    front = conversation_list(page(site, "inbox.html"))
    assert front == [f"c{number:03}" for number in range(50)]
    seen, path = set(front), "inbox.html"
    while older := page(site, path).one("nav", aria_label="Conversations").all("a", having="step")[-1:]:
        if not older[0].text.startswith("Older"):
            break
        path = "pages/" + older[0].attributes["href"].rpartition("/")[2]
        listed = conversation_list(page(site, path))
        assert len(listed) <= 50
        seen.update(listed)
    assert len(seen) == 120


def test_a_thread_has_the_fifty_around_it_beside_it_and_goes_back_to_their_page(site: Site) -> None:
    for number in range(120):
        site.contact(f"c{number:03}", messages(1, NEWEST - timedelta(days=number)), name=f"C {number}")
    built(site)
    for number in (0, 49, 50, 80, 119):
        document = page(site, f"inbox/c{number:03}.html")
        listed = conversation_list(document)
        assert f"c{number:03}" in listed
        assert len(listed) <= 50
        current = document.one("nav", aria_label="Conversations").one("a", aria_current="page")
        assert current.parent is not None
        assert current.parent.attributes["data-contact"] == f"c{number:03}"
        back = document.one("main").one("a", having="back").attributes["href"].removeprefix("../")
        assert (back == "inbox.html") == (number < 50)
        assert conversation_list(page(site, back)) == listed


def test_a_new_message_leaves_the_threads_of_other_pages_as_they_were(site: Site) -> None:
    for number in range(60):
        site.contact(f"c{number:02}", messages(1, NEWEST - timedelta(days=number)), name=f"C {number}")
    site.settings("conversations_per_page = 10")
    before = built(site).tree()
    site.contact("c25", messages(1, NEWEST + timedelta(days=1)), name="C 25")
    after = built(site).tree()
    changed = {path for path in before.keys() | after.keys() if before.get(path) != after.get(path)}
    threads = {path for path in changed if path.startswith("inbox/")}
    # The ten threads that have the front beside them, the one that left it, and those of the pages that changed.
    assert {f"inbox/c{number:02}.html" for number in range(10)} <= threads
    assert len(threads) <= 11 + 2 * 10
    assert "inbox/c59.html" not in changed


def test_unread_and_starred_are_told_in_words_too(site: Site) -> None:
    site.contact(
        "ada",
        "starred: true\nmessages:\n  - {at: 2026-11-20T09:30:00Z, from: contact, text: One, read: false}\n"
        "  - {at: 2026-11-20T09:31:00Z, from: contact, text: Two, read: false}\n",
        name="Ada",
    )
    site.contact("bob", messages(1), name="Bob")
    built(site)
    inbox = page(site, "inbox.html")
    ada, bob = (inbox.one("li", data_contact=one) for one in ("ada", "bob"))
    assert "2 unread" in ada.text
    assert "Starred" in ada.text
    assert "unread" in ada.classes
    assert not {"unread", "Starred"} & set(bob.text.split())
    assert inbox.one("title").text.startswith("(1) Inbox")
    thread = page(site, "inbox/ada.html").one("main")
    assert [one.text.endswith(", unread") for one in thread.all("p", having="by")] == [True, True]
    assert "Starred" in thread.text


# --- threads ---------------------------------------------------------------------------------------------------------


def test_a_thread_has_its_landmarks(three: Site) -> None:
    document = page(three, "inbox/ada.html")
    assert document.one("main").one("h1").text == "Ada Lovelace"
    assert document.one("aside", aria_label="Contact").attributes["data-contact"] == "ada"
    assert "ada" in conversation_list(document)
    panel = document.one("aside").one("a", having="button")
    assert panel.attributes["href"] == "../contacts/ada.html"


def test_messages_stand_by_day_in_the_sites_time_zone(site: Site) -> None:
    site.settings('time_zone = "Asia/Tokyo"')
    site.contact(
        "ada",
        "messages:\n  - {at: 2026-11-20T16:00:00Z, from: Mira, text: Later}\n"
        "  - {at: 2026-11-20T14:00:00Z, from: contact, text: Sooner}\n",
        name="Ada",
    )
    thread = page(built(site), "inbox/ada.html").one("main")
    assert [day.text for day in thread.all("h2", having="day")] == ["20 Nov 2026", "21 Nov 2026"]
    assert [one.text for one in thread.all("p", having="lines")] == ["Sooner", "Later"]
    assert [one.one("time").text for one in thread.all("p", having="by")] == ["23:00", "01:00"]
    assert [li.classes[1] for li in thread.all("li", having="message")] == ["contact", "team"]


def test_a_run_of_messages_by_one_sender_has_one_head_for_eyes_and_all_for_ears(site: Site) -> None:
    site.contact("ada", messages(3), name="Ada")
    thread = page(built(site), "inbox/ada.html").one("main")
    assert len(thread.all("span", having="avatar")) == 1
    assert [by.one("bdi", having="sender" if at == 0 else "").text for at, by in enumerate(_heads(thread))] == [
        "Ada"
    ] * 3


def _heads(thread: Element) -> list[Element]:
    """The heads of the messages, each with its sender alone."""
    heads = thread.all("p", having="by")
    for head in heads:
        head.children = [one for one in head.children if not isinstance(one, Element) or "Ada" in one.text]
    return heads


def test_a_long_text_folds_and_a_short_one_does_not(site: Site) -> None:
    site.contact("ada", messages(1, text="word " * 400), name="Ada")
    site.contact("bob", messages(1), name="Bob")
    built(site)
    folded = page(site, "inbox/ada.html").one("main").one("details", having="fold")
    assert "Show the whole message" in folded.one("summary").text
    assert not page(site, "inbox/bob.html").one("main").all("details")


def test_many_tags_fold_on_the_record_and_are_counted_in_the_row(site: Site) -> None:
    tags = ", ".join(f"tag-{number}" for number in range(500))
    site.contact("ada", f"tags: [{tags}]", name="Ada")
    built(site)
    record = page(site, "contacts/ada.html")
    assert len(record.all("li", having="tag")) == 500
    assert len(record.one("details").all("li", having="tag")) == 460
    assert record.one("details").one("summary").text == "460 more tags"
    assert len(page(site, "index.html").one("tr", data_contact="ada").all("span", having="tag")) == 2


# --- what all pages have ---------------------------------------------------------------------------------------------


def test_every_page_names_itself_and_the_site_and_can_be_skipped_to_its_content(site: Site) -> None:
    site.settings('title = "Harbour & Lane"')
    site.contact("ada", messages(1), name="Ada")
    site.contact("old", f"merge_into: ada\n{messages(1)}", name="Old Ada")
    built(site)
    titles = []
    for path in site.output.rglob("*.html"):
        document = parsed(path.read_text(encoding="utf-8"))
        titles.append(document.one("title").text)
        assert titles[-1].endswith(" · Harbour & Lane")
        assert len(document.all("h1")) == 1
        assert document.one("html").attributes["lang"] == "en"
        assert document.one("a", having="skip").attributes["href"] == "#cs-main"
        assert document.one("main").attributes["id"] == "cs-main"
        ids = [one.attributes["id"] for one in document if "id" in one.attributes]
        assert len(set(ids)) == len(ids)
    assert len(titles) == 9


def test_assets_have_the_hash_of_their_content_in_their_name(site: Site) -> None:
    built(site)
    link = page(site, "index.html").one("link", rel="stylesheet").attributes["href"]
    before = set(site.tree())
    assert re.fullmatch(r"assets/style\.[0-9a-f]{12}\.css", link)
    site.write("templates/style.css", "body { color: red }")
    built(site)
    other = page(site, "index.html").one("link", rel="stylesheet").attributes["href"]
    assert other != link
    assert site.page(other) == "body { color: red }"
    assert link in before - set(site.tree())
