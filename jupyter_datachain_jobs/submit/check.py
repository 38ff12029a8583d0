"""What can be known to be wrong with a script before it is queued."""

from __future__ import annotations

import os
from pathlib import Path

from jupyter_datachain_jobs.domain import Category, InvalidRequest

from .compiling import compile_text

#: Larger than any script that a person wrote; a data file passed by mistake is refused before it is copied.
MAX_SCRIPT_BYTES = 5 * 1024 * 1024


def resolve(path: str, root: Path) -> Path:
    """The file that a contents path names.

    Parameters
    ----------
    path: POSIX path relative to the server's root, as JupyterLab's contents manager gives it.
    root: the server's root directory.

    Raises
    ------
    InvalidRequest
        ``script_path_invalid``, ``script_not_local`` (a drive such as ``s3:``), ``script_outside_root``.
    """
    if not path or "\0" in path or len(path) > 4096:
        raise InvalidRequest(
            "script_path_invalid",
            "The script's path is empty or not a path.",
            "Give the path of a .py file, relative to the folder that JupyterLab shows.",
        )
    drive, colon, _ = path.partition(":")
    if colon and "/" not in drive and not os.path.exists(root / path):
        raise InvalidRequest(
            "script_not_local",
            f"The script is on the drive {drive!r}, not on this server's disk.",
            "Copy it into a folder of the file browser and run it from there.",
        )
    base = os.path.realpath(root)
    location = os.path.realpath(os.path.join(base, path.lstrip("/")))
    if location != base and not location.startswith(base.rstrip("/") + "/"):
        raise InvalidRequest(
            "script_outside_root",
            f"The script {path!r} is outside the folder that this server shows.",
            "Move it into a folder of the file browser and run it from there.",
            category=Category.FORBIDDEN,
        )
    return Path(location)


def _unreadable(name: str, error: OSError) -> InvalidRequest:
    return InvalidRequest(
        "script_unreadable",
        f"{name[:200]!r} cannot be read: {error.strerror or error}.",
        "Check its name, and the permissions of the file and of its folder.",
    )


def check_script(location: Path, name: str, text: str | None) -> bytes:
    """The bytes to run: `text` where the editor gave it, else the file's; checked, also for syntax.

    Parameters
    ----------
    location: absolute path of the script.
    name: how the user knows it, for messages.
    text: text on screen, saved or not.

    Raises
    ------
    InvalidRequest
        ``script_not_found``, ``script_is_directory``, ``script_not_python``, ``script_unreadable``,
        ``script_too_large``, ``script_not_utf8``, ``script_empty``, ``script_syntax_error`` (with line and column).
    """
    try:
        _check_place(location, name, text)
        source = _read(location) if text is None else _encode(text, name)
    except OSError as error:
        raise _unreadable(name, error) from error
    if len(source) > MAX_SCRIPT_BYTES:
        raise InvalidRequest(
            "script_too_large",
            f"{name!r} is larger than {MAX_SCRIPT_BYTES // 1024 // 1024} MiB.",
            "Move data out of the script into a file that it reads.",
            category=Category.TOO_LARGE,
        )
    if not source.strip():
        raise InvalidRequest("script_empty", f"{name!r} is empty.", "Write some code, then run it.")
    _compile(source, name, location)
    return source


def _check_place(location: Path, name: str, text: str | None) -> None:
    if location.is_dir():
        raise InvalidRequest("script_is_directory", f"{name!r} is a folder, not a script.", "Choose a .py file in it.")
    if location.suffix != ".py":
        raise InvalidRequest(
            "script_not_python", f"{name!r} is not a Python script.", "Rename it so that it ends in .py."
        )
    if not location.parent.is_dir() or (text is None and not location.exists()):
        raise InvalidRequest(
            "script_not_found",
            f"There is no file {name!r}.",
            "It may have been moved, renamed or deleted. Save it again, or choose another script.",
            category=Category.NOT_FOUND,
        )
    # Opening a FIFO would wait for a writer for ever.
    if text is None and not location.is_file():
        raise InvalidRequest(
            "script_unreadable", f"{name!r} is not a regular file.", "Choose a .py file with text in it."
        )


def _read(location: Path) -> bytes:
    with location.open("rb") as file:
        return file.read(MAX_SCRIPT_BYTES + 1)


def _encode(text: str, name: str) -> bytes:
    try:
        return text.encode()
    except UnicodeEncodeError as error:
        raise InvalidRequest(
            "script_not_utf8",
            f"{name!r} holds a character (at position {error.start}) that UTF-8 cannot express.",
            "Remove it: it is half of a surrogate pair.",
        ) from error


def _compile(source: bytes, name: str, location: Path) -> None:
    # Python's own rule: a coding line may name another encoding, and the job would then run. Without one it is UTF-8.
    try:
        compile_text(source, str(location))
    except SyntaxError as error:
        if error.lineno is None or "codec can't decode" in str(error.msg) or "(unicode error)" in str(error.msg):
            _check_utf8(source, name)
        line, column = error.lineno or 1, max(error.offset or 1, 1)
        raise InvalidRequest(
            "script_syntax_error",
            f"{name!r} has a syntax error in line {line}, column {column}: {error.msg}.",
            "Correct the line, then run again.",
            details={"path": name, "line": line, "column": column, "text": (error.text or "").rstrip("\n")},
        ) from error
    except ValueError as error:
        _check_utf8(source, name)
        raise InvalidRequest(
            "script_not_python", f"{name!r} cannot be read as Python: {error}.", "Check that it is a text file."
        ) from error
    except (RecursionError, MemoryError) as error:
        raise InvalidRequest(
            "script_too_complex",
            f"{name!r} is nested too deeply for Python to compile.",
            "Split its largest expressions into smaller ones.",
        ) from error


def _check_utf8(source: bytes, name: str) -> None:
    try:
        source.decode()
    except UnicodeDecodeError as error:
        line = source.count(b"\n", 0, error.start) + 1
        raise InvalidRequest(
            "script_not_utf8",
            f"{name!r} is not UTF-8: byte 0x{source[error.start]:02x} in line {line}.",
            "Save it as UTF-8, or name its encoding in the first line.",
            details={"path": name, "line": line, "column": 1},
        ) from error
