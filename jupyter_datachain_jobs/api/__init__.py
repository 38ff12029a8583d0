"""The doors: REST and the one websocket, under ``{base_url}datachain-jobs/``.

Owns the wire: bodies (`schemas`), the table of routes (`routes`), and how a failure of any room becomes a status and
``{code, message, hint}``. Called by nobody of ours but app, which registers `handlers()`. It exists so that rooms
know no HTTP, and so that one table says what is reachable, with which right, and in which shape.
"""

from .doors import Doors, Rooms
from .registry import handlers

__all__ = ["Doors", "Rooms", "handlers"]
