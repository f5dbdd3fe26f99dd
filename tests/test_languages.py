"""Every row in every language that the translator writes, against Python's own numbers.

A case is a row with numbers for its operands and settings; a graph is a list of nodes, each a case whose numbers are
earlier results. A runner takes cases and graphs and returns value and partials of each case, value and gradients of
each graph. C must give the bits of Python; so must a browser where its engine has the function; Node is near.
"""

import base64
import ctypes
import json
import math
import random
import shutil
import struct
import subprocess
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import islice
from typing import Any

import pytest

from autograd_lite import engine, functions, ops
from autograd_lite.define import define_op
from autograd_lite.engine import Value
from autograd_lite.flow import gradients
from autograd_lite.graph import topological_order
from autograd_lite.languages.c import FLAGS, C
from autograd_lite.languages.javascript import JavaScript
from autograd_lite.languages.jax import Jax, operation
from autograd_lite.languages.language import CALLED, Language
from autograd_lite.languages.reading import runs_by_entry
from autograd_lite.languages.writing import row_functions
from autograd_lite.numerics import ieee
from autograd_lite.ops import TABLE, Op

pytest.importorskip("mpmath")
from tests.test_edges import GOLDEN_TABLE, bits, operands_of
from tests.test_random_graphs import excess, random_program

inf, nan = math.inf, math.nan
SPECIAL = [0.0, -0.0, inf, -inf, nan, 1.0, -1.0, 2.0, 0.5, -3.0, 5e-324, 1e-310, 1e308, -1e308, 1e-160, 710.0, -746.0]


@dataclass(frozen=True)
class Case:
    """A row bound to its settings, and operands as its formula takes them."""

    row: Op
    operands: Sequence[Any]

    @property
    def numbers(self) -> list[float]:
        return [*map(float, self.row.flat(self.operands)), *self.row.settings]

    @property
    def length(self) -> int:
        return next((len(x) for x in self.operands if isinstance(x, list)), 0)

    @cached_property
    def expected(self) -> list[float]:
        """Return value and partials as Python computes them."""
        value = self.row.value(self.operands)
        return [*map(float, [value, *self.row.flat(self.row.local_derivatives(value, self.operands))])]


@dataclass(frozen=True)
class Graph:
    """Leaves, numbers that stand in nodes, and nodes: a row, the length of its lists, the slots of its numbers.

    Slots are the leaves, the numbers, the results; `active` are the slots that have a gradient.
    """

    leaves: Sequence[float]
    numbers: Sequence[float]
    nodes: Sequence[tuple[str, int, list[int]]]
    expected: Sequence[float]


def graph_of(seed: int) -> Graph:
    program = random_program(seed)
    leaves = [Value(x) for x in program.leaves]
    root = program(leaves)
    order = topological_order(root)
    found = gradients(order)
    made = [node for node in order if node.operation is not None]
    numbers: list[float] = []
    slots: dict[int, int] = {id(leaf): i for i, leaf in enumerate(leaves)}
    written = []
    for node in made:
        row = node.operation
        for x in (*node.operands, *row.settings):
            if x.__class__ is not Value:
                numbers.append(x)
    first = len(leaves) + len(numbers)
    slots |= {id(node): first + i for i, node in enumerate(made)}
    count = len(leaves)
    for node in made:
        row, at = node.operation, []
        for x in (*node.operands, *row.settings):
            at.append(slots[id(x)] if x.__class__ is Value else count)
            count += x.__class__ is not Value
        length = next((len(x) for x in row.group(node.operands) if isinstance(x, list)), 0)
        written.append((row.name, length, at))
    return Graph(program.leaves, numbers, written, [root.data, *(found.get(id(x), 0.0) for x in leaves)])


# --------------------------------------------------------------------------------------------- what is computed


