"""What differs from the last commit, told contact by contact, and the commit of it, in real git."""

from __future__ import annotations

import copy
import json
import os
import shutil
from pathlib import Path

import pytest

from contactsheet.committing import NoRepositoryError, branch, commands, commit, differences
from contactsheet.git import GitError
from contactsheet.pending import entry, known, message_of, pending, picture_before
from tests.conftest import Site
from tests.pictures import quarters, saved, textured
from tests.repository import Repository

RED = saved(quarters(64, 64), "PNG")
BLUE = saved(textured(64, 64), "PNG")
LIMIT = 2_621_440


def entry_of(contact_id: str, name: str, source: str) -> dict[str, object]:
    avatar = {"512": f"avatars/{contact_id}.webp", "source": source} if source else None
    page = f"contacts/{contact_id}.html"
    return {"id": contact_id, "name": name, "page": page, "avatar": avatar, "merged_from": []}


INDEX = json.dumps(
    {"contacts": [entry_of("ada", "Ada Lovelace", "avatars/ada.png"), entry_of("bob", "Bob", "")]}
).encode()


@pytest.fixture(autouse=True)
def _own_git(monkeypatch: pytest.MonkeyPatch) -> None:
    """Git as a person without settings of his own has it; what the repository sets counts."""
    for name in [name for name in os.environ if name.startswith("GIT_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", os.devnull)
    monkeypatch.setenv("GIT_CONFIG_NOSYSTEM", "1")


def named(made: Repository) -> Repository:
    """The repository of someone whom git knows."""
    made.git("config", "user.name", "Mira")
    made.git("config", "user.email", "m@example.org")
    return made


@pytest.fixture(scope="module")
def original(tmp_path_factory: pytest.TempPathFactory) -> Repository:
    made = named(Repository(tmp_path_factory.mktemp("original") / "site"))
    made.contact("ada", "title: Countess\ncompany: Acme\n", name="Ada Lovelace")
    made.contact("bob", name="Bob")
    made.write("avatars/ada.png", RED)
    made.commit()
    return made


@pytest.fixture
def repository(original: Repository, tmp_path: Path) -> Repository:
    """Ada with a picture and Bob, committed."""
    made = copy.copy(original)
    made.root = made.top = Path(shutil.copytree(original.root, tmp_path / "site"))
    return made


def found(repository: Site) -> dict[str, str]:
    return {one.path: one.kind for one in differences(repository.root)}


def phrases(repository: Site) -> list[str]:
    return [one.phrase for one in pending(repository.root, differences(repository.root), {})]


def test_what_differs_is_new_changed_or_removed(repository: Repository) -> None:
    repository.contact("ada", name="Ada")
    repository.contact("cy", name="Cy")
    (repository.root / "contacts/bob.yaml").unlink()
    repository.write("README.md", "not a source")
    kinds = {"contacts/ada.yaml": "changed", "contacts/bob.yaml": "removed", "contacts/cy.yaml": "new"}
    assert found(repository) == kinds
    repository.git("add", "--all")
    assert found(repository) == kinds, "the index makes no difference"


def test_what_came_back_as_another_is_changed_and_what_came_and_went_is_nothing(repository: Repository) -> None:
    repository.git("rm", "--quiet", "--cached", "contacts/bob.yaml")
    repository.contact("cy", name="Cy")
    repository.git("add", "contacts/cy.yaml")
    (repository.root / "contacts/cy.yaml").unlink()
    assert found(repository) == {"contacts/bob.yaml": "changed"}


def test_two_sides_of_a_merge_that_clash_are_a_conflict(repository: Repository) -> None:
    repository.git("checkout", "--quiet", "-b", "other")
    repository.contact("bob", name="Bobby")
    repository.commit()
    repository.git("checkout", "--quiet", "main")
    repository.contact("bob", name="Robert")
    repository.commit()
    repository.git("merge", "other", check=False)
    assert found(repository) == {"contacts/bob.yaml": "conflict"}
    assert phrases(repository) == ["Settle Robert"]


def test_paths_are_the_sites_own_in_a_folder_of_a_repository(tmp_path: Path) -> None:
    top = tmp_path / "top"
    top.mkdir()
    repository = named(Repository(top / "team" / "site", top))
    repository.contact("ada", name="Ada")
    (top / "contacts").mkdir()
    (top / "contacts/else.yaml").write_text("name: Else\n")
    assert found(repository) == {"contacts/ada.yaml": "new"}
    assert commit(repository.root, ["contacts/ada.yaml"], "Add Ada").subject == "Add Ada"
    assert repository.git("show", "--name-only", "--format=", "HEAD").split() == ["team/site/contacts/ada.yaml"]


def test_without_a_repository_it_says_so(site: Site) -> None:
    with pytest.raises(NoRepositoryError, match="not a git repository"):
        branch(site.root)
    with pytest.raises(NoRepositoryError):
        entry(site.root, None)


# --- in words --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("files", "phrase"),
    [
        ({"contacts/cy.yaml": "name: Cy\n"}, "Add Cy"),
        ({"contacts/cy.yaml": "name: Cy\n", "avatars/cy.png": BLUE}, "Add Cy"),
        ({"contacts/bob.yaml": None}, "Remove Bob"),
        ({"contacts/bob.yaml": "name: Bob\ntitle: Baker\n"}, "Change the title of Bob"),
        ({"contacts/bob.yaml": "name: Robert\n"}, "Change the name of Bob"),
        (
            {"contacts/bob.yaml": "name: Bob\ntitle: a\nphone: '+442079460958'\n"},
            "Change the title and phone numbers of Bob",
        ),
        ({"contacts/bob.yaml": "name: Bob\ntitle: a\ntype: b\nowner: c\n"}, "Change Bob"),
        ({"contacts/bob.yaml": "name: Bob\nfields: {Account: 1}\n"}, "Change the field Account of Bob"),
        ({"contacts/bob.yaml": "# Bob\nname: Bob\n"}, "Tidy the record of Bob"),
        ({"contacts/bob.yaml": "name: Bob\nmerge_into: ada\n"}, "Merge Bob into Ada Lovelace"),
        ({"contacts/cy.yaml": "name: Cy\nmerge_into: ada\n"}, "Merge Cy into Ada Lovelace"),
        ({"contacts/bob.yaml": "name: [\n"}, "Change Bob"),
        ({"avatars/bob.png": BLUE}, "Add the picture of Bob"),
        ({"avatars/ada.png": BLUE}, "Replace the picture of Ada Lovelace"),
        ({"avatars/ada.png": None, "avatars/ada.jpg": BLUE}, "Replace the picture of Ada Lovelace"),
        ({"avatars/ada.png": None}, "Remove the picture of Ada Lovelace"),
        (
            {"avatars/bob.png": BLUE, "contacts/bob.yaml": "name: Bob\ntitle: a\n"},
            "Change the title of Bob, add the picture",
        ),
        ({"avatars/nobody.png": BLUE}, "Add avatars/nobody.png"),
        ({"contacts/notes.txt": "x"}, "Add contacts/notes.txt"),
    ],
)
def test_what_was_done_to_a_contact_is_said_in_a_line(
    repository: Repository, files: dict[str, str | bytes | None], phrase: str
) -> None:
    for path, content in files.items():
        if content is None:
            (repository.root / path).unlink()
        else:
            repository.write(path, content)
    groups = pending(repository.root, differences(repository.root), known(INDEX))
    assert [group.phrase for group in groups] == [phrase]
    assert message_of(groups) == phrase


