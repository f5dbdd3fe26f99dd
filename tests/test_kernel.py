"""The kernel's text, and its surroundings: compilers that fail, caches that are not ours, two programs at once."""

from __future__ import annotations

import math
import os
import random
import shutil
import signal
import subprocess
import sys
import threading
import time
from array import array
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

from autograd_lite.define import define_op
from autograd_lite.kernel import cache, compiler, library
from autograd_lite.kernel.text import text_of
from autograd_lite.ops import ROWS, TABLE, Op

ROOT = Path(__file__).resolve().parent.parent
GOLDEN = Path(__file__).with_name("golden") / "kernel.c"
CC = compiler.compiler()[0] if len(compiler.compiler()) == 1 else ""
posix = pytest.mark.skipif(sys.platform == "win32", reason="shell scripts stand for compilers here")
compiles = pytest.mark.skipif(not CC, reason="no C compiler on the PATH")

# A program with an operation of its own, so that a few rows are compiled, without optimisation, which takes a fifth of
# the time; it prints its numbers and how they were made.
PROGRAM = """
import sys, warnings
import autograd_lite as ag
from autograd_lite.kernel import compiler, library
from autograd_lite.replay import worth
compiler.SECONDS = float(sys.argv[1]) if sys.argv[1:] else 120
compiler.command.__defaults__ = compiler.compile_text.__defaults__ = ("-O0",)
worth.KERNEL_FROM = worth.WAIT = 0
cube = ag.define_op("cube", "a * a * a", ("3.0 * a * a",))
w = ag.Value(0.7)
f = ag.compile(lambda x: cube(w * x) + x)
with warnings.catch_warnings(record=True) as caught:
    warnings.simplefilter("always")
    out = f.mean([0.1 * i for i in range(100)])
    again = f(2.0)
out.backward()
again.backward()
print(out.data.hex(), again.data.hex(), w.grad.hex(), len(library._loaded), len(caught))
for warning in caught:
    print(warning.message)
"""


def started(cache_folder: Path, cc: Any = CC, *arguments: str, program: str = PROGRAM, before: Sequence[str] = (),
            **settings: Any) -> subprocess.Popen[str]:  # fmt: skip
    folders = dict.fromkeys(("XDG_CACHE_HOME", "LOCALAPPDATA", "HOME"), str(cache_folder))
    environment = {**os.environ, **folders, "PYTHONPATH": str(ROOT), "AUTOGRAD_LITE_CC": str(cc)}
    return subprocess.Popen(
        [*before, sys.executable, "-c", program, *arguments],
        env=environment, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, **settings,
    )  # fmt: skip


def ended(process: subprocess.Popen[str]) -> tuple[list[str], int, int, str]:
    """Return the numbers of a program, how many libraries it loaded, how often it warned, and of what."""
    output, _ = process.communicate(timeout=300)
    assert process.returncode == 0, output
    first, _, rest = output.partition("\n")
    *numbers, loaded, warned = first.split()
    return numbers, int(loaded), int(warned), rest


