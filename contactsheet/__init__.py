"""A team's contacts in git: records and pictures are checked, merged and published as static pages."""

__version__ = "0.1.0"
