"""Only what a change touches can fail it: `check --since` in real git repositories."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from contactsheet.git import GitError
from contactsheet.touched import base_of_ci, touched_since
from tests.conftest import Site

IDENTITY = ("-c", "user.name=Mira", "-c", "user.email=mira@example.org", "-c", "commit.gpgsign=false")


def git(root: Path, *arguments: str) -> str:
    command = ["git", "-C", str(root), *IDENTITY, *arguments]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def commit(site: Site, message: str = "change") -> None:
    git(site.root, "add", "--all")
    git(site.root, "commit", "--quiet", "--message", message)


@pytest.fixture
def repository(site: Site) -> Site:
    """A repository whose main branch holds a sound contact and one with an unknown field, and a branch on top of it."""
    git(site.root, "init", "--quiet", "--initial-branch=main")
    site.contact("old", "compnay: x\n", name="Old")
    site.contact("jane", name="Jane")
    commit(site)
    git(site.root, "switch", "--quiet", "--create", "change")
    return site


def test_a_problem_in_an_untouched_record_is_a_notice(repository: Site) -> None:
    repository.contact("new", name="New")
    commit(repository)
    done = repository.command("check", "--since", "main")
    assert done.returncode == 0, done.stdout
    assert "contacts/old.yaml:2:1: notice: " in done.stdout


def test_without_since_it_fails(repository: Site) -> None:
    assert repository.command("check").returncode == 1


@pytest.mark.parametrize("committed", [True, False], ids=["committed", "in the working tree alone"])
def test_a_problem_in_a_new_record_fails(repository: Site, committed: bool) -> None:
    repository.contact("new", "compnay: x\n", name="New")
    if committed:
        commit(repository)
    done = repository.command("check", "--since", "main")
    assert done.returncode == 1
    assert "contacts/new.yaml:2:1: error: " in done.stdout
    assert "contacts/old.yaml:2:1: notice: " in done.stdout


def test_removing_a_merge_target_fails_though_the_record_with_the_directive_is_untouched(repository: Site) -> None:
    git(repository.root, "switch", "--quiet", "main")
    repository.contact("jane-new", "merge_into: jane\n", name="Jane")
    commit(repository)
    git(repository.root, "switch", "--quiet", "--create", "removal")
    (repository.root / "contacts/jane.yaml").unlink()
    commit(repository)
    done = repository.command("check", "--since", "main")
    assert done.returncode == 1
    assert "contacts/jane-new.yaml:2:13: error: there is no contact jane" in done.stdout


def test_a_second_picture_fails_at_the_one_that_was_there(repository: Site) -> None:
    from tests.pictures import quarters, saved

    git(repository.root, "switch", "--quiet", "main")
    repository.write("avatars/jane.png", saved(quarters(), "PNG"))
    commit(repository)
    git(repository.root, "switch", "--quiet", "--create", "second")
    repository.write("avatars/jane.jpg", saved(quarters()))
    commit(repository)
    done = repository.command("check", "--since", "main")
    assert done.returncode == 1
    assert "avatars/jane.png: error: " in done.stdout


def test_what_main_gained_meanwhile_is_not_the_branch_s_doing(repository: Site) -> None:
    git(repository.root, "switch", "--quiet", "main")
    repository.contact("later", name="Later")
    commit(repository)
    git(repository.root, "switch", "--quiet", "change")
    assert touched_since(repository.root, "main") == frozenset()


def test_a_renamed_file_counts_under_both_names(repository: Site) -> None:
    git(repository.root, "mv", "contacts/jane.yaml", "contacts/jane-doe.yaml")
    assert touched_since(repository.root, "main") == {"contacts/jane.yaml", "contacts/jane-doe.yaml"}


def test_paths_are_relative_to_a_root_in_a_subfolder_and_hold_any_character(repository: Site) -> None:
    nested = Site(repository.root / "team")
    nested.contact("zoë\n", name="Zoë")
    repository.contact("beside", name="Beside")
    assert touched_since(nested.root, "main") == {"contacts/zoë\n.yaml"}


@pytest.mark.parametrize(
    "revision", ["nowhere", "--output=/tmp/x", "-x", ""], ids=["unknown", "option", "flag", "empty"]
)
def test_an_unknown_revision_is_refused(repository: Site, revision: str) -> None:
    with pytest.raises(GitError):
        touched_since(repository.root, revision)


def test_since_without_git_is_a_usage_error(site: Site) -> None:
    site.contact("a", name="A")
    done = site.command("check", "--since", "main", env={"GIT_CEILING_DIRECTORIES": str(site.root.parent)})
    assert done.returncode == 2
    assert done.stderr.startswith("error: --since main: ")


def test_ci_names_the_base_by_itself() -> None:
    assert base_of_ci({"GITHUB_BASE_REF": "main"}) == "origin/main"
    assert base_of_ci({"CI_MERGE_REQUEST_DIFF_BASE_SHA": "abc"}) == "abc"
    assert base_of_ci({"GITHUB_BASE_REF": ""}) is None


def test_in_a_pull_request_on_github_the_base_is_taken_by_itself(repository: Site) -> None:
    git(repository.root, "update-ref", "refs/remotes/origin/main", "main")
    repository.contact("new", name="New")
    commit(repository)
    done = repository.command("check", env={"GITHUB_ACTIONS": "true", "GITHUB_BASE_REF": "main"})
    assert done.returncode == 0, done.stdout
    assert done.stdout.startswith("::notice file=contacts/old.yaml,line=2,")


def test_a_base_that_the_clone_lacks_makes_all_problems_count(repository: Site) -> None:
    done = repository.command("check", env={"GITHUB_ACTIONS": "true", "GITHUB_BASE_REF": "gone"})
    assert done.returncode == 1
    assert "warning: origin/gone cannot be compared with, so all problems count: " in done.stderr


def test_on_github_the_change_s_own_problems_come_first(repository: Site) -> None:
    repository.contact("zoe", "messages:\n  - {at: 2026-11-20T09:30:00, from: contact, text: Hi}\n", name="Zoë")
    done = repository.command("check", "--since", "main", "--format", "github")
    assert [line.partition(",")[0] for line in done.stdout.splitlines()] == [
        "::notice file=contacts/zoe.yaml",
        "::notice file=contacts/old.yaml",
    ]