@pytest.fixture(scope="module")
def numbers(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """The numbers that generated Python gives, without a word."""
    found, loaded, warned, _ = ended(started(tmp_path_factory.mktemp("none"), "none"))
    assert (loaded, warned) == (0, 0)
    return found


def script(path: Path, text: str) -> Path:
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(0o755)
    return path


OUT = 'while [ "$1" != -o ]; do shift; done; '  # then $2 is the file to write


def libraries(folder: Path) -> list[Path]:
    return sorted((folder / "autograd_lite").glob("*"))


# ------------------------------------------------------------------------------------------------------- the text


def test_the_text_for_a_few_rows() -> None:
    text = text_of([TABLE[name] for name in ("mul", "relu", "dot", "logsumexp")])
    assert text == GOLDEN.read_text(encoding="utf-8"), "write it anew if that is meant: python -m tests.golden.kernel"


def test_nothing_that_a_user_wrote_is_in_the_text() -> None:
    define_op("kernel_secret", "secret * k", ("k",), args="secret | k=2.0", symbol="*/ #include", rule="*/")
    text = text_of([TABLE["kernel_secret"]])
    assert "secret" not in text and 'include "' not in text and "*/ #" not in text


# --------------------------------------------------------------------------------------------------- a compiler


@posix
@compiles
def test_a_library_is_compiled_once_and_found_again(tmp_path: Path, numbers: list[str]) -> None:
    for _ in range(2):
        assert ended(started(tmp_path))[:3] == (numbers, 1, 0)
        (made,) = libraries(tmp_path)
    assert made.parent.stat().st_mode & 0o777 == 0o700 and not made.stat().st_mode & 0o022
    assert ended(started(tmp_path, script(tmp_path / "cc", "exit 1")))[1:3] == (0, 1)  # another compiler: anew


@compiles
def test_a_library_counts_as_python_does(monkeypatch: pytest.MonkeyPatch) -> None:
    rng = random.Random(3)
    numbers = [0.0, -0.0, 1.0, 2.0, math.inf, -math.inf, math.nan]
    columns = [array("d", rng.choices(numbers, k=2_000)) for _ in range(3)]
    places = array("d", rng.choices(range(3), k=2_000))
    made = library.library([TABLE["mul"]])
    monkeypatch.setattr(library, "_loaded", {})
    expected = library.count_largest(columns, places)
    monkeypatch.setattr(library, "_loaded", {frozenset(made.rows): made})
    assert 0 < library.count_largest(columns, places) == expected < 2_000


@posix
@pytest.mark.parametrize(
    ("text", "said"),
    [
        pytest.param("echo no such flag >&2; exit 1", "no such flag", id="fails"),
        pytest.param("kill -9 $$", "failed", id="is killed"),
        pytest.param("sleep 600", "more than 1.0 s", id="hangs"),
        pytest.param("exit 0", "", id="writes nothing"),
        pytest.param(OUT + 'echo garbage > "$2"', "", id="writes garbage"),
        pytest.param(OUT + f'echo "int x;" | {CC} -shared -x c -o "$2" -', "run", id="another library",
                     marks=compiles),
    ],
)  # fmt: skip
def test_what_goes_wrong_is_said_once_and_python_runs(text: str, said: str, tmp_path: Path, numbers: list[str]) -> None:
    broken = script(tmp_path / "cc", text)
    found, loaded, warned, rest = ended(started(tmp_path, broken, "1.0"))
    assert (found, loaded, warned) == (numbers, 0, 1)
    assert said in rest and "generated Python runs instead" in rest
    assert libraries(tmp_path) == []


@posix
def test_a_compiler_that_is_not_there(tmp_path: Path, numbers: list[str]) -> None:
    found, loaded, warned, rest = ended(started(tmp_path, tmp_path / "none such"))
    assert (found, loaded, warned) == (numbers, 0, 1) and "none such" in rest


@posix
def test_a_compiler_that_hangs_is_ended_with_all_that_it_started(tmp_path: Path) -> None:
    broken = script(tmp_path / "cc", f"sleep 600 & echo $! > {tmp_path}/child; wait")
    ended(started(tmp_path, broken, "1.0"))
    assert has_ended(int((tmp_path / "child").read_text()))


def has_ended(process: int) -> bool:
    """Tell whether a process ends within some seconds."""
    for _ in range(100):
        try:
            os.kill(process, 0)
        except ProcessLookupError:
            return True
        if "Z" in Path(f"/proc/{process}/stat").read_text().split(")")[1][:3]:  # nobody waits for it
            return True
        time.sleep(0.05)
    return False


@posix
def test_a_compiler_may_be_named_from_where_the_program_starts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It runs in another folder."""
    script(tmp_path / "cc", "exit 0")
    monkeypatch.chdir(tmp_path)
    assert compiler._found.__wrapped__("./cc", "") == (str(tmp_path / "cc"),)


@pytest.mark.parametrize("path", [["cc"], ["gcc", "clang"], ["clang"], []])
def test_compilers_are_looked_for_in_order(path: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in path:
        script(tmp_path / name, "exit 0")
    monkeypatch.setattr(compiler, "find_spec", lambda name: None)
    monkeypatch.setattr(shutil, "which", lambda name: str(tmp_path / name) if name in path else None)
    find = compiler._found.__wrapped__
    assert find("", "") == (((str(tmp_path / path[0])),) if path else ())
    assert find("none", "") == ()
    assert find("/my/cc", "") == ("/my/cc",)
    monkeypatch.setattr(compiler, "find_spec", lambda name: name)
    assert find("", "")[1:] == (() if path else ("-m", "ziglang", "cc"))
    monkeypatch.setattr(sys, "platform", "darwin")
    asked: list[Any] = []

    def run(command: list[str], **_: Any) -> Any:
        asked.append(command)
        return subprocess.CompletedProcess(command, 2)

    monkeypatch.setattr(subprocess, "run", run)  # without the command line tools, /usr/bin/cc opens a dialogue
    assert find("", "")[1:] == ("-m", "ziglang", "cc") and asked == [["xcode-select", "-p"]]


# ------------------------------------------------------------------------------------------------------ the cache


@pytest.mark.parametrize(
    ("platform", "variables", "expected"),
    [
        ("linux", {"XDG_CACHE_HOME": "/c"}, "/c/autograd_lite"),
        ("linux", {}, "~/.cache/autograd_lite"),
        ("darwin", {"XDG_CACHE_HOME": "/c"}, "~/Library/Caches/autograd_lite"),
        ("win32", {"LOCALAPPDATA": "/c"}, "/c/autograd_lite"),
        ("win32", {}, "~/AppData/Local/autograd_lite"),
    ],
)
def test_libraries_are_kept_where_each_system_keeps_a_cache(
    platform: str, variables: dict[str, str], expected: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "platform", platform)
    for name in ("XDG_CACHE_HOME", "LOCALAPPDATA"):
        monkeypatch.delenv(name, raising=False)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    assert cache.cache_folder() == Path(expected).expanduser()


@posix
@compiles
def test_a_folder_may_have_any_name(tmp_path: Path, numbers: list[str]) -> None:
    name = 'a b, it\'s "x"; $HOME `ü' + "\n" * ("zig" not in CC)  # the folder where zig keeps its own files, too
    assert ended(started(tmp_path / name))[:3] == (numbers, 1, 0)


@posix
@compiles
@pytest.mark.parametrize("mode", [0o770, 0o707])
def test_a_folder_that_others_may_write_to_is_not_used(mode: int, tmp_path: Path, numbers: list[str]) -> None:
    (tmp_path / "autograd_lite").mkdir()
    (tmp_path / "autograd_lite").chmod(mode)
    found, loaded, warned, rest = ended(started(tmp_path))
    assert (found, loaded, warned) == (numbers, 0, 1) and "others may write to" in rest


@posix
def test_a_folder_or_a_file_of_somebody_else_is_not_used(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.setattr(sys, "platform", "linux")
    folder = tmp_path / "autograd_lite"
    folder.mkdir(mode=0o700)
    (folder / "x.so").touch(mode=0o700)
    assert cache.found("x.so") == folder / "x.so" and cache.found("y.so") is None
    (folder / "x.so").chmod(0o720)
    with pytest.raises(cache.CacheError, match="others may write"):
        cache.found("x.so")
    (folder / "link.so").symlink_to(folder / "x.so")
    with pytest.raises(cache.CacheError, match="is a link"):
        cache.found("link.so")
    monkeypatch.setattr(os, "geteuid", lambda: os.getuid() + 1)
    with pytest.raises(cache.CacheError, match="belongs to another user"):
        cache.found("x.so")
    with pytest.raises(cache.CacheError, match="belongs to another user"), cache.workshop():
        pass


@posix
@compiles
def test_a_cache_that_cannot_be_written(tmp_path: Path, numbers: list[str]) -> None:
    (tmp_path / "file").write_text("")
    assert ended(started(tmp_path / "file"))[:3] == (numbers, 0, 1)


@posix
@compiles
def test_two_programs_at_once(tmp_path: Path, numbers: list[str]) -> None:
    both = [started(tmp_path) for _ in range(2)]
    assert [ended(process)[:3] for process in both] == [(numbers, 1, 0)] * 2
    assert len(libraries(tmp_path)) == 1


@posix
@compiles
def test_a_folder_that_may_not_be_written_to(tmp_path: Path, numbers: list[str]) -> None:
    """Root may write everywhere: there the program runs without that right."""
    before = () if os.geteuid() else ("setpriv", "--bounding-set=-dac_override,-dac_read_search")
    if before and not shutil.which("setpriv"):
        pytest.skip("root may write everywhere, and there is no setpriv to change that")
    folder = tmp_path / "autograd_lite"
    folder.mkdir(mode=0o500)
    found, loaded, warned, rest = ended(started(tmp_path, before=before))
    assert (found, loaded, warned) == (numbers, 0, 1) and "Permission denied" in rest
    assert libraries(tmp_path) == []
    folder.chmod(0o700)
    assert ended(started(tmp_path))[:3] == (numbers, 1, 0)
    folder.chmod(0o500)
    assert ended(started(tmp_path, before=before))[:3] == (numbers, 1, 0)  # one that is there is used


MOUNT = 'mount -t tmpfs -o "$0" none "$1" && shift && exec "$@"'
MOUNTED = ("unshare", "--map-root-user", "--mount", "sh", "-c")  # ends with the program


@pytest.fixture
def mounts(tmp_path: Path) -> None:
    try:
        subprocess.run([*MOUNTED, MOUNT, "noexec", tmp_path, "true"], check=True, capture_output=True, timeout=60)
    except (OSError, subprocess.SubprocessError) as error:
        pytest.skip(f"no file system can be mounted here: {error}")


@posix
@compiles
@pytest.mark.usefixtures("mounts")
@pytest.mark.parametrize(
    ("options", "said"),
    [
        pytest.param("noexec", "", id="runs no program"),
        pytest.param("ro", "Read-only", id="is read-only"),
        pytest.param("size=16k", "No space left", id="is full"),
    ],
)
def test_a_file_system_that(options: str, said: str, tmp_path: Path, numbers: list[str]) -> None:
    before = (*MOUNTED, MOUNT, options, str(tmp_path))
    program = PROGRAM + "print([*library.files.cache_folder().glob('*')])"
    found, loaded, warned, rest = ended(started(tmp_path, program=program, before=before))
    assert (found, loaded, warned) == (numbers, 0, 1) and said in rest
    assert rest.endswith("[]\n")


@posix
@compiles
def test_a_library_that_was_spoilt_is_compiled_anew(tmp_path: Path, numbers: list[str]) -> None:
    ended(started(tmp_path))
    (made,) = libraries(tmp_path)
    for content in (b"", b"garbage", made.read_bytes()[:100]):
        made.write_bytes(content)
        assert ended(started(tmp_path))[:3] == (numbers, 1, 0)
        assert libraries(tmp_path) == [made] and made.stat().st_size > 1000


# A program that ends while a thread compiles; what it does last comes from the test.
ENDS = """
import os, sys, time
from pathlib import Path
from autograd_lite.kernel import library
from autograd_lite.ops import ROWS
library.begin(ROWS)
until = time.monotonic() + 50.0  # a compiler that is never called must not keep it for ever
while not (Path(sys.argv[1]).exists() and library.compilers._running) and time.monotonic() < until:
    time.sleep(0.01)
"""


@posix
@pytest.mark.parametrize(
    ("last", "code"),
    [
        ("", 0),
        ("sys.exit(3)", 3),
        ("raise KeyboardInterrupt", -signal.SIGINT),
        pytest.param("os.kill(os.getpid(), 15)", -15, marks=compiles),  # a program that compiles removes what is left
    ],
    ids=["at its end", "sys.exit", "Ctrl-C", "SIGTERM"],
)
def test_a_program_that_ends_while_it_compiles(last: str, code: int, tmp_path: Path) -> None:
    """It does not wait, and but for a signal that kills it nothing is left."""
    slow = script(tmp_path / "cc", f"echo $$ > {tmp_path}/now; mv {tmp_path}/now {tmp_path}/begun; sleep 600")
    process = started(tmp_path, slow, str(tmp_path / "begun"), program=ENDS + last)
    output, _ = process.communicate(timeout=60)
    assert process.returncode == code, output
    compiler_process = int((tmp_path / "begun").read_text())
    if code == -15:
        os.killpg(compiler_process, signal.SIGKILL)
        (left,) = libraries(tmp_path)
        os.utime(left, (0, 0))
        ended(started(tmp_path))  # the next one to come removes it
        assert not left.exists()
    else:
        assert has_ended(compiler_process) and libraries(tmp_path) == []


@posix
@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork on this system")
def test_a_forked_process_that_ends_leaves_the_compiler_to_the_other(tmp_path: Path) -> None:
    slow = script(tmp_path / "cc", f"echo $$ > {tmp_path}/now; mv {tmp_path}/now {tmp_path}/begun; sleep 600")
    last = """
import warnings
warnings.simplefilter("ignore")
child = os.fork()
if not child:
    sys.exit(5)
assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 5
(process,), (folder,) = library.compilers._running, library.files._open
assert process.poll() is None and folder.exists()
print("both there")
"""
    output, _ = started(tmp_path, slow, str(tmp_path / "begun"), program=ENDS + last).communicate(timeout=60)
    assert output == "both there\n"
    assert libraries(tmp_path) == []


@posix
@compiles
def test_workshops_of_the_dead_are_removed_and_those_of_the_living_are_not(tmp_path: Path, numbers: list[str]) -> None:
    goes_on = tmp_path / "go on"
    slow = script(tmp_path / "cc", f'touch {tmp_path}/begun; while [ ! -e "{goes_on}" ]; do sleep 0.05; done; '
                                   f'exec {CC} "$@"')  # fmt: skip
    programs = []
    for _ in range(2):
        (tmp_path / "begun").unlink(missing_ok=True)
        programs.append(started(tmp_path, slow))
        while not (tmp_path / "begun").exists():
            assert programs[-1].poll() is None
            time.sleep(0.01)
    for folder in libraries(tmp_path):
        os.utime(folder, (0, 0))
    killed, living = programs
    killed.send_signal(signal.SIGKILL)
    killed.communicate()
    assert ended(started(tmp_path))[:3] == (numbers, 1, 0)
    assert [path.name[:4] for path in libraries(tmp_path)] == ["kern", "tmp-"]
    goes_on.touch()
    assert ended(living)[:3] == (numbers, 1, 0)
    assert [path.name[:4] for path in libraries(tmp_path)] == ["kern", "kern"]  # of two compilers


@pytest.mark.skipif(not compiler.compiler(), reason="no C compiler")
def test_a_library_has_another_name_for_another_processor_compiler_or_text(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(library, "_name", library._name.__wrapped__)
    name = library.name_of
    rows = tuple(TABLE[row] for row in ("mul", "sin"))
    first = name(ROWS)
    assert first == name(ROWS) != name(rows) == name(rows)
    with monkeypatch.context() as patch:
        patch.setattr(library, "processor", lambda: "another one")
        assert name(ROWS) != first
    with monkeypatch.context() as patch:
        patch.setattr(library, "command", lambda: (*compiler.command(), "-O0"))
        assert name(ROWS) != first
    with monkeypatch.context() as patch:
        patch.setattr(library, "_identity", lambda path: ["newer"])
        assert name(ROWS) != first
    own = Op("sin", "a", "sin(a)", ("cos(a)",))
    other = Op("sin", "a", "sin(a)", ("cos(a) + 0.0",))
    assert name((own,)) != name((other,))


@posix
@compiles
def test_a_call_that_waits_has_its_own_rows_compiled_and_a_thread_all(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.setattr(library, "_loaded", {})
    compiled: list[Any] = []
    monkeypatch.setattr(library, "_compiled", lambda rows, name: compiled.append(rows) or Path(name))
    monkeypatch.setattr(library, "load", lambda path, rows: library.Library(len, len, len, len, rows, 0))
    monkeypatch.setattr(library, "_making", {})
    some = TABLE["sub"], TABLE["mul"]
    assert not library.is_loaded(some) and not library.is_on_disk(some)
    assert library.library(some).rows == some[::-1] and library.is_loaded(some[:1])
    library._making[ROWS].join(timeout=60)
    assert compiled == [some[::-1], ROWS] and library.is_loaded(ROWS)
    assert library.library((TABLE["add"],)).rows is library.library(ROWS).rows is ROWS
    monkeypatch.setattr(library, "_loaded", {})
    with cache.workshop() as folder:
        (folder / "x").touch()
        cache.keep(folder / "x", library.name_of(ROWS))
    assert library.is_on_disk(some) and library.library(some).rows is ROWS  # sooner loaded than compiled


# ------------------------------------------------------------------------------------------- threads and processes


@pytest.fixture
def own_library(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[], library.Library]:
    """Return a function that asks for a library of two rows, of which there is none."""
    if not library.is_here():
        pytest.skip("no C compiler")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.setenv("LOCALAPPDATA", str(tmp_path))
    monkeypatch.setattr(library, "_loaded", {})
    monkeypatch.setattr(library, "_locks", {})
    rows = (Op("mul", "a b", "a * b", ("b", "a")), Op("sub", "a b", "a - b", ("1.0", "-1.0")))
    return lambda: library.library(rows)


def test_threads_share_one_library(own_library: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    compiled: list[Any] = []
    compile_text = library.compile_text
    monkeypatch.setattr(library, "compile_text", lambda *given: compiled.append(given) or compile_text(*given))
    found: list[Any] = []
    threads = [threading.Thread(target=lambda: found.append(own_library())) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 4 and len(compiled) == 1 and len({id(one.run) for one in found}) == 1


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork on this system")
@pytest.mark.filterwarnings("ignore:This process .* is multi-threaded")
def test_a_forked_process_goes_on(own_library: Any) -> None:
    """Even where another thread was compiling when it was forked."""
    rows = own_library().rows
    with library._locks[rows]:
        library._making[rows] = threading.current_thread()
        child = os.fork()
        if not child:
            library._loaded.clear()
            own_library()
            os._exit(7 if not library._making else 1)
    library._making.clear()
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 7
