"""The project's own files: what is installed, and that the settings say what the package does."""

import re
import shutil
import subprocess
import sys
import tomllib
from importlib.resources import files
from pathlib import Path

import pytest

import autograd_lite

ROOT = Path(__file__).parent.parent
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]


def test_one_version() -> None:
    assert PROJECT["version"] == autograd_lite.__version__


def test_graphviz_is_all_that_is_installed_beside_the_package() -> None:
    assert [re.split(r"\W", name)[0] for name in PROJECT["dependencies"]] == ["graphviz"]


def test_this_python_is_one_that_is_promised() -> None:
    least = PROJECT["requires-python"].removeprefix(">=").split(".")
    assert sys.version_info[:2] >= tuple(map(int, least))


def test_files_beside_the_code_are_in_their_places() -> None:
    for name in (
        "py.typed",
        "datasets/iris.csv",
        "datasets/names.txt",
        "cli/report.css",
        "drawing/font/regular.ttf",
        "drawing/font/bold.ttf",
    ):
        assert files("autograd_lite").joinpath(name).is_file()


def test_licence() -> None:
    assert PROJECT["license"] == "MIT AND OFL-1.1"
    assert PROJECT["license-files"] == ["LICENSE", "autograd_lite/drawing/font/LICENSE.txt"]
    assert "autograd_lite contributors" in (ROOT / "LICENSE").read_text(encoding="utf-8")


@pytest.mark.skipif(not shutil.which("git") or not (ROOT / ".git").exists(), reason="no checkout of git")
def test_the_top_level_holds_nothing_else() -> None:
    command = ["git", "-C", str(ROOT), "ls-files"]
    names = {name.split("/")[0] for name in subprocess.check_output(command, text=True).splitlines()}
    shown = {name for name in names if not name.startswith(".")}
    assert shown == {"pyproject.toml", "README.md", "LICENSE", "autograd_lite", "tests", "notebooks"}