@pytest.fixture(scope="module")
def rows() -> Iterator[list[Op]]:
    """All rows, and some of a program's own: lists, three operands, a fold, names that other languages reserve."""
    tables = (ops.TABLE, ops.BY_SPELLING, ops.FLOAT_NAMES, functions.VALUE_NAMES, engine.of_values)
    before = [dict(table) for table in tables]
    methods = set(vars(Value))
    define_op("own_cube", "n * n * n", ("3.0 * n * n",), args="n")
    define_op("own_wave", "new * sin(double / var) + own_cube(double)",
              ("new * cos(double / var) / var + 3.0 * double ** 2.0",), args="double | var=2.0 new=0.5")  # fmt: skip
    define_op("own_share", "logsumexp(v) * g", ("softmax(v)", "logsumexp(v)"), args="*v g", check=False)
    define_op("own_folds", "dot(v, v, g) - g", ("softmax(v)", "0.0"), args="*v g", check=False)
    define_op("own_lerp", "to + sigmoid(t_1) * (Infinity - to)", ("1.0 - sigmoid(t_1)", "sigmoid(t_1)",
              "sigmoid(t_1) * sigmoid(-t_1) * (Infinity - to)"), args="to Infinity t_1")  # fmt: skip
    define_op("own_product", "own_product(a)", ("out / a",), args="*a", fold=("1.0", "out * a"))
    define_op("own_pairs", "k * dot(x, y, 0.0)", ("k * y", "k * x"), args="*x *y | k=2.0")
    define_op("own_distance", "own_distance(x, y, z)", ("y", "x", "2.0"), args="*x *y z",
              fold=("z", "out + abs(x) / y"), check=False)  # fmt: skip
    define_op("own_long", " + ".join(["a / b"] * 400), ("400.0 / b", "-400.0 * a / b ** 2.0"))
    define_op("own_chain", "a if 0.0 < a * b <= exp(b) < 3.0 else -a - -b - (a - b) / (a / b) ** -(b - 1.0)",
              ("2.0 ** -b", "-(2.0 ** 0.5 * -a)"), args="a b", check=False)  # fmt: skip
    yield [row for row in TABLE.values() if row in ops.ROWS or row.name.startswith("own_")]  # not those of other tests
    for table, content in zip(tables, before, strict=True):
        table.clear()
        table.update(content)
    for name in set(vars(Value)) - methods:
        delattr(Value, name)


@pytest.fixture(scope="module")
def cases(rows: list[Op]) -> list[Case]:
    """The golden table of edges, and random operands for every row."""
    golden = [Case(TABLE[name], operands_of(TABLE[name], point)) for name, points in GOLDEN_TABLE.items()
              for point, _ in points]  # fmt: skip
    rng = random.Random(0)

    def number() -> float:
        kind = rng.random()
        return rng.choice(SPECIAL) if kind < 0.2 else rng.uniform(-4.0, 4.0) * 10.0 ** (kind > 0.9 and rng.gauss(0, 60))

    def some(row: Op) -> Case:
        n = rng.choice([1, 2, 3, 40])
        operands: list[Any] = [[number() for _ in range(n)] if is_list else number() for is_list in row.is_list]
        if row.name == "cross_entropy":
            operands[1] = float(rng.randrange(n))
        if row.name == "pow_derivative":
            row = row.bind(m=float(rng.randint(1, 4)), n=float(rng.randint(0, 3)))
        elif row.setting_names:
            row = row.bind(**{name: float(rng.randrange(n)) if name == "i" else rng.uniform(0.1, 3.0)
                              for name in row.setting_names})  # fmt: skip
        return Case(row, operands)

    assert len(golden) > 9_000
    return golden + [some(row) for row in rows for _ in range(60)]


@pytest.fixture(scope="module")
def graphs(request: pytest.FixtureRequest) -> list[Graph]:
    return [graph_of(seed) for seed in range(3000 if request.config.getoption("--run-slow") else 300)]


# ------------------------------------------------------------------------------------------------------------ C


