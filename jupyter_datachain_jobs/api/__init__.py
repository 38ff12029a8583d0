"""The doors: REST and the one websocket, under ``{base_url}datachain-jobs/``.

Owns the wire: bodies (`schemas`), the table of routes (`routes`), and how a failure of any room becomes a status and
``{code, message, hint}``. Called by app, which registers `handlers()`, and by the CLI, which asks the same
table without HTTP. It exists so that rooms know no HTTP, and so that one table says what is reachable, with which
right, and in which shape.
"""

from .doors import Doors, Rooms
from .inside import ask
from .registry import handlers
from .request import Raw

__all__ = ["Doors", "Raw", "Rooms", "ask", "handlers"]
