"""A tape as a pure function for JAX: to be jitted, mapped over rows, differentiated, spread over devices.

Each row of the table becomes a JAX function whose derivative is the row's own (a custom Jacobian-vector product from
the texts of its partials), so that kinks and extremes come out as they do here. JAX evaluates both sides of a
condition and chooses after, so `x if test else y` and early returns turn into `jnp.where`.
"""

from __future__ import annotations

import ast
import inspect
import textwrap
from collections.abc import Callable, Sequence
from functools import cache, reduce
from typing import Any

from autograd_lite.formulas import parsed, without_exceptions
from autograd_lite.numerics import accurate, ieee
from autograd_lite.ops import TABLE, Op
from autograd_lite.replay.tape import Tape


def jax_function(tape: Tape, title: str) -> Callable[[Any, Any], Any]:
    """Return a function of the parameters (one array, in the order of its `.parameters`) and the arguments."""
    try:
        import jax
        import jax.numpy as jnp
    except ImportError:
        raise ImportError("to_jax needs JAX: pip install jax") from None
    if tape.guards:
        guard = tape.guards[0]
        raise TypeError(f"to_jax: {title} decides by {guard.how}{guard.place}; a pure function can't choose between "
                        "two graphs: use ag.maximum, ag.relu or ag.clamp instead of if")  # fmt: skip

    def function(parameters: Any, arguments: Any) -> Any:
        leaves = [jnp.ravel(jnp.asarray(leaf)) for leaf in jax.tree_util.tree_leaves(arguments)]
        numbers = jnp.concatenate(leaves) if leaves else jnp.zeros(0)
        if len(parameters) != len(tape.parameters) or len(numbers) != tape.arguments:
            raise ValueError(
                f"{title}: expected {len(tape.parameters)} parameters and {tape.arguments} numbers as arguments, got "
                f"{len(parameters)} and {len(numbers)}"
            )
        slots = [*(parameters[i] for i in range(len(tape.parameters))), *tape.constants]
        slots += [numbers[i] for i in range(tape.arguments)]
        for node in range(tape.nodes):
            row, given = tape.rows[tape.row[node]], [slots[s] for s in tape.operands_of(node)]
            count = len(given) - len(row.setting_names)
            out = _operation(row, tuple(given[count:]))(*given[:count])
            slots.append(out if tape.live[tape.first_node + node] else jax.lax.stop_gradient(out))
        outputs = [jnp.asarray(slots[s]) for s in tape.outputs]
        return outputs[0] if len(outputs) == 1 else outputs

    function.parameters = tape.parameters  # type: ignore[attr-defined]
    function.__name__ = title if title.isidentifier() else "function"
    return function


@cache
def _operation(row: Op, settings: tuple[float, ...]) -> Callable[..., Any]:
    """Return a row with these settings as a JAX function of its flat operands."""
    import jax

    names = ", ".join(row.all_names)
    formula = _folded(row) if row.fold else _function(names, row.formula, _Rows(_base()))
    partials = [_function(f"out, {names}", text, _Rows()) for text in row.whole_partials]

    @jax.custom_jvp
    def operation(*flat: Any) -> Any:
        return formula(*row.group(flat), *settings)

    @operation.defjvp
    def _(flat: Any, tangents: Any) -> Any:
        out = operation(*flat)
        found = [partial(out, *row.group(flat), *settings) for partial in partials]
        terms = [d * t for d, t in zip(row.flat(found), tangents, strict=True)]
        return out, reduce(lambda a, b: a + b, terms)

    return operation


def _folded(row: Op) -> Callable[..., Any]:
    """Return a loop over lists: the row's start and step."""
    names = ", ".join(row.operands)
    start, step = (
        _function(args, text, _Rows(_base())) for args, text in zip((names, f"out, {names}"), row.fold, strict=True)
    )

    def formula(*operands: Any) -> Any:
        out = start(None, *operands)
        for i in range(len(operands[row.starred.index(True)])):
            entry = [x[i] if starred else x for x, starred in zip(operands, row.starred, strict=True)]
            out = step(out, *entry)
        return out

    return formula


