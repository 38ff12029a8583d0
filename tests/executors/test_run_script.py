"""The runner behaves as `python script.py` does, in everything that a script can see."""

from __future__ import annotations

import os
import re
import signal
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from executors.conftest import Folder

SAME = [
    "print('hello')",
    "import sys; print(__name__, __file__, sys.argv, sys.path[0], __package__, __spec__, __doc__, __cached__)",
    "'''The docstring.'''\nprint(__doc__)",
    "import os; print(os.getcwd())",
    "print(sorted(name for name in globals()))",
    "print(type(__loader__).__name__, type(__builtins__).__name__)",
    "import __main__; x = 1; print(__main__.x)",
    "from __future__ import annotations\nprint('future')",
    "import sys; sys.exit()",
    "import sys; sys.exit(7)",
    "import sys; sys.exit('a reason')",
    "import sys; sys.exit(True)",
    "import sys; sys.exit([1, 2])",
    "raise SystemExit",
    "import os; print('out'); os._exit(5)",
    "1 / 0",
    "def f(n):\n    if n: f(n - 1)\n    raise ValueError('deep')\nf(3)",
    "def f(): f()\nf()",
    "try:\n    1 / 0\nexcept ZeroDivisionError:\n    raise KeyError('second')",
    "try:\n    1 / 0\nexcept ZeroDivisionError as error:\n    raise KeyError('second') from error",
    "try:\n    1 / 0\nexcept ZeroDivisionError:\n    raise KeyError('second') from None",
    "raise ExceptionGroup('several', [ValueError('a'), TypeError('b')])",
    "error = ValueError('noted')\nerror.add_note('a note')\nraise error",
    "import no_such_module",
    "x = (1 +\n",
    "def f(:\n    pass",
    "if True:\npass",
    "print('a' 5)",
    "x = '\\xzz'",
    "import json; json.loads('{')",
    "eval('1 +')",
    "exec('raise ValueError(1)')",
    "assert 1 == 2, 'not equal'",
    "import os, signal; os.kill(os.getpid(), signal.SIGKILL)",
    "raise KeyboardInterrupt",
    "import atexit; atexit.register(print, 'at exit'); 1 / 0",
    "import threading, time\nthreading.Thread(target=lambda: (time.sleep(0.05), print('thread'))).start()\nprint('main')",
    "import threading\nt = threading.Thread(target=lambda: 1 / 0, name='worker')\nt.start(); t.join()",
    "import sys\nsys.excepthook = lambda *a: print('hook', a[0].__name__, a[2].tb_frame.f_code.co_name)\n1 / 0",
    "import sys\nsys.excepthook = lambda *a: sys.exit(9)\n1 / 0",
    "import sys\ndef hook(*a): raise TypeError('in the hook')\nsys.excepthook = hook\n1 / 0",
    "import sys\nsys.excepthook = sys.__excepthook__\n1 / 0",
    "import sys\ndel sys.excepthook\n1 / 0",
    "class E(Exception):\n    def __str__(self): raise ValueError\nraise E",
    "import sys; sys.stderr.write('partial'); sys.stdout.write('partial'); sys.exit(3)",
    "import warnings; warnings.warn('careful')",
    "class A:\n    def __del__(self): print('deleted')\na = A()",
    "import os, sys\nif os.fork() == 0:\n    raise ValueError('in a child')\nos.wait(); sys.exit(4)",
    "print(undefined_name)",
    "import sys; sys.tracebacklimit = 1\ndef f(): 1 / 0\nf()",
    "x: int = 1\nprint(__annotations__)",
    "import signal, os; signal.signal(signal.SIGTERM, lambda *_: (print('term'), exit(6))); os.kill(os.getpid(), 15)",
]


@pytest.mark.parametrize("text", SAME)
def test_same_as_python(folder: Folder, text: str) -> None:
    expected = folder.plain(text)
    found = folder.run(text)

    # How deep a recursion came depends on the frames below it.
    depth = re.compile(r"repeated \d+ more")
    assert (found.code, found.out) == (expected.code, expected.out)
    assert depth.sub("", found.err) == depth.sub("", expected.err)


