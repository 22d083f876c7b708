"""A problem in the short form brought to the notation of a preset: its layout, its numbers, its symbols.

The mathematics stays: weights are transposed, biases put on top of them or taken off, samples turned from rows into
columns. Only a `squared_error` changes, since its factor is the preset's own.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from derive.errors import Fault, ProblemError
from derive.spec.equations import parse_equations
from derive.spec.labels import NetworkLabels
from derive.spec.layers import Frame, expand
from derive.spec.mlp import own_loss
from derive.spec.names import Quantity, parse_quantity
from derive.spec.numbers import Literal
from derive.spec.presets import PRESETS
from derive.spec.problem import MLP, Ask, Conventions, Given, Problem, Shape, Size, Width, one_more
from derive.spec.questions import Question

_PARAMETER = re.compile(r"(?P<letter>[Wb])_(?P<layer>[1-9][0-9]{0,3})")
_OPTION = "--notation"


def in_notation(problem: Problem, name: str) -> Problem:
    """The problem as the preset `name` writes it; the table of symbols in its file no longer counts."""
    if problem.mlp is None:
        hint = "`notation:` in the file chooses symbols; equations and their layout are the author's"
        raise _fault(problem, "a problem in equations", "the short form, which has layers", hint)
    return _Transfer(problem, problem.mlp, name).problem()


def _fault(problem: Problem, found: str, expected: str, hint: str = "") -> ProblemError:
    return ProblemError(Fault(found, expected, hint, where=str(problem.source or problem.name), path=_OPTION))


@dataclass(frozen=True)
class _Layout:
    """Where numbers lie: those of weights, of samples, and of biases."""

    conventions: Conventions
    mlp: MLP

    @property
    def is_augmented(self) -> bool:
        return self.mlp.bias and self.conventions.bias == "augmented"

    @property
    def bias_index(self) -> int:
        """The row of the bias among the weights as rows are counted; 0 where it is none of them, as of one above."""
        return self.conventions.bias_index if self.is_augmented else 0

    @property
    def out_in(self) -> bool:
        return self.conventions.weights == "out_in"

    @property
    def in_columns(self) -> bool:
        return self.mlp.samples == "columns"


class _Transfer:
    """One problem on its way from the layout of its file to that of a preset."""

    def __init__(self, problem: Problem, mlp: MLP, name: str) -> None:
        self.old, self.preset = problem, PRESETS[name]
        layout = self.preset.layout.conventions()
        del layout["relu_at_zero"]  # which is mathematics, and the file's
        conventions: Conventions = replace(problem.conventions, **layout)  # type: ignore[arg-type]
        samples = mlp.samples if mlp.samples == "one" else conventions.samples
        self.mlp = replace(mlp, samples=samples, loss=own_loss(mlp.loss, name))
        self.source, self.target = _Layout(problem.conventions, mlp), _Layout(conventions, self.mlp)
        self.flips = self.source.out_in != self.target.out_in
        self.turns = self.source.in_columns != self.target.in_columns

    def problem(self) -> Problem:
        """The problem in the new layout, with equations and symbols to match."""
        old, mlp = self.old, self.mlp
        [x], [t] = ([given.name for given in old.givens if given.role == role] for role in ("input", "target"))
        frame = Frame(x, t, replace(self.target.conventions, frozen=tuple(self.frozen())))
        givens = tuple(self.givens())
        rate = old.update.symbol if old.update else None
        taken = {*old.symbols, *(given.name for given in (*old.givens, *givens)), *([rate] if rate else [])}
        lines, names = expand(mlp, frame, self.count(givens), taken)
        parsed = [next(iter(parse_equations(line, 0))) for line in lines]
        equations = tuple(replace(new, line=was.line) for new, was in zip(parsed, old.equations, strict=True))
        return replace(
            old,
            givens=givens,
            equations=equations,
            conventions=frame.conventions,
            mlp=mlp,
            preset=self.preset.name,
            notation=NetworkLabels(self.preset, mlp, frame, names).table(givens, rate, old.symbols),
            ask=tuple(self.asked()),
            questions=tuple(self.question(question) for question in old.questions),
        )

    def count(self, givens: Iterable[Given]) -> Size:
        """The number of samples, or its symbol."""
        if self.mlp.samples == "one":
            return 1
        shape = next(given.shape for given in givens if given.role == "input")
        return shape[1 if self.target.in_columns else 0]

    # -- given quantities

    def givens(self) -> Iterator[Given]:
        """Each given quantity in the new layout; biases appear behind their weights, or vanish into them."""
        for given in self.old.givens:
            match = _PARAMETER.fullmatch(given.name) if given.role == "parameter" else None
            if match is None:
                yield _transposed(given) if self.turns and len(given.shape) == 2 else given
            elif match["letter"] == "W":
                yield from self.parameters(given, int(match["layer"]))
            elif not self.source.is_augmented and not self.target.is_augmented:
                yield self.bias(given)

    def parameters(self, weights: Given, layer: int) -> Iterator[Given]:
        """The weights, and the bias that is taken off them."""
        bias, width = f"b_{layer}", self.mlp.widths[layer - 1]
        rows = weights if not self.source.out_in else _transposed(weights)  # a row for each input
        own: Given | None = None
        if self.source.is_augmented and not self.target.is_augmented:
            own, rows = self.taken_off(rows, bias, width)
        elif self.target.is_augmented and not self.source.is_augmented:
            rows = self.put_on(rows, self.old.given(bias), width)
        yield rows if not self.target.out_in else _transposed(rows)
        if own:
            yield self.bias(own)

    def taken_off(self, rows: Given, bias: str, width: Width) -> tuple[Given, Given]:
        """The first row, and the others."""
        outputs = rows.shape[1]
        text = rows.value.text if rows.value else None
        own = Given(bias, "parameter", (outputs,), None if text is None else Literal(text[0]), rows.line)
        below = None if text is None else Literal(text[1:])
        return own, replace(rows, shape=(width, outputs), value=below)

    def put_on(self, rows: Given, bias: Given, width: Width) -> Given:
        """The bias on top of the weights."""
        value = None
        if rows.value is not None and bias.value is not None:
            value = Literal(np.concatenate([bias.value.text.reshape(1, -1), rows.value.text]))
        return replace(rows, shape=(one_more(width), rows.shape[1]), value=value)

    def bias(self, given: Given) -> Given:
        """A bias is a column beside samples in columns, and flat otherwise."""
        width = max(given.shape, key=lambda size: size != 1)
        shape: Shape = (width, 1) if self.target.in_columns else (width,)
        value = given.value and given.value.reshaped((-1, 1) if self.target.in_columns else (-1,))
        return replace(given, shape=shape, value=value)

    def frozen(self) -> Iterator[str]:
        """What stays frozen: weights with the bias among them only as a whole."""
        frozen = set(self.old.conventions.frozen)
        for layer in range(1, len(self.mlp.widths)):
            weights, bias = f"W_{layer}", f"b_{layer}"
            if self.source.is_augmented == self.target.is_augmented:
                yield from (name for name in (weights, bias) if name in frozen)
            elif self.source.is_augmented:
                yield from (weights, bias) if weights in frozen else ()
            elif frozen >= {weights, bias}:
                yield weights
            elif alone := sorted(frozen & {weights, bias}):
                expected = f"both {weights} and {bias}, or neither: `{self.preset.name}` joins them"
                raise _fault(self.old, f"`{alone[0]}` is frozen alone", expected)

    # -- what is asked

    def asked(self) -> Iterator[Ask]:
        """Each quantity asked for; where two become one, their points add up."""
        found: dict[str, Ask] = {}
        for ask in self.old.ask:
            first, *others = self.moved(ask.quantity)
            points = [asked.points for asked in (ask, found.get(first)) if asked and asked.points is not None]
            found[first] = replace(found.get(first, ask), quantity=first, points=sum(points) if points else None)
            for other in others:
                found.setdefault(other, replace(ask, quantity=other, points=None))
        yield from found.values()

    def question(self, question: Question) -> Question:
        """A question with the names that it is about in the new layout."""
        changed: dict[str, Any] = {}
        for name in type(question).model_fields:
            value = getattr(question, name)
            if isinstance(value, tuple):
                new: Any = tuple(dict.fromkeys(m for item in value for m in self.moved_text(item)))
            else:
                new = self.moved_text(value)[0]
            if new != value:
                changed[name] = new
        return question.model_copy(update=changed) if changed else question

    def moved_text(self, item: Any) -> list[Any]:
        """The names that stand for a name; anything else is itself."""
        return self.moved(item) if isinstance(item, str) and parse_quantity(item) else [item]

    def moved(self, text: str) -> list[str]:
        """What a quantity or an entry is called in the new layout; a bias may go into the weights or come off them."""
        quantity = parse_quantity(text)
        if quantity is None:
            return [text]
        base = quantity.by or quantity.name
        if match := _PARAMETER.fullmatch(base):
            places = self.places(match["letter"], match["layer"], quantity.entry)
            return [self.renamed(quantity, base, name, entry) for name, entry in places]
        if len(quantity.entry) == 2 and self.turns:
            return [self.renamed(quantity, base, base, quantity.entry[::-1])]
        return [text]

    def places(self, letter: str, layer: str, entry: tuple[int, ...]) -> list[tuple[str, tuple[int, ...]]]:
        """Where a parameter, or an entry of it, stands in the new layout."""
        weights, bias = f"W_{layer}", f"b_{layer}"
        joins = self.target.is_augmented and not self.source.is_augmented
        splits = self.source.is_augmented and not self.target.is_augmented
        if not entry:
            both: list[tuple[str, tuple[int, ...]]] = [(weights, ()), (bias, ())]
            return both if splits else both[:1] if joins or letter == "W" else both[1:]
        if letter == "b":
            column = max(entry)
            row = self.target.bias_index
            return [(weights, self.turned((row, column)))] if joins else [(bias, self.bias_entry(column))]
        row, column = entry if not self.source.out_in else entry[::-1]
        if splits and row == self.source.bias_index:
            return [(bias, self.bias_entry(column))]
        return [(weights, self.turned((row + self.target.bias_index - self.source.bias_index, column)))]

    def turned(self, entry: tuple[int, int]) -> tuple[int, ...]:
        return entry[::-1] if self.target.out_in else entry

    def bias_entry(self, place: int) -> tuple[int, ...]:
        return (place, 1) if self.target.in_columns else (place,)

    def renamed(self, quantity: Quantity, base: str, name: str, entry: tuple[int, ...]) -> str:
        """A quantity with another name in the place of `base`, and another entry."""
        parts = quantity._replace(by=name) if quantity.by else quantity._replace(name=name)
        return parts.whole + (f"[{','.join(map(str, entry))}]" if entry else "")


def _transposed(given: Given) -> Given:
    return replace(given, shape=given.shape[::-1], value=given.value and Literal(given.value.text.T))
