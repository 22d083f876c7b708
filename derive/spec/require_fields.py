"""`require:` what every variant must meet: how its keys are read, and what they come to."""

from __future__ import annotations

import typing
from dataclasses import replace
from fractions import Fraction
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, InstanceOf, WithJsonSchema

from derive.spec.equations import parse_condition
from derive.spec.faults import Flaw, FlawedValueError, listing, suggestion
from derive.spec.fields import WHOLE_NUMBER, Flag, raise_any
from derive.spec.numbers import is_number, read_number
from derive.spec.tree import Mapping, Scalar, Sequence, Tree, describe
from derive.spec.variation import Condition, Different, Range, Require, RoundingSafe, Slips, Units, Zeros

LARGEST_DENOMINATOR = 24  # that a student handles without a calculator
_ANY = "any"
_MANY = 200  # ranges, conditions
_ROUNDING: typing.Final = typing.get_args(RoundingSafe)


class Rounding(typing.NamedTuple):
    """How safe answers are against rounding, and the tolerance where the author states one."""

    word: RoundingSafe
    tolerance: Fraction | None = None


def _word(tree: Tree) -> str | Tree:
    return tree.text if isinstance(tree, Scalar) else tree


def _number(tree: Tree) -> Fraction:
    value: Fraction = read_number(tree).exact.item()
    return value


def _read_distance(tree: Tree) -> Fraction:
    if (value := _number(tree)) < 0:
        raise FlawedValueError(Flaw(describe(tree), "a number that is not negative"))
    return value


def _read_slope(tree: Tree) -> Fraction:
    if not 0 <= (value := _number(tree)) <= 1:
        raise FlawedValueError(Flaw(describe(tree), "a number from 0 to 1"))
    return value


def _read_share(tree: Tree) -> Fraction | None:
    """`5%`, `0.05`, or `any`."""
    if not isinstance(tree, Scalar):
        raise FlawedValueError(Flaw(describe(tree), "a share such as 5% or 0.05, or `any`"))
    if tree.text == _ANY:
        return None
    share, _, _ = tree.text.partition("%")
    is_percent = tree.text == f"{share}%" and is_number(share)
    value = Fraction(share) / 100 if is_percent else _number(tree)
    if not 0 <= value <= 1:
        raise FlawedValueError(Flaw(describe(tree), "a share from 0 to 1, or from 0% to 100%"))
    return value


def _read_by_hand(tree: Tree) -> int | None:
    """`true`, `false`, or the largest denominator."""
    match tree:
        case Scalar(text="true" | "True" | "TRUE", style=""):
            return LARGEST_DENOMINATOR
        case Scalar(text="false" | "False" | "FALSE", style=""):
            return None
        case Scalar(text=text, style="") if text.isascii() and text.isdigit() and 0 < len(text) < 10 and int(text) > 0:
            return int(text)
    raise FlawedValueError(Flaw(describe(tree), "true, false, or the largest denominator: a whole number such as 12"))


def _read_tolerance(tree: Tree) -> Fraction:
    """A positive number; nothing is left of its table without it."""
    if not isinstance(tree, Scalar) or not is_number(tree.text) or Fraction(tree.text) <= 0:
        raise FlawedValueError(Flaw(f"{describe(tree)} as the tolerance", "a positive number such as 0.02"))
    return Fraction(tree.text)


def _read_rounding(tree: Tree) -> Rounding:
    """A word, or `{tolerance: 0.02}`."""
    expected = f"one of {listing(_ROUNDING)}, or `{{tolerance: 0.02}}`"
    match tree:
        case Scalar(text="digits" | "tolerance" | "any" as word):
            return Rounding(word)
        case Scalar(text=text):
            raise FlawedValueError(Flaw(describe(tree), expected, suggestion(text, _ROUNDING)))
        case Mapping() if [*tree] == ["tolerance"]:
            return Rounding("tolerance", _read_tolerance(tree["tolerance"]))
        case Mapping() if foreign := [key for key in tree if key != "tolerance"]:
            found, hint = f"the unknown key `{foreign[0]}`", suggestion(foreign[0], ["tolerance"])
            raise FlawedValueError(Flaw(found, expected, hint))
    raise FlawedValueError(Flaw(describe(tree), expected))


def _read_ranges(tree: Tree) -> tuple[Range, ...]:
    """A mapping from quantities to [lowest, highest]."""
    if not isinstance(tree, Mapping):
        raise FlawedValueError(Flaw(describe(tree), "a mapping such as `{L: [0.05, 5]}`"))
    if len(tree) > _MANY:
        raise FlawedValueError(Flaw(f"{len(tree)} ranges", f"at most {_MANY}"))
    flaws: list[Flaw] = []
    ranges: list[Range] = []
    for name, ends in tree.items():
        try:
            ranges.append(Range("".join(name.split()), *_read_ends(ends), tree.key_lines[name]))
        except FlawedValueError as error:
            flaws += [replace(flaw, path=(name, *flaw.path), cut=(name,)) for flaw in error.flaws]
    raise_any(flaws)
    return tuple(ranges)


def _read_ends(tree: Tree) -> tuple[Fraction, Fraction]:
    if not isinstance(tree, Sequence) or len(tree) != 2:
        found = f"a list of {len(tree)}" if isinstance(tree, Sequence) else describe(tree)
        raise FlawedValueError(Flaw(found, "two numbers, the lowest and the highest: `[0.05, 5]`"))
    flaws: list[Flaw] = []
    ends: list[Fraction] = []
    for place, end in enumerate(tree):
        try:
            ends.append(_number(end))
        except FlawedValueError as error:
            flaws += [replace(flaw, path=(place,)) for flaw in error.flaws]
    raise_any(flaws)
    if ends[0] > ends[1]:
        raise FlawedValueError(Flaw(f"from {ends[0]} to {ends[1]}", "the lower number first"))
    return ends[0], ends[1]


