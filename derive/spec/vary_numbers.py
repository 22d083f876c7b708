"""What a quantity is drawn from (`{grid: [-0.9, 0.9, 0.1]}`, `[1, 2, 3]`, `signs`), as numbers."""

from __future__ import annotations

import typing
from collections.abc import Iterable, Iterator
from dataclasses import replace
from decimal import Decimal
from fractions import Fraction
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, InstanceOf, ValidationError, WithJsonSchema

from derive.spec.faults import Flaw, FlawedValueError, suggestion
from derive.spec.fields import WHOLE_NUMBER, Flag, raise_any
from derive.spec.numbers import Literal, is_number, read_literal, read_number
from derive.spec.structure import structure_flaws, unknown_key
from derive.spec.tree import Mapping, Scalar, Sequence, Tree, describe

MOST_NUMBERS = 10_000  # from which an entry is drawn
SIGNS: typing.Final = "signs"
Options = tuple[Literal, ...]
Numbers = Literal | Options | typing.Literal["signs"]  # for each entry; as a whole; own magnitudes
_A_CHOICE = "a list to choose from, `signs`, or a table with `grid`, `integers` or `choices`"
_LITERAL_SCHEMA: dict[str, Any] = {"type": ["number", "string", "array"]}
_LIST_SCHEMA: dict[str, Any] = {"type": "array", "items": _LITERAL_SCHEMA, "minItems": 1}
_NUMBER_SCHEMA: dict[str, Any] = {"type": ["number", "string"]}
_Number = Annotated[InstanceOf[Literal], BeforeValidator(read_number), WithJsonSchema(_NUMBER_SCHEMA)]


class _Model(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True, frozen=True, defer_build=True)


class _Grid(_Model):
    """Numbers at equal distances."""

    grid: Annotated[list[_Number], Field(min_length=3, max_length=3)]
    nonzero: Flag = False

    def numbers(self) -> Numbers:
        """low, low + step, ..., as far as high."""
        low, high, step = (number.exact.item() for number in self.grid)
        if step <= 0:
            raise FlawedValueError(Flaw(f"the step {step}", "a positive step", path=("grid", 2)))
        count = _count(low, high, step, "grid")
        first, _, distance = (str(number.text.item()) for number in self.grid)
        texts = _texts([low + place * step for place in range(count)], first, distance)
        if not all(is_number(text) for text in texts):
            raise FlawedValueError(Flaw("a grid of very long numbers", "at most 40 digits", path=("grid",)))
        return _without_zero(texts, self.nonzero)


class _Integers(_Model):
    """Whole numbers from the first to the last."""

    integers: Annotated[list[Annotated[int, WHOLE_NUMBER]], Field(min_length=2, max_length=2)]
    nonzero: Flag = False

    def numbers(self) -> Numbers:
        low, high = self.integers
        _count(Fraction(low), Fraction(high), Fraction(1), "integers")
        return _without_zero([str(number) for number in range(low, high + 1)], self.nonzero)


def _read_choices(tree: Tree) -> Literal | Options:
    """A list of numbers, from which each entry is drawn, or a list of lists, of which one is taken as a whole."""
    if not isinstance(tree, Sequence):
        raise FlawedValueError(Flaw(describe(tree), "a list to choose from"))
    if not tree:
        raise FlawedValueError(Flaw("an empty list", "at least one number"))
    if len(tree) > MOST_NUMBERS:
        raise FlawedValueError(Flaw(f"{len(tree)} choices", f"at most {MOST_NUMBERS}"))
    if not any(isinstance(option, Sequence) for option in tree):
        numbers = read_literal(tree)
        raise_any(list(repeated(numbers.exact)))
        return numbers
    flaws: list[Flaw] = []
    options: list[Literal] = []
    for place, option in enumerate(tree):
        try:
            if not isinstance(option, Sequence):
                raise FlawedValueError(
                    Flaw(f"{describe(option)} among lists", "every option a list, or every one a number")
                )
            options.append(read_literal(option))
        except FlawedValueError as error:
            flaws += [replace(flaw, path=(place, *flaw.path)) for flaw in error.flaws]
    raise_any(flaws or list(repeated([key_of(option) for option in options])))
    return tuple(options)


