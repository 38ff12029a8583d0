"""What is refused before it is queued, and how it is said."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from jupyter_datachain_jobs.domain import InvalidRequest
from jupyter_datachain_jobs.submit import MAX_SCRIPT_BYTES, check_script, resolve


def refusal(path: Path, text: str | None = None) -> InvalidRequest:
    with pytest.raises(InvalidRequest) as caught:
        check_script(path, path.name, text)
    assert caught.value.message
    assert caught.value.hint
    return caught.value


def write(folder: Path, content: bytes, name: str = "a.py") -> Path:
    path = folder / name
    path.write_bytes(content)
    return path


def test_a_good_script_comes_back_byte_for_byte(tmp_path: Path) -> None:
    content = "print('é')\r\n".encode()
    assert check_script(write(tmp_path, content), "a.py", None) == content


def test_the_text_on_screen_goes_before_the_file(tmp_path: Path) -> None:
    path = write(tmp_path, b"this is no python")
    assert check_script(path, "a.py", "print(1)\n") == b"print(1)\n"
    assert check_script(tmp_path / "never_saved.py", "never_saved.py", "print(1)\n") == b"print(1)\n"


def test_missing_directory_and_wrong_kind(tmp_path: Path) -> None:
    assert refusal(tmp_path / "none.py").code == "script_not_found"
    assert refusal(tmp_path / "no folder" / "a.py", "print(1)").code == "script_not_found"
    assert refusal(tmp_path).code == "script_is_directory"
    assert refusal(write(tmp_path, b"x", "data.csv")).code == "script_not_python"
    os.mkfifo(tmp_path / "pipe.py")
    assert refusal(tmp_path / "pipe.py").code == "script_unreadable"


def test_empty_scripts(tmp_path: Path) -> None:
    assert refusal(write(tmp_path, b"")).code == "script_empty"
    assert refusal(write(tmp_path, b" \n\t\n")).code == "script_empty"
    assert refusal(tmp_path / "a.py", "  ").code == "script_empty"


def test_a_syntax_error_names_line_and_column(tmp_path: Path) -> None:
    error = refusal(write(tmp_path, b"x = 1\nif x = 2:\n    pass\n"))
    assert error.code == "script_syntax_error"
    assert error.details == {"path": "a.py", "line": 2, "column": 4, "text": "if x = 2:"}
    assert "line 2" in error.message


def test_bytes_that_are_not_utf8_name_the_line(tmp_path: Path) -> None:
    error = refusal(write(tmp_path, b"x = 1\ny = '\xe9'\n"))
    assert error.code == "script_not_utf8"
    assert error.details is not None
    assert error.details["line"] == 2


def test_a_named_encoding_is_pythons_own_rule(tmp_path: Path) -> None:
    content = b"# -*- coding: latin-1 -*-\nprint('\xe9')\n"
    assert check_script(write(tmp_path, content), "a.py", None) == content


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"x = '\0'", "script_syntax_error"),
        (b"(" * 5000 + b")" * 5000, "script_syntax_error"),
        (b"x = " + b"-" * 200_000 + b"1", "script_too_complex"),
        (b"# coding: no-such-codec\n", "script_syntax_error"),
        (b"#" * (MAX_SCRIPT_BYTES + 1), "script_too_large"),
    ],
)
def test_odd_content_is_an_answer_and_not_a_crash(tmp_path: Path, content: bytes, code: str) -> None:
    # Which of the two a Python says about a deep or binary text differs between its versions.
    allowed = {code, "script_syntax_error", "script_not_python", "script_too_complex"}
    found = refusal(write(tmp_path, content)).code
    assert found == code if code == "script_too_large" else found in allowed


def test_half_a_surrogate_pair_is_refused(tmp_path: Path) -> None:
    assert refusal(tmp_path / "a.py", "x = '\ud800'").code == "script_not_utf8"


def test_paths_stay_inside_the_root(tmp_path: Path) -> None:
    root = tmp_path / "root"
    (root / "sub").mkdir(parents=True)
    (tmp_path / "secret.py").write_text("x = 1")
    (root / "link.py").symlink_to(tmp_path / "secret.py")
    (root / "fine.py").write_text("x = 1")
    (root / "alias.py").symlink_to(root / "fine.py")
    assert resolve("sub/a.py", root) == root / "sub" / "a.py"
    assert resolve("/sub/a.py", root) == root / "sub" / "a.py"
    assert resolve("alias.py", root) == root / "fine.py"
    for path in ("../secret.py", "sub/../../secret.py", "link.py", "/../secret.py"):
        with pytest.raises(InvalidRequest) as caught:
            resolve(path, root)
        assert caught.value.code == "script_outside_root"


@pytest.mark.parametrize(
    ("path", "code"),
    [("", "script_path_invalid"), ("a\0.py", "script_path_invalid"), ("s3:bucket/a.py", "script_not_local"),
     ("x" * 5000, "script_path_invalid")],
)  # fmt: skip
def test_what_is_no_path_on_this_disk(tmp_path: Path, path: str, code: str) -> None:
    with pytest.raises(InvalidRequest) as caught:
        resolve(path, tmp_path)
    assert caught.value.code == code


def test_a_colon_in_a_file_name_is_no_drive(tmp_path: Path) -> None:
    (tmp_path / "a:b.py").write_text("x = 1")
    assert resolve("a:b.py", tmp_path) == tmp_path / "a:b.py"
