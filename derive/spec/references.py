"""Whether every name in a problem means something: each is given or defined, once, and before it is used."""

from __future__ import annotations

import graphlib
from collections.abc import Collection
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from derive.spec.equations import FUNCTIONS
from derive.spec.faults import Faults, listing, suggestion
from derive.spec.grammar import names_in
from derive.spec.model import SECTIONS, ProblemFile
from derive.spec.names import parse_quantity
from derive.spec.problem import Ask, Equation, Given
from derive.spec.recovery import PartialFile
from derive.spec.tree import TreePath
from derive.spec.vary_fields import LEARNING_RATE, VARY_KEYS

if TYPE_CHECKING:
    from derive.spec.questions import Question

_SECTIONS = {role: section for section, role in SECTIONS.items()}


@dataclass(frozen=True)
class References:
    """All names of one problem, and the checks on them.

    `possible` are names that something unreadable may have given or defined; `all_given` and `all_defined` tell whether
    there are no others. Nothing is told of a name that may mean something. `line` is that of what is looked at, where
    it is known.
    """

    givens: tuple[Given, ...]
    equations: tuple[Equation, ...]
    symbols: tuple[str, ...]
    possible: frozenset[str]
    all_given: bool
    all_defined: bool
    faults: Faults
    line: int | None = None

    def check(self, read: PartialFile) -> None:
        file = read.file
        self._check_givens()
        self._check_targets()
        self._check_uses()
        self._check_of(file.of)
        self._check_frozen(file)
        self._check_rate(read)
        self._check_ask(read)
        self._check_shapes(file)
        self._check_notation(read)
        self._check_vary(read)
        self._check_require(read)

    @property
    def _given_lines(self) -> dict[str, int]:
        return {given.name: given.line for given in self.givens}

    @property
    def _defined(self) -> dict[str, int]:
        """The line of each equation; of two for one name, the first."""
        return {equation.target: equation.line for equation in reversed(self.equations)}

    @property
    def _all_known(self) -> bool:
        return self.all_given and self.all_defined

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
            if equation.target in self.symbols:
                found = f"`{equation.target}` is a dimension"
                self.faults.add(("forward",), found, "another name for the quantity", line=equation.line)
            if equation.target in self._given_lines:
                found = f"`{equation.target}` is defined here and given on line {self._given_lines[equation.target]}"
                self.faults.add(("forward",), found, "each name once", line=equation.line)

    def _check_uses(self) -> None:
        """Every name in an equation is given, a dimension, or defined on an earlier line."""
        cycles = self._check_cycles()
        defined: set[str] = set()
        unknown: dict[str, list[int]] = {}
        for equation in self.equations:
            for name in names_in(equation.tree):
                if name in self._given_lines or name in self.symbols or name in defined:
                    continue
                if name not in self._defined and name not in self.possible and self._all_known:
                    unknown.setdefault(name, []).append(equation.line)
                elif name in self._defined and not any(cycle >= {name, equation.target} for cycle in cycles):
                    found = f"`{equation.target}` uses `{name}`, which is defined only on line {self._defined[name]}"
                    self.faults.add(("forward",), found, "each quantity defined before it is used", line=equation.line)
            defined.add(equation.target)
        for name, lines in unknown.items():
            self._refuse_unknown(name, lines)

    def _check_cycles(self) -> list[set[str]]:
        """The names of each cycle; a cycle is told as such and not as a wrong order."""
        computed = self._defined.keys() - self._given_lines.keys()
        uses: dict[str, list[str]] = {}
        for equation in self.equations:
            uses.setdefault(equation.target, [name for name in names_in(equation.tree) if name in computed])
        cycles: list[set[str]] = []
        while cycle := _first_cycle(uses):
            start = min(range(len(cycle) - 1), key=lambda place: self._defined[cycle[place]])
            ordered = cycle[start:-1] + cycle[: start + 1]
            found = f"a cycle: {' needs '.join(f'`{name}`' for name in ordered)}"
            self.faults.add(("forward",), found, "equations in an order of computing", line=self._defined[ordered[0]])
            cycles.append(set(cycle))
            uses = {name: used for name, used in uses.items() if name not in cycle}
        return cycles

    def _refuse_unknown(self, name: str, lines: list[int]) -> None:
        """Tell of an unknown name where it is used first; it may be a slip on one line, or not given at all."""
        known = {*self._given_lines, *self._defined, *self.symbols}
        expected = "a quantity that is given or defined, or a dimension that occurs in `shapes:`"
        hint = suggestion(name, known)
        if not hint and len(name) == 1 and name.isupper():
            hint = f"a dimension is declared by `shapes:`, for example `X: [{name}, 3]`"
        first, *others = dict.fromkeys(lines)
        more = f" (also on line{'s' if len(others) > 1 else ''} {', '.join(map(str, others))})" if others else ""
        self.faults.add(("forward",), f"the unknown name `{name}`{more}", expected, hint, line=first)

    def _check_of(self, of: str | None) -> None:
        if of is not None:
            expected = "a quantity that the equations define"
            self._refuse_reference(of, ("of",), expected, self._defined, self.all_defined)

    def _refuse_reference(
        self, name: str, path: TreePath, expected: str, known: Collection[str], are_all: bool
    ) -> None:
        """Note a name that is none of the known ones, if they are all there are."""
        if name in known or name in self.possible or not are_all:
            return
        hint = suggestion(name, known) or (f"known are {listing(known)}" if known else "")
        self.faults.add(path, f"the unknown name `{name}`", expected, hint, self.line)

    def _check_frozen(self, file: ProblemFile) -> None:
        parameters = [given.name for given in self.givens if given.role == "parameter"]
        for place, name in enumerate(file.conventions.frozen):
            self._refuse_reference(name, ("conventions", "frozen", place), "a parameter", parameters, self.all_given)

    def _check_rate(self, read: PartialFile) -> None:
        update, path = read.file.update, ("update", "sgd", "symbol")
        taken = {*self._given_lines, *self._defined, *self.symbols}
        if update and read.knows(*path) and (symbol := update.sgd.symbol) in taken:
            hint = "name the learning rate with `symbol:`"
            self.faults.add(path, f"`{symbol}` is another quantity already", "a free name", hint)

    def _check_ask(self, read: PartialFile) -> None:
        """What is asked for must be computed; a question may be about given quantities as well."""
        for item in read.file.ask:
            if isinstance(item, Ask):
                replace(self, line=item.line)._check_quantity(item.quantity, ("ask", item.quantity), read)
            else:
                replace(self, line=item.line)._check_question(item, read)

    def _check_question(self, question: Question, read: PartialFile) -> None:
        """Whole quantities, which may be given ones unless they must be computed; a given one that is varied."""
        rate = read.file.update.sgd.symbol if read.file.update else ""
        for name in dict.fromkeys(question.quantities):
            path = ("ask", question.key, name)
            quantity = parse_quantity(name)
            if quantity and quantity.entry and not question.takes_entries:
                self.faults.add(path, f"the entry `{name}`", f"a whole quantity: `{quantity.whole}`", line=self.line)
            elif (quantity.whole if quantity else name) != rate or name in question.computed:
                self._check_quantity(name, path, read, given=name not in question.computed)
        varied = question.varied.partition("[")[0].strip()
        if varied and varied != rate:
            expected = "a given quantity, or an entry of one such as `W_1[1,2]`"
            self._refuse_reference(varied, ("ask", question.key, "by"), expected, self._given_lines, self.all_given)

    def _check_quantity(self, text: str, path: TreePath, read: PartialFile, *, given: bool = False) -> None:
        """A defined quantity, a derivative of one, an updated parameter, or an entry of one of them."""
        quantity = parse_quantity(text)
        if quantity is None:
            expected = "a quantity such as `y`, `dL/dW_1`, `dy/dx`, `W_1'` or an entry `dL/dW_1[1,2]`"
            self.faults.add(path, f"`{text}`", expected, line=self.line)
        elif quantity.updated:
            self._check_updated(quantity.name, path, read)
        elif quantity.name not in self._given_lines or quantity.by is not None:
            self._check_asked(quantity.name, quantity.by, path)
        elif not given:
            self.faults.add(path, f"`{quantity.name}` is given", "a quantity to be computed", line=self.line)

    def _check_asked(self, name: str, by: str | None, path: TreePath) -> None:
        self._refuse_reference(name, path, "a quantity that the equations define", self._defined, self.all_defined)
        known = {**self._given_lines, **self._defined}
        if by is not None:
            self._refuse_reference(by, path, "a quantity that is given or defined", known, self._all_known)

    def _check_updated(self, name: str, path: TreePath, read: PartialFile) -> None:
        """Of a parameter there is an update, of what is computed from it a value after the step."""
        changing = [given.name for given in self.givens if given.role == "parameter"] + list(self._defined)
        if name not in changing:
            expected = "a parameter, or a quantity that the equations define"
            self._refuse_reference(name, path, expected, changing, self._all_known)
        elif name in read.file.conventions.frozen:
            self.faults.add(path, f"`{name}` is frozen", "a parameter that is updated", line=self.line)
        elif read.file.update is None and read.knows("update"):
            hint = "add `update: {sgd: {learning_rate: 0.1}}`"
            self.faults.add(path, f"`{name}'` without an update", "an update of the parameters", hint, self.line)

    def _check_shapes(self, file: ProblemFile) -> None:
        for name in file.shapes:
            expected = "a quantity that is given"
            self._refuse_reference(name, ("shapes", name), expected, self._given_lines, self.all_given)

    def _check_notation(self, read: PartialFile) -> None:
        """A symbol may be chosen for any quantity, for its gradient or update, for dimensions and the learning rate."""
        file = read.file
        if file.notation is None:
            return
        known = [*self._given_lines, *self._defined, *self.symbols]
        known += [file.update.sgd.symbol] if file.update else [] if read.knows("update") else ["eta"]
        for name in file.notation.table:
            quantity = parse_quantity(name)
            parts = [name] if quantity is None else [part for part in (quantity.name, quantity.by) if part]
            for part in parts:
                expected = "a name that occurs in the problem"
                self._refuse_reference(part, ("notation", name), expected, known, self._all_known)

    def _check_vary(self, read: PartialFile) -> None:
        """What varies is given; the learning rate is called so, whatever its symbol is."""
        update, expected = read.file.update, f"a given quantity, or {listing(VARY_KEYS)}"
        for name, place in read.file.vary.places:
            path = ("vary", *place)
            if name in self._given_lines or (name == LEARNING_RATE and (update or not read.knows("update"))):
                continue
            if name == LEARNING_RATE:
                self.faults.add(path, "a learning rate without an update", "`update:` in the file", "add `update: sgd`")
            elif update and name == update.sgd.symbol:
                self.faults.add(path, f"the learning rate as `{name}`", f"the key `{LEARNING_RATE}`")
            elif name in self._defined:
                self.faults.add(path, f"`{name}` is computed", "a quantity that is given")
            else:
                known = [*self._given_lines, *VARY_KEYS]
                self._refuse_reference(name, path, expected, known, self.all_given)

    def _check_require(self, read: PartialFile) -> None:
        """Ranges of quantities, gradients and updates; conditions on given and defined quantities."""
        require = read.file.require
        for bounds in require.range:
            checks, path = replace(self, line=bounds.line), ("require", "range", bounds.quantity)
            quantity = parse_quantity(bounds.quantity)
            if quantity and quantity.entry:
                self.faults.add(path, f"the entry `{bounds.quantity}`", f"a whole quantity: `{quantity.whole}`")
            else:
                checks._check_quantity(bounds.quantity, path, read, given=True)
        known = [*self._given_lines, *self._defined]
        for condition in require.conditions:
            names = dict.fromkeys([*names_in(condition.left), *names_in(condition.right)])
            checks = replace(self, line=condition.line)
            for name in names:
                expected = "quantities that are given or defined; gradients stand under `range:`"
                checks._refuse_reference(name, ("require", "conditions"), expected, known, self._all_known)
            if not names:
                checks.faults.add(
                    ("require", "conditions"),
                    f"`{condition.text}`, which says nothing about the numbers",
                    "a comparison with a quantity",
                    line=condition.line,
                )


def _first_cycle(uses: dict[str, list[str]]) -> list[str]:
    """The names of a cycle, each followed by one that it uses, the first again at the end; none if there is none."""
    try:
        graphlib.TopologicalSorter(uses).prepare()
    except graphlib.CycleError as error:
        cycle: list[str] = error.args[1]
        return cycle[::-1]
    return []
