"""The addresses of the host's pages on which a picture is replaced and a record edited or written."""

from __future__ import annotations

import pytest

from contactsheet.hosting import Repository, commit_page, edit_page, new_page, repository, upload_page, upload_root
from contactsheet.settings import Settings, SettingsError, load
from tests.conftest import Site


def at(address: str, branch: str = "main", host: str = "") -> Repository:
    found = repository(Settings(repository=address, branch=branch, host=host))
    assert found is not None
    return found


GITHUB = "https://github.com/acme/contacts"
GITLAB = "https://gitlab.com/acme/team/contacts"
CODEBERG = "https://codeberg.org/acme/contacts"
BITBUCKET = "https://bitbucket.org/acme/contacts"


@pytest.mark.parametrize(
    ("address", "page"),
    [
        (GITHUB, f"{GITHUB}/upload/main/avatars/sales"),
        (f"{GITHUB}.git", f"{GITHUB}/upload/main/avatars/sales"),
        (f"{GITHUB}/", f"{GITHUB}/upload/main/avatars/sales"),
        ("https://github.acme.example/a/b", "https://github.acme.example/a/b/upload/main/avatars/sales"),
        (GITLAB, f"{GITLAB}/-/tree/main/avatars/sales"),
        (BITBUCKET, f"{BITBUCKET}/src/main/avatars/sales"),
        (CODEBERG, f"{CODEBERG}/_upload/main/avatars/sales"),
        ("https://forgejo.acme.example/a/b", "https://forgejo.acme.example/a/b/_upload/main/avatars/sales"),
        ("https://git.acme.example/a/b", "https://git.acme.example/a/b"),
    ],
    ids=["github", "with .git", "with a slash", "enterprise", "gitlab", "bitbucket", "codeberg", "forgejo", "unknown"],
)
def test_a_new_picture_is_put_into_its_folder(address: str, page: str) -> None:
    assert upload_page(at(address), "avatars/sales/ada.jpg") == page


def test_gitlab_replaces_a_file_from_its_own_page_and_the_others_from_the_folder() -> None:
    assert upload_page(at(GITLAB), "avatars/ada.jpg", exists=True) == f"{GITLAB}/-/blob/main/avatars/ada.jpg"
    assert upload_page(at(GITHUB), "avatars/ada.jpg", exists=True) == f"{GITHUB}/upload/main/avatars"


@pytest.mark.parametrize(
    ("address", "page"),
    [
        (GITHUB, f"{GITHUB}/edit/main/contacts/sales/ada.yaml"),
        (GITLAB, f"{GITLAB}/-/edit/main/contacts/sales/ada.yaml"),
        (CODEBERG, f"{CODEBERG}/_edit/main/contacts/sales/ada.yaml"),
        (BITBUCKET, f"{BITBUCKET}/src/main/contacts/sales/ada.yaml?mode=edit&spa=0&at=main"),
        ("https://git.acme.example/a/b", "https://git.acme.example/a/b"),
    ],
    ids=["github", "gitlab", "codeberg", "bitbucket", "unknown"],
)
def test_a_record_is_edited_on_its_own_page(address: str, page: str) -> None:
    assert edit_page(at(address), "contacts/sales/ada.yaml") == page


@pytest.mark.parametrize(
    ("address", "page"),
    [
        (GITHUB, f"{GITHUB}/new/main"),
        (GITLAB, f"{GITLAB}/-/new/main"),
        (CODEBERG, f"{CODEBERG}/_new/main"),
        (BITBUCKET, BITBUCKET),
    ],
    ids=["github", "gitlab", "codeberg", "bitbucket"],
)
def test_a_record_is_written_on_the_page_for_a_new_file(address: str, page: str) -> None:
    assert new_page(at(address)) == page


@pytest.mark.parametrize(
    ("host", "root"),
    [("github", "upload"), ("gitlab", "-/tree"), ("gitea", "_upload"), ("bitbucket", "src")],
)
def test_the_setting_tells_the_host_where_the_address_does_not(host: str, root: str) -> None:
    found = at("https://git.acme.example/a/b", host=host)
    assert upload_root(found) == f"https://git.acme.example/a/b/{root}/main"


def test_the_setting_wins_over_the_address() -> None:
    assert at("https://github.acme.example/a/b", host="gitea").host_name == "Gitea"


def test_a_host_whose_path_alone_says_github_is_not_known() -> None:
    found = at("https://git.acme.example/github/contacts")
    assert (found.host, found.host_name, upload_root(found)) == ("", "the repository", "")


def test_a_branch_keeps_its_slashes_and_other_signs_are_encoded() -> None:
    found = at("https://github.com/a/b", "feature/new #1")
    page = "https://github.com/a/b/upload/feature/new%20%231/avatars/%C3%9Cn%C3%AF%20%26%20co"
    assert upload_page(found, "avatars/Ünï & co/ada.jpg") == page


def test_without_a_repository_there_is_nothing_to_lead_to() -> None:
    assert repository(Settings()) is None


def test_a_host_that_nobody_knows_is_refused_with_those_that_are_known(site: Site) -> None:
    site.settings('host = "sourcehut"')
    with pytest.raises(
        SettingsError, match="host is “sourcehut”; write “github” or “gitlab” or “gitea” or “bitbucket”"
    ):
        load(site.root)


@pytest.mark.parametrize(
    ("address", "page"),
    [
        (GITHUB, f"{GITHUB}/commit/4d15f12"),
        (GITLAB, f"{GITLAB}/-/commit/4d15f12"),
        (CODEBERG, f"{CODEBERG}/commit/4d15f12"),
        (BITBUCKET, f"{BITBUCKET}/commits/4d15f12"),
        ("https://git.acme.example/a/b", ""),
    ],
    ids=["github", "gitlab", "codeberg", "bitbucket", "unknown"],
)
def test_a_commit_has_a_page(address: str, page: str) -> None:
    assert commit_page(at(address), "4d15f12") == page
