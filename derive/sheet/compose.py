"""Program and values -> sheet: what is said of each step, in which order, and what a student must fill in."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Mapping
from dataclasses import replace

from derive.calculus.entry_jacobians import BY_ENTRY
from derive.calculus.local import local_jacobian
from derive.evaluate import Values, style_of
from derive.ops import Array, Constant, Fn, Identity, Node, Repeat, is_single, transpose, walk
from derive.program import Program, Role, Step
from derive.sheet.asked import all_points, numbered, points_by_step
from derive.sheet.chapters import chapters, has_target
from derive.sheet.choices import find_choices
from derive.sheet.graph import asked_sides, blank_shapes, build_graph
from derive.sheet.model import Blank, Chapter, Entry, Graph, Line, Local, Section, Sheet, Shown
from derive.sheet.named_factors import NamedFactors
from derive.sheet.samples import find_samples
from derive.sheet.substitute import Numbers, substitute
from derive.sheet.summary import summary
from derive.sheet.written import LARGEST, as_written
from derive.spec import Problem

PASSES = ("forward", "loss", "backward", "update", "jacobian", "entry")
MOST_WRITTEN_OUT = 4  # rows and columns of a Jacobian that is written out entry by entry


def compose(
    problem: Problem,
    program: Program,
    exact: Mapping[str, Array] | None,
    kind: str = "solution",
    values: Values | None = None,
) -> Sheet:
    """The sheet of a kind: `solution`, `worksheet` or `key`; without values all lines are symbolic."""
    numbers = _numbers(problem, program, exact)
    composer = _Composer(problem, program, numbers, kind)
    only_questions = kind == "worksheet" and problem.questions and not problem.ask
    passes = () if only_questions else PASSES
    sections = tuple(section for role in passes if (section := composer.section(role)).entries)
    sections += _questions(problem, program, values, numbers, kind)
    graph = _graph(problem, program, numbers, kind)
    return Sheet(
        kind=kind,
        denominator=problem.conventions.derivatives == "denominator",
        title=problem.title or problem.name.replace("-", " ").capitalize(),
        text=problem.text,
        givens=tuple(Shown(q.tensor, q.role, numbers.written.get(q.name) if numbers else None) for q in program.givens),
        sections=numbered(sections, problem, composer.points),
        summary=summary(program, numbers) if kind == "solution" else (),
        graph=graph,
        places=problem.rounding.places if numbers else None,
        carry=problem.rounding.carry,
        fractions=problem.rounding.fractions,
        points=problem.points or all_points(problem),
        detail=problem.detail,
        loss=program.loss.name if program.loss else "",
        rows=program.rows,
        first=program.first,
        ranks=program.ranks,
        notation=problem.notation,
        dimensions=program.dimensions,
        samples=find_samples(problem, program),
        choices=find_choices(problem, program, values),
        unshaped=_unshaped(problem, program) | blank_shapes(graph, program) if kind == "worksheet" else frozenset(),
    )


def _graph(problem: Problem, program: Program, numbers: Numbers | None, kind: str) -> Graph | None:
    """The graph of a solution and of a worksheet; on a key where a question is answered by it."""
    asked = asked_sides(problem)
    if kind == "key" and not asked:
        return None
    hidden = _unshaped(problem, program) if kind == "worksheet" else ()
    return build_graph(program, numbers, kind == "worksheet", asked, hidden)


def _unshaped(problem: Problem, program: Program) -> frozenset[str]:
    if not problem.questions:
        return frozenset()
    from derive.sheet.questions import asked_shapes

    return asked_shapes(problem.questions, program)


def _questions(
    problem: Problem, program: Program, values: Values | None, numbers: Numbers | None, kind: str
) -> tuple[Section, ...]:
    """The section of questions; what they need is imported only where there are any."""
    if not problem.questions:
        return ()
    from derive.sheet.questions import Context, questions_section

    return questions_section(problem, Context(problem, program, values, numbers, kind == "worksheet"))


def _numbers(problem: Problem, program: Program, exact: Mapping[str, Array] | None) -> Numbers | None:
    if exact is None:
        return None
    written = {given.name: as_written(given.value) for given in problem.givens if given.value is not None}
    if problem.update and problem.update.learning_rate is not None:
        written[problem.update.symbol] = as_written(problem.update.learning_rate)
    return Numbers(exact, written, style_of(problem), program.dimensions)


class _Composer:
    """Makes the entries of one sheet."""

    def __init__(self, problem: Problem, program: Program, numbers: Numbers | None, kind: str) -> None:
        self.problem, self.program, self.numbers, self.kind = problem, program, numbers, kind
        self.points = points_by_step(problem, program)
        self.factors = NamedFactors(problem, program)

    def section(self, role: str) -> Section:
        found = chapters(self.program, role)
        if self.kind == "worksheet" and self.points and role not in ("forward", "loss"):
            steps = ((chapter, tuple(s for s in chapter.steps if s.name in self.points)) for chapter in found)
            found = tuple(replace(chapter, steps=asked) for chapter, asked in steps if asked)
        entries = [self.entry(chapter) for chapter in found]
        if role == "update":
            entries += self.after()
        return Section(role, tuple(entries))

    def entry(self, chapter: Chapter) -> Entry:
        step = chapter.steps[-1]
        lines = tuple(line for part in chapter.steps for line in self.lines(part))
        functions = [node for node in walk(self._explained(chapter.steps[0]).formula) if isinstance(node, Fn)]
        points = [self.points[part.name] or 0 for part in chapter.steps if part.name in self.points]
        return Entry(
            title=chapter.title,
            rule=chapter.rule,
            quantity=step.gradient[1] if step.gradient else step.name,
            lines=lines,
            subject=step.subject,
            operands=tuple(functions[:1]),
            jacobians=tuple(local for part in chapter.steps for local in self.local_jacobians(part)),
            general=tuple(local for part in chapter.steps for local in self.general(part)),
            layer=chapter.layer,
            assumptions=tuple(note for part in chapter.steps for note in part.assumptions),
            points=sum(points) or None,
        )

    def _explained(self, step: Step) -> Step:
        """The forward step that a slope is the slope of; any other step itself."""
        if step.role is Role.LOCAL and step.gradient:
            return self.program[step.gradient[0]]
        return self.program[step.through[0]] if step.role is Role.BACKWARD and step.rule == "slope" else step

    def local_jacobians(self, step: Step) -> Iterable[Local]:
        """The Jacobians ds/dq of the steps that a gradient passes through, where they are matrices.

        A Jacobian that is asked for is written out itself.
        """
        if step.subject == BY_ENTRY:
            return
        if step.role is Role.JACOBIAN and step.gradient and step.formula.rank and self.problem.detail == "entries":
            inner = (d for part in walk(step.formula) if part.rank == 2 for d in part.shape)
            if all(isinstance(d, int) and d <= MOST_WRITTEN_OUT for d in inner):
                yield Local(*step.gradient, step.formula, written_out=True)
        if step.role is not Role.BACKWARD or step.gradient is None or self.problem.detail == "brief":
            return
        lower = self.program.tensor(step.gradient[1])
        for name in step.through:
            upper = self.program[name]
            if upper.role is Role.LOSS or lower.rank != 1 or upper.target.rank != 1:
                continue
            formula = local_jacobian(upper, lower).xreplace(self.factors.updated_in(step))
            if self.problem.conventions.derivatives == "denominator":  # a column for each entry of the numerator
                formula = transpose(formula)
            if not isinstance(formula, Identity):
                of = self.program.lower_of(name, lower.name)
                symbol = f"d{name}/d{of}"
                named = self.program.tensor(symbol) if symbol in self.program.names else None
                small = all(isinstance(d, int) and d <= MOST_WRITTEN_OUT for d in formula.shape)
                written_out = self.problem.detail == "entries" and small
                if named and (self.problem.detail != "entries" or (named.rank == 2 and not small)):
                    continue  # stated by a line of its own
                yield Local(name, of, formula, written_out, of_slopes=bool(named and named.rank < 2))

    def general(self, step: Step) -> Iterable[Local]:
        """The Jacobians whose general entry is told: all that are printed, and a wide one on a line of its own."""
        if self.problem.detail != "entries":
            return
        yield from self.local_jacobians(step)
        shape = () if step.subject == BY_ENTRY else step.formula.shape
        wide = not all(isinstance(d, int) and d <= MOST_WRITTEN_OUT for d in shape)
        shown = wide and all(not isinstance(d, int) or d <= LARGEST for d in shape)
        if step.role in (Role.LOCAL, Role.JACOBIAN) and step.gradient and len(shape) == 2 and shown:
            yield Local(*step.gradient, step.formula)

    def after(self) -> list[Entry]:
        """The forward pass after the step: its last line (with `entries` all of it), and what is asked for.

        A problem in symbols prints formulas only, and that of the loss after the step says nothing by itself.
        """
        steps = self.program.by_role(Role.AFTER)
        in_full = self.problem.detail == "entries"
        usual = steps if in_full else steps[-1:] if self.numbers else ()
        if self.kind == "worksheet" and self.points:
            usual = ()
        shown = [step for step in steps if step in usual or step.name in self.points]
        if not shown:
            return []
        lines = (self.lines(step, brief=not in_full and step.name not in self.points) for step in shown)
        title = "after" if shown[-1] is not steps[-1] else "loss_after" if has_target(self.program) else "value_after"
        points = [self.points[step.name] or 0 for step in shown if step.name in self.points]
        return [Entry(title, "after", shown[-1].name, tuple(itertools.chain(*lines)), points=sum(points) or None)]

    def lines(self, step: Step, brief: bool = False) -> Iterable[Line]:
        result = self.result(step)
        cut, entrywise = None, False
        if self.numbers and not brief and not isinstance(result, Blank) and result is not None:
            substituted = substitute(step.formula, result, self.numbers)
            if substituted:
                cut, entrywise = substituted.cut, substituted.entrywise
        elif self.numbers and self.kind == "worksheet" and self._only_given(step.formula):
            substituted = substitute(step.formula, self.numbers.result(step.name), self.numbers)
            cut = substituted.cut if substituted else None
        formula = step.formula if self.kind != "worksheet" or self._formula_is_shown(step) else None
        if step.subject == BY_ENTRY and self.numbers:  # its numbers alone, which other steps lead to
            formula, cut = None, None
        if formula is not None and _is_its_result(formula, result):
            formula = None  # dE/dE_1 = 1, not = 1 = 1
        direct = self.factors.direct(step)
        hidden = direct is not None and self.kind == "worksheet"  # as the formula is, of which it is a part
        yield Line(
            target=step.target,
            formula=None if brief else formula,
            chain=() if hidden else self.factors.chain(step),
            direct=None if hidden else direct,
            cut=cut,
            entrywise=entrywise,
            result=result,
            shape=step.target.shape,
            points=self.points.get(step.name),
        )

    def result(self, step: Step) -> Array | Blank | None:
        """The decimals, or room for them; nothing in a symbolic problem."""
        if self.kind == "worksheet" and self.points and step.name not in self.points:
            return None  # stated, not asked
        if self.kind == "worksheet":
            shape = self.numbers.exact[step.name].shape if self.numbers else None
            return Blank(shape)
        return self.numbers.result(step.name) if self.numbers else None

    def _only_given(self, formula: Node) -> bool:
        """Whether a formula holds given quantities only, so that its numbers give nothing away."""
        given = {quantity.name for quantity in self.program.givens}
        return all(tensor.name in given for tensor in formula.tensors)

    def _formula_is_shown(self, step: Step) -> bool:
        """A worksheet states the forward pass and the update rule; gradients are the student's work."""
        return step.role in (Role.FORWARD, Role.LOSS, Role.UPDATE)


def _is_its_result(formula: Node, result: Array | Blank | None) -> bool:
    """Whether a formula is a bare number that the result repeats."""
    if isinstance(formula, Repeat) and is_single(formula.shape):
        formula = formula.operands[0]
    if not isinstance(formula, Constant) or result is None or isinstance(result, Blank):
        return False
    return [str(entry) for entry in result.flat] == [str(formula.number)]
