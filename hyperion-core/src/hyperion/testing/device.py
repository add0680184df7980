"""What every device must do."""

from __future__ import annotations

from hyperion.testing.device_checks.copies import CopyChecks
from hyperion.testing.device_checks.driver import DriverChecks
from hyperion.testing.device_checks.ends import EndChecks
from hyperion.testing.device_checks.in_place import InPlaceChecks
from hyperion.testing.device_checks.memory import MemoryChecks
from hyperion.testing.device_checks.runs import RunChecks


class DeviceConformance(DriverChecks, MemoryChecks, CopyChecks, RunChecks, InPlaceChecks, EndChecks):
    """Subclass with `driver`; with `target`, which compiles for the device; and with what else `DeviceSubject` lists,
    where the device has it. What it does not have is skipped with a reason. Needs NumPy.

        class TestAbacus(DeviceConformance):
            absent = "abacus:9"

            def driver(self):
                return AbacusDriver()

            def target(self):
                return AbacusTarget()
    """
