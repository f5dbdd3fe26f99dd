"""Functions on Values and plain numbers, and of lists: one node each, a clear word for misuse."""

import math

import pytest

import autograd_lite as ag
from autograd_lite.engine import Value


def test_plain_numbers_give_plain_numbers():
    assert ag.exp(0) == 1.0 and ag.relu(-2) == 0.0 and ag.hypot(3, 4) == 5.0 and ag.maximum(1, 5, 3) == 5.0
    assert ag.log(0.0) == -math.inf and ag.exp(1000.0) == math.inf and math.isnan(ag.sqrt(-1.0))
    assert type(ag.exp(0)) is float and ag.dot([2, 3], [10, 1], 0.5) == 23.5
    with pytest.raises(TypeError, match=r"exp.*not str"):
        ag.exp("1")


def test_lists_are_one_node_with_all_their_parents():
    xs = [Value(1.0), Value(2.0), Value(3.0)]
    for node in (
        ag.sum(xs),
        ag.logsumexp(xs),
        ag.maximum(*xs),
        *ag.softmax(xs),
        *ag.log_softmax(xs),
        ag.cross_entropy(xs, 1),
    ):
        assert node.parents == tuple(xs)
    assert ag.mean(xs).data == 2.0 and ag.mean(xs).op == "/" and ag.dot(xs, xs, xs[0]).data == 15.0
    assert ag.sum(iter(xs)).data == 6.0 and ag.sum([0.1] * 3) == 0.1 + 0.1 + 0.1
    xs.append(Value(9.0))  # the caller's list is not the node's
    assert len(ag.topological_order(node)) == 4


def test_misuse_of_lists():
    x = Value(1.0)
    for function in (ag.sum, ag.mean, ag.logsumexp, ag.softmax, ag.log_softmax):
        with pytest.raises(ValueError, match="empty"):
            function([])
        with pytest.raises(TypeError, match="takes a list"):
            function(x)
    with pytest.raises(ValueError, match="empty"):
        ag.maximum()
    with pytest.raises(ValueError, match="dot of lists of 2 and 1 operands"):
        ag.dot([x, x], [x])
    for target in (-1, 2, 0.5):
        with pytest.raises(ValueError, match="no class index"):
            ag.cross_entropy([x, x], target)
    with pytest.raises(TypeError, match=r"expected a class index, not str \('1'\)"):
        ag.cross_entropy([x, x], "1")
    assert ag.cross_entropy([x, x], Value(1.0)).data == ag.cross_entropy([x, x], 1).data


@pytest.mark.parametrize(("name", "operands"), [("mul", (2.0,)), ("mul", (2.0, 3.0, 4.0)), ("sum", ([1.0], [2.0]))])
def test_a_row_takes_its_own_number_of_operands(name, operands):
    with pytest.raises(ValueError, match=r"shorter|longer"):
        ag.functions.apply(ag.ops.TABLE[name], *operands)


def test_star_import_shadows_no_builtin():
    names: dict[str, object] = {}
    exec("from autograd_lite import *", names)
    import builtins

    assert not [name for name in names if hasattr(builtins, name) and name != "__builtins__"]