def entry_point(i: int, row: Op) -> str:
    """Write a function of flat numbers in C: x holds the operands, a list's n entries in a row, then the settings."""
    lists = plain = 0
    at = []
    for is_list in (*row.is_list, *(False for _ in row.settings)):
        at.append(f"x + {lists} * n" if is_list else f"x[{sum(row.is_list)} * n + {plain}]")
        lists, plain = lists + is_list, plain + (not is_list)
    if row.name == "dot":  # lists before numbers, as in all rows here
        assert at == ["x + 0 * n", "x + 1 * n", "x[2 * n + 0]"]
    lines = [f"void row_at_{i}(const double *x, long n, double *to) {{"]
    if runs_by_entry(row):
        entry = ", ".join(["out", *(f"({x})[k]" if s else x for x, s in zip(at, row.is_list, strict=True))])
        start = ", ".join(x for x, s in zip(at, row.is_list, strict=True) if not s)
        lines += [f"double out = start_{i}({start});", f"for (long k = 0; k < n; k++) out = step_{i}({entry});"]
        lines += ["*to++ = out;"]
        lines += [f"for (long k = 0; k < {'n' if s else 1}; k++) *to++ = partial_{i}_{j}({entry});"
                  for j, s in enumerate(row.is_list)]  # fmt: skip
    else:
        call = ", ".join(f"{x}, n" if s else x for x, s in zip(at, (*row.is_list, *[False] * 9), strict=False))
        lines += [f"double out = value_{i}({call});", "*to++ = out;"]
        lines += [f"partial_{i}_{j}(out, {call}, to), to += n;" if s else f"*to++ = partial_{i}_{j}(out, {call});"
                  for j, s in enumerate(row.is_list)]  # fmt: skip
    return "\n".join([*lines, "}"])


@pytest.fixture(scope="module")
def in_c(rows: list[Op], tmp_path_factory: pytest.TempPathFactory) -> Any:
    """Return what computes value and partials of a row in C, given flat numbers."""
    compiler = shutil.which("cc") or shutil.which("gcc") or shutil.which("clang")
    if compiler is None:
        pytest.skip("no C compiler: none of cc, gcc, clang was found")
    folder = tmp_path_factory.mktemp("c")
    text = "\n".join([row_functions(C(), rows), *[entry_point(i, row) for i, row in enumerate(rows)]])
    (folder / "rows.c").write_text(text, encoding="ascii")  # ASCII, whatever a user wrote
    subprocess.run([compiler, "-O2", *FLAGS, "-Werror=implicit", "-shared", "-fPIC", "-o", str(folder / "rows.so"),
                    str(folder / "rows.c"), "-lm"], check=True)  # fmt: skip
    library = ctypes.CDLL(str(folder / "rows.so"))
    compiled = {row.name: getattr(library, f"row_at_{i}") for i, row in enumerate(rows)}

    def run(name: str, numbers: Sequence[float], length: int, settings: int) -> list[float]:
        given = (ctypes.c_double * len(numbers))(*numbers)
        found = (ctypes.c_double * (1 + len(numbers) - settings))()
        compiled[name](given, ctypes.c_long(length), found)
        return list(found)

    return run


def test_c_has_the_bits_of_python(in_c: Any, cases: list[Case]) -> None:
    wrong = [(case, got) for case in cases
             if bits(got := in_c(case.row.name, case.numbers, case.length, len(case.row.settings)))
             != bits(case.expected)]  # fmt: skip
    assert not wrong, f"{len(wrong)} of {len(cases)}, such as {[(c, c.expected, g) for c, g in wrong[:3]]}"


def test_graphs_in_c_have_the_bits_of_python(in_c: Any, graphs: list[Graph]) -> None:
    for graph in graphs:
        slots = [*graph.leaves, *graph.numbers]
        first, partials = len(slots), []
        for name, length, at in graph.nodes:
            value, *slopes = in_c(name, [slots[i] for i in at], length, len(TABLE[name].settings))
            slots.append(value)
            partials.append(slopes)
        grads = [0.0] * (len(slots) - 1) + [1.0]
        for k in range(len(graph.nodes) - 1, -1, -1):
            for i, slope in zip(graph.nodes[k][2], partials[k], strict=False):
                grads[i] += grads[first + k] * slope
        assert bits([slots[-1], *grads[: len(graph.leaves)]]) == bits(graph.expected), graph


@pytest.mark.parametrize("language", [C, JavaScript, Jax], ids=lambda language: language.__name__)
def test_a_language_names_only_what_is_called(language: type[Language]) -> None:
    known = {*ieee.__all__, *CALLED.values(), "abs", "copysign"}
    assert {*language.functions} <= known
    assert {*language.constants} == {"inf", "nan"}


# --------------------------------------------------------------------------------------------------- JavaScript

