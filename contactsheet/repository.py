"""What a repository of contacts is made of: the names of its folders and files. Nothing is looked at here."""

from __future__ import annotations

import os

CONTACTS = "contacts"
AVATARS = "avatars"
TEMPLATES = "templates"
SETTINGS = "pyproject.toml"


def own_templates() -> str:
    """The program's own templates: beside the code where it is installed, in a checkout at the top."""
    package = os.path.dirname(os.path.realpath(__file__))
    inside = os.path.join(package, TEMPLATES)
    return inside if os.path.isdir(inside) else os.path.join(os.path.dirname(package), TEMPLATES)
