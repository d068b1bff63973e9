"""What a branch does to contacts, pictures and problems: `changes` in real git repositories."""

from __future__ import annotations

import base64
import io
import json
import os
import re
import shutil
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from contactsheet import revision, store
from contactsheet.changes import values
from contactsheet.commands.endings import memo_of
from contactsheet.contrast import SIDE, difference
from contactsheet.memo import Memo
from contactsheet.review import review
from contactsheet.schema import record_of
from contactsheet.workers import Workers
from tests.conftest import Site
from tests.pictures import quarters, saved
from tests.repository import Repository
from tests.test_standing import build, settle

ADA = "company: Engines\nemails: [ada@example.org, {label: work, value: a@engines.example.org}]\n"


@pytest.fixture
def branch(tmp_path: Path) -> Repository:
    """A repository whose main branch has two contacts, one with a picture; a branch of it is checked out."""
    repository = Repository(tmp_path / "site")
    repository.contact("ada", ADA, name="Ada Lovelace")
    repository.contact("bob", name="Bob")
    repository.write("avatars/ada.png", saved(quarters(), "PNG"))
    repository.commit()
    repository.git("switch", "--quiet", "--create", "change")
    return repository


def told(repository: Site, *arguments: str) -> dict[str, Any]:
    """What `changes --format json` tells."""
    done = repository.command("changes", "--format", "json", *arguments)
    assert done.returncode == 0, done.stderr
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def contact(repository: Site, contact_id: str, *arguments: str) -> Mapping[str, Any]:
    """What is told of one contact."""
    (found,) = (one for one in told(repository, *arguments)["contacts"] if one["id"] == contact_id)
    assert isinstance(found, dict)
    return found


def page(repository: Repository, *arguments: str) -> str:
    """The page of what changed."""
    place = repository.top.parent / "changes.html"
    done = repository.command("changes", *arguments, "--format", "page", "--output", str(place))
    assert done.returncode == 0, done.stderr
    return place.read_text(encoding="utf-8")


# --- contacts --------------------------------------------------------------------------------------------------------


def test_where_nothing_changed_it_says_so(branch: Repository) -> None:
    done = branch.command("changes")
    assert (done.returncode, done.stdout) == (0, f"Nothing changed since main ({head(branch)}), in the working tree.\n")
    assert "Nothing changed" in page(branch)


def head(repository: Repository) -> str:
    return repository.git("rev-parse", "main").strip()[:8]


@pytest.mark.parametrize("committed", [True, False], ids=["committed", "in the working tree alone"])
def test_a_new_contact_comes_with_its_fields(branch: Repository, committed: bool) -> None:
    branch.contact("cleo", "tags: [vip]\n", name="Cleo")
    if committed:
        branch.commit()
    found = contact(branch, "cleo")
    assert found["kind"] == "added"
    assert found["fields"] == [
        {"field": "name", "before": [], "after": ["Cleo"]},
        {"field": "tags", "before": [], "after": ["vip"]},
    ]


def test_a_changed_contact_tells_the_values_that_came_and_went(branch: Repository) -> None:
    branch.contact("ada", ADA.replace("Engines", "Analytical").replace("ada@", "countess@"), name="Ada Lovelace")
    found = contact(branch, "ada")
    assert (found["kind"], found["picture"]) == ("changed", None)
    assert found["fields"] == [
        {"field": "company", "before": ["Engines"], "after": ["Analytical"]},
        {"field": "emails", "before": ["ada@example.org"], "after": ["countess@example.org"]},
    ]


def test_a_list_in_another_order_is_told_whole(branch: Repository) -> None:
    branch.contact(
        "ada",
        "company: Engines\nemails: [{label: work, value: a@engines.example.org}, ada@example.org]\n",
        name="Ada Lovelace",
    )
    (change,) = contact(branch, "ada")["fields"]
    assert change["before"] == ["ada@example.org", "a@engines.example.org (work)"]
    assert change["after"] == change["before"][::-1]


def test_a_comment_alone_is_another_file_and_no_change_of_the_contact(branch: Repository) -> None:
    branch.contact("bob", "# met in Turin\n", name="Bob")
    found = told(branch)
    assert (found["contacts"], found["others"]) == ([], ["contacts/bob.yaml"])


def test_a_removed_contact_shows_the_picture_that_goes(branch: Repository) -> None:
    (branch.root / "contacts/ada.yaml").unlink()
    (branch.root / "avatars/ada.png").unlink()
    found = contact(branch, "ada")
    assert (found["kind"], found["picture"]["change"]) == ("removed", "taken out")
    assert found["picture"]["before"]["file"] == "avatars/ada.png"


