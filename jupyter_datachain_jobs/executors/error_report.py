"""What an uncaught exception means to the user: its words, its traceback, and the place in the user's own code.

Loaded by `run_script.py` into the job's interpreter, and only when something went wrong.
"""

import json
import linecache
import os
import traceback

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

    Place = tuple[str, int, str]

_OURS = (os.path.join(os.path.dirname(__file__), "run_script.py"), __file__)
_CONTEXT = 3
_MOST_TEXT = 200_000


def write(error: BaseException, script: str, folder: str) -> None:
    """Writes `error.json`.

    Args:
        error: the uncaught exception, without the frames of the runner in its traceback.
        script: the user's file.
        folder: where to.

    Raises:
        OSError: it cannot be written.
    """
    where = locate(error, script)
    document = {
        "exception": type(error).__qualname__,
        "message": message_of(error)[:_MOST_TEXT],
        "traceback": None,
        "frame": where and frame(*where),
    }
    if not isinstance(error, SystemExit):
        document["traceback"] = "".join(traceback.format_exception(error))[-_MOST_TEXT:]
    path = os.path.join(folder, "error.json")
    try:
        with open(path + ".new", "w", encoding="ascii") as file:
            json.dump(document, file)
        os.replace(path + ".new", path)
    except BaseException:
        # A full disk is not helped by half a report.
        try:
            os.unlink(path + ".new")
        except OSError:
            pass
        raise


def message_of(error: BaseException) -> str:
    """The exception's own words."""
    try:
        return str(error)
    except Exception:  # noqa: BLE001 - a broken __str__
        return "<exception str() failed>"


def chain(first: BaseException) -> "Iterator[BaseException]":
    """An exception and those that led to it, as a traceback shows them, the last one first."""
    seen: set[int] = set()
    error: BaseException | None = first
    while error is not None and id(error) not in seen:
        seen.add(id(error))
        yield error
        error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)


def is_users(filename: str, script: str) -> bool:
    """Whether a file is the script or a module beside it, and not of Python or of an installed package."""
    path = os.path.abspath(filename)
    if path == script:
        return True
    folder = os.path.dirname(script)
    parts = set(os.path.relpath(path, folder).split(os.sep))
    if filename.startswith("<") or parts & {os.pardir, "site-packages", "dist-packages"}:
        return False
    return not path.startswith(os.path.dirname(os.__file__) + os.sep)


def frames(error: BaseException) -> "list[Place]":
    """Places that an exception passed, `(file, line, function)`, the outermost first."""
    places = []
    trace = error.__traceback__
    while trace:
        code = trace.tb_frame.f_code
        if code.co_filename not in _OURS:
            places.append((code.co_filename, trace.tb_lineno, code.co_name))
        trace = trace.tb_next
    if isinstance(error, SyntaxError) and error.filename and error.lineno:
        # The line that is wrong, and not the import that found it.
        places.append((error.filename, error.lineno, "<module>"))
    return places


def locate(error: BaseException, script: str) -> "Place | None":
    """The place in the user's code to show for an exception.

    Where the user's code raised one of a chain itself, that place (a library that wraps what a user's function
    raised is not the cause); else the last place in user code that the exception passed; else where it was raised.
    """
    rows = [places for each in chain(error) if (places := frames(each))]
    for places in rows:
        if is_users(places[-1][0], script):
            return places[-1]
    for places in rows:
        for place in reversed(places):
            if is_users(place[0], script):
                return place
    return rows[0][-1] if rows else None


def frame(filename: str, line: int, function: str) -> "dict[str, Any]":
    """A place with its source."""
    path = filename if filename.startswith("<") else os.path.abspath(filename)
    around = range(max(1, line - _CONTEXT), line + _CONTEXT + 1)
    context = [
        {"line": number, "text": text.rstrip("\n")}
        for number in around
        if (text := linecache.getline(filename, number))
    ]
    return {
        "path": path,
        "line": line,
        "function": function,
        "text": linecache.getline(filename, line).strip(),
        "context": context,
    }
