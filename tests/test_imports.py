"""The house rules: who may import whom, what loads, one place for an operation, the size of rooms."""

import ast
import re
import subprocess
import sys
from collections import Counter
from functools import cache
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

from autograd_lite.ops import TABLE

PACKAGE = Path(__file__).parent.parent / "autograd_lite"
FILES = sorted(PACKAGE.rglob("*.py"))
SOURCES = [*FILES, *sorted(PACKAGE.rglob("*.js"))]
CORE = ("engine", "graph", "ops")
MOST_LINES = 33_112  # of Python and JavaScript

# The house on one page, from the ground up: the rooms that each room imports. All of them stand above its own line.
HOUSE = {
    # What all may use: harmless text, colours, words, files; arguments; pages and tables.
    "harmless": "",
    "theme": "",
    "words": "",
    "files": "",
    "checks": "harmless",
    "pages": "harmless theme words",
    "tables": "harmless pages theme",
    "generated": "",
    # The table: the functions that its texts call, the languages that they are written in, the rows.
    "numerics": "generated",
    "languages": "numerics",
    "formulas": "languages",
    "row": "formulas generated languages numerics",
    "ops": "row",
    # The graph, and the values in it.
    "graph": "",
    "flow": "",
    "coerce": "",
    "modes": "",
    "anomaly": "coerce flow generated graph modes",
    "naming": "modes",
    "protocols": "coerce modes",
    "sweep": "",
    "methods": "generated languages ops",
    "idioms": "coerce modes ops row",
    "engine": "anomaly coerce idioms methods modes naming ops protocols row sweep",
    # Readers of a graph.
    "view": "coerce engine flow graph idioms naming sweep",
    "tracing": "coerce engine graph",
    "functions": "coerce engine formulas generated numerics ops",
    "define": "coerce engine formulas functions numerics ops row",
    "stub": "methods ops",
    "notation": "checks coerce engine harmless idioms languages naming ops view words",
    "derivatives": "checks coerce engine flow functions modes notation tables view",
    # A graph run again.
    "kernel": "languages ops",
    "replay": "anomaly checks coerce engine functions generated harmless idioms kernel languages "
    "modes naming numerics ops row sweep view",
    # A graph explained and drawn.
    "csv_files": "checks",
    "explanation": "checks coerce csv_files derivatives engine flow idioms modes notation sweep tables view words",
    "drawing": "checks engine files flow modes naming notation pages theme view words",
    "worksheets": "checks coerce csv_files drawing engine explanation files flow idioms modes notation ops pages "
    "tables theme view words",
    "live": "checks drawing engine explanation files harmless idioms languages notation ops pages theme view words",
    # Nets, and what is done with them.
    "datasets": "checks",
    "nn": "checks coerce derivatives engine files functions harmless kernel modes naming notation pages "
    "replay sweep tables words",
    "course": "datasets derivatives engine explanation files functions harmless nn pages words",
    "playground": "checks datasets engine files functions languages live nn numerics ops pages replay theme words",
}
DOORS = ("__init__", "__main__", "cli")  # the doors of the house: they lead to all rooms


def name_of(path: Path) -> str:
    return path.relative_to(PACKAGE).with_suffix("").as_posix()


def room_of(path: Path) -> str:
    return path.relative_to(PACKAGE).with_suffix("").parts[0]


