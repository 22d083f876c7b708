"""Questions about formulas: a quantity in terms of others, the right answer among wrong ones, values on the graph."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator

from derive.calculus.inline import in_terms_of
from derive.calculus.mistakes import Mistake
from derive.errors import Fault, ProblemError
from derive.evaluate import carry_rounded
from derive.evaluate.wrong_answers import distractors, mistakes
from derive.program import Program
from derive.sheet.blocks import Cell, Choice, Decimals, Formula, Option, Words
from derive.sheet.graph import SIDES, asked_sides, build_graph
from derive.sheet.model import Blank, Graph, Line
from derive.sheet.questions.posed import Context, Posed
from derive.spec.questions import Choose, Express, OnTheGraph

FEWEST_WRONG = 1
SEED = 1  # which mistakes are shown is drawn from it, so that worksheet and key show the same


def pose_express(question: Express, context: Context) -> Posed:
    """The quantity = a formula in the named quantities only."""
    target = context.program.tensor(question.express)
    formula = in_terms_of(context.program, question.express, question.using)
    line = Line(target, result=Blank(None)) if context.blank else Line(target, formula, shape=target.shape)
    fields = tuple((f"using_{number}", name) for number, name in enumerate(question.using))
    return Posed(Words("express", (("of", question.express), *fields)), lines=(line,))


def pose_choice(question: Choose, context: Context) -> Posed:
    """The right answer among those that mistakes lead to, in an order that depends on the problem only.

    Where mistakes lead to fewer than the question wants, its prompt says how many there are.
    """
    if question.show == "value" and context.numbers is not None:
        options = _values(question, context)
    else:
        options = _formulas(question, context)
    if len(options) <= FEWEST_WRONG:
        raise ProblemError(
            Fault(
                found=f"no wrong answer for `{question.choice}` that looks different",
                expected="a quantity in which mistakes show",
                hint="ask for a gradient or an updated parameter, or show formulas (`show: formula`)",
            )
        )
    mixed = sorted(
        options, key=lambda option: hashlib.sha256(f"{context.problem.name} {option.cells}".encode()).digest()
    )
    if context.blank:
        mixed = [Option(option.cells) for option in mixed]
    of = ("of", question.choice)
    fewer = Words("choice_of_fewer", (of, ("count", str(len(mixed)))))
    prompt = Words("choice", (of,)) if len(mixed) == question.options else fewer
    return Posed(prompt, (Choice(tuple(mixed)),))


def _values(question: Choose, context: Context) -> list[Option]:
    assert context.numbers is not None
    name, places = question.choice, context.numbers.places
    after = carry_rounded(places) if context.problem.rounding.carry == "rounded" else None
    exact, count = dict(context.numbers.exact), question.options - 1
    found = [Option((Decimals(name, context.numbers.result(name)),), True)]
    fractions = context.numbers.style.fractions
    for answer in distractors(context.program, exact, name, places, count, SEED, after, fractions=fractions):
        cell = Decimals(name, context.numbers.style.printed(answer.value))
        at = Words("mistake_at", (("at", answer.at),)) if answer.at != name else None
        found.append(Option((cell,), False, _named(answer.mistake), at))
    return found


def _formulas(question: Choose, context: Context) -> list[Option]:
    step = context.program[question.choice]
    right: Cell = Formula(step.formula, step.name)
    wrong = mistakes(context.program, step, context.values)[: question.options - 1]
    return [
        Option((right,), True),
        *(Option((Formula(mistake.formula, step.name),), False, _named(mistake)) for mistake in wrong),
    ]


def _named(mistake: Mistake) -> Words:
    return Words(mistake.kind, mistake.fields, table="mistakes")


def pose_graph(question: OnTheGraph, context: Context) -> Posed:
    """The drawn graph of the sheet, and in words what is to be written into it: what a worksheet has boxes for."""
    program = context.program
    graph = build_graph(program, context.numbers, blank=True, asked=asked_sides(context.problem))
    sides = SIDES if question.graph == "both" else (question.graph,)
    prompt = [Words("graph")]
    missing = []
    for side in sides:
        found = list(_filled(graph, side, program)) if graph else []
        prompt += found
        missing += [] if found else [side]
    if missing:
        expected = "computed quantities, few enough for a graph on one page"
        hint = "ask for gradients only where there is a loss"
        raise ProblemError(Fault(f"no {' and '.join(missing)} to write into the graph", expected, hint))
    return Posed(tuple(prompt))


def _filled(graph: Graph, side: str, program: Program) -> Iterator[Words]:
    """On one side of the quantities: of which there is room for numbers, and of which for shapes."""
    of_values = side == "values"
    loss = (("loss", program.loss.name),) if program.loss and not of_values else ()
    numbers = [node for node in graph.nodes if isinstance(node.value if of_values else node.gradient, Blank)]
    shapes = [node for node in graph.nodes if isinstance(node.shape if of_values else node.gradient_shape, Blank)]
    place = "down" if graph.down else "across"
    for nodes, key in ((numbers, f"graph_{side}_{place}"), (shapes, f"graph_shapes_of_{side}_{place}")):
        if nodes:
            yield Words(key, (*loss, *((f"of_{number}", node.tensor.name) for number, node in enumerate(nodes))))