class _Choices(_Model):
    """Numbers for each entry, or options of the whole."""

    choices: Annotated[Any, BeforeValidator(_read_choices), WithJsonSchema(_LIST_SCHEMA)]

    def numbers(self) -> Numbers:
        chosen: Numbers = self.choices
        return chosen


_KINDS: dict[str, type[_Grid | _Integers | _Choices]] = {"grid": _Grid, "integers": _Integers, "choices": _Choices}


def read_numbers(tree: Tree) -> Numbers:
    """What one quantity is drawn from."""
    if isinstance(tree, Scalar) and tree.text == SIGNS:
        return SIGNS
    if isinstance(tree, Sequence):
        return _read_choices(tree)
    if not isinstance(tree, Mapping):
        hint = suggestion(tree.text, [SIGNS]) if isinstance(tree, Scalar) else ""
        raise FlawedValueError(Flaw(describe(tree), _A_CHOICE, hint))
    kinds = [key for key in tree if key in _KINDS]
    if not kinds:
        foreign = next((key for key in tree if key != "nonzero"), None)
        empty = Flaw("a table without numbers", _A_CHOICE)
        raise FlawedValueError(unknown_key((foreign,), foreign, _KINDS) if foreign else empty)
    if len(kinds) > 1:
        raise FlawedValueError(Flaw(f"both {' and '.join(f'`{kind}`' for kind in kinds)}", "one of them"))
    kind = _KINDS[kinds[0]]
    try:
        return kind.model_validate(dict(tree)).numbers()
    except ValidationError as error:
        raise FlawedValueError(*structure_flaws(error.errors(include_url=False), {(): kind})) from None


def _count(low: Fraction, high: Fraction, step: Fraction, key: str) -> int:
    """How many numbers there are from low to high."""
    if low > high:
        raise FlawedValueError(Flaw(f"from {low} to {high}", "the lower end first", path=(key,)))
    count = (high - low) // step + 1
    if count > MOST_NUMBERS:
        found = f"{count if count < 10**12 else 'very many'} numbers"
        raise FlawedValueError(Flaw(found, f"at most {MOST_NUMBERS}", path=(key,)))
    return int(count)


def _texts(numbers: list[Fraction], *ends: str) -> list[str]:
    """Numbers with as many decimals as the ends have, or as fractions if one of these is."""
    if any("/" in end for end in ends):
        return [str(number) for number in numbers]
    places = max(0, *(-int(Decimal(end).as_tuple().exponent) for end in ends))
    scaled = [int(number * 10**places) for number in numbers]
    return [f"{Decimal((number < 0, [int(digit) for digit in str(abs(number))], -places)):f}" for number in scaled]


def _without_zero(texts: list[str], nonzero: bool) -> Literal:
    left = [text for text in texts if Fraction(text)] if nonzero else texts
    if not left:
        raise FlawedValueError(Flaw("no number but 0", "a number that is not 0", path=("nonzero",)))
    return Literal(left)


def key_of(literal: Literal) -> tuple[Any, ...]:
    """What two literals with the same numbers have in common, however these are written."""
    return (literal.shape, *literal.exact.flat)


def repeated(items: Iterable[Any], *key: str) -> Iterator[Flaw]:
    """What stands twice in a list, and would be drawn twice as often."""
    seen: set[str] = set()
    for place, item in enumerate(items):
        if repr(item) in seen:
            yield Flaw("the same once more", "each choice once", path=(*key, place))
        seen.add(repr(item))


def numbers_schema() -> dict[str, Any]:
    """The JSON Schema of what one quantity is drawn from."""
    return {"anyOf": [{"const": SIGNS}, _LIST_SCHEMA, *(kind.model_json_schema() for kind in _KINDS.values())]}
