"""Whether every name in a problem means something: each is given or defined, once, and before it is used."""

from __future__ import annotations

import graphlib
from collections.abc import Collection
from dataclasses import dataclass

from derive.spec.equations import FUNCTIONS
from derive.spec.faults import Faults, listing, suggestion
from derive.spec.givens import SECTIONS
from derive.spec.grammar import names_in
from derive.spec.model import ProblemFile
from derive.spec.names import parse_quantity
from derive.spec.problem import Equation, Given
from derive.spec.tree import TreePath

_SECTIONS = {role: section for section, role in SECTIONS.items()}


@dataclass(frozen=True)
class References:
    """All names of one problem, and the checks on them."""

    givens: tuple[Given, ...]
    equations: tuple[Equation, ...]
    symbols: tuple[str, ...]
    faults: Faults

    def check(self, file: ProblemFile) -> None:
        self._check_givens()
        self._check_targets()
        self._check_uses()
        self._check_of(file.of)
        self._check_update(file)
        self._check_ask(file)
        self._check_shapes(file)
        self._check_notation(file)

    @property
    def _given_lines(self) -> dict[str, int]:
        return {given.name: given.line for given in self.givens}

    @property
    def _defined(self) -> dict[str, int]:
        return {equation.target: equation.line for equation in self.equations}

    def _check_givens(self) -> None:
        seen: dict[str, Given] = {}
        for given in self.givens:
            path = (_SECTIONS[given.role], given.name)
            first = seen.setdefault(given.name, given)
            if first is not given:
                found = f"`{given.name}` is given twice, as {first.role} on line {first.line} and as {given.role} here"
                self.faults.add(path, found, "each name in one role")
            self._check_free(given.name, path, given.line)

    def _check_free(self, name: str, path: TreePath, line: int) -> None:
        """A quantity's name must be neither a function nor a dimension."""
        if name in FUNCTIONS:
            self.faults.add(path, f"`{name}` is a function", "another name for the quantity", line=line)
        elif name in self.symbols:
            self.faults.add(path, f"`{name}` is a dimension", "another name for the quantity", line=line)

    def _check_targets(self) -> None:
        for equation in self.equations:
            self._check_free(equation.target, ("forward",), equation.line)
            if equation.target in self._given_lines:
                found = f"`{equation.target}` is defined here and given on line {self._given_lines[equation.target]}"
                self.faults.add(("forward",), found, "each name once", line=equation.line)

    def _check_uses(self) -> None:
        """Every name in an equation is given, a dimension, or defined on an earlier line."""
        circular = self._check_cycles()
        defined: set[str] = set()
        for equation in self.equations:
            for name in names_in(equation.tree):
                if name in self._given_lines or name in self.symbols or name in defined:
                    continue
                if name not in self._defined:
                    self._refuse_unknown(name, ("forward",), equation.line)
                elif not circular.issuperset({name, equation.target}):
                    found = f"`{equation.target}` uses `{name}`, which is defined only on line {self._defined[name]}"
                    self.faults.add(("forward",), found, "each quantity defined before it is used", line=equation.line)
            defined.add(equation.target)

    def _check_cycles(self) -> set[str]:
        """The names of the first cycle, if there is one; a cycle is told as such and not as a wrong order."""
        uses = {e.target: [n for n in names_in(e.tree) if n in self._defined] for e in self.equations}
        try:
            graphlib.TopologicalSorter(uses).prepare()
        except graphlib.CycleError as error:
            cycle: list[str] = error.args[1][::-1]
            start = min(range(len(cycle) - 1), key=lambda place: self._defined[cycle[place]])
            ordered = cycle[start:-1] + cycle[: start + 1]
            found = f"a cycle: {' needs '.join(f'`{name}`' for name in ordered)}"
            self.faults.add(("forward",), found, "equations in an order of computing", line=self._defined[ordered[0]])
            return set(cycle)
        return set()

    def _refuse_unknown(self, name: str, path: TreePath, line: int | None = None) -> None:
        known = {*self._given_lines, *self._defined, *self.symbols}
        expected = "a quantity that is given or defined, or a dimension that occurs in `shapes:`"
        hint = suggestion(name, known)
        if not hint and len(name) == 1 and name.isupper():
            hint = f"a dimension is declared by `shapes:`, for example `X: [{name}, 3]`"
        self.faults.add(path, f"the unknown name `{name}`", expected, hint, line=line)

    def _check_of(self, of: str | None) -> None:
        if of is not None and of not in self._defined:
            self._refuse_reference(of, ("of",), "a quantity that the equations define", self._defined)

    def _refuse_reference(self, name: str, path: TreePath, expected: str, known: Collection[str]) -> None:
        hint = suggestion(name, known) or (f"known are {listing(known)}" if known else "")
        self.faults.add(path, f"the unknown name `{name}`", expected, hint)

    def _check_update(self, file: ProblemFile) -> None:
        parameters = [given.name for given in self.givens if given.role == "parameter"]
        for place, name in enumerate(file.conventions.frozen):
            if name not in parameters:
                self._refuse_reference(name, ("conventions", "frozen", place), "a parameter", parameters)
        if file.update and (symbol := file.update.sgd.symbol) in {*self._given_lines, *self._defined, *self.symbols}:
            hint = "name the learning rate with `symbol:`"
            self.faults.add(("update", "sgd", "symbol"), f"`{symbol}` is another quantity already", "a free name", hint)

    def _check_ask(self, file: ProblemFile) -> None:
        """What is asked for must be computed: a defined quantity, a derivative of one, or an updated parameter."""
        for ask in file.ask:
            quantity = parse_quantity(ask.quantity)
            path = ("ask", ask.quantity)
            if quantity is None:
                expected = "a quantity such as `y`, `dL/dW_1`, `dy/dx` or `W_1'`"
                self.faults.add(path, f"`{ask.quantity}`", expected)
            elif quantity.updated:
                self._check_updated(quantity.name, path, file)
            elif quantity.name in self._given_lines and quantity.by is None:
                self.faults.add(path, f"`{quantity.name}` is given", "a quantity to be computed")
            else:
                self._check_asked(quantity.name, quantity.by, path)

    def _check_asked(self, name: str, by: str | None, path: TreePath) -> None:
        if name not in self._defined:
            self._refuse_reference(name, path, "a quantity that the equations define", self._defined)
        known = {**self._given_lines, **self._defined}
        if by is not None and by not in known:
            self._refuse_reference(by, path, "a quantity that is given or defined", known)

    def _check_updated(self, name: str, path: TreePath, file: ProblemFile) -> None:
        parameters = [given.name for given in self.givens if given.role == "parameter"]
        if name not in parameters:
            self._refuse_reference(name, path, "a parameter, of which there is an update", parameters)
        elif name in file.conventions.frozen:
            self.faults.add(path, f"`{name}` is frozen", "a parameter that is updated")
        elif file.update is None:
            hint = "add `update: {sgd: {learning_rate: 0.1}}`"
            self.faults.add(path, f"`{name}'` without an update", "an update of the parameters", hint)

    def _check_shapes(self, file: ProblemFile) -> None:
        for name in file.shapes:
            if name not in self._given_lines:
                self._refuse_reference(name, ("shapes", name), "a quantity that is given", self._given_lines)

    def _check_notation(self, file: ProblemFile) -> None:
        """A symbol may be chosen for any quantity, for its gradient or update, for dimensions and the learning rate."""
        if not isinstance(file.notation, dict):
            return
        known = [*self._given_lines, *self._defined, *self.symbols]
        known += [file.update.sgd.symbol] if file.update else []
        for name in file.notation:
            quantity = parse_quantity(name)
            parts = [name] if quantity is None else [part for part in (quantity.name, quantity.by) if part]
            for part in parts:
                if part not in known:
                    self._refuse_reference(part, ("notation", name), "a name that occurs in the problem", known)