class _Rows(dict[str, Any]):
    """What the text of a partial may call: the rows as JAX functions, so that derivatives have derivatives."""

    def __missing__(self, name: str) -> Any:
        row = TABLE.get(name)
        if row is None or row.each:
            return _base()[name]
        count = len(row.operands)
        self[name] = lambda *given: _operation(row, given[count:])(*row.flat(given[:count]))
        return self[name]


# ------------------------------------------------------------------------------------------- numerics, for JAX


@cache
def _base() -> dict[str, Any]:
    """Return the functions of `numerics` for JAX: primitives exchanged, composites translated."""
    import jax.numpy as jnp
    from jax.scipy import special

    def stacked(xs: Any) -> Any:
        return jnp.stack([jnp.asarray(x) for x in xs])

    def shifted(xs: Any) -> tuple[Any, Any]:
        """Return the largest, and the sum of the other powers over its own."""
        a = stacked(xs)
        peak = jnp.argmax(a)
        powers = jnp.where(jnp.arange(len(xs)) == peak, 0.0, jnp.exp(a - a[peak]))
        return a[peak], jnp.sum(powers)

    def softmax(xs: Any) -> list[Any]:
        a = stacked(xs)
        powers = jnp.exp(a - jnp.max(a))
        return list(powers / jnp.sum(powers))

    def cross_entropy(xs: Any, target: Any) -> Any:
        m, rest = shifted(xs)
        return (m - jnp.take(stacked(xs), jnp.asarray(target).astype(int))) + jnp.log1p(rest)

    def share(xs: Any, extreme: Any) -> list[Any]:
        equal = stacked(xs) == extreme
        return list(jnp.where(jnp.isnan(extreme), jnp.nan, equal / jnp.maximum(jnp.sum(equal), 1)))

    def chosen(ps: Any, i: Any) -> list[Any]:
        """Return p_j for each j, but minus the others' sum where j is i."""
        others = [reduce(lambda a, b: a + b, [p for k, p in enumerate(ps) if k != j], 0.0) for j in range(len(ps))]
        return [jnp.where(jnp.asarray(i) == j, -others[j], ps[j]) for j in range(len(ps))]

    def power_slope(a: Any, b: Any, m: Any, n: Any) -> Any:
        """Return a ** b differentiated m times by a and n times by b."""
        polynomial = [1.0] + [0.0] * int(n)
        for i in range(int(m)):
            for j in range(int(n), -1, -1):
                polynomial[j] = polynomial[j] * (b - i) + (j * polynomial[j - 1] if j else 0.0)
        logarithm = jnp.log(jnp.where(a > 0.0, a, 1.0))
        total: Any = 0.0
        binomial = 1.0
        for i in range(int(n) + 1):
            total = total + binomial * polynomial[int(n) - i] * logarithm**i
            binomial = binomial * (n - i) / (i + 1)
        slope = jnp.where(total == 0.0, 0.0, total * base["power"](a, b - m))
        beside = jnp.where((a < 0.0) | ((a == 0.0) & (b <= 0.0) & (m + b == 0.0)), jnp.nan, 0.0)
        return slope if int(n) == 0 else jnp.where(a > 0.0, slope, beside)

    base: dict[str, Any] = {
        "inf": jnp.inf, "nan": jnp.nan, "abs": jnp.abs, "where": jnp.where, "copysign": jnp.copysign,
        "divide": jnp.divide, "mod": jnp.mod, "floor_divide": jnp.floor_divide,
        "power": lambda a, b: jnp.where(jnp.asarray(b) == 2.0, a * a, jnp.power(a, b)),
        "erf": special.erf, "erfc": special.erfc, "pow_derivative": power_slope,
        "total": lambda xs: reduce(lambda a, b: a + b, xs),
        "largest": lambda xs: jnp.max(stacked(xs)), "smallest": lambda xs: jnp.min(stacked(xs)),
        "logsumexp": lambda xs: shifted(xs)[0] + jnp.log1p(shifted(xs)[1]),
        "softmax": softmax, "softmax_at": lambda xs, i: softmax(xs)[int(i)],
        "cross_entropy": cross_entropy, "log_softmax_at": lambda xs, i: -cross_entropy(xs, i),
        "ones": lambda xs: [1.0] * len(xs),
        "largest_share": lambda xs: share(xs, jnp.max(stacked(xs))),
        "smallest_share": lambda xs: share(xs, jnp.min(stacked(xs))),
        "cross_entropy_partials": chosen, "log_softmax_partials": lambda ps, i: [-p for p in chosen(ps, i)],
        "softmax_partials": lambda ps, i: [-p * ps[int(i)] for p in chosen(ps, i)],
    }  # fmt: skip
    for name in ieee.PRIMITIVES:
        base.setdefault(name, getattr(jnp, name, None))
    for name, found in vars(accurate).items():
        if inspect.isfunction(found) and name not in base:
            base[name] = getattr(jnp, name, None) or _translated(found, base)
        elif isinstance(found, float):
            base.setdefault(name, found)
    return base


