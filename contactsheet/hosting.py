"""The pages of a repository's host to which the site leads, made from the repository's address. It asks no host.

What the addresses look like is from the hosts' own documentation: GitHub, GitLab, Gitea (so also Forgejo and Codeberg)
and Bitbucket Cloud.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import quote, urlsplit

if TYPE_CHECKING:
    from contactsheet.settings import Settings

# By the setting's value: the host's name for people, and the words in addresses that tell of it.
HOSTS: dict[str, tuple[str, tuple[str, ...]]] = {
    "github": ("GitHub", ("github",)),
    "gitlab": ("GitLab", ("gitlab",)),
    "gitea": ("Gitea", ("gitea", "forgejo", "codeberg")),
    "bitbucket": ("Bitbucket", ("bitbucket",)),
}
_EDIT = {"github": "edit", "gitlab": "-/edit", "gitea": "_edit"}
_COMMIT = {"github": "commit", "gitlab": "-/commit", "gitea": "commit", "bitbucket": "commits"}
_NEW = {"github": "new", "gitlab": "-/new", "gitea": "_new"}
_UPLOAD = {"github": "upload", "gitlab": "-/tree", "gitea": "_upload", "bitbucket": "src"}


class Repository(NamedTuple):
    """A repository on its host: ``base`` is its address without a slash at the end, ``branch`` is ready for addresses.

    ``host`` is a key of HOSTS, or empty where neither the address nor the settings tell it.
    """

    base: str
    branch: str
    host: str

    @property
    def host_name(self) -> str:
        """The host's name for people."""
        return HOSTS[self.host][0] if self.host else "the repository"


def repository(settings: Settings) -> Repository | None:
    """The repository that the settings name, if they name one."""
    if not settings.repository:
        return None
    base = settings.repository.rstrip("/").removesuffix(".git")
    return Repository(base, quote(settings.branch, safe="/"), settings.host or _host_of(base))


def _host_of(base: str) -> str:
    # The host's own name alone: a path such as /github/contacts says nothing.
    name = urlsplit(base).hostname or ""
    return next((host for host, (_, words) in HOSTS.items() if any(word in name for word in words)), "")


def upload_page(at: Repository, path: str, *, exists: bool = False) -> str:
    """Where a file is put at ``path``. Of a host that is not known, the repository itself.

    GitHub and Gitea upload into a folder, over a file of the same name too. GitLab and Bitbucket upload from the
    folder's page; GitLab replaces a file that ``exists`` from the file's own page.
    """
    if at.host == "gitlab" and exists:
        return f"{at.base}/-/blob/{at.branch}/{quote(path)}"
    if at.host in _UPLOAD:
        return f"{upload_root(at)}/{quote(path.rpartition('/')[0])}"
    return at.base


def upload_root(at: Repository) -> str:
    """What stands before the folder in the address of an upload page; empty of a host that is not known."""
    return f"{at.base}/{_UPLOAD[at.host]}/{at.branch}" if at.host in _UPLOAD else ""


def edit_page(at: Repository, path: str) -> str:
    """Where the text file ``path`` is edited. Of a host that is not known, the repository itself."""
    if at.host in _EDIT:
        return f"{at.base}/{_EDIT[at.host]}/{at.branch}/{quote(path)}"
    if at.host == "bitbucket":
        return f"{at.base}/src/{at.branch}/{quote(path)}?mode=edit&spa=0&at={quote(at.branch, safe='')}"
    return at.base


def commit_page(at: Repository, commit: str) -> str:
    """Where a commit is shown; empty of a host that is not known."""
    return f"{at.base}/{_COMMIT[at.host]}/{commit}" if at.host in _COMMIT else ""


def new_page(at: Repository) -> str:
    """Where a new text file is written. Bitbucket and a host that is not known: the repository itself."""
    return f"{at.base}/{_NEW[at.host]}/{at.branch}" if at.host in _NEW else at.base
