"""Pictures of programs: Graphviz DOT, Mermaid, and HTML for notebooks.

dot -Tsvg picture.dot > picture.svg        where picture.dot holds dot(program)
"""

from hyperion.ir.pictures.dot import dot
from hyperion.ir.pictures.html import html
from hyperion.ir.pictures.mermaid import mermaid

__all__ = ["dot", "html", "mermaid"]
