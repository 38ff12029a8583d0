"""Reading what a job printed.

Owns: how the log of an attempt (``output.log``, the segments after it, a sparse index beside each) is read: by byte,
by line, from the end; what is told where a part of it was removed; and how terminal output becomes plain text. Writes
nothing: the supervisor is the one writer, and may be writing, and removing segments, while this room reads.

Callers: ``api`` (the log doors and the websocket), ``cli`` and ``monitor`` (reports). Everything here is synchronous
file work: on the event loop call it through ``asyncio.to_thread``.

Why it exists: any line of a 1 GB log must be one seek and one chunk away, and what a line number means must be the
same in the browser, the terminal and the API.
"""

from .gap import Gap, gap_line
from .plain import PlainLines, plain_lines
from .reader import LogReader, Page, Slice

__all__ = ["Gap", "LogReader", "Page", "PlainLines", "Slice", "gap_line", "plain_lines"]
