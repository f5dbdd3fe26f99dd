"""In a browser's Python: the wheel under Pyodide, run in Node; skipped where that, or what it needs, is out of reach.

No programs, no threads, no compiler and no network there. What is computed, drawn and written is what this Python
makes.
"""

from __future__ import annotations

import inspect
import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from importlib.util import find_spec
from pathlib import Path
from textwrap import dedent
from threading import Timer
from typing import Any

import pytest

from autograd_lite import Value
from autograd_lite.drawing import draw
from tests.npm import Package, package
from tests.test_project import PROJECT, ROOT

VERSION, PYTHON, MICROPIP, NODE = "314.0.7", "3.14", "0.11.1", 20
SECONDS = 120.0  # for one piece of work, the start included

# Runs lines of Python, each a JSON string, and answers each with what it returns or what it raises.
PROGRAM = """
const [home, micropip, ...wheels] = process.argv.slice(1);
const {readFileSync} = await import('node:fs');
const {basename} = await import('node:path');
const {createInterface} = await import('node:readline');
const {pathToFileURL} = await import('node:url');  // C: is no scheme of a URL
const {loadPyodide} = await import(pathToFileURL(home + '/pyodide.mjs').href);
const nothing = () => {};
const py = await loadPyodide({stdout: nothing, stderr: nothing});
globalThis.fetch = () => { throw new Error('nothing may be fetched') };
const bytes = path => new Uint8Array(readFileSync(path));
py.unpackArchive(bytes(micropip), 'wheel');
const here = wheels.map(path => '/tmp/' + basename(path));
here.forEach((path, i) => py.FS.writeFile(path, bytes(wheels[i])));
py.globals.set('wheels', py.toPy(here.map(path => 'emfs:' + path)));
for await (const line of createInterface({input: process.stdin})) {
  let answer;
  try { answer = {value: await py.runPythonAsync(JSON.parse(line))} }
  catch (error) { answer = {error: error.message} }
  console.log(JSON.stringify(answer));
}
"""
OFFLINE = ("Could not find a version", "No matching distribution", "NewConnectionError")


def pip(*arguments: str | Path) -> None:
    """Run pip; the test is skipped where it finds no index, and fails where anything else goes wrong."""
    if find_spec("pip") is None:
        pytest.skip("pip is not installed")
    command = [sys.executable, "-m", "pip", "--disable-pip-version-check", *map(str, arguments)]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=SECONDS, check=False)
    except subprocess.TimeoutExpired:
        pytest.skip(f"pip {arguments[0]} took more than {SECONDS:g} s")
    if done.returncode and any(words in done.stderr for words in OFFLINE):
        pytest.skip(f"pip {arguments[0]} reaches no index: {done.stderr.strip()[-200:]}")
    assert not done.returncode, done.stderr


