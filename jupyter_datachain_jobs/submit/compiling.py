"""Does a text compile? Asked without holding up the server."""

from __future__ import annotations

import json
import subprocess
import sys
import warnings

#: Larger texts are compiled in a process of their own: the compiler holds Python's lock all the while, so a thread would
#: not keep it from stopping the whole server (0.2 s for 16 KiB of the worst code, 10 s for a megabyte).
HERE_BYTES = 16 * 1024

#: Seconds that such a process gets.
PATIENCE_S = 20.0

_PROGRAM = """
import json, sys, warnings
warnings.simplefilter("ignore")
try:
    compile(sys.stdin.buffer.read(), sys.argv[1], "exec", dont_inherit=True)
    found = None
except SyntaxError as error:
    found = ["SyntaxError", str(error.msg), error.lineno, error.offset, error.text]
except (ValueError, RecursionError, MemoryError) as error:
    found = [type(error).__name__, str(error), None, None, None]
print(json.dumps(found))
"""


def compile_text(source: bytes, filename: str) -> None:
    """Raises what ``compile`` raises: SyntaxError, ValueError, RecursionError, MemoryError. Blocking."""
    if len(source) <= HERE_BYTES:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            compile(source, filename, "exec", dont_inherit=True)
        return
    try:
        done = subprocess.run(
            [sys.executable, "-I", "-S", "-c", _PROGRAM, filename],
            input=source,
            capture_output=True,
            timeout=PATIENCE_S,
            check=False,
        )
        found = json.loads(done.stdout)
    except (subprocess.TimeoutExpired, ValueError) as error:
        # Too slow, or it ended without a word: the compiler itself crashed.
        raise RecursionError("too complex to compile") from error
    if found is None:
        return
    kind, message, line, column, text = found
    if kind == "SyntaxError":
        raise SyntaxError(message, (filename, line, column, text))
    raise {"ValueError": ValueError, "MemoryError": MemoryError}.get(kind, RecursionError)(message)
