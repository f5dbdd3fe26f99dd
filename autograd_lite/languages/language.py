"""How a language spells the grammar of a row and the subset of Python in which `numerics` is written.

The rules here are those of C and its descendants. A language is a class that changes those that differ, in a file of
its own with whatever a program in it needs before all else.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Mapping, Sequence
from typing import ClassVar

# What an expression is: a float, an integer, the result of a comparison, a list of floats.
NUMBER, INTEGER, TRUTH, LIST = "number", "integer", "truth", "list"

# How firmly an operator holds its operands; an operand that holds less firmly is put in brackets.
CHOICE, OR, AND, COMPARE, SUM, PRODUCT, SIGN, ATOM = range(8)

# What is called in the place of an operator that a language does not have.
CALLED = {ast.Add: "add", ast.Sub: "subtract", ast.Mult: "multiply", ast.Div: "divide", ast.Pow: "power",
          ast.Mod: "mod", ast.USub: "negative", ast.And: "both", ast.Or: "either", ast.Not: "negated",
          ast.IfExp: "choose"}  # fmt: skip


class Language:
    """The rules of a language."""

    operators: ClassVar[Mapping[type, tuple[str, int]]] = {
        ast.Add: ("{} + {}", SUM), ast.Sub: ("{} - {}", SUM), ast.Mult: ("{} * {}", PRODUCT),
        ast.Div: ("{} / {}", PRODUCT), ast.USub: ("-{}", SIGN), ast.Not: ("!{}", SIGN),
        ast.And: ("{} && {}", AND), ast.Or: ("{} || {}", OR), ast.IfExp: ("{} ? {} : {}", CHOICE),
    }  # fmt: skip
    functions: ClassVar[Mapping[str, str]] = {}  # primitives of `numerics` that have another name here
    constants: ClassVar[Mapping[str, str]] = {}  # inf, nan
    kinds: ClassVar[Mapping[str, str]] = {}  # how a variable of a kind is declared
    chains = False  # whether a < b < c means that
    branches = True  # whether there are statements with a condition; else all of them become conditional expressions
    prefix = ""  # before the names of functions
    head = ""  # what stands before all functions

    # ------------------------------------------------------------------------------------------ expressions

    def number(self, x: float) -> str:
        """Return a finite float."""
        return repr(x)

    def primitive(self, name: str) -> str:
        """Return the name of a function that the language has itself."""
        return self.functions.get(name, name)

    def has(self, name: str) -> bool:
        """Tell whether the language has a function, so that it need not be read."""
        return name in self.functions

    def entry(self, name: str, index: str) -> str:
        """Return an entry of a list."""
        return f"{name}[{index}]"

    def integer(self, x: str) -> str:
        """Return a number without its fraction, as an integer."""
        raise NotImplementedError

    def length(self, name: str) -> str:
        """Return the length of a list."""
        raise NotImplementedError

    def given(self, name: str) -> str:
        """Return a list as it is handed to a function."""
        return name

    # ------------------------------------------------------------------------------------------- statements

    def declared(self, names: Sequence[str], kind: str) -> list[str]:
        """Return the declaration of variables."""
        return [f"{self.kinds[kind]} {', '.join(names)};"]

    def assigned(self, name: str, value: str) -> str:
        """Return an assignment to a variable."""
        return f"{name} = {value};"

    def entry_assigned(self, name: str, index: str, value: str) -> str:
        """Return an assignment to an entry of a list."""
        return f"{name}[{index}] = {value};"

    def returned(self, value: str) -> str:
        """Return the end of a function."""
        return f"return {value};"

    def new_list(self, name: str, length: str) -> str:
        """Return the statement that makes a list to be filled."""
        raise NotImplementedError

    def filled(self, to: str, first: str, index: str, count: str, body: Sequence[str], value: str) -> list[str]:
        """Return a loop that fills `count` entries of a list from `first` on; `body` stands before the value."""
        at = f"{first} + {index}" if first else index
        return self.loop(index, "0", count, False, [*body, self.entry_assigned(to, at, value)], ())

    def filled_by(self, to: str, function: str, arguments: Sequence[str]) -> str:
        """Return the call of a function that gives a list."""
        return f"{function}({', '.join([*arguments, to])});"

    def list_returned(self) -> str:
        """Return the end of a function whose list is filled."""
        return "return;"

    def loop(
        self, index: str, start: str, stop: str, down: bool, body: Sequence[str], carried: Sequence[str]
    ) -> list[str]:
        """Return a loop over integers; `carried` are the variables that one turn takes over from the turn before."""
        test, step = (">", "--") if down else ("<", "++")
        head = f"for ({self.kinds[INTEGER]} {index} = {start}; {index} {test} {stop}; {index}{step})"
        return [f"{head} {{", *indented(body), "}"]

    def branch(self, test: str, body: Sequence[str], other: Sequence[str]) -> list[str]:
        """Return a statement with a condition."""
        end = ["} else {", *indented(other), "}"] if other else ["}"]
        return [f"if ({test}) {{", *indented(body), *end]

    def define(self, name: str, parameters: Sequence[tuple[str, str]], returns: str, body: Sequence[str]) -> str:
        """Return a function, given the names and kinds of its parameters; a list that it returns is called `to`."""
        raise NotImplementedError


def indented(lines: Iterable[str]) -> list[str]:
    """Return lines one level deeper."""
    return ["    " + line for line in lines]