def test_snapshot_runs_and_not_the_file(folder: Folder) -> None:
    done = folder.run("print('as on screen')", on_disk="print('as on disk')")

    assert (done.code, done.out) == (0, "as on screen\n")


def test_script_that_was_never_saved(folder: Folder) -> None:
    process = folder.start("print(__file__)")
    folder.script.unlink()
    out, _ = process.communicate()

    assert out.decode() == f"{folder.script}\n"


def test_traceback_shows_what_ran(folder: Folder) -> None:
    text = "def f():\n    raise ValueError('unsaved')\n\nf()\n"
    done = folder.run(text, on_disk="# quite\n# another\n# text\n# here\n")

    assert "    raise ValueError('unsaved')\n" in done.err
    assert "another" not in done.err
    assert "run_script" not in done.err
    assert done.err == folder.plain(text).err


def test_threads_show_what_ran(folder: Folder) -> None:
    text = "import threading\ndef f():\n    1 / 0\nt = threading.Thread(target=f, name='w'); t.start(); t.join()\n"
    done = folder.run(text, on_disk="#\n" * 9)

    assert (done.code, done.err) == (0, folder.plain(text).err)


def test_inspect_and_cloudpickle_see_the_snapshot(folder: Folder) -> None:
    text = """
import inspect, pickle, cloudpickle
def double(x):
    # a comment
    return 2 * x
class Row:
    def __init__(self, n): self.n = n
print(inspect.getsource(double))
print(pickle.loads(pickle.dumps(Row(5))).n, Row.__module__)
print(cloudpickle.loads(cloudpickle.dumps(double))(21))
print(pickle.loads(pickle.dumps(double)) is double)
"""
    done = folder.run(text, on_disk="nothing\n")

    assert done.out == "def double(x):\n    # a comment\n    return 2 * x\n\n5 __main__\n42\nTrue\n"


PARALLEL = """
import sys
def work(n): return (n * n, __file__.rpartition("/")[2], sys.argv[0] == __file__)
class Thing: pass
print("imported as", __name__, flush=True)
if __name__ == "__main__":
    import {package} as mp
    with mp.get_context("{method}").Pool(2) as pool:
        print(pool.map(work, [2, 3]))
        print([type(each).__name__ for each in pool.map(type(Thing()), [] )])
"""


@pytest.mark.parametrize("package", ["multiprocessing", "multiprocess"])
@pytest.mark.parametrize("method", ["fork", "spawn", "forkserver"])
def test_worker_processes_run_the_snapshot(folder: Folder, package: str, method: str) -> None:
    text = PARALLEL.format(package=package, method=method)
    done = folder.run(text, on_disk="raise RuntimeError('this is what the user saved meanwhile')")

    assert done.code == 0, done.err
    assert "[(4, 'my_script.py', True), (9, 'my_script.py', True)]" in done.out
    assert ("imported as __mp_main__" in done.out) == (method != "fork")


def test_workers_of_workers_run_the_snapshot(folder: Folder) -> None:
    text = """
import multiprocessing as mp
def inner(queue): queue.put("from the snapshot")
def outer(queue):
    process = mp.get_context("spawn").Process(target=inner, args=(queue,))
    process.start(); process.join()
if __name__ == "__main__":
    context = mp.get_context("spawn")
    queue = context.Queue()
    process = context.Process(target=outer, args=(queue,))
    process.start(); print(queue.get()); process.join()
"""
    done = folder.run(text, on_disk="")

    assert (done.code, done.out) == (0, "from the snapshot\n"), done.err


def test_process_pool_executor(folder: Folder) -> None:
    text = """
import concurrent.futures as cf, multiprocessing as mp
def work(n):
    if n == 3: raise ValueError("three")
    return n
if __name__ == "__main__":
    with cf.ProcessPoolExecutor(2, mp_context=mp.get_context("spawn")) as pool:
        print(list(pool.map(work, [1, 2])))
        pool.submit(work, 3).result()
"""
    done = folder.run(text, on_disk="\n" * 20)

    assert (done.code, done.out) == (1, "[1, 2]\n")
    # The worker's own traceback, with the snapshot's line.
    assert '    if n == 3: raise ValueError("three")\n' in done.err
    assert done.error
    assert done.error["frame"]["line"] == 9


