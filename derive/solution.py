"""A solved problem: its program, its numbers, its checks, and the documents made of them."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

from derive.calculus import jacobian_name
from derive.check import (
    Exactly,
    Finding,
    Reading,
    all_passed,
    check_assumptions,
    check_by_autograd,
    check_by_differences,
    check_document,
    check_jacobians,
    check_plainly,
    check_symbolically,
    is_available,
    kinked_steps,
)
from derive.derivation import derive_program, wanted_jacobians
from derive.errors import Fault, ProblemError
from derive.evaluate import (
    DomainError,
    Values,
    carry_rounded,
    evaluate_with_care,
    jacobian_values,
)
from derive.files import write_atomically
from derive.ops import Array, Node
from derive.program import Program, Role
from derive.render.document import render
from derive.render.figures import sheet_figures
from derive.render.graph_svg import graph_svg
from derive.render.notation import Notation
from derive.render.pdf import Compiled, compile_pdf
from derive.render.reading import reading
from derive.render.reading_questions import asked_questions
from derive.render.result_json import result_json
from derive.render.templates import load_words
from derive.sheet import Sheet, compose
from derive.spec import Problem, missing_numbers

SHEETS = ("solution", "worksheet", "key")


@dataclass(frozen=True)
class Solution:
    """What `derive.solve` returns.

    `values` are float64 arrays by name (None for a symbolic problem), `exact` the same as exact numbers (rounded
    after each step where the problem carries rounded values), `findings` what the checks of the numbers and the
    derivatives found. The checks of the printed lines belong to a document; `checked_tex` makes both. `underflows`:
    the values are exact ones rounded to float64, as float64 itself underflows on the way to them.
    """

    problem: Problem
    program: Program
    values: Values | None
    exact: Values | None
    findings: tuple[Finding, ...]
    jacobians: Mapping[str, Array] = field(default_factory=dict)
    templates: Path | None = None
    underflows: bool = False

    @property
    def loss(self) -> float | None:
        """The value of the loss; None for a symbolic problem or one without a scalar to differentiate."""
        step = self.program.loss
        return None if step is None or self.values is None else float(self.values[step.name].reshape(()))

    @property
    def gradients(self) -> Mapping[str, Array]:
        """dL/dq for each quantity q, in the shape of q."""
        return self._values(Role.BACKWARD)

    @property
    def updated(self) -> Mapping[str, Array]:
        """The parameters after the step."""
        return {name.removesuffix("'"): value for name, value in self._values(Role.UPDATE).items()}

    @property
    def formulas(self) -> Mapping[str, Node]:
        """The right-hand side of every step, a SymPy expression: `formulas["dL/dW_1"]`."""
        return {step.name: step.formula for step in self.program.steps}

    @property
    def passed(self) -> bool:
        """Whether every check of numbers and derivatives agrees."""
        return all_passed(self.findings)

    def _values(self, role: Role) -> dict[str, Array]:
        if self.values is None:
            return {}
        return {
            step.gradient[1] if step.gradient else step.name: self.values[step.name]
            for step in self.program.by_role(role)
        }

    def sheet(self, kind: str = "solution", findings: tuple[Finding, ...] = ()) -> Sheet:
        """The document model of a sheet: `solution`, `worksheet` or `key`."""
        return replace(self._sheets(kind), findings=findings)

    @functools.cached_property
    def _sheets(self) -> Callable[[str], Sheet]:
        """Each kind of sheet composed once."""
        return functools.cache(lambda kind: compose(self.problem, self.program, self.exact, kind, self.values))

    @property
    def printed_findings(self) -> tuple[Finding, ...]:
        """What re-reading the printed solution found: every digit, every line, every formula."""
        return self.findings_of("solution")

    def findings_of(self, kind: str) -> tuple[Finding, ...]:
        """What re-reading a printed sheet found: `solution`, `worksheet` or `key`."""
        return self._findings_of(kind)

    @functools.cached_property
    def _findings_of(self) -> Callable[[str], tuple[Finding, ...]]:
        """Each kind of sheet read again once."""

        def check(kind: str) -> tuple[Finding, ...]:
            return check_document(self.reading(kind), self._unchecked_tex(kind))

        return functools.cache(check)

    def reading(self, kind: str = "solution") -> Reading:
        """What a sheet promises to print, for those who read it again."""
        sheet = self.sheet(kind)
        with located(self.problem):
            promised = reading(sheet, self.program, self.exact)
        if not self.problem.questions:
            return promised
        key = self._unchecked_tex("key") if kind == "worksheet" else ""
        words = load_words(self.templates)
        return replace(promised, asked=asked_questions(self.problem, sheet, self.program, self.exact, words, key))

    @property
    def all_findings(self) -> tuple[Finding, ...]:
        """The findings of every route, the printed lines included."""
        return self.findings + self.printed_findings

    def tex(self, kind: str = "solution") -> str:
        """The LaTeX source of a sheet; what was checked stands at the end of solution and key."""
        if kind == "worksheet":
            return self._unchecked_tex(kind)
        refused = tuple(finding for finding in self.findings_of(kind) if kind == "key" and not finding.passed)
        return render(self.sheet(kind, self.all_findings + refused), self.templates)

    @functools.cached_property
    def _unchecked_tex(self) -> Callable[[str], str]:
        """The LaTeX source of each kind of sheet, without the sentence on what was checked."""
        return functools.cache(lambda kind: render(self.sheet(kind), self.templates))

    def pdf(self, kind: str = "solution") -> Compiled:
        """The compiled sheet."""
        return compile_pdf(self.tex(kind), self.figures(kind))

    def figures(self, kind: str = "solution") -> Mapping[str, bytes]:
        """The figures of a sheet, as PDF files by the names under which its LaTeX includes them."""
        return sheet_figures(self.sheet(kind), load_words(self.templates))

    def graph_svg(self, blank: bool = False) -> str | None:
        """The computational graph as SVG, `blank` with room for its numbers; None where it is too large to be read.

        In a notebook: `IPython.display.SVG(solution.graph_svg())`.
        """
        sheet = self.sheet("worksheet" if blank else "solution")
        notation = Notation(sheet.notation, sheet.rows, sheet.first, sheet.ranks)
        return graph_svg(sheet.graph, notation) if sheet.graph else None

    def to_pdf(self, path: str | Path, kind: str = "solution") -> Path:
        """Write the sheet as PDF and return its path."""
        target = Path(path)
        write_atomically(target, self.pdf(kind).pdf)
        return target

    def to_json(self) -> str:
        """The text of `result.json`."""
        return result_json(self.problem, self.program, self.values, self.jacobians, self.all_findings)

    def jacobian(self, of: str, by: str) -> Array:
        """The Jacobian d(of)/d(by) as an array of shape (*of, *by), numerator layout."""
        if self.values is None:
            raise ValueError("a symbolic problem has no numbers; see formulas")
        return jacobian_values(self.program, self.values, of, by)

    def _repr_latex_(self) -> str:
        from derive.render.document import formula_latex, symbol_latex

        lines = [
            f"{symbol_latex(s, self.problem, self.program)} &= {formula_latex(s, self.problem, self.program)}"
            for s in self.program.steps
            if s.role is not Role.AFTER
        ]
        return r"$\begin{aligned}" + r" \\ ".join(lines) + r"\end{aligned}$"


def solve_problem(problem: Problem, *, autograd: bool = False, templates: Path | None = None) -> Solution:
    """The whole flow: problem -> program -> derivatives -> numbers -> checks. `autograd` adds PyTorch's route."""
    program = derive_program(problem)
    given = given_values(problem)
    if given is None:
        return Solution(problem, program, None, None, check_symbolically(program), templates=templates)
    carried = carry_rounded(problem.rounding.places) if problem.rounding.carry == "rounded" else None
    with located(problem):
        at_kink = functools.partial(kinked_steps, program)
        numbers = evaluate_with_care(program, given, carried, fractions=problem.rounding.fractions, at_kink=at_kink)
    values, exactly = numbers.values, Exactly(program, numbers.given)
    assumptions = check_assumptions(program, values)
    if problem.conventions.fused and not all_passed(assumptions):  # p - t needs targets that sum to 1
        in_two_steps = replace(problem, conventions=replace(problem.conventions, fused=False))
        return solve_problem(in_two_steps, autograd=autograd, templates=templates)
    jacobians = {jacobian_name(*pair): numbers.jacobian(program, *pair) for pair in wanted_jacobians(problem, program)}
    findings = (
        check_symbolically(program)
        + check_by_differences(program, values, exactly)
        + check_plainly(problem, program, values, exactly)
        + assumptions
        + check_jacobians(program, values, jacobians, exactly)
    )
    if autograd and is_available() and not numbers.underflows:
        findings += check_by_autograd(problem, program, values)
    return Solution(problem, program, values, numbers.exact, findings, jacobians, templates, numbers.underflows)


@contextmanager
def located(problem: Problem) -> Iterator[None]:
    """Faults of numbers get the file, and the line of the equation where they name one."""
    try:
        yield
    except DomainError as error:
        lines = {equation.target: equation.line for equation in problem.equations}
        source = str(problem.source or problem.name)

        def where(fault: Fault) -> str:
            line = lines.get(fault.path.removeprefix("in `").partition(" ")[0])
            return f"{source}:{line}" if line else source

        raise DomainError(*(replace(fault, where=fault.where or where(fault)) for fault in error.faults)) from None


def given_values(problem: Problem) -> dict[str, Array] | None:
    """The exact numbers of all given quantities; None for a problem in symbols, refused if only some have numbers."""
    literals = {given.name: given.value for given in problem.givens}
    if problem.update:
        literals[problem.update.symbol] = problem.update.learning_rate
    values = {name: literal.exact for name, literal in literals.items() if literal is not None}
    if len(values) == len(literals):
        return values
    if faults := missing_numbers(problem):
        raise ProblemError(*(fault for _, fault in faults))
    return None
