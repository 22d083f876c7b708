"""The steps of a problem as the hidden tests of a notebook need them: NumPy functions, mistakes, numbers."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property

import numpy as np

from derive.code.expressions import Writer
from derive.code.model import as_text, part_lines
from derive.code.names import choose_names, program_names
from derive.code.numpy_language import NUMPY
from derive.code.pieces import class_indices, definitions, formula_text
from derive.evaluate import Values, style_of
from derive.exam.decimals import text
from derive.exam.fractions import with_fractions
from derive.exam.plan import Student
from derive.grading import notebook_marks, notebook_spans
from derive.grading.carried import FinerSteps, bounds
from derive.ops import Array, Node
from derive.program import Role, Step
from derive.spec import Problem
from derive.variants.rounding import needed_steps, units, with_variants
from derive.variants.setting import Setting

OURS = frozenset({"variant", "derive_checks", "check_shape", "read_answer", "read_number", "shape_in_words"})
TABLES = frozenset({"STEPS", "GIVEN", "ACCEPTED", "OWNERS", "PLACES"})


@dataclass(frozen=True)
class Paper:
    """One student's numbers: all that is given, with the id of the variant (empty for the problem's own numbers).

    `given` has no axis for variants, `problem` has the numbers as they are written, `student` is whose paper it is.
    """

    id: str
    problem: Problem
    given: Mapping[str, Array]
    student: Student | None = None


@dataclass(frozen=True)
class Assignment:
    """A network with the papers that are made of it.

    `name` is what its notebooks are called, `digest` that of the problem file, `points` what each answer is worth.
    """

    name: str
    digest: str
    setting: Setting
    papers: tuple[Paper, ...]
    points: Mapping[str, Fraction]

    @cached_property
    def asked(self) -> tuple[str, ...]:
        """The quantities that a notebook asks for, in the order of the steps."""
        return tuple(name for name in self.setting.answers if name in self.points)

    @cached_property
    def steps(self) -> tuple[Step, ...]:
        """The steps that the answers depend on."""
        return needed_steps(self.setting.program, self.asked)

    @cached_property
    def names(self) -> Mapping[str, str]:
        """The Python variable of each quantity."""
        program, reserved = self.setting.program, OURS | TABLES | {*vars(notebook_spans), *vars(notebook_marks)}
        names = program_names(program, reserved=reserved)
        entries = {step.name: _entry_name(step.name, names) for step in program.by_role(Role.ENTRY)}
        return names | choose_names(entries, entries, reserved | frozenset(names.values()))

    @cached_property
    def values(self) -> Values:
        """All quantities of all papers, a first axis for the papers."""
        given = self._given
        return with_variants(self.setting.program, {**given, **self.setting.values(given)})

    @cached_property
    def _given(self) -> Mapping[str, Array]:
        return {name: np.stack([paper.given[name] for paper in self.papers]) for name in self.papers[0].given}

    @cached_property
    def accepted(self) -> Mapping[str, tuple[Array, Array]]:
        """The lowest and the highest decimals that are right, of shape (papers, entries)."""
        program, places = self.setting.program, self.setting.places
        with np.errstate(all="ignore"):
            right = FinerSteps(program, self.steps, self.values, places)
            right.run()
            before = {name: right.before[program.tensor(name)] for name in self.asked}
            return {name: bounds(forms, len(self.papers), places) for name, forms in before.items()}

    def shape(self, name: str) -> tuple[int, ...]:
        """The shape of a quantity in numbers."""
        return self.setting.arithmetic.shape(self.setting.program.tensor(name).shape)

    def solution(self, name: str, place: int) -> Array:
        """The right numbers of an answer on one paper, as texts."""
        places, style = self.setting.places, style_of(self.setting.problem)
        values = self.values[name][place].reshape(1, -1)
        spelled = np.frompyfunc(lambda count: ("-" if count < 0 else "") + text(count, places), 1, 1)
        texts = np.array(spelled(units(values, places)), dtype=object)
        texts = with_fractions(texts, values, style) if style.fractions else texts
        return np.asarray(texts.reshape(self.shape(name)))


def _entry_name(name: str, names: Mapping[str, str]) -> str:
    """`dL_dW1_entry_1_2` for `dL/dW_1[1,2]`"""
    whole, places = name.rstrip("]").split("[")
    return "_".join([names[whole], "entry", *re.findall("[0-9]+", places)])


def hidden_program(assignment: Assignment) -> str:
    """The program text that follows that of `notebook_marks` in a notebook: the steps, and the numbers by variant."""
    setting, names = assignment.setting, assignment.names
    writer = Writer(NUMPY, names, safe_logs=True)  # students may write 0 for a probability
    blocks, rows = [], []
    for number, step in enumerate(assignment.steps, 1):
        formulas = [(f"step_{number}", step.formula)]
        formulas += [
            (f"step_{number}_mistake_{m}", formula) for m, formula in enumerate(_mistakes(assignment, step), 1)
        ]
        pairs = []
        for function, formula in formulas:
            uses = [names[tensor.name] for tensor in formula.tensors]
            is_right = function == formulas[0][0]
            text = formula_text(formula, step.target, writer) if is_right else writer.text(formula)
            blocks.append(f"def {function}({', '.join(uses)}):\n    return {text}\n")
            pairs.append(f"({function}, {_tuple(map(repr, uses))})")
        worth = repr(float(assignment.points[step.name])) if step.name in assignment.asked else "None"
        row = f"    Step({names[step.name]!r}, {pairs[0]}, {assignment.shape(step.name)!r}, {worth}"
        rows.append(row + (f", {_tuple(pairs[1:])}" if pairs[1:] else "") + "),\n")
    sizes = [f"{names[s]} = {setting.program.dimensions[s]}\n" for s in sorted(writer.symbols)]
    helpers = [as_text(part_lines(part, blank=False)) for part in definitions(writer)]
    first = "import math\n" if any("math." in text for text in (*helpers, *blocks)) else ""
    steps = "STEPS = (\n" + "".join(rows) + ")\n"
    return "\n\n".join([first + "".join(sizes), *helpers, *blocks, steps + _tables(assignment)]).lstrip("\n")


def _mistakes(assignment: Assignment, step: Step) -> tuple[Node, ...]:
    """The mistakes that may lead to honest zeros which later steps go on with."""
    is_used = any(step.target in later.uses for later in assignment.steps)
    if step.name not in assignment.asked or not is_used:
        return ()
    known = [*assignment.setting.program.quantities, *(earlier.name for earlier in assignment.steps)]
    before = set(known[: known.index(step.name)])
    found = (mistake.formula for mistake in assignment.setting.mistakes(step.name))
    return tuple(formula for formula in found if {tensor.name for tensor in formula.tensors} <= before)


def _tables(assignment: Assignment) -> str:
    """What is given and what is right on each paper, a line each."""
    whole = class_indices(assignment.setting.program)
    names, unit = assignment.names, 10**assignment.setting.places
    given, right = ["GIVEN = {\n"], ["ACCEPTED = {\n"]
    for place, paper in enumerate(assignment.papers):
        numbers = {
            names[name]: paper.given[name].astype(int).tolist() if name in whole else paper.given[name].tolist()
            for name in assignment.setting.program.quantities
        }
        bounds = {
            names[name]: tuple(_units(side[place], unit) for side in assignment.accepted[name])
            for name in assignment.asked
        }
        given.append(f"    {paper.id!r}: {numbers!r},\n")
        right.append(f"    {paper.id!r}: {bounds!r},\n")
    owners = {paper.id: paper.student.id for paper in assignment.papers if paper.student}
    rest = [f"OWNERS = {owners!r}\n", f"PLACES = {assignment.setting.places}\n"]
    return "".join([*given, "}\n", *right, "}\n", *rest])


def _units(side: Array, unit: int) -> list[int | None]:
    """Decimals in whole units; None where there is no end."""
    return [round(number * unit) if math.isfinite(number) else None for number in side.reshape(-1).tolist()]


def _tuple(texts: Iterable[str]) -> str:
    listed: Sequence[str] = list(texts)
    return f"({', '.join(listed)}{',' if len(listed) == 1 else ''})"
