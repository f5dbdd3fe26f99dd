"""Model files as an enemy would write them: 10,000 of them are an equal net each, or one clear error.

The checksum protects from accidents, not from enemies, who compute it anew; so do half of these files, and others
leave it out. A file of every released format is kept in golden/, to be read for ever.
"""

from __future__ import annotations

import copy
import hashlib
import json
import math
import os
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from random import Random
from typing import Any

import pytest

from autograd_lite import nn
from autograd_lite.nn import ModelFileError
from autograd_lite.nn.encoding import Column, Encoding

RELEASED = Path(__file__).with_name("golden") / "model-1.json"
WHOLE = RELEASED.read_bytes()
CONTENT = json.loads(WHOLE)


def test_the_first_released_format_is_read_for_ever() -> None:
    """Never write this file anew, and never take it away: users have such files."""
    model = nn.load(RELEASED)
    assert (model.nin, model.nouts, model.output, model.layers[0].activation) == (3, [2, 2], "softmax", "gelu")
    assert [p.data for p in model.parameters()][:4] == [
        -0.5240707458162173, 0.08845845059190371, -0.2600896669038415, 0.0]  # fmt: skip
    assert model.encoding == Encoding(
        (Column("length", 5.8, 0.8), Column("colour", levels=("blue", "rötlich"))),
        Column("species", levels=("setosa", "versicolor")),
    )
    assert [a.data for a in model([0.5, 1.0, 0.0])] == pytest.approx(
        [0.5770538900548915, 0.42294610994510856], rel=1e-15
    )
    model.save(twin := RELEASED.with_suffix(".twin"))
    try:
        assert json.loads(twin.read_text()) == CONTENT
    finally:
        os.unlink(twin)


# ---------------------------------------------------------------------------------------------------- mutations

# Written into the JSON as they stand, where no value of Python's would do.
RAW = {
    "@nan": "NaN",
    "@inf": "Infinity",
    "@minus": "-Infinity",
    "@1e999": "1e999",
    "@digits": "9" * 5000,
    "@400": "1" + "0" * 400,
    "@deep": "[" * 990 + "]" * 990,
    "@deeper": "[" * 100_000,
    "@objects": '{"a":' * 2000 + "1" + "}" * 2000,
    "@half": '"\\ud800"',
    "@nul": '"\\u0000"',
    "@number": "1.0.0",
    "@hex": "0x10",
    "@zeros": "007",
    "@plus": "+1",
    "@octal": "'1'",
}
NASTY: list[Any] = [
    *RAW,
    None,
    True,
    False,
    0,
    -1,
    1,
    2,
    3,
    1.0,
    0.5,
    -0.0,
    1e308,
    5e-324,
    10**9,
    2**63,
    2**64,
    "",
    "1.0",
    "relu",
    "softmax",
    "linear",
    "Lambda",
    "os.system",
    "__import__('os').system('true')",
    "autograd_lite model",
    "\u202e",
    "<script>",
    "x" * 100_000,
    [],
    [[]],
    [None],
    [1.0],
    [1.0] * 3,
    [[1.0] * 3] * 2,
    [0.0] * 10_000,
    {},
    {"a": 1},
    {"__class__": "os"},
    ["a", "b"],
    ["a", "a"],
]


