"""The C half of `signal`. The Python half wraps every number in an enum, and loads `enum` for it."""

import _signal as signal  # type: ignore[import-not-found]  # no stubs for it

STOPS = (signal.SIGTERM, signal.SIGINT)
"""What tells a supervisor to end its job."""

__all__ = ["STOPS", "signal"]
