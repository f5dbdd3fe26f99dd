"""Atomic writing: the old file or the new one, whatever happens on the way."""

import os
import stat
import sys

import pytest

from autograd_lite.files import write_atomically, write_together

posix = pytest.mark.skipif(sys.platform == "win32", reason="modes and links as POSIX has them")


def test_text_and_bytes(tmp_path):
    path = tmp_path / "a.txt"
    write_atomically(path, "σ → ∂\n")
    assert path.read_bytes() == "σ → ∂\n".encode()
    write_atomically(str(path), b"\x00\r\n")
    assert path.read_bytes() == b"\x00\r\n"
    assert os.listdir(tmp_path) == ["a.txt"]


def test_a_name_in_the_working_directory(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    write_atomically("a.txt", "x")
    assert (tmp_path / "a.txt").read_text() == "x"


@pytest.mark.parametrize("step", ["fsync", "replace"])
@pytest.mark.parametrize("error", [OSError("disk full"), KeyboardInterrupt()])
def test_a_failure_leaves_the_old_file_and_no_other(tmp_path, monkeypatch, step, error):
    path = tmp_path / "a.txt"
    path.write_text("old")

    def fail(*arguments):
        raise error

    monkeypatch.setattr(os, step, fail)
    with pytest.raises(type(error)):
        write_atomically(path, "new")
    assert path.read_text() == "old" and os.listdir(tmp_path) == ["a.txt"]


def test_text_that_utf8_cannot_hold_touches_nothing(tmp_path):
    path = tmp_path / "a.txt"
    path.write_text("old")
    with pytest.raises(UnicodeEncodeError):
        write_atomically(path, "\ud800")
    assert path.read_text() == "old"


@posix
def test_mode_is_kept_and_new_files_obey_the_umask(tmp_path):
    old, new = tmp_path / "old.txt", tmp_path / "new.txt"
    old.write_text("old")
    old.chmod(0o640)
    mask = os.umask(0o027)
    try:
        write_atomically(old, "x")
        write_atomically(new, "x")
    finally:
        os.umask(mask)
    assert stat.S_IMODE(old.stat().st_mode) == 0o640
    assert stat.S_IMODE(new.stat().st_mode) == 0o640


@posix
def test_a_link_stays_a_link(tmp_path):
    real, link = tmp_path / "real.txt", tmp_path / "link.txt"
    real.write_text("old")
    link.symlink_to(real)
    write_atomically(link, "new")
    assert link.is_symlink() and real.read_text() == "new"


@posix
def test_directories_and_devices_are_refused(tmp_path):
    with pytest.raises(IsADirectoryError, match="expected the name of a file"):
        write_atomically(tmp_path, "x")
    with pytest.raises(OSError, match="is a device or a pipe"):
        write_atomically(os.devnull, "x")
    with pytest.raises(FileNotFoundError):
        write_atomically(tmp_path / "nowhere" / "a.txt", "x")


@posix
@pytest.mark.parametrize("step", ["open", "fsync", "replace"])
def test_a_killed_process_leaves_the_old_file_or_the_new(tmp_path, step):
    import subprocess

    path = tmp_path / "a.txt"
    path.write_text("old")
    program = (
        "import builtins, os, signal, sys; from autograd_lite.files import write_atomically\n"
        f"def die(*a, **k): os.kill(os.getpid(), signal.SIGKILL)\n"
        f"setattr({'builtins' if step == 'open' else 'os'}, {step!r}, die)\n"
        "write_atomically(sys.argv[1], 'new' * 100000)"
    )
    done = subprocess.run([sys.executable, "-c", program, str(path)], check=False)
    assert done.returncode == -9 and path.read_text() == "old"


@pytest.mark.parametrize("step", ["fsync", "replace"])
@pytest.mark.parametrize("at", [1, 2, 3])
def test_several_files_are_written_together_or_not_at_all(tmp_path, monkeypatch, step, at):
    names = [tmp_path / name for name in ("a", "new", "c")]
    names[0].write_text("old a")
    names[2].write_text("old c")
    names[2].chmod(0o600)
    real, calls = getattr(os, step), []

    def fail_once(*arguments):
        calls.append(arguments)
        if len(calls) == at:
            raise OSError("disk full")
        return real(*arguments)

    monkeypatch.setattr(os, step, fail_once)
    with pytest.raises(OSError, match="disk full"):
        write_together({name: "new" for name in names})
    assert sorted(os.listdir(tmp_path)) == ["a", "c"]
    assert (names[0].read_text(), names[2].read_text()) == ("old a", "old c")
    write_together({name: f"new {name.name}" for name in names})
    assert [name.read_text() for name in names] == ["new a", "new new", "new c"]
    if sys.platform != "win32":
        assert stat.S_IMODE(names[2].stat().st_mode) == 0o600
