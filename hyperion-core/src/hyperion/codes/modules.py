"""HY3xxx: modules and module files."""

from __future__ import annotations

CODES = {
    "HY3001": "The module has no function of that name.",
}