def test_a_contact_with_a_new_id_is_renamed_not_gone_and_new(branch: Repository) -> None:
    (branch.root / "contacts/ada.yaml").rename(branch.root / "contacts/ada-l.yaml")
    (branch.root / "avatars/ada.png").rename(branch.root / "avatars/ada-l.png")
    branch.contact("ada-l", ADA.replace("Engines", "Analytical"), name="Ada Lovelace")
    (found,) = told(branch)["contacts"]
    assert (found["kind"], found["id"], found["was"], found["picture"]) == ("renamed", "ada-l", "ada", None)
    assert [one["field"] for one in found["fields"]] == ["company"]


def test_a_merge_tells_both_ends_and_its_directive(branch: Repository) -> None:
    branch.contact("bob", "merge_into: ada\nphone: '+44 20 7946 0958'\n", name="Bob")
    found = {one["id"]: one for one in told(branch)["contacts"]}
    assert (found["bob"]["kind"], found["bob"]["into"]) == ("merged", "ada")
    assert found["ada"]["joined"] == [{"id": "bob", "file": "contacts/bob.yaml", "merge_into": "ada"}]
    assert {"field": "phones", "before": [], "after": ["+44 20 7946 0958"]} in found["ada"]["fields"]


def test_a_new_record_that_merges_at_once_shows_at_the_contact_that_it_joins(branch: Repository) -> None:
    branch.contact("ada-new", "merge_into: ada\n", name="Ada Lovelace")
    branch.write("avatars/ada-new.png", saved(quarters().rotate(90), "PNG"))
    (found,) = told(branch)["contacts"]
    assert (found["id"], found["picture"]["change"]) == ("ada", "replaced")
    assert found["picture"]["after"]["file"] == "avatars/ada-new.png"


def test_a_merge_that_is_undone_gives_the_contact_back(branch: Repository) -> None:
    branch.contact("bob", "merge_into: ada\n", name="Bob")
    branch.commit()
    branch.contact("bob", name="Bob")
    found = {one["id"]: one for one in told(branch, "HEAD")["contacts"]}
    assert (found["bob"]["kind"], found["ada"]["left"]) == ("parted", ["bob"])


def test_a_record_that_cannot_be_read_is_neither_gone_nor_new(branch: Repository) -> None:
    branch.contact("ada", "name: [")
    found = told(branch)
    assert found["contacts"] == []
    assert found["problems"]["introduced"][0]["file"] == "contacts/ada.yaml"


def test_every_field_of_a_record_can_be_told() -> None:
    record = record_of({"name": "A", "fields": {"Account": "1"}, "starred": "true", "birthday": "2000-01-02"})
    assert values(record) == {
        "name": ("A",),
        "birthday": ("2000-01-02",),
        "fields.Account": ("1",),
        "starred": ("yes",),
    }


# --- pictures --------------------------------------------------------------------------------------------------------


def test_a_replaced_picture_comes_with_facts_and_problems_of_both(branch: Repository) -> None:
    branch.write("avatars/ada.png", saved(quarters(64, 64), "PNG"))
    picture = contact(branch, "ada")["picture"]
    assert (picture["change"], picture["before"]["problems"]) == ("replaced", [])
    assert picture["after"]["facts"].startswith("PNG, 64 × 64 pixels")
    assert [one["rule"] for one in picture["after"]["problems"]] == ["avatar/small"]
    introduced = told(branch)["problems"]["introduced"]
    assert [(one["rule"], one["file"]) for one in introduced] == [("avatar/small", "avatars/ada.png")]


def test_another_focus_shows_the_same_file_otherwise(branch: Repository) -> None:
    branch.contact("ada", f"{ADA}avatar: {{focus: top, fit: contain}}\n", name="Ada Lovelace")
    assert contact(branch, "ada")["picture"]["change"] == "another focus or fit"


def test_a_refused_picture_is_told_with_its_reason_and_the_page_shows_none(branch: Repository) -> None:
    branch.write("avatars/ada.png", b"GIF89a")
    picture = contact(branch, "ada")["picture"]
    assert (picture["change"], picture["after"]["problems"][0]["rule"]) == ("refused", "avatar/name-lies")
    assert "refused</span>" in page(branch)


def test_only_pictures_that_differ_are_decoded(branch: Repository) -> None:
    for number in range(3):
        branch.contact(f"c{number}", name=f"C {number}")
        branch.write(f"avatars/c{number}.png", saved(quarters(64 + number, 64), "PNG"))
    branch.commit()
    branch.git("branch", "--force", "main")
    branch.write("avatars/c1.png", saved(quarters(80, 64), "PNG"))
    seen: list[tuple[str, int]] = []
    with Workers(0) as workers:
        found = review(branch.root, "main", None, workers, lambda stage, _, total: seen.append((stage, total)), Memo())
    assert [change.id for change in found.changes.contacts] == ["c1"]
    assert {total for stage, total in seen if stage == "pictures"} == {1}


