"""`error.json` names the place in the user's own code."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from executors.conftest import Folder


@pytest.mark.parametrize("text", ["pass", "import sys; sys.exit(7)", "import os; os._exit(3)", "raise SystemExit"])
def test_no_report_without_an_exception(folder: Folder, text: str) -> None:
    assert folder.run(text).error is None


def test_report(folder: Folder) -> None:
    text = "import json\n\ndef load(text):\n    return json.loads(text)\n\nload('{')\n# end\n"
    done = folder.run(text, on_disk="# not this\n" * 10)
    error = done.error

    assert error
    assert error["exception"] == "JSONDecodeError"
    assert error["message"] == "Expecting property name enclosed in double quotes: line 1 column 2 (char 1)"
    # The same as in the log.
    assert error["traceback"] == done.err
    frame = error["frame"]
    assert (frame["path"], frame["line"], frame["function"]) == (str(folder.script), 4, "load")
    assert frame["text"] == "return json.loads(text)"
    assert [each["line"] for each in frame["context"]] == [1, 2, 3, 4, 5, 6, 7]
    assert frame["context"][2]["text"] == "def load(text):"


def test_module_beside_the_script_is_the_users(folder: Folder) -> None:
    (folder.script.parent / "package").mkdir()
    (folder.script.parent / "package" / "helper.py").write_text("import json\ndef load():\n    json.loads('{')\n")
    frame = folder.run("from package import helper\nhelper.load()").error["frame"]

    assert (Path(frame["path"]).name, frame["line"], frame["function"]) == ("helper.py", 3, "load")


def test_installed_packages_are_not_even_in_the_users_folder(folder: Folder) -> None:
    library = folder.script.parent / ".venv" / "lib" / "site-packages"
    library.mkdir(parents=True)
    (library / "lib.py").write_text("def fail():\n    raise ValueError('inside')\n")
    text = f"import sys\nsys.path.append({str(library)!r})\nimport lib\nlib.fail()\n"
    frame = folder.run(text).error["frame"]

    assert (frame["path"], frame["line"]) == (str(folder.script), 4)


def test_no_user_frame_at_all(folder: Folder) -> None:
    text = "import json, sys\nsys.exitfunc = None\nraise ValueError('x')"
    assert folder.run(text).error["frame"]["line"] == 3


def test_raised_while_handling(folder: Folder) -> None:
    text = "try:\n    1 / 0\nexcept ZeroDivisionError:\n    raise KeyError('second')\n"
    error = folder.run(text).error

    assert (error["exception"], error["frame"]["line"]) == ("KeyError", 4)
    assert "During handling of the above exception" in error["traceback"]


def test_library_that_wraps_the_users_exception_is_not_the_place(folder: Folder, tmp_path: Path) -> None:
    library = tmp_path / "site-packages"
    library.mkdir()
    (library / "wraps.py").write_text(
        "def call(f):\n    try:\n        f()\n    except Exception as e:\n        raise RuntimeError('it failed') from e\n"
    )
    text = (
        f"import sys\nsys.path.append({str(library)!r})\nimport wraps\n"
        "def udf():\n    return {}['missing']\nwraps.call(udf)\n"
    )
    error = folder.run(text).error

    assert (error["exception"], error["message"]) == ("RuntimeError", "it failed")
    assert (error["frame"]["line"], error["frame"]["function"]) == (5, "udf")


def test_syntax_error(folder: Folder) -> None:
    error = folder.run("x = 1\ny = (2 +\n").error

    assert error["exception"] == "SyntaxError"
    assert (error["frame"]["path"], error["frame"]["line"]) == (str(folder.script), 2)
    assert error["frame"]["text"] == "y = (2 +"


def test_syntax_error_in_a_module_beside_it(folder: Folder) -> None:
    (folder.script.parent / "helper.py").write_text("a = 1\ndef f(:\n")
    error = folder.run("import helper").error

    assert (Path(error["frame"]["path"]).name, error["frame"]["line"]) == ("helper.py", 2)


def test_exit_with_words(folder: Folder) -> None:
    error = folder.run("import sys\n\nsys.exit('no input files')").error

    assert (error["exception"], error["message"]) == ("SystemExit", "no input files")
    assert error["traceback"] is None
    assert error["frame"]["line"] == 3


def test_forked_child_does_not_speak_for_the_job(folder: Folder) -> None:
    assert folder.run("import os\nif os.fork() == 0: 1 / 0\nos.wait()").error is None


def test_worker_process_does_not_speak_for_the_job(folder: Folder) -> None:
    text = """
import multiprocessing as mp
def work(): 1 / 0
if __name__ == "__main__":
    process = mp.get_context("spawn").Process(target=work)
    process.start(); process.join(); print(process.exitcode)
"""
    done = folder.run(text)

    assert (done.out, done.error) == ("1\n", None)


def test_broken_str(folder: Folder) -> None:
    error = folder.run("class E(Exception):\n    def __str__(self): raise ValueError\nraise E").error

    assert error["message"] == "<exception str() failed>"


def test_endless_recursion_and_huge_messages_stay_small(folder: Folder) -> None:
    assert folder.run("def f(): f()\nf()").error["frame"]["line"] == 1
    assert len(folder.run("raise ValueError('x' * 5_000_000)").error["message"]) == 200_000


def test_report_that_cannot_be_written_changes_nothing(folder: Folder) -> None:
    folder.attempt.rmdir()
    done = folder.run("1 / 0")

    assert done.code == 1
    assert done.err.endswith("ZeroDivisionError: division by zero\n")


def test_no_half_report_on_a_full_disk(folder: Folder) -> None:
    text = """
import resource
resource.setrlimit(resource.RLIMIT_FSIZE, (64, 64))
raise ValueError("x" * 5000)
"""
    done = folder.run(text)
    assert (done.code, done.error) == (1, None)
    assert "error.json could not be written" in done.err
    assert not list(folder.attempt.glob("error.json*"))