def _function(arguments: str, text: str, namespace: dict[str, Any]) -> Callable[..., Any]:
    """Compile a row's text for JAX."""
    tree = _Choices().visit(parsed(f"lambda {arguments}: {without_exceptions(text)}", mode="eval"))
    return eval(compile(ast.fix_missing_locations(tree), f"<{text}>", "eval"), namespace)


class _Choices(ast.NodeTransformer):
    """Turn `x if test else y` into where(test, x, y), and `and`, `or` into operators."""

    def visit_IfExp(self, node: ast.IfExp) -> ast.AST:
        self.generic_visit(node)
        return _where(node.test, node.body, node.orelse)

    def visit_BoolOp(self, node: ast.BoolOp) -> ast.AST:
        self.generic_visit(node)
        operator = ast.BitAnd() if isinstance(node.op, ast.And) else ast.BitOr()
        return reduce(lambda a, b: ast.BinOp(a, operator, b), node.values)

    def visit_BinOp(self, node: ast.BinOp) -> ast.AST:
        self.generic_visit(node)
        if isinstance(node.op, ast.Div):
            return ast.Call(ast.Name("divide", ast.Load()), [node.left, node.right], [])
        return node


def _where(test: ast.expr, body: ast.expr, other: ast.expr) -> ast.expr:
    return ast.Call(ast.Name("where", ast.Load()), [test, body, other], [])


def _translated(function: Callable[..., Any], namespace: dict[str, Any]) -> Callable[..., Any]:
    """Return a function of `numerics` with its early returns turned into choices; translated when first called."""

    @cache
    def made() -> Callable[..., Any]:
        tree = parsed(textwrap.dedent(inspect.getsource(function)))
        definition = tree.body[0]
        assert isinstance(definition, ast.FunctionDef)
        definition.body = _straight([s for s in definition.body if not _is_docstring(s)])
        definition.returns, definition.decorator_list = None, []
        for argument in definition.args.args:
            argument.annotation = None
        tree = ast.fix_missing_locations(_Choices().visit(tree))
        found: dict[str, Any] = {}
        exec(compile(tree, f"<{function.__name__} for JAX>", "exec"), namespace, found)
        return found[function.__name__]

    return lambda *arguments: made()(*arguments)


def _is_docstring(statement: ast.stmt) -> bool:
    return isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant)


def _straight(statements: Sequence[ast.stmt]) -> list[ast.stmt]:
    """Return statements that end in one return: a branch that returns becomes one side of a choice."""
    done: list[ast.stmt] = []
    for i, statement in enumerate(statements):
        if isinstance(statement, ast.If):
            body, rest = _straight(statement.body), _straight([*statement.orelse, *statements[i + 1 :]])
            first, last = body[-1], rest[-1]
            assert isinstance(first, ast.Return) and isinstance(last, ast.Return) and first.value and last.value
            # Test and early result stand in names of their own: what follows may write the others anew.
            test, early = f"_test{statement.lineno}", f"_early{statement.lineno}"
            choice = _where(*(ast.Name(name, ast.Load()) for name in (test, early, "_rest")))
            return [*done, _assigned(test, statement.test), *body[:-1], _assigned(early, first.value),
                    *rest[:-1], _assigned("_rest", last.value), ast.Return(choice)]  # fmt: skip
        done.append(statement)
        if isinstance(statement, ast.Return):
            return done
    return done  # pragma: no cover — a function of `numerics` ends in a return


def _assigned(name: str, value: ast.expr) -> ast.stmt:
    return ast.Assign([ast.Name(name, ast.Store())], value)
