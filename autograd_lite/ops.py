"""The table of operations: one row an operation, its formula and its local derivatives as text.

Everything else is derived from a row: the function on numbers, the method of `Value`, the derivative, the
derivative of the derivative, the label in a picture, the line in an explanation, the compiled kernel. To add an
operation to the package, add a row; to add one to a program, call `autograd_lite.define_op`.

How to read a row:

- `args` names the operands; a starred one (`*a`) is a list of any length. `out` is the result. What follows a
  bar (`a | alpha=0.01`) are settings: numbers with a default, and no derivative by them.
- `formula` and `partials` are expressions: `+ - * / **`, `x if test else y` with `< > <= >=`, calls of rows above and
  of functions in `numerics` (`exp(a)` in the row `exp` is that one: write it first). The partial by a list is that by
  one entry `a`, or, if it calls a function of lists, a list of all. Backward multiplies by the upstream gradient.
- The table is closed under differentiation: a partial calls only functions that are rows themselves, or functions of
  lists that work on Values as well. Evaluated on Values, the same text gives gradients of gradients.
- `textbook` is a partial as the course writes it, where the accurate formula differs; by a list, that by entry j.
- `fold` is a formula that loops over lists: `out` at the start, and `out` after each entry. All code that runs it is
  generated from these two. What the other columns mean stands beside them, in `Op.__init__` (`row.py`).

`x if a <= 0.0 else y`: a nan makes the test false and reaches y, which passes it on. So does `abs(a) >= 0.0 else nan`.
"""

from __future__ import annotations

from autograd_lite.row import BY_SPELLING, FLOAT_NAMES, TABLE, VECTOR_FUNCTIONS, Op, publish

__all__ = ["BY_SPELLING", "FLOAT_NAMES", "ROWS", "TABLE", "VECTOR_FUNCTIONS", "Op"]

