"""The plugin registers the frontend and imports it only on use."""

from __future__ import annotations

import subprocess
import sys


def test_registration_is_light() -> None:
    code = (
        "import sys, hyperion_python.plugin as p; table = p.hyperion_frontends();"
        "assert not {'numpy', 'hyperion_python.frontend'} & set(sys.modules), 'heavy';"
        "f = table['python'](); assert f.name == 'python'"
    )
    subprocess.run([sys.executable, "-c", code], check=True, timeout=60)


def test_it_follows_the_interface() -> None:
    from hyperion.interfaces.frontend import Frontend
    from hyperion_python.plugin import hyperion_frontends

    assert isinstance(hyperion_frontends()["python"](), Frontend)