def test_the_undoing_of_a_merge_is_said_too(repository: Repository) -> None:
    repository.contact("bob", "merge_into: ada\n", name="Bob")
    repository.commit()
    repository.contact("bob", name="Bob")
    assert phrases(repository) == ["Undo the merge of Bob into ada"]


def test_a_message_for_several_contacts_names_them_or_counts_them(repository: Repository) -> None:
    repository.contact("cy", name="Cy")
    repository.contact("bob", "title: Baker\n", name="Bob")
    assert entry(repository.root, None)["message"] == "Change the title of Bob, add Cy"
    for number in range(4):
        repository.contact(f"new{number}", name=f"New {number}")
    repository.write("contacts/x.txt", "x")
    message = str(entry(repository.root, None)["message"])
    assert message.splitlines()[:3] == ["Change 6 contacts and 1 other file", "", "- Change the title of Bob"]


def test_the_commands_do_what_they_say(repository: Repository) -> None:
    repository.contact("cy", name="Cy O'Neill")
    repository.write("avatars/a b$(x).txt", "x")
    (repository.root / "contacts/bob.yaml").unlink()
    for command in commands(differences(repository.root), "Add Cy O'Neill; it's $HOME"):
        assert os.system(f"cd {repository.root} && {command} >{os.devnull}") == 0  # as a person types it
    assert found(repository) == {}
    assert repository.git("log", "-1", "--format=%s") == "Add Cy O'Neill; it's $HOME\n"


# --- pictures --------------------------------------------------------------------------------------------------------


def test_a_picture_that_was_is_given_with_the_crop_that_it_had(repository: Repository) -> None:
    repository.contact("ada", "avatar: {focus: top, fit: contain}\n", name="Ada")
    repository.commit()
    repository.write("avatars/ada.png", BLUE)
    repository.contact("ada", name="Ada")
    before = picture_before(repository.root, "avatars/ada.png", LIMIT)
    assert before
    assert before[1] == RED
    assert (before[0].focus, before[0].fit) == ((0.5, 0.0), "contain")


@pytest.mark.parametrize(
    "path", ["avatars/ada.png", "avatars/new.png", "contacts/bob.yaml", "../x.png", "HEAD:x.png", ""]
)
def test_of_what_is_no_picture_that_changed_none_is_given(repository: Repository, path: str) -> None:
    repository.write("avatars/new.png", BLUE)
    repository.contact("bob", name="Bobby")
    assert picture_before(repository.root, path, LIMIT) is None


