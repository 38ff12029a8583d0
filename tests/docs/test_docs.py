"""The documentation says what the code does."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from jupyter_datachain_jobs.api.routes import ROUTES
from jupyter_datachain_jobs.app import JobsApp

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
PACKAGE = ROOT / "jupyter_datachain_jobs"

#: First arguments and `code=` of our errors, and the tables that hold codes.
CODE = re.compile(
    r"""(?:Error|Request|super\(\)\.__init__|Refused|_fail)\(\s*"([a-z]+(?:_[a-z0-9]+)+)"|code\s*=\s*"([a-z_]+)"|:\s*\(\s*"([a-z]+(?:_[a-z]+)+)","""
)


def test_every_error_code_is_explained() -> None:
    known = set(re.findall(r"`([a-z0-9_]+)`", (DOCS / "troubleshooting.md").read_text()))
    raised = set()
    for path in PACKAGE.rglob("*.py"):
        if "supervisor" not in path.parts and "executors" not in path.parts:
            raised |= {code for groups in CODE.findall(path.read_text()) for code in groups if code}
    assert len(raised) > 40, "the search itself is broken"
    assert sorted(raised - known) == []


def test_every_trait_is_in_the_settings() -> None:
    text = (DOCS / "settings.md").read_text()
    for name, trait in JobsApp.class_own_traits(config=True).items():
        assert f"| `{name}` |" in text, name
        if isinstance(trait.default_value, (bool, int, float)) and name != "max_workers":
            shown = text.split(f"| `{name}` | ")[1].split(" |")[0].strip("`")
            default = trait.default_value
            assert shown == (str(default) if isinstance(default, int) else f"{default:g}"), name


def test_every_route_is_in_the_table() -> None:
    text = (DOCS / "api.md").read_text().replace("{id}", "{job}")
    for route in ROUTES:
        assert re.search(rf"{route.verb} {re.escape(route.path)}[`?]", text), route.path


@pytest.mark.parametrize("page", [ROOT / "README.md", *sorted(DOCS.glob("*.md"))], ids=lambda path: path.name)
def test_links_lead_somewhere(page: Path) -> None:
    for target in re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", page.read_text()):
        assert (page.parent / target).exists(), target