# fmt: off
POSITIVE, INSIDE = (("a", ">", 0.0),), (("a", ">", -1.0), ("a", "<", 1.0))
ONE_LIST = (([1.0, -2.0, 0.5],), ([3.0, 7.0],))
ROWS = (
    # --------------------------------------------------------------------------- operators
    Op("add", "a b", "a + b", ("1.0", "1.0"), "+", latex="{a} + {b}", rule="sum rule", methods="__add__ __radd__",
       samples=((2.0, -3.0), (0.5, 1e10))),
    Op("sub", "a b", "a - b", ("1.0", "-1.0"), "-", "−", "{a} - {b}", rule="difference rule",
       methods="__sub__ __rsub__", samples=((2.0, -3.0), (0.5, 0.25))),
    Op("mul", "a b", "a * b", ("b", "a"), "*", "×", r"{a} \cdot {b}", rule="product rule", methods="__mul__ __rmul__",
       samples=((2.0, -3.0), (0.0, 1.5))),
    Op("div", "a b", "a / b",
       # a tiny a is scaled by 2^100, where its quotient would be subnormal and short of digits
       ("1.0 / b if out <= inf else nan",
        "-out / b if abs(out) > 1e-290 else -out / b if abs(a) > 1e-280"
        " else -1.2676506002282294e30 * a / b / b / 1.2676506002282294e30"), "/", "÷", r"\frac{{{a}}}{{{b}}}",
       ("1.0 / b", "-a / b ** 2.0"), "quotient rule", (("b", "≠", 0.0),), ((2.0, -3.0), (1e-200, 1e-200)),
       methods="__truediv__ __rtruediv__"),
    Op("pow", "a b", "a ** b", ("pow_derivative(a, b, 1.0, 0.0)", "pow_derivative(a, b, 0.0, 1.0)"), "**", "^",
       "{a}^{{{b}}}", ("b * a ** (b - 1.0)", "a ** b * log(a)"), "power rule", "a > 0, or b whole",
       ((2.0, 3.0), (2.5, -0.5)), methods="__pow__ __rpow__ pow", micrograd="**{1!r}",
       hint="at a = 0, b has to be 1 or more"),
    Op("pow_derivative", "a b | m=1.0 n=0.0", "pow_derivative(a, b, m, n)",
       ("pow_derivative(a, b, m + 1.0, n)", "pow_derivative(a, b, m, n + 1.0)"),
       means="a ** b * log(a) ** n if m <= 0.0 else b * pow_derivative(a, b - 1.0, m - 1.0, n)"
             " + n * pow_derivative(a, b - 1.0, m - 1.0, n - 1.0)",
       rule="power rule", domain="a > 0, or b whole", kind="helper", samples=((2.0, 3.0), (2.5, -0.5))),
    Op("mod", "a b", "mod(a, b)",
       ("1.0 if abs(out) >= 0.0 else nan", "-floor_divide(a, b) if abs(out) >= 0.0 else nan"), "%", "mod",
       r"{a} \bmod {b}", rule="remainder", domain=(("b", "≠", 0.0),), methods="__mod__ __rmod__", kinks=True,
       samples=((5.0, 3.0), (-5.0, 3.0))),
    Op("floor_divide", "a b", "floor_divide(a, b)",
       ("0.0 if abs(out) >= 0.0 else nan", "0.0 if abs(out) >= 0.0 else nan"), "//", "⌊÷⌋",
       r"\left\lfloor {a} / {b} \right\rfloor", rule="constant pieces", domain=(("b", "≠", 0.0),),
       methods="__floordiv__ __rfloordiv__", samples=((5.0, 3.0), (-5.0, 3.0))),
    Op("neg", "a", "-a", ("-1.0",), symbol="−", latex="-{a}", rule="constant factor", methods="__neg__"),
    Op("pos", "a", "a", ("1.0",), symbol="+", latex="{a}", rule="identity", methods="__pos__"),
    Op("abs", "a", "abs(a)", ("1.0 if a > 0.0 else -1.0 if a < 0.0 else abs(a)",), symbol="|·|",
       latex=r"\left| {a} \right|", textbook=("1.0 if a > 0.0 else -1.0 if a < 0.0 else 0.0 if a <= 0.0 else a",),
       rule="sign", methods="__abs__ abs", kinks=True),
    Op("sign", "a", "1.0 if a > 0.0 else -1.0 if a < 0.0 else abs(a)", ("0.0 if abs(a) >= 0.0 else nan",),
       latex=r"\operatorname{{sign}}({a})", textbook=("0.0",), rule="constant pieces"),
    # --------------------------------------------------------------------------- powers and logarithms
    Op("square", "a", "a * a", ("2.0 * a",), symbol="x²", latex="{a}^2", rule="power rule"),
    Op("reciprocal", "a", "1.0 / a", ("-out * out",), symbol="1/x", latex=r"\frac{{1}}{{{a}}}",
       textbook=("-1.0 / a ** 2.0",), rule="power rule", domain=(("a", "≠", 0.0),)),
    Op("rad2deg", "a", "57.29577951308232 * a", ("57.29577951308232",), symbol="rad → °",
       latex=r"\frac{{180}}{{\pi}} {a}", rule="constant factor"),
    Op("deg2rad", "a", "0.017453292519943295 * a", ("0.017453292519943295",), symbol="° → rad",
       latex=r"\frac{{\pi}}{{180}} {a}", rule="constant factor"),
    Op("exp", "a", "exp(a)", ("out",), latex="e^{{{a}}}", textbook=("exp(a)",)),
    Op("expm1", "a", "expm1(a)", ("exp(a)",), latex="e^{{{a}}} - 1", rule="derivative of exp"),
    Op("log", "a", "log(a)", ("log_slope(a)",), latex=r"\log {a}", textbook=("1.0 / a",),
       domain=POSITIVE, samples=((0.5,), (3.0,))),
    Op("log_slope", "a", "nan if a < 0.0 else 1.0 / abs(a)", ("-out * out",), symbol="1/x",
       latex=r"\frac{{1}}{{{a}}}", means="1.0 / a", textbook=("-1.0 / a ** 2.0",), rule="power rule", domain=POSITIVE,
       kind="helper", samples=((0.5,), (3.0,))),
    Op("exp2", "a", "2.0 ** a", ("0.6931471805599453 * out",), latex="2^{{{a}}}", textbook=("2.0 ** a * log(2.0)",),
       rule="derivative of exp"),
    Op("log2", "a", "log2(a)", ("1.4426950408889634 * log_slope(a)",), latex=r"\log_2 {a}",
       textbook=("1.0 / (a * log(2.0))",), rule="derivative of log", domain=POSITIVE, samples=((0.5,), (3.0,))),
    Op("log10", "a", "log10(a)",
       ("log_slope(a / 0.4342944819032518) if a < 1.0 else 0.4342944819032518 * log_slope(a)",),
       latex=r"\log_{{10}} {a}", textbook=("1.0 / (a * log(10.0))",), rule="derivative of log",
       domain=POSITIVE, samples=((0.5,), (3.0,))),
    Op("log1p", "a", "log1p(a)", ("log_slope(1.0 + a)",), latex=r"\log(1 + {a})",
       textbook=("1.0 / (1.0 + a)",), rule="derivative of log", domain=(("a", ">", -1.0),), samples=((0.5,), (-0.9,))),
    Op("sqrt", "a", "sqrt(a)", ("0.5 * log_slope(out)",), symbol="√", latex=r"\sqrt{{{a}}}",
       textbook=("1.0 / (2.0 * sqrt(a))",), rule="derivative of sqrt", domain=POSITIVE,
       hint="at 0 use abs(x) for sqrt(x * x), or x ** 1.5", samples=((0.5,), (3.0,))),
    # --------------------------------------------------------------------------- circle and hyperbola
    Op("sin", "a", "sin(a)", ("cos(a)",), latex=r"\sin {a}"),
    Op("cos", "a", "cos(a)", ("-sin(a)",), latex=r"\cos {a}"),
    Op("tan", "a", "tan(a)", ("1.0 + out * out",), latex=r"\tan {a}", textbook=("1.0 + tan(a) ** 2.0",)),
    Op("arcsin", "a", "arcsin(a)", ("log_slope(sqrt(one_minus_square(a)))",), latex=r"\arcsin {a}",
       textbook=("1.0 / sqrt(1.0 - a ** 2.0)",), domain=INSIDE, methods="arcsin asin", samples=((0.5,), (-0.9,))),
    Op("arccos", "a", "arccos(a)", ("-log_slope(sqrt(one_minus_square(a)))",), latex=r"\arccos {a}",
       textbook=("-1.0 / sqrt(1.0 - a ** 2.0)",), domain=INSIDE, methods="arccos acos", samples=((0.5,), (-0.9,))),
    Op("one_minus_square", "a", "one_minus_square(a)", ("-2.0 * a",), means="1.0 - a ** 2.0", rule="power rule",
       kind="helper"),
    Op("arctan", "a", "arctan(a)", ("1.0 / (1.0 + a * a) if abs(a) < 1e10 else 1.0 / a / a",), latex=r"\arctan {a}",
       textbook=("1.0 / (1.0 + a ** 2.0)",), methods="arctan atan"),
    Op("arctan2", "a b", "arctan2(a, b)", ("arctan2_slope(a, b)", "arctan2_slope(b, -a)"),
       latex=r"\operatorname{{arctan2}}({a}, {b})",
       textbook=("b / (a ** 2.0 + b ** 2.0)", "-a / (a ** 2.0 + b ** 2.0)"), rule="derivative of the angle",
       domain="not both 0", methods="arctan2 atan2", samples=((2.0, -3.0), (1e-200, 1e-200))),
    Op("arctan2_slope", "a b", "arctan2_slope(a, b)",
       ("-2.0 * out * arctan2_slope(b, a)", "4.0 * arctan2_slope(a + b, a - b) * arctan2_slope(a - b, a + b)"),
       means="b / (a ** 2.0 + b ** 2.0)",
       textbook=("-2.0 * a * b / (a ** 2.0 + b ** 2.0) ** 2.0", "(a ** 2.0 - b ** 2.0) / (a ** 2.0 + b ** 2.0) ** 2.0"),
       rule="quotient rule", domain="not both 0", kind="helper", samples=((2.0, -3.0), (0.5, 1.5))),
    Op("hypot", "a b", "hypot(a, b)", ("hypot_slope(a, b)", "hypot_slope(b, a)"), latex=r"\sqrt{{{a}^2 + {b}^2}}",
       textbook=("a / hypot(a, b)", "b / hypot(a, b)"), rule="derivative of the length", methods="hypot",
       samples=((3.0, -4.0), (1e200, 1e200))),
    Op("hypot_slope", "a b", "hypot_slope(a, b)",
       ("hypot_slope(b, a) * arctan2_slope(a, b)",
        "-out * arctan2_slope(a, b) if abs(a) > abs(b) else -hypot_slope(b, a) * arctan2_slope(b, a)"),
       means="a / hypot(a, b)",
       textbook=("b ** 2.0 / hypot(a, b) ** 3.0", "-a * b / hypot(a, b) ** 3.0"), rule="quotient rule",
       domain="not both 0", kind="helper", samples=((3.0, -4.0), (0.5, 1.5))),
    Op("sinh", "a", "sinh(a)", ("cosh(a)",), latex=r"\sinh {a}"),
    Op("cosh", "a", "cosh(a)", ("sinh(a)",), latex=r"\cosh {a}"),
    Op("tanh", "a", "tanh(a)", ("sech2(a)",), latex=r"\tanh {a}", textbook=("1.0 - tanh(a) ** 2.0",)),
    Op("sech2", "a", "sech2(a)", ("-2.0 * tanh(a) * out",), symbol="sech²", latex=r"\operatorname{{sech}}^2 {a}",
       textbook=("-2.0 * tanh(a) * sech2(a)",), means="1.0 - tanh(a) ** 2.0", kind="helper"),
    Op("arcsinh", "a", "arcsinh(a)", ("1.0 / hypot(1.0, a)",), latex=r"\operatorname{{arsinh}} {a}",
       textbook=("1.0 / sqrt(1.0 + a ** 2.0)",), rule="derivative of arsinh", methods="arcsinh asinh"),
    Op("arccosh", "a", "arccosh(a)", ("log_slope(sqrt(a - 1.0)) * log_slope(sqrt(a + 1.0))",),
       latex=r"\operatorname{{arcosh}} {a}", textbook=("1.0 / sqrt(a ** 2.0 - 1.0)",), rule="derivative of arcosh",
       domain=(("a", ">", 1.0),), methods="arccosh acosh", samples=((1.5,), (30.0,))),
    Op("arctanh", "a", "arctanh(a)", ("log_slope(one_minus_square(a))",),
       latex=r"\operatorname{{artanh}} {a}", textbook=("1.0 / (1.0 - a ** 2.0)",), rule="derivative of artanh",
       domain=INSIDE, methods="arctanh atanh", samples=((0.5,), (-0.9,))),
    # --------------------------------------------------------------------------- the bell curve
    Op("erf", "a", "erf(a)", ("1.1283791670955126 * gauss(a)",), latex=r"\operatorname{{erf}} {a}"),
    Op("erfc", "a", "erfc(a)", ("-1.1283791670955126 * gauss(a)",), latex=r"\operatorname{{erfc}} {a}",
       kind="function"),
    Op("gauss", "a", "gauss(a)", ("gauss_times(-2.0 * a, a)",), means="exp(-a ** 2.0)",
       rule="derivative of the bell curve", kind="helper"),
    Op("gauss_times", "a b", "gauss_times(a, b)", ("gauss(b)", "gauss_times(-2.0 * a * b, b)"),
       means="a * exp(-b ** 2.0)", rule="product rule", kind="helper", samples=((2.0, 0.5), (-0.5, -1.5))),
    Op("normal_pdf_times", "a b", "normal_pdf_times(a, b)", ("normal_pdf(b)", "normal_pdf_times(-a * b, b)"),
       means="a * normal_pdf(b)", rule="product rule", kind="helper", samples=((2.0, 0.5), (-0.5, -1.5))),
    Op("normal_pdf", "a", "normal_pdf(a)", ("normal_pdf_times(-a, a)",), symbol="φ", latex=r"\varphi({a})",
       rule="derivative of the normal density", kind="helper"),
    Op("normal_cdf", "a", "normal_cdf(a)", ("normal_pdf(a)",), symbol="Φ", latex=r"\Phi({a})",
       rule="derivative of the normal distribution", kind="helper"),
    # --------------------------------------------------------------------------- activations
    Op("sigmoid", "a", "sigmoid(a)", ("out * sigmoid(-a)",), symbol="σ", latex=r"\sigma({a})",
       textbook=("sigmoid(a) * (1.0 - sigmoid(a))",), rule="derivative of the sigmoid"),
    Op("sigmoid_times", "a b", "sigmoid_times(a, b)",
       ("sigmoid(b)", "a * (0.25 * sech2(0.5 * b)) if abs(b) < 700.0 else sigmoid_times(a, -abs(b))"),
       means="a * sigmoid(b)", textbook=("sigmoid(b)", "a * sigmoid(b) * (1.0 - sigmoid(b))"), rule="product rule",
       kind="helper", samples=((2.0, 0.5), (-0.5, -1.5))),
    Op("log_sigmoid", "a", "log_sigmoid(a)", ("sigmoid(-a)",), symbol="log σ", latex=r"\log \sigma({a})",
       textbook=("1.0 - sigmoid(a)",), rule="derivative of the log-sigmoid"),
    Op("softplus", "a", "softplus(a)", ("sigmoid(a)",), latex=r"\log(1 + e^{{{a}}})"),
    Op("relu", "a", "0.0 if a <= 0.0 else a", ("0.0 if a <= 0.0 else 1.0 if a > 0.0 else a",), symbol="ReLU",
       latex=r"\max(0, {a})", textbook=("1.0 if a > 0.0 else 0.0",), kinks=True,
       micrograd="ReLU"),
    Op("leaky_relu", "a | alpha=0.01", "alpha * a if a <= 0.0 else a",
       ("alpha if a <= 0.0 else 1.0 if a > 0.0 else a",), symbol="leaky ReLU", latex=r"\max(\alpha {a}, {a})",
       textbook=("1.0 if a > 0.0 else alpha",), kinks=True),
    Op("elu", "a | alpha=1.0", "alpha * expm1(a) if a <= 0.0 else a",
       ("alpha * exp(a) if a <= 0.0 else 1.0 if a > 0.0 else a",), symbol="ELU", latex=r"\operatorname{{ELU}}({a})",
       textbook=("1.0 if a > 0.0 else alpha * exp(a)",), kinks=True),
    Op("gelu", "a", "gelu(a)", ("normal_cdf(a) + normal_pdf_times(a, a)",), symbol="GELU", latex=r"{a}\,\Phi({a})",
       textbook=("normal_cdf(a) + a * normal_pdf(a)",)),
    Op("silu", "a", "silu(a)", ("sigmoid_times(1.0 - silu(-a), a)",), symbol="SiLU", latex=r"{a}\,\sigma({a})",
       textbook=("sigmoid(a) * (1.0 + a * (1.0 - sigmoid(a)))",)),
    Op("clamp", "a | lo=0.0 hi=1.0", "lo if a < lo else hi if a > hi else a",
       ("0.0 if a <= lo else 0.0 if a >= hi else 1.0 if a > lo else a",), latex=r"\operatorname{{clamp}}({a})",
       textbook=("0.0 if a <= lo else 0.0 if a >= hi else 1.0",), rule="constant outside", kind="function", kinks=True),
    # --------------------------------------------------------------------------- many operands
    Op("sum", "*a", "sum(a)", ("1.0",), symbol="Σ", rule="sum rule", fold=("-0.0", "out + a"), signature="xs",
       samples=(([1.0, -2.0, 0.5],), ([3.0],)), doc="$x_1 + … + x_n$ as one node, added left to right"),
    Op("dot", "*a *b c", "dot(a, b, c)", ("b", "a", "1.0"), symbol="w·x + b", rule="product rule, term by term",
       fold=("c", "out + a * b"), signature="ws, xs, bias=0.0",
       samples=(([1.0, -2.0], [0.5, 3.0], 0.1), ([2.0], [-1.0], 0.0)),
       doc="$w_1 x_1 + … + w_n x_n + b$ as one node: the weighted sum of a neuron"),
    Op("maximum", "*a", "largest(a)", ("largest_share(a)",), symbol="max", rule="the largest passes all", kinks=True,
       signature="*xs", samples=ONE_LIST,
       doc="the largest operand; equal ones share the gradient evenly, and a nan makes nan"),
    Op("minimum", "*a", "smallest(a)", ("smallest_share(a)",), symbol="min", rule="the smallest passes all", kinks=True,
       signature="*xs", samples=ONE_LIST,
       doc="the smallest operand; equal ones share the gradient evenly, and a nan makes nan"),
    Op("logsumexp", "*a", "logsumexp(a)", ("softmax(a)",), textbook=("softmax(a, j)",),
       rule="derivative of log-sum-exp is softmax", signature="xs", samples=(([1.0, -2.0, 0.5],), ([1000.0, 1000.0],)),
       doc="$log(e^{x_1} + … + e^{x_n})$ as one node, without overflow"),
    Op("softmax", "*a | i=0", "softmax_at(a, i)", ("softmax_partials(softmax(a), i)",),
       textbook=("softmax(a, j) * (1.0 - softmax(a, j)) if j == i else -out * softmax(a, j)",), signature="xs",
       each="i", samples=ONE_LIST, doc="$e^{x_i} / (e^{x_1} + … + e^{x_n})$ for each i, one node each"),
    Op("log_softmax", "*a | i=0", "log_softmax_at(a, i)", ("log_softmax_partials(softmax(a), i)",),
       textbook=("1.0 - softmax(a, j) if j == i else -softmax(a, j)",), rule="derivative of log-softmax",
       signature="xs", each="i", samples=ONE_LIST, doc="$x_i - log(e^{x_1} + … + e^{x_n})$ for each i, one node each"),
    # --------------------------------------------------------------------------- losses from logits
    Op("cross_entropy", "*a b", "cross_entropy(a, b)", ("cross_entropy_partials(softmax(a), b)", "0.0"),
       symbol="cross-entropy", textbook=("softmax(a, j) - 1.0 if j == b else softmax(a, j)", "0.0"),
       rule="softmax minus target", domain="b is a class index", target="b", signature="logits, target",
       samples=(([1.0, -2.0, 0.5], 1.0), ([3.0, 7.0], 0.0)),
       doc="$-log softmax(z)_t$ as one node; its partials are $p_i - 1[i = t]$"),
    Op("binary_cross_entropy_with_logits", "a b", "binary_cross_entropy_with_logits(a, b)",
       ("(1.0 - b) * sigmoid(a) - b * sigmoid(-a)", "-a"), symbol="cross-entropy", textbook=("sigmoid(a) - b", "-a"),
       rule="sigmoid minus target", domain=(("b", "≥", 0.0), ("b", "≤", 1.0)), target="b",
       samples=((0.5, 1.0), (-2.0, 0.25))),
)
# fmt: on

for _row in ROWS:
    publish(_row)
