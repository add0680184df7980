"""The sqlite library passes the suite that every theorem library must pass."""

from __future__ import annotations

from pathlib import Path

import pytest

from hyperion.interfaces.theorem_library import TheoremLibrary
from hyperion.ir.registry import CORE
from hyperion.policy import Policy
from hyperion.testing import TheoremLibraryConformance
from hyperion_library.libraries import SqliteLibraries


class TestSqliteLibrary(TheoremLibraryConformance):
    @pytest.fixture(autouse=True)
    def _folder(self, tmp_path: Path) -> None:
        self.folder = tmp_path

    def make(self) -> TheoremLibrary:
        return SqliteLibraries().open(lambda: self.folder, CORE, Policy())

    def again(self) -> TheoremLibrary:
        return self.make()