@pytest.fixture(scope="module")
def pyodide(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Package:
    return package(request, tmp_path_factory, "pyodide", VERSION, NODE)


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the project as a wheel."""
    folder = tmp_path_factory.mktemp("wheel")
    prepared = ["--no-build-isolation"] if find_spec("hatchling") else []
    pip("wheel", ROOT, "--no-deps", "--quiet", *prepared, "--wheel-dir", folder)
    (made,) = folder.glob("*.whl")
    return made


@pytest.fixture(scope="module")
def there(pyodide: Package, wheel: Path) -> Iterator[Callable[[Callable[[], Any]], Any]]:
    """Return a function that has Pyodide run another, given by its source, and returns its answer."""
    wheels = pyodide.folder / "wheels"
    if not wheels.exists():
        pip("download", f"micropip=={MICROPIP}", *PROJECT["dependencies"], "--no-deps", "--quiet",
            "--only-binary=:all:", f"--python-version={PYTHON}", "--dest", wheels)  # fmt: skip
    (micropip,) = wheels.glob("micropip-*.whl")
    needed = sorted(set(wheels.glob("*.whl")) - {micropip})
    process = subprocess.Popen(
        [pyodide.node, "--input-type=module", "-e", PROGRAM, *map(str, (pyodide.path, micropip, *needed, wheel))],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, encoding="utf-8",
    )  # fmt: skip
    assert process.stdin is not None and process.stdout is not None and process.stderr is not None
    stdin, stdout, stderr = process.stdin, process.stdout, process.stderr

    def run(source: str) -> Any:
        stdin.write(json.dumps(source) + "\n")
        stdin.flush()
        patience = Timer(SECONDS, process.kill)
        patience.start()
        line = stdout.readline()
        patience.cancel()
        # Of a crash the last words count: before them stands the whole of Pyodide, on one line.
        assert line, f"Pyodide ended, or took more than {SECONDS:g} s: {stderr.read()[-2000:]}"
        answer = json.loads(line)
        assert "error" not in answer, answer["error"]
        return answer.get("value")

    def call(work: Callable[[], Any]) -> Any:
        return json.loads(run(f"{dedent(inspect.getsource(work))}\nimport json\njson.dumps({work.__name__}())"))

    with process:
        try:
            run("import micropip\nawait micropip.install(wheels)")
            yield call
        finally:
            process.kill()


@pytest.fixture
def as_there(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Have files written where they are in nobody's way."""
    monkeypatch.chdir(tmp_path)


There = Callable[[Callable[[], Any]], Any]


def test_the_wheel_installs_with_what_it_needs_and_no_more(there: There) -> None:
    def found() -> Any:
        import sys
        from importlib.metadata import version
        from importlib.util import find_spec

        import autograd_lite

        extras = [name for name in ("numpy", "matplotlib", "IPython") if find_spec(name)]
        return [sys.platform, autograd_lite.__version__, version("autograd-lite"), bool(version("graphviz")), extras]

    assert there(found) == ["emscripten", PROJECT["version"], PROJECT["version"], True, []]


def test_a_net_learns_xor(there: There) -> None:
    def xor() -> Any:
        from autograd_lite import nn

        X, y = [[0, 0], [0, 1], [1, 0], [1, 1]], [0, 1, 1, 0]
        net = nn.MLP(2, [4, 1], activation="tanh", output="sigmoid", seed=1)
        history = nn.fit(net, X, y, epochs=300, progress=False)
        return [history.loss, [round(net(x).data) for x in X], str(nn.diagnose(net, X, y)).splitlines()]

    losses, predicted, diagnosis = there(xor)
    assert predicted == [0, 1, 1, 0] and losses[-1] < 0.02 and "nothing wrong found" in diagnosis[0]
    assert losses == pytest.approx(xor()[0], rel=1e-9)  # another libm: tanh and exp may differ in the last bit


def test_a_chain_is_freed(there: There) -> None:
    def chain() -> Any:
        from autograd_lite import Value

        x = Value(1.0)
        out = x
        for _ in range(2000):  # a stack of JavaScript overflows near 5,000 nested objects, be they tuples
            out = out + x
        out.backward()
        del out
        return x.grad

    assert there(chain) == 2001.0


@pytest.mark.usefixtures("as_there")
def test_pictures_are_the_same_there(there: There) -> None:
    def pictures() -> Any:
        import autograd_lite as ag
        from autograd_lite import Value, nn

        a, b = Value(2.0, label="a"), Value(-3.0, label="b")
        c = a * b + a
        c.backward()
        net = nn.MLP(2, [3, 1], activation="relu", output="linear")
        for i, parameter in enumerate(net.parameters()):
            parameter.data = i / 8 - 0.5
        graphs = [ag.draw(v) for v in (c, net([0.5, -1.0]))]
        return [[g.svg, g.mermaid, g.dot, str(g)] for g in graphs]

    assert there(pictures) == pictures()


def test_a_notebook_there_shows_pictures_and_files_are_written(there: There) -> None:
    def shown() -> Any:
        import os

        import autograd_lite as ag
        from autograd_lite import Value

        c = ag.tanh(Value(2.0, label="a") * 0.5)
        keys = [sorted(drawn._repr_mimebundle_()) for drawn in (ag.draw(c), ag.draw_dot(c))]
        ag.draw(c).save("c.svg")
        try:
            ag.draw(c).save("c.png")
        except ImportError as error:
            refused = str(error)
        return [keys, os.path.getsize("c.svg") > 1000, os.path.exists("c.png"), refused]

    keys, svg, png, refused = there(shown)
    assert keys == [["image/svg+xml", "text/html", "text/plain"]] * 2
    assert svg and not png and "needs the extra pictures" in refused


def test_an_interpreter_inside_a_program_may_have_no_path(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "executable", None)
    assert draw(Value(2.0) * 3.0).svg.startswith("<svg")


@pytest.mark.usefixtures("as_there")
def test_it_explains_and_steps_through(there: There) -> None:
    def explained() -> Any:
        import autograd_lite as ag
        from autograd_lite import Value

        a, b = Value(2.0, label="a"), Value(-3.0, label="b")
        c = (a * b + a) * b
        why = ag.explain(c, wrt=a)
        a.data = 5.0  # so that there is something stale to tell, too
        stale = ag.explain(c, wrt=a)
        steps = ag.step_through(c)
        steps.save("steps.html")
        graded = ag.check_answers(c, {"a": 6, "b": 2})
        return [str(why), why.latex, str(stale), list(map(str, ag.backward_steps(c))), str(steps), steps.html,
                steps._repr_html_(), str(graded), graded._repr_html_()]  # fmt: skip

    assert there(explained) == explained()


@pytest.mark.usefixtures("as_there")
def test_worksheets_are_the_same_to_the_byte(there: There) -> None:
    def sheets() -> Any:
        from pathlib import Path

        import autograd_lite as ag
        from autograd_lite import Value

        a, b = Value(0.1, label="a"), Value(0.2, label="b")
        sheet = ag.worksheet((a * b + a) * b, seed=7)
        key = sheet.save("sheet.html")
        return [sheet.markdown, sheet.key_markdown, Path("sheet.html").read_text(), key.read_text()]

    assert there(sheets) == sheets()


@pytest.mark.usefixtures("as_there")
def test_functions_are_compiled_without_a_kernel(there: There) -> None:
    def compiled() -> Any:
        import autograd_lite as ag
        from autograd_lite import Value
        from autograd_lite.kernel.library import is_here

        w = Value(0.5, label="w")
        f = ag.compile(lambda x: ag.relu(w * x) * x + w)
        seen = []
        for x in (2.0, -3.0, 4.0):
            out = f(x)
            out.backward()
            seen.append([out.data, w.grad])
        return [seen, is_here()]

    assert there(compiled) == [[[2.5, 5.0], [0.5, 6.0], [8.5, 23.0]], False]


def test_models_are_saved_and_loaded(there: There) -> None:
    def saved() -> Any:
        from autograd_lite import datasets, nn

        X, _ = datasets.iris()
        net = nn.MLP(4, [5, 3], seed=2)
        net.save("net.json")
        again = nn.load("net.json")
        return [[v.data for v in net(X[0])] == [v.data for v in again(X[0])], len(X)]

    assert there(saved) == [True, 150]


def test_the_command_line_runs(there: There) -> None:
    def command() -> Any:
        from contextlib import redirect_stdout
        from io import StringIO

        from autograd_lite.cli import main

        said = StringIO()
        with redirect_stdout(said):
            code = main(["explain", "w*x + b", "w=2", "x=-1", "b=0.5", "--wrt", "w"])
        return [code, said.getvalue()]

    answer = there(command)
    assert answer == command() and "∂f/∂w" in answer[1]


@pytest.mark.slow
def test_every_example_of_the_docstrings_holds(there: There) -> None:
    def examples() -> Any:
        from doctest import ELLIPSIS, NORMALIZE_WHITESPACE, testmod
        from importlib import import_module
        from pkgutil import walk_packages

        import autograd_lite

        names = [m.name for m in walk_packages(autograd_lite.__path__, "autograd_lite.")]
        found = {}
        for name in names:
            if not name.endswith("__main__"):  # a program
                result = testmod(import_module(name), optionflags=ELLIPSIS | NORMALIZE_WHITESPACE)
                found[name] = [result.attempted, result.failed]
        return found

    found = there(examples)
    assert {name for name, (_, failed) in found.items() if failed} == set()
    assert sum(attempted for attempted, _ in found.values()) > 150
