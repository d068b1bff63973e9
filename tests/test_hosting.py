"""The address of the host's page on which a picture is added or replaced."""

from __future__ import annotations

import pytest

from contactsheet.hosting import upload_address


@pytest.mark.parametrize(
    ("repository", "address"),
    [
        ("https://github.com/acme/contacts", "https://github.com/acme/contacts/upload/main/avatars/sales"),
        ("https://github.com/acme/contacts.git", "https://github.com/acme/contacts/upload/main/avatars/sales"),
        ("https://github.com/acme/contacts/", "https://github.com/acme/contacts/upload/main/avatars/sales"),
        ("https://github.acme.example/a/b", "https://github.acme.example/a/b/upload/main/avatars/sales"),
        ("https://gitlab.com/acme/team/contacts", "https://gitlab.com/acme/team/contacts/-/tree/main/avatars/sales"),
        ("https://bitbucket.org/acme/contacts", "https://bitbucket.org/acme/contacts/src/main/avatars/sales"),
        ("https://codeberg.org/acme/contacts", "https://codeberg.org/acme/contacts/_upload/main/avatars/sales"),
        ("", ""),
    ],
    ids=["github", "with .git", "with a slash", "github enterprise", "gitlab", "bitbucket", "forgejo", "none"],
)
def test_the_upload_page_is_that_of_the_pictures_folder(repository: str, address: str) -> None:
    assert upload_address(repository, "main", "avatars/sales/ada.jpg") == address


def test_a_branch_keeps_its_slashes_and_other_signs_are_encoded() -> None:
    address = upload_address("https://github.com/a/b", "feature/new #1", "avatars/Ünï & co/ada.jpg")
    assert address == "https://github.com/a/b/upload/feature/new%20%231/avatars/%C3%9Cn%C3%AF%20%26%20co"


def test_a_host_whose_path_alone_says_github_is_none() -> None:
    address = upload_address("https://git.acme.example/github/contacts", "main", "avatars/ada.jpg")
    assert address == "https://git.acme.example/github/contacts/_upload/main/avatars"
