"""`merge` writes a directive, takes it out, or carries directives out in the files, with a real git where it counts."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from tests.conftest import Site
from tests.pictures import BLUE, RED
from tests.test_pictures import square


def git(site: Site, *arguments: str) -> str:
    """What git says in the site's folder."""
    identity = ("-c", "user.name=Ada", "-c", "user.email=ada@example.org", "-c", "commit.gpgsign=false")
    done = subprocess.run(
        ["git", *identity, *arguments], cwd=site.root, capture_output=True, text=True, check=True, encoding="utf-8"
    )
    return done.stdout


@pytest.fixture
def jane(site: Site) -> Site:
    """Jane, and a record that might join her."""
    site.contact("jane", "name: Jane  # Doe\ntitle: Editor\n")
    site.contact("new", "# the new one\nname: Jane\ntitle: Publisher\nemail: jane@example.org\n")
    return site


def text(site: Site, contact_id: str) -> str:
    """The text of a record."""
    return (site.root / f"contacts/{contact_id}.yaml").read_text(encoding="utf-8")


def files(root: Path) -> dict[str, bytes]:
    """Everything below the root but what git keeps and what is remembered."""
    return {
        path.relative_to(root).as_posix(): path.read_bytes()
        for path in root.rglob("*")
        if path.is_file() and not {".git", ".contactsheet"} & set(path.parts)
    }


def test_a_directive_is_written_and_taken_out(jane: Site) -> None:
    """The path of the file goes to standard output; nothing else in the record changes."""
    before = text(jane, "new")
    done = jane.command("merge", "new", "jane", "--take", "title", "--keep", "avatar")
    assert (done.returncode, done.stdout) == (0, "contacts/new.yaml\n"), done.stderr
    assert text(jane, "new") == f"{before}merge_into:\n  contact: jane\n  take: [title]\n  keep: [avatar]\n"
    assert list(_index(jane)) == ["jane"]
    done = jane.command("merge", "--undo", "new")
    assert (done.returncode, done.stdout) == (0, "contacts/new.yaml\n"), done.stderr
    assert text(jane, "new") == before


def _index(site: Site) -> dict[str, object]:
    site.build()
    return dict(site.index())


@pytest.mark.parametrize(
    ("arguments", "status", "said"),
    [
        (["new", "new"], 1, "merge/self"),
        (["new", "janne"], 1, "Did you mean jane?"),
        (["neww", "jane"], 2, "did you mean new?"),
        (["new", "jane", "--take", "titel"], 1, "merge/unknown-field"),
        (["new", "jane", "--take", "title", "--keep", "title"], 1, "merge/take-and-keep"),
        (["new"], 2, "say which record joins"),
        (["new", "jane", "--apply", "--undo"], 2, "go alone"),
        (["--undo"], 2, "say which record"),
        (["--undo", "new"], 2, "has no merge directive"),
        (["--apply", "new"], 2, "has no merge directive"),
        (["joined", "new"], 2, "has a directive already"),
        (["jane", "joined"], 1, "merge/cycle"),
    ],
)
def test_what_cannot_be_merged_is_refused_and_nothing_is_written(
    jane: Site, arguments: list[str], status: int, said: str
) -> None:
    """By the rules of the check, or because the command makes no sense."""
    jane.contact("joined", "merge_into: jane\n", name="Joined")
    before = files(jane.root)
    done = jane.command("merge", *arguments)
    assert done.returncode == status
    assert said in done.stdout + done.stderr
    assert files(jane.root) == before


def test_errors_elsewhere_do_not_stand_in_the_way(jane: Site) -> None:
    """Who merges two contacts need not mend a third one first."""
    jane.contact("bob", "titel: CTO\n", name="Bob")
    done = jane.command("merge", "new", "jane")
    assert (done.returncode, done.stdout) == (0, "contacts/new.yaml\n")
    assert "bob" not in done.stderr


def test_a_dry_run_shows_the_diff_and_writes_nothing(jane: Site) -> None:
    """Of a directive, and of a merge that is carried out, with its pictures."""
    done = jane.command("merge", "new", "jane", "--dry-run")
    assert done.stdout.startswith("--- a/contacts/new.yaml\n+++ b/contacts/new.yaml\n")
    assert "\n+merge_into: jane\n" in done.stdout
    jane.contact("new", "title: Publisher\nmerge_into: jane\n", name="Jane")
    jane.write("avatars/new.png", square(BLUE))
    before = files(jane.root)
    done = jane.command("merge", "--apply", "--dry-run")
    assert done.returncode == 0, done.stderr
    assert "+++ /dev/null\n" in done.stdout
    assert "\n+aliases:\n" in done.stdout
    assert done.stdout.endswith("rename from avatars/new.png\nrename to avatars/jane.png\n")
    assert files(jane.root) == before


