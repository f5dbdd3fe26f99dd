"""README as newcomers read it: its programs run as printed, its files and commands exist."""

import doctest
import re
from pathlib import Path

import pytest

from autograd_lite.cli.commands import parser

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"^```(\w*)\n(.*?)^```", README, flags=re.MULTILINE | re.DOTALL)


def test_programs_print_what_the_page_says(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    text = "".join(body for language, body in BLOCKS if language == "python")
    test = doctest.DocTestParser().get_doctest(text, {}, "README.md", "README.md", 0)
    report: list[str] = []
    assert test.examples
    result = doctest.DocTestRunner(optionflags=doctest.ELLIPSIS).run(test, out=report.append)
    assert not result.failed, "".join(report)


def test_the_two_commands_are_there() -> None:
    first, second = (body for language, body in BLOCKS if not language and body.startswith("python3 -m venv"))
    assert first.endswith("autograd-lite demo\n")
    assert second.endswith("-m pytest -q\n")
    # .ci/run takes the first line of the page that speaks of pytest
    assert next(line for line in README.splitlines() if "-m pytest" in line) == second.strip()


def test_linked_files_exist() -> None:
    for target in re.findall(r"\]\(([^)#:]+)\)", README):
        assert (ROOT / target).exists(), target


def test_named_files_exist() -> None:
    layout = README.split("## How it is laid out")[1].split("## Development")[0]
    for name in re.findall(r"`([\w/]+(?:\.py|/))`", layout):
        assert (ROOT / name).exists() or (ROOT / "autograd_lite" / name).exists(), name


def test_the_layout_names_all_that_the_folder_shows() -> None:
    layout = README.split("## How it is laid out")[1].split("### Where is")[0]
    shown = [p for p in (ROOT / "autograd_lite").iterdir() if p.name not in ("__pycache__", "py.typed")]
    assert {p.name + "/" * p.is_dir() for p in shown} <= set(re.findall(r"`([\w./]+)`", layout))


def test_commands_are_understood(capsys: pytest.CaptureFixture[str]) -> None:
    lines = re.findall(r"^autograd-lite (\w+)", README, flags=re.MULTILINE)
    assert set(lines) >= {"demo", "train", "predict", "draw"}
    for command in lines:
        with pytest.raises(SystemExit) as stop:
            parser().parse_args([command, "--help"])
        assert stop.value.code == 0
    assert "usage: autograd-lite" in capsys.readouterr().out
