"""The LaTeX of explanations and worksheets, parsed by KaTeX; skipped where Node or its package is out of reach."""

import json
import re
import subprocess
from collections.abc import Callable
from random import Random

import pytest

import autograd_lite as ag
from autograd_lite import Value
from autograd_lite.functions import apply
from autograd_lite.notation.local_derivatives import formula
from autograd_lite.notation.names import Names
from autograd_lite.ops import ROWS
from tests.npm import package
from tests.test_explanation import random_graph, random_net
from tests.test_hostile_text import NASTY
from tests.test_notation import SYMBOLS, TEXTS

VERSION = "0.16.22"
PROGRAM = """
const katex = require(process.argv[1]);
const wrong = [];
for (const text of JSON.parse(require('fs').readFileSync(0, 'utf8'))) {
  try { katex.renderToString(text, {displayMode: true, throwOnError: true, strict: 'ignore'}); }
  catch (error) { wrong.push(error.message + ' in ' + text); }
}
console.log(JSON.stringify(wrong));
"""


@pytest.fixture(scope="module")
def refused(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Callable[[list[str]], list[str]]:
    """Return a function that tells which texts KaTeX does not parse; the package is kept in pytest's cache."""
    katex = package(request, tmp_path_factory, "katex", VERSION)

    def run(texts: list[str]) -> list[str]:
        command = [katex.node, "-e", PROGRAM, str(katex.path)]
        done = subprocess.run(command, input=json.dumps(texts), capture_output=True, encoding="utf-8", check=True)
        wrong: list[str] = json.loads(done.stdout)
        return wrong

    return run


def formulas(markdown: str) -> list[str]:
    return re.findall(r"(?<!\\)\$(.+?)(?<!\\)\$", markdown)


def test_it_would_tell(refused: Callable[[list[str]], list[str]]) -> None:
    assert [text.rpartition(" in ")[2] for text in refused(["x^2", r"\frac{1}{", r"\nonsense", "a_1_2"])] == [
        r"\frac{1}{", r"\nonsense", "a_1_2"]  # fmt: skip


def test_two_hundred_graphs_and_nets(refused: Callable[[list[str]], list[str]]) -> None:
    texts = []
    for seed in range(200):
        rng = Random(seed)
        out, leaves = random_net(rng) if seed % 4 == 0 else random_graph(rng)
        texts += [ag.explain(out, wrt=w).latex for w in leaves]
        if seed < 20:
            texts += formulas(ag.worksheet(out, seed).key_markdown)
    assert len(texts) > 700 and refused(texts) == []


def test_every_operation_and_every_label(refused: Callable[[list[str]], list[str]]) -> None:
    texts = []
    for row in ROWS:
        out = apply(row, *([Value(v) for v in x] if isinstance(x, list) else Value(x) for x in row.samples[0]))
        names = Names(out)
        texts += [ag.explain(out, wrt=p).latex for p in out.parents]
        texts.append(formula(out, lambda i, out=out, names=names: names.operand(out, i)).latex)
    for label in (*NASTY.values(), *SYMBOLS, *TEXTS):
        a, b = Value(2.0, label=label), Value(3.0, label=label + "'")
        out = abs(a * b) + ag.tanh(a)
        texts += [ag.explain(out, wrt=a).latex, *formulas(ag.worksheet(out).key_markdown)]
    a.data = 5.0
    texts.append(ag.explain(out, wrt=a).latex)
    assert "written after" in texts[-1]
    assert len(texts) > 200 and refused(texts) == []