def test_what_a_comparison_sees_does_not_disturb_what_builds_remember(branch: Repository) -> None:
    assert build(branch).published
    settle()
    assert build(branch).work.pictures == 0
    branch.contact("bob", "title: Boss\n", name="Bob")
    told(branch)
    branch.contact("bob", name="Bob")
    after = build(branch).work
    assert (after.records, after.pictures) == (0, 0)


def test_a_comparison_leaves_what_it_did_not_ask_for(branch: Repository, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(store, "_LEAST", 0)
    for number in range(9):
        branch.contact(f"c{number}", name=f"C {number}")
        branch.write(f"avatars/c{number}.png", saved(quarters(64 + number, 64), "PNG"))
    branch.commit()
    assert build(branch).published
    branch.write("avatars/c1.png", saved(quarters(80, 64), "PNG"))
    with Workers(0) as workers, closing(memo_of(branch.root)) as memo:
        review(branch.root, "HEAD", None, workers, lambda stage, done, total: None, memo)
    shutil.rmtree(branch.output)
    assert build(branch).work.pictures == 0


def test_the_difference_shows_where_two_pictures_differ() -> None:
    before = Image.new("RGB", (512, 512), (200, 200, 200))
    after = before.copy()
    after.paste((20, 20, 20), (0, 0, 256, 256))
    found = difference(webp(before), webp(after))
    shown = Image.open(io.BytesIO(found.picture)).convert("RGB")
    assert shown.size == (SIDE, SIDE)
    assert 0.24 < found.share < 0.27
    changed, same = shown.getpixel((60, 60)), shown.getpixel((200, 200))
    assert isinstance(changed, tuple)
    assert isinstance(same, tuple)
    assert changed[0] - changed[2] > 100 > 30 > abs(same[0] - same[2])
    assert difference(webp(before), webp(before)).share == 0


def webp(image: Image.Image) -> bytes:
    out = io.BytesIO()
    image.save(out, "WEBP")
    return out.getvalue()


# --- problems --------------------------------------------------------------------------------------------------------


def test_problems_come_and_go_and_one_whose_line_moved_is_neither(branch: Repository) -> None:
    branch.contact("old", "titel: x\n", name="Old")
    branch.contact("bad", "titel: x\n", name="Bad")
    branch.commit()
    branch.contact("old", "# moved down\ntitel: x\n", name="Old")
    branch.contact("bad", name="Bad")
    branch.contact("bob", "titel: x\n", name="Bob")
    found = told(branch, "HEAD")["problems"]
    assert [one["file"] for one in found["introduced"]] == ["contacts/bob.yaml"]
    assert [one["file"] for one in found["mended"]] == ["contacts/bad.yaml"]


def test_it_fails_on_errors_only_where_that_is_asked_for(branch: Repository) -> None:
    branch.contact("bob", "titel: x\n", name="Bob")
    assert branch.command("changes").returncode == 0
    assert branch.command("changes", "--fail-on-problems").returncode == 1


def test_settings_and_templates_are_other_files_and_those_of_a_program_are_not(branch: Repository) -> None:
    branch.settings('title = "Town"')
    branch.write("templates/own.css", "p {}")
    branch.write("src/program.py", "")
    assert told(branch)["others"] == ["pyproject.toml", "templates/own.css"]


# --- revisions -------------------------------------------------------------------------------------------------------


def test_two_revisions_are_compared_whatever_lies_in_the_working_tree(branch: Repository) -> None:
    branch.contact("bob", "title: Boss\n", name="Bob")
    branch.write("avatars/bob.png", saved(quarters(), "PNG"))
    branch.commit()
    branch.contact("bob", "title: Other\n", name="Bob")
    found = contact(branch, "bob", "main", "--to", "change")
    assert (found["fields"][0]["after"], found["picture"]["change"]) == (["Boss"], "new")


def test_what_main_gained_meanwhile_is_not_the_branch_s_doing(branch: Repository) -> None:
    branch.git("switch", "--quiet", "main")
    branch.contact("later", name="Later")
    branch.commit()
    branch.git("switch", "--quiet", "change")
    assert told(branch)["contacts"] == []


def test_in_a_pull_request_the_base_is_taken_by_itself(branch: Repository) -> None:
    branch.git("update-ref", "refs/remotes/origin/develop", "main")
    done = branch.command("changes", env={"GITHUB_BASE_REF": "develop"})
    assert "since origin/develop" in done.stdout


def test_a_base_keeps_its_name_in_every_form(branch: Repository) -> None:
    branch.git("branch", "Release-1", "main")
    for form in ("text", "markdown"):
        assert "Release-1" in branch.command("changes", "Release-1", "--format", form).stdout
    assert "Since Release-1" in page(branch, "Release-1")


def test_a_root_in_a_subfolder_is_compared_with_itself(tmp_path: Path) -> None:
    (tmp_path / "top").mkdir()
    repository = Repository(tmp_path / "top/team", tmp_path / "top")
    repository.contact("ada", name="Ada")
    repository.commit()
    repository.contact("ada", name="Ada L")
    assert [one["id"] for one in told(repository, "HEAD")["contacts"]] == ["ada"]


@pytest.mark.parametrize(
    "arguments",
    [("nowhere",), ("HEAD:contacts",), ("main", "--to=--upload-pack=x")],
    ids=["unknown", "no commit", "option"],
)
def test_a_revision_that_is_no_commit_is_refused(branch: Repository, arguments: tuple[str, ...]) -> None:
    done = branch.command("changes", *arguments)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith(f"error: {arguments[0]} cannot be compared with: ")


def test_without_git_it_says_what_is_missing(site: Site) -> None:
    done = site.command("changes", env={"GIT_CEILING_DIRECTORIES": str(site.root.parent)})
    assert done.returncode == 2
    assert "no git repository" in done.stderr


def test_links_and_names_that_lead_elsewhere_are_not_made(branch: Repository, tmp_path: Path) -> None:
    blob = branch.git("hash-object", "-w", "contacts/bob.yaml").strip()
    for mode, path in (
        ("120000", "contacts/link.yaml"),
        ("100644", "contacts/a\\b.yaml"),
        ("100644", "contacts/x:y.yaml"),
    ):
        branch.git("update-index", "--add", "--cacheinfo", f"{mode},{blob},{path}")
    branch.git("commit", "--quiet", "--message", "odd")
    with revision.laid_out(branch.root, "HEAD") as laid:
        made = sorted(path.relative_to(laid.root).as_posix() for path in laid.root.rglob("*") if not path.is_dir())
        assert made == ["avatars/ada.png", "contacts/ada.yaml", "contacts/bob.yaml"]
        assert laid.unmade == {"contacts/link.yaml", "contacts/a\\b.yaml", "contacts/x:y.yaml"}
        assert (laid.root / "avatars/ada.png").read_bytes().strip(b"\0") == b""
    assert not laid.root.exists()


@pytest.mark.parametrize(
    "path",
    [
        "../x.yaml",
        "contacts/../x",
        "/etc/x",
        "contacts/.git/config",
        "contacts//a",
        "a/con.",
        "contacts/NUL.yaml",
        "a\x00b",
        "\udcff",
    ],
)
def test_a_path_that_means_something_else_is_not_plain(path: str) -> None:
    assert not revision._is_plain(path)  # git refuses to make such trees, but not everyone makes trees with git


# --- the page --------------------------------------------------------------------------------------------------------


def test_the_page_needs_nothing_beside_it_and_runs_nothing(branch: Repository) -> None:
    branch.contact("bob", "company: <script>alert(1)</script><style></style>\n", name="<b>Bob</b>")
    branch.write("avatars/ada.png", saved(quarters().rotate(90), "PNG"))
    html = page(branch)
    assert "&lt;script&gt;alert(1)&lt;/script&gt;&lt;style&gt;" in html
    assert re.findall(r"<(script|link|iframe|form|b)\b", html) == []
    policy = re.findall(r'Content-Security-Policy" content="([^"]+)"', html)[0]
    assert policy.startswith("default-src 'none'; style-src 'sha256-")
    assert [
        address for address in re.findall(r'(?:src|href)="([^"]+)"', html) if not address.startswith("data:image/webp")
    ] == []
    assert html.count('class="avatar shot-large"') == 3  # before, after, difference


@pytest.mark.skipif(os.name == "nt", reason="names there are Unicode")
def test_a_file_name_that_is_no_text_is_shown_escaped_in_every_form(branch: Repository) -> None:
    branch.write(os.fsdecode(b"contacts/\xff.yaml"), "name: X\n")
    assert "contacts/\\xff.yaml" in page(branch)
    for form in ("text", "markdown"):
        assert "contacts/\\xff.yaml" in branch.command("changes", "--format", form).stdout
    assert "contacts/\udcff.yaml" in told(branch)["others"]


def test_the_pictures_of_the_page_are_the_thumbnails_of_the_site(branch: Repository) -> None:
    branch.write("avatars/ada.png", saved(quarters().rotate(90), "PNG"))
    (large,) = re.findall(r'shot-large" src="data:image/webp;base64,([^"]+)"[^>]*alt="After', page(branch))
    branch.build()
    (made,) = (branch.output / "avatars").glob("ada-512.*")
    assert base64.b64decode(large) == made.read_bytes()


def test_the_hash_in_the_policy_is_that_of_the_style(branch: Repository) -> None:
    import hashlib

    branch.write("templates/style.css", "p::after { content: '</style><script>alert(1)</script>' }\r\n")
    branch.commit()
    branch.git("branch", "--force", "main")
    html = page(branch)
    (style,) = re.findall(r"<style>(.*?)</style>", html, re.DOTALL)
    assert base64.b64encode(hashlib.sha256(style.encode()).digest()).decode() in html
    assert "<script" not in html.replace(style, "")


def test_what_the_change_proposes_to_render_with_renders_nothing(branch: Repository) -> None:
    branch.write("templates/changes.html", "theirs")
    assert page(branch).startswith("<!doctype html>\n<html")


def test_a_page_is_written_over_and_nothing_else(branch: Repository, tmp_path: Path) -> None:
    page(branch)
    page(branch)
    (tmp_path / "mine.html").write_text("mine")
    done = branch.command("changes", "--format", "page", "-o", str(tmp_path / "mine.html"))
    assert (done.returncode, (tmp_path / "mine.html").read_text()) == (2, "mine")
    (tmp_path / "link.html").symlink_to(tmp_path / "changes.html")
    assert branch.command("changes", "--format", "page", "-o", str(tmp_path / "link.html")).returncode == 2


# --- aliases ---------------------------------------------------------------------------------------------------------


def test_an_alias_is_told_by_its_id_and_what_lost(branch: Repository) -> None:
    lost = "    lost: [{field: title, value: Boss, kept: Editor}]\n"
    branch.contact("bob", f"aliases:\n  - rob\n  - id: robert\n{lost}", name="Bob")
    changed = contact(branch, "bob")
    assert changed["joined"] == []
    assert changed["fields"] == [{"field": "aliases", "before": [], "after": ["rob", "robert (lost: title Boss)"]}]


def test_a_merge_for_good_is_told_as_a_merge(branch: Repository) -> None:
    branch.contact("bob", "merge_into: ada\n", name="Bob")
    branch.commit()
    assert branch.command("merge", "--apply").returncode == 0
    assert contact(branch, "bob")["kind"] == "merged"
    assert contact(branch, "bob")["into"] == "ada"
    assert contact(branch, "ada")["joined"] == []
    assert contact(branch, "ada", "HEAD")["kind"] == "changed"


def test_a_record_that_keeps_its_former_id_as_an_alias_is_renamed(branch: Repository) -> None:
    branch.contact("ada-king", f"{ADA}aliases: [ada]\n", name="Ada Lovelace")
    (branch.root / "contacts/ada.yaml").unlink()
    (found,) = told(branch)["contacts"]
    assert (found["kind"], found["was"], found["id"]) == ("renamed", "ada", "ada-king")


# --- Markdown and text -----------------------------------------------------------------------------------------------


def test_markdown_holds_no_markup_of_the_input(branch: Repository) -> None:
    name = "@octocat <img src=x onerror=alert(1)> [x](https://evil.example) `tick`"
    branch.contact("bob", f"company: '{name}'\n", name=f"'{name}'")
    done = branch.command("changes", "--format", "markdown")
    without_code = re.sub(r"(`+)(?!`).*?(?<!`)\1(?!`)", "", done.stdout)
    assert "octocat" not in without_code
    assert not re.search(r"[<\[@]", without_code)


def test_markdown_fits_a_comment(branch: Repository) -> None:
    for number in range(250):
        branch.contact(f"c{number}", f"company: {'x' * 150}\nnotes: {'y' * 150}\n", name=f"Contact {number}")
    done = branch.command("changes", "--format", "markdown")
    assert len(done.stdout.encode()) <= 60_000
    assert re.search(r"… and \d+ more entries; `changes --format page` shows all\.", done.stdout)


def test_a_terminal_gets_no_control_characters(branch: Repository) -> None:
    branch.contact("bob", 'company: "a\\u202eb"\nnotes: "two\\nlines"\n', name="Bob")
    done = branch.command("changes")
    assert "\u202e" not in done.stdout
    assert "two\\x0alines" in done.stdout
