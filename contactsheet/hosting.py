"""The pages of a repository's host to which the site leads, made from the repository's address."""

from __future__ import annotations

from urllib.parse import quote, urlsplit


def upload_address(repository: str, branch: str, path: str) -> str:
    """The host's page on which a file is added to, or replaced in, the folder of ``path``; empty without a repository.

    GitHub and Gitea (also Forgejo, Codeberg) have an upload page for a folder; GitLab and Bitbucket upload from the
    folder's own page.
    """
    if not repository:
        return ""
    folder = quote(path.rpartition("/")[0])
    host = urlsplit(repository).hostname or ""
    base, at = repository.rstrip("/").removesuffix(".git"), quote(branch, safe="/")
    if "gitlab" in host:
        return f"{base}/-/tree/{at}/{folder}"
    if "bitbucket" in host:
        return f"{base}/src/{at}/{folder}"
    if "github" in host:
        return f"{base}/upload/{at}/{folder}"
    return f"{base}/_upload/{at}/{folder}"
