"""How a language spells the grammar of a row and the subset of Python in which `numerics` is written."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Mapping, Sequence
from typing import ClassVar

# What an expression is: a float, an integer, the result of a comparison, a list of floats.
NUMBER, INTEGER, TRUTH, LIST = "number", "integer", "truth", "list"

# How firmly an operator holds its operands; an operand that holds less firmly is put in brackets.
CHOICE, OR, AND, NOT, COMPARE, SUM, PRODUCT, SIGN, POWER, ATOM = range(10)


class Language:
    """How a language spells the grammar. The rules here are those of C and its descendants."""

    functions: ClassVar[Mapping[str, str]] = {}  # primitives of `numerics` that have another name here
    constants: ClassVar[Mapping[str, str]] = {}  # inf, nan
    operators: ClassVar[Mapping[type, tuple[str, int]]] = {
        ast.Add: ("+", SUM), ast.Sub: ("-", SUM), ast.Mult: ("*", PRODUCT), ast.Div: ("/", PRODUCT),
        ast.And: ("&&", AND), ast.Or: ("||", OR), ast.Not: ("!", SIGN),
    }  # fmt: skip
    kinds: ClassVar[Mapping[str, str]] = {}  # how a variable of a kind is declared
    prefix = ""  # before the names of functions
    returned_list = ""  # what follows `return` where a list was filled
    head = ""  # what stands before all functions

    def number(self, x: float) -> str:
        """Return a finite float."""
        raise NotImplementedError

    def primitive(self, name: str) -> str:
        """Return the name of a function that the language has itself."""
        return self.functions.get(name, name)

    def choice(self, test: str, body: str, other: str) -> str:
        """Return `body if test else other`."""
        return f"{test} ? {body} : {other}"

    def entry(self, name: str, index: str) -> str:
        """Return an entry of a list."""
        return f"{name}[{index}]"

    def integer(self, x: str) -> str:
        """Return a float without its fraction, as an integer."""
        raise NotImplementedError

    def length(self, name: str) -> str:
        """Return the length of a list."""
        return f"{name}.length"

    def given(self, name: str) -> str:
        """Return a list as it is handed to a function."""
        return name

    def declared(self, names: Iterable[str], kind: str) -> str:
        """Return the declaration of variables."""
        return f"{self.kinds[kind]} {', '.join(names)};"

    def new_list(self, name: str, length: str) -> str:
        """Return the statement that makes a list to be filled."""
        raise NotImplementedError

    def loop(self, index: str, start: str, stop: str, down: bool, body: Sequence[str]) -> list[str]:
        """Return a loop over integers."""
        test, step = (">", "--") if down else ("<", "++")
        head = f"for ({self.kinds[INTEGER]} {index} = {start}; {index} {test} {stop}; {index}{step})"
        return [f"{head} {{", *indented(body), "}"]

    def branch(self, test: str, body: Sequence[str], other: Sequence[str]) -> list[str]:
        """Return a statement with a condition."""
        end = ["} else {", *indented(other), "}"] if other else ["}"]
        return [f"if ({test}) {{", *indented(body), *end]

    def define(self, name: str, parameters: Sequence[tuple[str, str]], returns: str, body: Sequence[str]) -> str:
        """Return a function, given the names and kinds of its parameters; a list it returns is its parameter `to`."""
        raise NotImplementedError


def indented(lines: Iterable[str]) -> list[str]:
    """Return lines one level deeper."""
    return ["    " + line for line in lines]