_MAIN = """
const given = JSON.parse(DATA);
const decoded = (text) => new Float64Array(Uint8Array.from(atob(text), (c) => c.charCodeAt(0)).buffer);
const found = [];

function at(row, x, length) {
    let place = 0;
    const operands = row.is_list.map((s) => (s ? x.subarray(place, (place += length)) : x[place++]));
    const settings = x.subarray(place), entry = (k) => operands.map((o, i) => (row.is_list[i] ? o[k] : o));
    let out = row.start ? row.start(...operands.filter((_, i) => !row.is_list[i]))
                        : row.value(...operands, ...settings);
    if (row.start) for (let k = 0; k < length; k++) out = row.step(out, ...entry(k));
    const slopes = row.partials.map((f, i) =>
        row.start && row.is_list[i] ? operands[i].map((_, k) => f(out, ...entry(k)))
        : row.start ? f(out, ...entry(0)) : f(out, ...operands, ...settings));
    return [out, ...slopes.flatMap((d) => (typeof d === "number" ? [d] : [...d]))];
}

const numbers = decoded(given.numbers);
let next = 0;
for (const [i, length, count] of given.cases)
    found.push(...at(rows[i], numbers.subarray(next, (next += count)), length));
for (const graph of given.graphs) {
    const slots = [...decoded(graph.slots)], first = slots.length, partials = [];
    for (const [i, length, places] of graph.nodes) {
        const [value, ...slopes] = at(rows[i], Float64Array.from(places, (p) => slots[p]), length);
        slots.push(value);
        partials.push(slopes);
    }
    const grads = slots.map(() => 0);
    grads[grads.length - 1] = 1;
    for (let k = partials.length - 1; k >= 0; k--)
        partials[k].forEach((slope, j) => (grads[graph.nodes[k][2][j]] += grads[first + k] * slope));
    found.push(slots[slots.length - 1], ...grads.slice(0, graph.leaves));
}
const bytes = new Uint8Array(Float64Array.from(found).buffer);
let text = "";
for (const byte of bytes) text += String.fromCharCode(byte);
RESULT(btoa(text));
"""


def encoded(numbers: Sequence[float]) -> str:
    return base64.b64encode(struct.pack(f"<{len(numbers)}d", *numbers)).decode("ascii")


@pytest.fixture(scope="module")
def script(rows: list[Op], cases: list[Case], graphs: list[Graph]) -> str:
    """Return a program that calls RESULT with all values, partials and gradients, as the text of their bytes."""
    index = {row.name: i for i, row in enumerate(rows)}
    table = []
    for i, row in enumerate(rows):
        whole = f"start: start_{i}, step: step_{i}" if runs_by_entry(row) else f"value: value_{i}"
        partials = ", ".join(f"partial_{i}_{j}" for j in range(len(row.partials)))
        table.append(f"{{{whole}, partials: [{partials}], is_list: {json.dumps(row.is_list)}}}")
    data = {
        "numbers": encoded([x for case in cases for x in case.numbers]),
        "cases": [(index[case.row.name], case.length, len(case.numbers)) for case in cases],
        "graphs": [{"leaves": len(graph.leaves), "slots": encoded([*graph.leaves, *graph.numbers]),
                    "nodes": [(index[name], length, at) for name, length, at in graph.nodes]} for graph in graphs],
    }  # fmt: skip
    parts = [row_functions(JavaScript(), rows), f"const rows = [{', '.join(table)}];",
             f"const DATA = {json.dumps(json.dumps(data))};", _MAIN]  # fmt: skip
    text = "\n".join(parts)
    assert text.isascii()
    return text


Found = tuple[list[list[float]], list[list[float]]]


def decoded(text: str, cases: list[Case], graphs: list[Graph]) -> Found:
    """Return what a script found: value and partials of each case, value and gradients of each graph."""
    data = base64.b64decode(text)
    numbers = iter(struct.unpack(f"<{len(data) // 8}d", data))
    found = [list(islice(numbers, 1 + len(case.numbers) - len(case.row.settings))) for case in cases]
    return found, [list(islice(numbers, 1 + len(graph.leaves))) for graph in graphs]


@pytest.fixture(scope="module")
def in_node(script: str, cases: list[Case], graphs: list[Graph], tmp_path_factory: pytest.TempPathFactory) -> Found:
    node = shutil.which("node")
    if node is None:
        pytest.skip("Node.js is not here")
    path = tmp_path_factory.mktemp("node") / "rows.js"
    path.write_text(script.replace("RESULT(", "process.stdout.write("), encoding="ascii")
    done = subprocess.run([node, str(path)], capture_output=True, text=True, check=True)
    return decoded(done.stdout, cases, graphs)