def test_a_merge_is_carried_out_without_git(jane: Site) -> None:
    """The files that changed are told, and the old address still leads to the contact."""
    jane.contact("new", "title: Publisher\nemail: jane@example.org\nmerge_into: jane\n", name="Jane")
    jane.write("avatars/new.png", square(BLUE))
    done = jane.command("merge", "--apply")
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.split() == [
        "avatars/jane.png",
        "avatars/new.png",
        "contacts/jane.yaml",
        "contacts/new.yaml",
    ]
    assert "new is merged into jane" in done.stderr
    assert sorted(path for path in files(jane.root) if "/" in path) == [
        "avatars/jane.png",
        "contacts/jane.yaml",
    ]
    assert text(jane, "jane").startswith("name: Jane  # Doe\ntitle: Editor\nemail: jane@example.org\n")
    assert _index(jane).keys() == {"jane"}
    assert (jane.output / "contacts/new.html").exists()
    assert jane.command("merge", "--apply").returncode == 0


def test_git_knows_what_moved_and_went(jane: Site) -> None:
    """What was tracked is staged, so that a commit holds the whole merge."""
    jane.command("merge", "new", "jane")
    jane.write("avatars/new.png", square(BLUE))
    jane.write("avatars/jane.png", square(RED))
    git(jane, "init", "--quiet")
    git(jane, "add", "contacts", "avatars")
    git(jane, "commit", "--quiet", "--message", "All")
    done = jane.command("merge", "--apply", "new")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "staged" in done.stderr
    assert git(jane, "status", "--porcelain", "--no-renames", "contacts", "avatars").splitlines() == [
        "M  avatars/jane.png",
        "D  avatars/new.png",
        "M  contacts/jane.yaml",
        "D  contacts/new.yaml",
    ]


@pytest.mark.parametrize("committed", [True, False])
def test_a_picture_that_loses_is_not_deleted_unless_git_has_it(jane: Site, committed: bool) -> None:
    """What no commit holds could not be brought back."""
    jane.command("merge", "new", "jane")
    jane.write("avatars/new.png", square(BLUE))
    jane.write("avatars/jane.png", square(RED))
    git(jane, "init", "--quiet")
    git(jane, "add", "contacts", "avatars")
    git(jane, "commit", "--quiet", "--message", "All")
    if not committed:
        jane.write("avatars/jane.png", square(BLUE))
    before = files(jane.root)
    done = jane.command("merge", "--apply")
    assert done.returncode == (0 if committed else 1)
    if not committed:
        assert "avatars/jane.png would be lost" in done.stderr
        assert files(jane.root) == before


def test_directives_that_lead_to_one_contact_are_carried_out_together(jane: Site) -> None:
    """What one gives depends on the others; those that lead elsewhere stand."""
    jane.contact("a", "merge_into: new\n", name="A")
    jane.contact("new", "merge_into: jane\n", name="Jane")
    jane.contact("b", "merge_into: c\n", name="B")
    jane.contact("c", name="C")
    done = jane.command("merge", "--apply", "new")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "a is merged into jane (it leads to the same contact)" in done.stderr
    assert sorted(path.stem for path in (jane.root / "contacts").iterdir()) == ["b", "c", "jane"]


def test_a_record_that_is_wrong_is_not_merged_for_good(jane: Site) -> None:
    """What the check refuses in it would be lost."""
    jane.contact("new", "titel: CTO\nmerge_into: jane\n", name="Jane")
    before = files(jane.root)
    done = jane.command("merge", "--apply")
    assert done.returncode == 1
    assert "contact/unknown-field" in done.stdout + done.stderr
    assert files(jane.root) == before


def test_ids_are_completed_from_the_names_of_files(jane: Site) -> None:
    """Without a record being read."""
    from contactsheet.commands.merge import merge

    jane.write("contacts/jan-broken.yaml", "[")
    context = merge.make_context("merge", ["new", "jane", "--root", str(jane.root)])
    parameter = next(one for one in merge.params if one.name == "contacts")
    assert [item.value for item in parameter.shell_complete(context, "ja")] == ["jan-broken", "jane"]
