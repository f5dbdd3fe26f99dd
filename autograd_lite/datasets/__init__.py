"""Small data sets to train on: two real (iris, names), four drawn (moons, circles, xor, spirals).

Every function but `names` returns `X, y`: `X` is a list of rows of floats, `y` a list of class indices.
The drawn ones are two-dimensional and have two classes of equal size (give or take one point).
They are the same on every run, because the points come from `random.Random(seed)`.
"""

import csv
import math
from collections.abc import Callable
from importlib.resources import files
from random import Random

from autograd_lite.checks import real, seeded, whole

__all__ = ["IRIS_CLASSES", "IRIS_FEATURES", "circles", "iris", "moons", "names", "spirals", "xor"]

IRIS_FEATURES = ("sepal_length", "sepal_width", "petal_length", "petal_width")
IRIS_CLASSES = ("setosa", "versicolor", "virginica")


def iris() -> tuple[list[list[float]], list[int]]:
    """Return Fisher's irises: 150 flowers, four lengths in centimetres, three species of 50.

    The rows are those of R. A. Fisher, "The use of multiple measurements in taxonomic problems"
    (1936). The copy in the UCI archive differs from the paper in two rows, the 35th and the 38th;
    here, as in scikit-learn and R, they are the paper's.

    >>> X, y = iris()
    >>> len(X), X[0], y[0], IRIS_CLASSES[y[-1]]
    (150, [5.1, 3.5, 1.4, 0.2], 0, 'virginica')
    """
    text = files(__name__).joinpath("iris.csv").read_text(encoding="utf-8")
    rows = list(csv.DictReader(text.splitlines()))
    X = [[float(row[feature]) for feature in IRIS_FEATURES] for row in rows]
    y = [IRIS_CLASSES.index(row["species"]) for row in rows]
    return X, y


def names() -> list[str]:
    """Return 3,002 given names of 3 to 8 letters from a to z, the commonest first.

    They are those of people in the United States, from the Census Bureau's "Frequently Occurring Names in the U.S.,
    1990", which is in the public domain. The file's head says how they were chosen.

    >>> names()[:3], len(names())
    (['james', 'john', 'robert'], 3002)
    """
    text = files(__name__).joinpath("names.txt").read_text(encoding="utf-8")
    return [line for line in text.splitlines() if not line.startswith("#")]


def moons(n: int = 100, noise: float = 0.1, seed: int = 0) -> tuple[list[list[float]], list[int]]:
    """Draw two interleaving half circles of radius 1: class 0 the upper one, class 1 the lower one.

    >>> X, y = moons(4, noise=0.0)
    >>> sorted((label, round(a), round(b, 1)) for (a, b), label in zip(X, y))
    [(0, -1, 0.0), (0, 1, 0.0), (1, 0, 0.5), (1, 2, 0.5)]
    """

    def point(label: int, t: float, rng: Random) -> tuple[float, float]:
        a, b = math.cos(math.pi * t), math.sin(math.pi * t)
        return (a, b) if label == 0 else (1.0 - a, 0.5 - b)

    return _draw(point, n, noise, seed)


def circles(n: int = 100, noise: float = 0.1, seed: int = 0) -> tuple[list[list[float]], list[int]]:
    """Draw two circles around the origin: class 0 of radius 1, class 1 of radius 1/2.

    >>> X, y = circles(6, noise=0.0)
    >>> sorted((label, round(math.hypot(*x), 9)) for x, label in zip(X, y))
    [(0, 1.0), (0, 1.0), (0, 1.0), (1, 0.5), (1, 0.5), (1, 0.5)]
    """

    def point(label: int, t: float, rng: Random) -> tuple[float, float]:
        radius, angle = (1.0, 0.5)[label], 2.0 * math.pi * rng.random()
        return radius * math.cos(angle), radius * math.sin(angle)

    return _draw(point, n, noise, seed)


def xor(n: int = 100, noise: float = 0.1, seed: int = 0) -> tuple[list[list[float]], list[int]]:
    """Draw points of the square from -1 to 1: class 1 where the two coordinates differ in sign.

    No straight line parts the classes, which is why a hidden layer is needed.

    >>> X, y = xor(noise=0.0)
    >>> all((a * b < 0) == (label == 1) for (a, b), label in zip(X, y))
    True
    """

    def point(label: int, t: float, rng: Random) -> tuple[float, float]:
        a, b, sign = rng.random(), rng.random(), rng.choice((-1.0, 1.0))
        return (sign * a, sign * b) if label == 0 else (sign * a, -sign * b)

    return _draw(point, n, noise, seed)


def spirals(n: int = 100, noise: float = 0.1, seed: int = 0) -> tuple[list[list[float]], list[int]]:
    """Draw two spiral arms of one and a half turns and radius 2, one opposite the other.

    >>> X, y = spirals(noise=0.0)
    >>> round(max(math.hypot(*x) for x in X), 9)
    2.0
    """

    def point(label: int, t: float, rng: Random) -> tuple[float, float]:
        # An arm starts off the centre, where the two would share their first points.
        radius, angle = 0.2 + 1.8 * t, math.pi * (3.0 * t + label)
        return radius * math.cos(angle), radius * math.sin(angle)

    return _draw(point, n, noise, seed)


def _draw(
    point: Callable[[int, float, Random], tuple[float, float]], n: int, noise: float, seed: int
) -> tuple[list[list[float]], list[int]]:
    """Draw `n` points, half of each class, evenly along its curve (t from 0 to 1); blur and shuffle."""
    whole("n", n, "a number of points", 2)
    real("noise", noise, "a standard deviation, a number of 0 or more")
    rng = seeded(seed, "an int")
    points = []
    for label, count in enumerate((n - n // 2, n // 2)):
        for i in range(count):
            a, b = point(label, i / max(count - 1, 1), rng)
            points.append(([a + rng.gauss(0.0, noise), b + rng.gauss(0.0, noise)], label))
    rng.shuffle(points)
    return [x for x, _ in points], [label for _, label in points]