@pytest.fixture(scope="module")
def in_chromium(script: str, cases: list[Case], graphs: list[Graph], tmp_path_factory: pytest.TempPathFactory) -> Found:
    names = ("chromium", "chromium-browser", "google-chrome", "chrome")
    path = next(filter(None, map(shutil.which, names)), None)
    if path is None:
        pytest.skip(f"no browser: none of {', '.join(names)} was found")
    folder = tmp_path_factory.mktemp("chromium")
    shown = script.replace("RESULT(", "(text => document.body.textContent = text)(").replace("</", "<\\/")
    (folder / "rows.html").write_text(f"<!doctype html><body><script>{shown}</script>", encoding="ascii")
    done = subprocess.run([path, "--headless", "--no-sandbox", "--disable-gpu", f"--user-data-dir={folder / 'profile'}",
                           "--dump-dom", (folder / "rows.html").as_uri()],
                          capture_output=True, text=True, check=True)  # fmt: skip
    body = done.stdout.partition("<body>")[2].partition("</body>")[0]
    return decoded(body, cases, graphs)


CALLS_ERF = {"erf", "erfc", "normal_cdf", "gelu"}  # what JavaScript does not have


def units(got: Sequence[float], expected: Sequence[float]) -> float:
    """Return the largest error in units of the last place; infinite where a zero, an infinity or a nan is not met."""
    errors = [0.0]
    for a, b in zip(got, expected, strict=True):
        same = bits([a]) == bits([b])
        near = math.isfinite(a) and math.isfinite(b) and math.copysign(1.0, a) == math.copysign(1.0, b)
        errors.append(0.0 if same else abs(a - b) / math.ulp(b) if near else inf)
    return max(errors)


def beyond(graphs: list[Graph], found: list[list[float]], exact: bool) -> list[Any]:
    """Return the graphs that are further away than rounding can be: all that differ, or by more than 8 units."""
    return [(seed, graph, got) for seed, (graph, got) in enumerate(zip(graphs, found, strict=True))
            if units(got, graph.expected) > (0.0 if exact else 8.0)
            and ((exact and not any(name in CALLS_ERF for name, _, _ in graph.nodes))
                 or excess(random_program(seed), got, seed) > 4.0)]  # fmt: skip


def test_node_is_within_four_units(in_node: Found, cases: list[Case]) -> None:
    errors = [(units(got, case.expected), case, got) for case, got in zip(cases, in_node[0], strict=True)]
    wrong = [e for e in errors if e[0] > (8.0 if e[1].row.name in ("gelu", "silu") else 4.0)]
    assert not wrong, f"{len(wrong)} of {len(cases)}, such as {wrong[:3]}"


def test_graphs_in_node_are_as_exact_as_floats_can_be(in_node: Found, graphs: list[Graph]) -> None:
    assert beyond(graphs, in_node[1], exact=False) == []


def test_chromium_has_the_bits_of_python(in_chromium: Found, cases: list[Case]) -> None:
    errors = [(units(got, case.expected), case, got) for case, got in zip(cases, in_chromium[0], strict=True)]
    wrong = [e for e in errors if e[0] > (4.0 if e[1].row.name in CALLS_ERF else 0.0)]
    assert not wrong, f"{len(wrong)} of {len(cases)}, such as {wrong[:3]}"


def test_graphs_in_chromium_have_the_bits_of_python(in_chromium: Found, graphs: list[Graph]) -> None:
    assert beyond(graphs, in_chromium[1], exact=True) == []


# ---------------------------------------------------------------------------------------------------------- JAX


def test_rows_of_a_program_run_in_jax(rows: list[Op]) -> None:
    jax = pytest.importorskip("jax")
    jax.config.update("jax_enable_x64", True)
    jax.config.update("jax_platforms", "cpu")
    rng = random.Random(1)
    for row in rows:
        if row.name.startswith("own_"):
            points = [[[rng.uniform(0.5, 2.0) for _ in range(3)] if starred else rng.uniform(0.5, 2.0)
                       for starred in row.is_list] for _ in range(2)]  # fmt: skip
            function = jax.jit(jax.value_and_grad(operation(row, row.settings), tuple(range(len(row.flat(points[0]))))))
            for point in points:
                value, slopes = function(*row.flat(point))
                assert [float(value), *map(float, slopes)] == pytest.approx(Case(row, point).expected, rel=1e-13), row