def test_a_picture_that_was_too_large_is_not_read(repository: Repository) -> None:
    repository.write("avatars/ada.png", BLUE)
    assert picture_before(repository.root, "avatars/ada.png", len(RED) - 1) is None


# --- commits ---------------------------------------------------------------------------------------------------------


def test_a_commit_is_of_the_named_files_alone(repository: Repository) -> None:
    repository.contact("cy", name="Cy")
    repository.contact("ada", name="Ada")
    repository.write("README.md", "staged by hand")
    repository.git("add", "README.md")
    done = commit(repository.root, ["contacts/cy.yaml"], "Add Cy\n\n# no comment")
    assert repository.git("log", "-1", "--format=%h %an %B").strip() == f"{done.name} Mira Add Cy\n\n# no comment"
    assert repository.git("show", "--name-status", "--format=", "HEAD").split() == ["A", "contacts/cy.yaml"]
    assert repository.git("diff", "--cached", "--name-only").split() == ["README.md"]
    assert found(repository) == {"contacts/ada.yaml": "changed"}


@pytest.mark.parametrize("path", ["", ".", "contacts", "contacts/", ":/", "-A", "*", "/contacts/ada.yaml"])
def test_what_is_no_changed_file_is_not_committed(repository: Repository, path: str) -> None:
    repository.contact("cy", name="Cy")
    with pytest.raises(GitError, match="does not differ"):
        commit(repository.root, ["contacts/cy.yaml", path], "Add Cy")


def test_what_is_removed_and_what_replaces_it_go_into_one_commit(repository: Repository) -> None:
    (repository.root / "avatars/ada.png").unlink()
    repository.write("avatars/ada.jpg", BLUE)
    commit(repository.root, ["avatars/ada.jpg", "avatars/ada.png"], "Replace")
    assert found(repository) == {}


def test_the_first_commit_of_a_repository_can_be_made(tmp_path: Path) -> None:
    repository = named(Repository(tmp_path / "site"))
    repository.contact("ada", name="Ada")
    assert entry(repository.root, None)["message"] == "Add Ada"
    commit(repository.root, ["contacts/ada.yaml"], "Add Ada")
    assert found(repository) == {}


def test_a_hook_that_refuses_is_heard_and_nothing_is_staged(repository: Repository) -> None:
    hook = repository.write(".git/hooks/pre-commit", "#!/bin/sh\necho first line\necho no such title >&2\nexit 1\n")
    hook.chmod(0o755)
    repository.contact("cy", name="Cy")
    before = repository.git("status", "--porcelain")
    with pytest.raises(GitError, match=r"(?s)first line.*no such title"):
        commit(repository.root, ["contacts/cy.yaml"], "Add Cy")
    assert repository.git("status", "--porcelain") == before


def test_a_hook_may_change_the_message(repository: Repository) -> None:
    hook = repository.write(".git/hooks/commit-msg", '#!/bin/sh\necho "Signed: $(id -u)" >> "$1"\n')
    hook.chmod(0o755)
    repository.contact("cy", name="Cy")
    commit(repository.root, ["contacts/cy.yaml"], "Add Cy")
    assert "Signed" in repository.git("log", "-1", "--format=%B")


def test_who_has_no_name_is_told_what_git_says(repository: Repository, monkeypatch: pytest.MonkeyPatch) -> None:
    repository.git("config", "--unset", "user.name")
    repository.git("config", "--unset", "user.email")
    repository.git("config", "user.useConfigOnly", "true")
    repository.contact("cy", name="Cy")
    with pytest.raises(GitError, match="tell me who you are"):
        commit(repository.root, ["contacts/cy.yaml"], "Add Cy")
    assert found(repository) == {"contacts/cy.yaml": "new"}


def test_a_file_that_does_not_differ_any_more_is_not_committed(repository: Repository) -> None:
    repository.contact("cy", name="Cy")
    with pytest.raises(GitError, match="README"):
        commit(repository.root, ["contacts/cy.yaml", "README.md"], "x")
    assert found(repository) == {"contacts/cy.yaml": "new"}


@pytest.mark.parametrize("name", ["[a].txt", "-x.txt", "a*.txt", ":(top)x.txt", "é\n.txt", "\udcff.txt"], ids=ascii)
def test_a_name_is_never_a_pattern_or_an_option(repository: Repository, name: str) -> None:
    (repository.root / "contacts" / name).write_text("x")
    repository.write("contacts/a.txt", "x")
    told = json.loads(json.dumps(entry(repository.root, None)["changes"]))
    path = next(one["files"][0]["path"] for one in told if one["name"] != "contacts/a.txt")
    commit(repository.root, [path], "x")
    assert found(repository) == {"contacts/a.txt": "new"}