def test_neighbours_can_be_imported_and_ours_cannot(folder: Folder) -> None:
    (folder.script.parent / "helper.py").write_text("value = 5")
    (folder.script.parent / "base.py").write_text("value = 6")
    done = folder.run("import helper, base\nprint(helper.value, base.value)\nimport environment")

    assert done.out == "5 6\n"
    assert "No module named 'environment'" in done.err


def test_script_behind_a_link_imports_from_where_it_is(folder: Folder, tmp_path: Path) -> None:
    """Python puts the folder of the file that a link points to on the path."""
    real = tmp_path / "real"
    real.mkdir()
    (real / "helper.py").write_text("value = 5")
    text = "import sys, helper; print(helper.value, sys.path[0], __file__)"
    (real / "script.py").write_text(text)
    folder.script.symlink_to(real / "script.py")

    expected = folder.plain(text)
    assert folder.run(text).out == expected.out


def test_safe_path_is_respected(folder: Folder, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONSAFEPATH", "1")
    text = "import sys; print(sys.path)"

    assert folder.run(text).out == folder.plain(text).out


@pytest.mark.parametrize(
    ("data", "out"),
    [
        (b"\xef\xbb\xbfprint('bom')\n", "bom\n"),
        (b"# -*- coding: latin-1 -*-\nprint('\xe9')\n", "é\n"),
        (b"print('crlf')\r\nprint('lines')\r\n", "crlf\nlines\n"),
        (b"", ""),
        (b"x = 1 # no newline at the end", ""),
        ("print('\u2028 is no line of Python')\n".encode(), "\u2028 is no line of Python\n"),
    ],
)
def test_encodings_and_line_ends(folder: Folder, data: bytes, out: str) -> None:
    done = folder.run(data)

    assert (done.code, done.out, done.err) == (0, out, "")


def test_nul_in_the_text(folder: Folder) -> None:
    done = folder.run(b"x = 1\x00\n")

    assert done.code == 1
    assert "null bytes" in done.err
    assert "run_script" not in done.err


def test_each_line_is_there_at_once(folder: Folder) -> None:
    process = folder.start("import time\nprint('first')\nprint('part', end='\\r')\ntime.sleep(600)")
    assert process.stdout
    got = b""
    while not got.endswith(b"\r"):
        got += os.read(process.stdout.fileno(), 100)
    process.kill()
    process.communicate()

    assert got == b"first\npart\r"


def test_a_line_is_one_write(folder: Folder) -> None:
    """Unbuffered, `print` would write the newline on its own: twice the work for job, pump and log."""
    text = "import os\nprint('a', 'b', 'c')\nprint(isinstance(sys.stdout.buffer.raw.fileno(), int))"
    done = folder.run("import sys\n" + text)
    assert done.out == "a b c\nTrue\n"

    text = "import sys; print(sys.stdout.line_buffering, sys.stdout.write_through, sys.stdout.name, sys.stdout.mode)"
    assert folder.run(text).out == "True False <stdout> w\n"


def test_what_cannot_be_encoded_does_not_end_a_job(folder: Folder) -> None:
    done = folder.run("print('\\udcff ok')")

    assert (done.code, done.out) == (0, "\\udcff ok\n")


def test_programs_that_the_script_starts_do_not_buffer(folder: Folder) -> None:
    done = folder.run("import os; print(os.environ['PYTHONUNBUFFERED'])")

    assert done.out == "1\n"


def test_interrupt_ends_as_in_python(folder: Folder) -> None:
    process = folder.start("import time\nprint('ready')\ntime.sleep(600)")
    assert process.stdout
    assert process.stdout.readline() == b"ready\n"
    process.send_signal(signal.SIGINT)
    _, err = process.communicate()

    assert process.returncode == -signal.SIGINT
    assert err.decode().splitlines()[-1] == "KeyboardInterrupt"
    assert "run_script" not in err.decode()


def test_breakpoint_does_not_hang(folder: Folder) -> None:
    done = folder.run("breakpoint()\nprint('after')")

    assert done.code == 1
    assert "BdbQuit" in done.err