def places(content: Any, way: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Yield the way to every entry of a tree."""
    items = content.items() if isinstance(content, dict) else enumerate(content) if isinstance(content, list) else ()
    for key, item in items:
        yield (*way, key)
        yield from places(item, (*way, key))


PLACES = list(places(CONTENT))


def holder_of(content: Any, way: tuple[Any, ...]) -> Any:
    for key in way[:-1]:
        content = content[key]
    return content


def changed(rng: Random) -> bytes:
    """Return the file with one to three entries replaced, dropped, doubled, swapped or added, signed or not."""
    content = copy.deepcopy(CONTENT)
    doubled = ""
    for _ in range(rng.choice((1, 1, 1, 2, 3))):
        way = rng.choice(PLACES)
        try:
            holder, key = holder_of(content, way), way[-1]
            if isinstance(holder, list) != isinstance(key, int):
                continue
            kind = rng.randrange(8)
            if kind < 4:
                holder[key] = copy.deepcopy(rng.choice(NASTY))
            elif kind == 4:
                del holder[key]
            elif kind == 5:
                other = rng.choice(PLACES)
                holder[key] = copy.deepcopy(holder_of(content, other)[other[-1]])
            elif kind == 6 and isinstance(holder, list):
                holder.insert(key, copy.deepcopy(rng.choice([*NASTY, holder[key]])))
            elif isinstance(holder, dict):
                holder[rng.choice(["code", "Weights", "activation ", "__proto__", "version"])] = rng.choice(NASTY)
                doubled = str(key)
        except (KeyError, IndexError, TypeError):  # an earlier change took the place away
            continue
    if isinstance(content, dict):
        signature = content.pop("checksum", None)
        text = json.dumps(content, sort_keys=True, separators=(",", ":"))
        forged = hashlib.sha256(text.encode()).hexdigest()
        signature = rng.choice([forged, forged, None, signature])
        if signature is not None:
            content["checksum"] = signature
    text = json.dumps(content, indent=rng.choice((None, 1)))
    if doubled and rng.random() < 0.3:
        text = text.replace(f'"{doubled}":', f'"{doubled}": 1, "{doubled}":', 1)
    for name, raw in RAW.items():
        text = text.replace(f'"{name}"', raw)
    return text.encode()


def damaged(rng: Random) -> bytes:
    """Return the file's bytes with a few of them flipped, replaced, swapped, cut out or doubled."""
    text = bytearray(WHOLE)
    for _ in range(rng.choice((1, 1, 2, 5))):
        place, other = rng.randrange(len(text)), rng.randrange(len(text))
        kind = rng.randrange(6)
        if kind == 0:
            text[place] ^= 1 << rng.randrange(8)
        elif kind == 1:
            text[place] = rng.choice(b'0123456789eE+-."[]{},: \n\x00\xff\\u')
        elif kind == 2:
            text[place], text[other] = text[other], text[place]
        elif kind == 3:
            del text[place : place + rng.randint(1, 40)]
        elif kind == 4:
            text[place:place] = text[other : other + rng.randint(1, 40)]
        else:
            text[place:place] = rng.choice(
                [b"NaN", b"1e999", b"-", b"9" * 400, b"[" * 2000, b"\xed\xa0\x80", b"\\ud800"]
            )
    return bytes(text)


def files_of(seed: int, every: int) -> Iterator[bytes]:
    """Yield 10,000 spoilt files, or each fifth."""
    yield from (WHOLE[:length] for length in range(0, len(WHOLE), every))
    rng = Random(seed)
    for _ in range((10_000 - len(WHOLE)) // every):
        yield (changed if rng.random() < 0.7 else damaged)(rng)


watched: list[str] | None = None  # what the interpreter was asked to do while a file was read


def _audit(event: str, arguments: tuple[Any, ...]) -> None:
    if watched is not None and event in (
        "exec",
        "compile",
        "import",
        "os.system",
        "subprocess.Popen",
        "pickle.find_class",
        "marshal.loads",
        "socket.connect",
        "os.exec",
        "os.remove",
        "os.rename",
    ):
        watched.append(f"{event} {arguments!r:.80}")


sys.addaudithook(_audit)


def tells_the_same(model: nn.MLP, text: bytes) -> bool:
    """Tell whether a net is what the file says, number for number."""
    content = json.loads(text)
    content.pop("checksum", None)
    found = json.loads(json.dumps(model._to_file().content))
    for layer in found["layers"] + content["layers"]:
        assert all(math.isfinite(w) for row in layer["weights"] for w in row)
    return bool(found == content)


@pytest.mark.parametrize("every", [5, pytest.param(1, marks=pytest.mark.slow)])
def test_mutated_files_are_an_equal_net_or_one_error_each(every: int, tmp_path: Path) -> None:
    global watched
    path = tmp_path / "model.json"
    path.write_bytes(WHOLE)
    live = nn.load(path)
    before = live.state_dict()
    for text in (b"[" * 2000, b"\xff"):  # what is imported once
        path.write_bytes(text)
        with pytest.raises(ModelFileError):
            nn.load(path)
    read, refused, wheres = 0, 0, set()
    for number, text in enumerate(files_of(0, every)):
        path.write_bytes(text)
        watched, start = [], time.process_time()
        try:
            model = nn.load(path)
        except ModelFileError as error:
            refused += 1
            message = str(error)
            assert error.path == str(path) and error.where and error.expected and error.found, message
            assert message.isprintable() and len(message) < 700 + len(str(path)), message
            wheres.add(error.where.rstrip("0123456789"))
        else:
            read += 1
            assert tells_the_same(model, text), number
        finally:
            did, watched = watched, None
        assert time.process_time() - start < 1.0 and not did, (number, did)
    assert live.state_dict() == before
    assert read > 100 / every and refused > 8000 / every and len(wheres) > 40


@pytest.mark.parametrize("entry", ["format", "version", "inputs", "checksum"])
def test_depths_that_are_read_but_not_printed_are_refused(tmp_path: Path, entry: str) -> None:
    path = tmp_path / "model.json"
    text = json.dumps(json.loads(WHOLE) | {entry: "@"})
    for depth in range(300, 1100, 3):
        path.write_text(text.replace('"@"', "[" * depth + "]" * depth))
        with pytest.raises(ModelFileError, match=f"{entry}: .*found a list|found far deeper nesting"):
            nn.load(path)


def test_many_different_entries_are_compared_in_no_quadratic_time(tmp_path: Path) -> None:
    path = tmp_path / "model.json"
    path.write_text("{" + ",".join(f'"{i}":0' for i in range(200_000)) + ',"199999":0}')
    start = time.process_time()
    with pytest.raises(ModelFileError, match="content: expected each entry once, found '199999' twice"):
        nn.load(path)
    assert time.process_time() - start < 5.0


def test_half_a_character_is_refused_on_the_way_in_and_on_the_way_out(tmp_path: Path) -> None:
    path = tmp_path / "model.json"
    model = nn.load(RELEASED)
    model.encoding = Encoding(model.encoding.columns, Column("\ud800", levels=("a", "b")))  # type: ignore[union-attr]
    with pytest.raises(ValueError, match="save: expected names of columns and classes in Unicode"):
        model.save(path)
    assert os.listdir(tmp_path) == []
    content = json.loads(WHOLE)
    content["encoding"]["target"]["levels"][0] = "\udfff"
    path.write_text(json.dumps(content))
    with pytest.raises(
        ModelFileError,
        match=r"encoding.target.levels: expected two or more different texts in Unicode, or none, found \['\\udfff'",
    ):
        nn.load(path)
