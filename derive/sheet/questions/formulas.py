"""Questions about formulas: a quantity in terms of others, the right answer among wrong ones, values on the graph."""

from __future__ import annotations

import hashlib

from derive.calculus.inline import in_terms_of
from derive.calculus.mistakes import Mistake
from derive.errors import Fault, ProblemError
from derive.evaluate import printed
from derive.evaluate.wrong_answers import distractors, mistakes
from derive.sheet.blocks import Cell, Choice, Decimals, Formula, Option, Words
from derive.sheet.graph import MOST_NODES, build_graph
from derive.sheet.model import Blank, Line
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
    """The right answer among those that mistakes lead to, in an order that depends on the problem only."""
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
    return Posed(Words("choice", (("of", question.choice),)), (Choice(tuple(mixed)),))


def _values(question: Choose, context: Context) -> list[Option]:
    assert context.numbers is not None
    name, places = question.choice, context.numbers.places
    wrong = distractors(context.program, dict(context.numbers.exact), name, places, question.options - 1, SEED)
    found = [Option((Decimals(name, context.numbers.result(name)),), True)]
    for answer in wrong:
        cell = Decimals(name, printed(answer.value, places))
        found.append(Option((cell,), False, _named(answer.mistake)))
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
    """The drawn graph of the sheet, whose values and gradients are blank on a worksheet."""
    graph = build_graph(context.program, context.numbers, context.blank)
    loss = context.program.loss
    drawn = graph.nodes if graph else ()
    has_values = any(node.value is not None for node in drawn)
    has_gradients = any(node.gradient is not None for node in drawn)
    if not (has_values or question.graph == "gradients") or not (has_gradients or question.graph == "values"):
        found = f"no {question.graph if question.graph != 'both' else 'values and gradients'} on the graph"
        expected = f"a problem with numbers, in few quantities (at most {MOST_NODES}) with few entries each"
        raise ProblemError(Fault(found, expected, "ask for gradients only where there is a loss"))
    fields = (("loss", loss.name),) if loss else ()
    return Posed(Words(f"graph_{question.graph}", fields))
