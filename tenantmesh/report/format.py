"""The formats that a report is written in."""

from enum import StrEnum


class Format(StrEnum):
    """What a report is for: people at a terminal, scripts, code scanning, a browser, a comment on a pull request."""

    TEXT = "text"
    JSON = "json"
    SARIF = "sarif"
    HTML = "html"
    MARKDOWN = "markdown"