@cache
def tree_of(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def imported(node: ast.AST) -> list[str]:
    """Return the full names of the modules that a statement imports."""
    if isinstance(node, ast.Import):
        return [alias.name for alias in node.names]
    if isinstance(node, ast.ImportFrom):
        assert not node.level, "relative import: the package spells every import in full"
        if node.module == "autograd_lite":
            return [f"autograd_lite.{alias.name}" for alias in node.names]
        return [node.module or ""]
    return []


def imports(path: Path, functions: bool = True) -> list[str]:
    """Return what a file imports, in its functions too or only when loaded; not what type checkers read."""

    def names(node: ast.AST) -> list[str]:
        if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING":
            return []
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and not functions:
            return []
        return imported(node) + [name for part in ast.iter_child_nodes(node) for name in names(part)]

    return names(tree_of(path))


def imported_modules(path: Path) -> list[str]:
    """Return the modules that a file imports, `from room import module` as room.module, and never its own room."""
    own = ".".join(("autograd_lite", *path.relative_to(PACKAGE).parent.parts))
    names = imports(path)
    for node in ast.walk(tree_of(path)):
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("autograd_lite"):
            names += [f"{node.module}.{alias.name}" for alias in node.names]
    return [name for name in names if name != own]


def test_every_room_is_in_the_plan_and_none_leads_back() -> None:
    """The plan may be drawn on one page without an arrow that runs back."""
    assert {room_of(path) for path in FILES} == {*HOUSE, *DOORS}
    rooms = list(HOUSE)
    for i, used in enumerate(HOUSE.values()):
        assert set(used.split()) <= set(rooms[:i]), rooms[i]


def test_readme_shows_the_house_in_this_order() -> None:
    layout = (PACKAGE.parent / "README.md").read_text(encoding="utf-8")
    layout = layout.split("## How it is laid out")[1].split("### Where is")[0]
    first_column = "\n".join([line.partition(" | ")[0] for line in layout.splitlines()])
    named = re.findall(r"`(\w+)(?:\.py|/)`", first_column)
    assert named == [*CORE, *[room for room in HOUSE if room not in CORE], "cli", "__init__", "__main__"]


@pytest.mark.parametrize("room", HOUSE)
def test_the_plan_says_what_each_room_imports(room: str) -> None:
    names = [name for path in FILES if room_of(path) == room for name in imports(path)]
    used = {name.split(".")[1] for name in names if name.startswith("autograd_lite.")} - {room}
    assert used == set(HOUSE[room].split()), "say in HOUSE what is true, and no more"


@pytest.mark.parametrize("path", FILES, ids=name_of)
def test_no_file_imports_a_public_name_from_the_front_door(path: Path) -> None:
    for name in imports(path):
        if name.startswith("autograd_lite."):
            part = PACKAGE.joinpath(*name.split(".")[1:])
            assert part.with_suffix(".py").is_file() or part.is_dir(), f"{name} is a name, not a module"


@pytest.mark.parametrize("path", FILES, ids=name_of)
def test_loading_needs_only_the_standard_library(path: Path) -> None:
    tops = {name.split(".")[0] for name in imports(path, functions=False)}
    assert tops <= sys.stdlib_module_names | {"autograd_lite"}


@pytest.mark.parametrize("path", FILES, ids=name_of)
def test_a_function_loads_only_optional_libraries(path: Path) -> None:
    if path == PACKAGE / "__init__.py":  # the lazy names
        return
    lazy = Counter(imports(path)) - Counter(imports(path, functions=False))
    assert not [name for name in lazy if name.startswith("autograd_lite")]


def test_imports_have_no_circle() -> None:
    modules = {".".join(("autograd_lite", *path.relative_to(PACKAGE).with_suffix("").parts)): path for path in FILES}
    modules = {name.removesuffix(".__init__"): path for name, path in modules.items()}
    graph = {name: [part for part in imported_modules(path) if part in modules] for name, path in modules.items()}
    list(TopologicalSorter(graph).static_order())  # CycleError names the circle


def test_one_file_imports_graphviz() -> None:
    assert [name_of(path) for path in FILES if "graphviz" in imports(path)] == ["drawing/dot"]


def test_importing_the_package_loads_only_the_standard_library() -> None:
    program = "import sys; before = set(sys.modules); import autograd_lite; print(*(set(sys.modules) - before))"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    tops = {name.split(".")[0] for name in done.stdout.split()}
    assert tops <= sys.stdlib_module_names | {"autograd_lite"}


def test_private_slots_of_a_value_are_the_engines() -> None:
    """All other files use the public properties; two functions of numbers, and what speed demands, are named here."""
    engine = {"engine", "sweep", "methods", "idioms", "protocols", "naming", "coerce", "modes"}
    for_speed = {"functions", "replay/numbers", "replay/recording", "replay/table"}
    slots = {"_data", "_grad", "_operation", "_a", "_b", "_da", "_db"}
    touching = {
        name_of(path)
        for path in FILES
        for node in ast.walk(tree_of(path))
        if isinstance(node, ast.Attribute) and node.attr in slots and ast.unparse(node.value) != "self"
    }
    assert touching <= engine | for_speed
    assert for_speed <= touching, "say no more than is true"


def test_an_operation_is_named_in_one_place() -> None:
    """Only the table of rows, the kernels, nn's list of names, an exercise and a lesson say "tanh"."""
    files = {name_of(path) for path in FILES if re.search(r"\btanh\b", path.read_text(encoding="utf-8"))}
    assert files <= {"ops", "numerics/ieee", "nn/activations", "course/graphs", "playground/lessons"}


def test_no_row_is_looked_up_or_asked_for_by_its_name() -> None:
    """What a row is stands in its columns; `dot` is written out where a net's step spends its time."""
    found = set()
    for path in FILES:
        for node in ast.walk(tree_of(path)):
            sides = [*node.comparators, node.left] if isinstance(node, ast.Compare) else []
            if any(isinstance(side, ast.Attribute) and side.attr in ("name", "op", "spelling") for side in sides):
                asked = [s.value for side in sides for s in ast.walk(side) if isinstance(s, ast.Constant)]
                found |= {(name_of(path), name) for name in asked if name in TABLE}
            if isinstance(node, ast.Subscript) and ast.unparse(node.value) == "TABLE":
                found |= {(name_of(path), s.value) for s in ast.walk(node.slice) if isinstance(s, ast.Constant)}
    assert found == {("functions", "dot")}


def lines_of(path: Path) -> int:
    return len(path.read_text(encoding="utf-8").splitlines())


def test_the_core_can_be_read_in_one_sitting() -> None:
    """Who reads these three has learned backprop: what a Value holds, the order, the chain rule, the table."""
    sizes = {name: lines_of(PACKAGE / f"{name}.py") for name in CORE}
    assert sum(sizes.values()) <= 600, sizes


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: path.relative_to(PACKAGE).as_posix())
def test_no_file_is_longer_than_400_lines(path: Path) -> None:
    assert lines_of(path) <= 400


@pytest.mark.parametrize("path", SOURCES[len(FILES) :], ids=lambda path: path.relative_to(PACKAGE).as_posix())
def test_no_line_of_javascript_is_longer_than_120_characters(path: Path) -> None:
    """In Python, ruff holds this."""
    long = [i for i, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1) if len(line) > 120]
    assert long == []


def test_the_package_does_not_grow() -> None:
    """A feature may raise this bound by what it brings; what is written twice, or for one use, may not."""
    assert sum(map(lines_of, SOURCES)) <= MOST_LINES
