"""Starts a supervisor: `python -I -S <this folder>`, one JSON document on stdin."""

import os
import sys


def _package() -> None:
    """Makes this folder a package named `supervisor`, so that its modules can import each other relatively.

    Putting the folder on `sys.path` instead would let its names shadow the standard library's.
    """
    directory = os.path.dirname(os.path.abspath(__file__))
    sys.path[:] = [entry for entry in sys.path if os.path.abspath(entry) != directory]
    package = type(sys)("supervisor")
    package.__path__ = [directory]
    sys.modules["supervisor"] = package


if __name__ == "__main__":
    _package()
    from supervisor.entry import main  # type: ignore[import-not-found]

    main()