def _read_conditions(tree: Tree) -> tuple[Condition, ...]:
    """One comparison, or a list of them."""
    items = tree if isinstance(tree, Sequence) else [tree]
    if len(items) > _MANY:
        raise FlawedValueError(Flaw(f"{len(items)} conditions", f"at most {_MANY}"))
    flaws: list[Flaw] = []
    conditions: list[Condition] = []
    for place, item in enumerate(items):
        path = (place,) if isinstance(tree, Sequence) else ()
        if not isinstance(item, Scalar):
            flaws.append(Flaw(describe(item), "a comparison such as `L > 0.05`", path=path))
            continue
        condition, found = parse_condition(item.text, item.line)
        conditions += [condition] if condition else []
        flaws += [replace(flaw, path=path) for flaw in found]
    raise_any(flaws)
    return tuple(conditions)


_NUMBER_SCHEMA: dict[str, Any] = {"type": ["number", "string"]}
_PAIR_SCHEMA: dict[str, Any] = {"type": "array", "items": _NUMBER_SCHEMA, "minItems": 2, "maxItems": 2}
_TOLERANCE_SCHEMA: dict[str, Any] = {
    "type": "object",
    "properties": {"tolerance": _NUMBER_SCHEMA},
    "required": ["tolerance"],
    "additionalProperties": False,
}
_ONE_OF = BeforeValidator(_word)
_Distance = Annotated[InstanceOf[Fraction], BeforeValidator(_read_distance), WithJsonSchema(_NUMBER_SCHEMA)]
_Slope = Annotated[InstanceOf[Fraction], BeforeValidator(_read_slope), WithJsonSchema(_NUMBER_SCHEMA)]
_Share = Annotated[InstanceOf[Fraction] | None, BeforeValidator(_read_share), WithJsonSchema(_NUMBER_SCHEMA)]
_ByHand = Annotated[int | None, BeforeValidator(_read_by_hand), WithJsonSchema({"type": ["boolean", "integer"]})]
_Rounding = Annotated[
    InstanceOf[Rounding],
    BeforeValidator(_read_rounding),
    WithJsonSchema({"anyOf": [{"enum": list(_ROUNDING)}, _TOLERANCE_SCHEMA]}),
]
_Ranges = Annotated[
    tuple[InstanceOf[Range], ...],
    BeforeValidator(_read_ranges),
    WithJsonSchema({"type": "object", "additionalProperties": _PAIR_SCHEMA}),
]
_Conditions = Annotated[
    tuple[InstanceOf[Condition], ...],
    BeforeValidator(_read_conditions),
    WithJsonSchema({"anyOf": [{"type": "string"}, {"type": "array", "items": {"type": "string"}}]}),
]


class RequireModel(BaseModel):
    """What every variant meets."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True, defer_build=True)

    dead_units: Annotated[Units, _ONE_OF] = Field(
        Require.dead_units, description="How many units of a layer may have slope 0 for all samples."
    )
    kink_distance: _Distance = Field(
        Require.kink_distance, description="The least distance of a number from the kink of a function it goes into."
    )
    saturation: _Slope = Field(
        Require.saturation, description="The least slope of a smooth activation, from 0 to 1; 0 allows all."
    )
    zeros: Annotated[Zeros, _ONE_OF] = Field(
        Require.zeros,
        description="Whether a computed entry may print as zero: never, where it is exactly 0, or always.",
    )
    ties: Flag = Field(Require.ties, description="Whether a result may lie exactly half way between two decimals.")
    different: Annotated[Different, _ONE_OF] = Field(
        Require.different, description="Which asked quantities differ on paper between two variants."
    )
    relabelled: Flag = Field(
        Require.relabelled, description="Whether two variants may differ by the order of units only."
    )
    rounding: _Rounding = Field(
        Rounding(Require.rounding),
        description="What a student who rounds every step still gets: the same digits, or within the tolerance.",
    )
    by_hand: _ByHand = Field(
        Require.by_hand, description="true: no calculator is needed; a number: the largest denominator."
    )
    difficulty: _Share = Field(
        Require.difficulty, description="The largest deviation from the middle: `5%`, `0.05`, or `any`."
    )
    mistakes: Annotated[Slips, _ONE_OF] = Field(
        Require.mistakes, description="Whether each common mistake gives a number of its own."
    )
    range: _Ranges = Field((), description="Quantities and gradients between two numbers: `{L: [0.05, 5]}`.")
    conditions: _Conditions = Field((), description="Comparisons in the equation language: `L > 0.05`.")
    budget: Annotated[int, Field(ge=1), WHOLE_NUMBER] = Field(
        Require.budget, description="How many candidates are drawn at most."
    )

    def requirements(self) -> Require:
        """The same as data of a problem."""
        values, stated = dict(self), [key for key in type(self).model_fields if key in self.model_fields_set]
        ranges: tuple[Range, ...] = values.pop("range")
        rounding: Rounding = values.pop("rounding")
        return Require(
            **values,
            rounding=rounding.word,
            tolerance=rounding.tolerance,
            ranges=ranges,
            stated=tuple("ranges" if key == "range" else key for key in stated),
        )
