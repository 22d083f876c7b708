"""How `vary:` is read from the tree: what each quantity is drawn from, before anybody asks whether it exists."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Annotated, Any

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    GetJsonSchemaHandler,
    InstanceOf,
    ValidationError,
)

from derive.spec.faults import Flaw, FlawedValueError, listing
from derive.spec.fields import Activation, Loss, WidthField, raise_any
from derive.spec.numbers import Literal, read_literal
from derive.spec.structure import structure_flaws
from derive.spec.tree import Mapping, Sequence, Tree, TreePath, describe
from derive.spec.vary_numbers import Numbers, key_of, numbers_schema, read_numbers, repeated

MOST_NETWORKS = 50  # in one list
LEARNING_RATE = "learning_rate"
TOGETHER = "together"
_EXAMPLES = {
    "architecture": "for example `architecture: [[3, 2, 1], [2, 2, 1]]`",
    "activations": "for example `activations: [[tanh, identity], [sigmoid, identity]]`",
    "loss": "for example `loss: [mse, mae]`",
}
_Widths = Annotated[list[WidthField], Field(min_length=2, max_length=200)]
_Several = Field(min_length=1, max_length=MOST_NETWORKS)


class Networks(BaseModel):
    """Other networks in the short form; each list is chosen from by itself."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True, defer_build=True)

    architecture: Annotated[list[Annotated[list[WidthField], Field(min_length=2, max_length=200)]], _Several] | None = (
        None
    )
    activations: Annotated[list[list[Activation]], _Several] | None = None
    loss: Annotated[list[Loss], _Several] | None = None

    def lists(self) -> dict[str, list[Any]]:
        """The lists that there are, by their keys."""
        return {key: choices for key, choices in self if choices is not None}


VARY_KEYS = (LEARNING_RATE, TOGETHER, *Networks.model_fields)


@dataclass(frozen=True)
class VaryFields:
    """The table `vary:` as it stands in the file: numbers by quantity, rows that are drawn together, networks."""

    numbers: dict[str, Numbers] = field(default_factory=dict)
    rows: tuple[dict[str, Literal], ...] = ()
    networks: Networks = field(default_factory=Networks.model_construct)

    @property
    def places(self) -> Iterator[tuple[str, TreePath]]:
        """Each quantity that varies, with its place; of rows that are drawn together the first is as good as any."""
        yield from ((name, (name,)) for name in self.numbers)
        yield from ((name, (TOGETHER, 0, name)) for row in self.rows[:1] for name in row)

    @property
    def names(self) -> frozenset[str]:
        """All quantities that vary."""
        return frozenset(name for name, _ in self.places)

    @property
    def entrywise(self) -> frozenset[str]:
        """The quantities whose entries are drawn each by itself, so that they may have any shape."""
        return frozenset(name for name, numbers in self.numbers.items() if isinstance(numbers, Literal))

    def without_networks(self) -> VaryFields:
        """The same for one network."""
        return replace(self, networks=Networks())


def _read_vary(tree: Tree) -> VaryFields:
    if not isinstance(tree, Mapping):
        raise FlawedValueError(Flaw(describe(tree), "a mapping from quantities to what they are drawn from"))
    flaws: list[Flaw] = []
    numbers: dict[str, Numbers] = {}
    rows: tuple[dict[str, Literal], ...] = ()
    for key, value in tree.items():
        if key in Networks.model_fields:
            continue
        try:
            if key == TOGETHER:
                rows = _read_rows(value)
            else:
                numbers[key] = read_numbers(value)
        except FlawedValueError as error:
            flaws += [replace(flaw, path=(key, *flaw.path), cut=(key,)) for flaw in error.flaws]
    try:
        networks = Networks.model_validate({key: tree[key] for key in Networks.model_fields if key in tree})
        flaws += [flaw for key, chosen in networks.lists().items() for flaw in repeated(chosen, key)]
    except ValidationError as error:
        found = structure_flaws(error.errors(include_url=False), {(): Networks})
        flaws += [replace(flaw, hint=_EXAMPLES[str(flaw.path[0])]) for flaw in found]
    raise_any(flaws)
    return VaryFields(numbers, rows, networks)


def _read_rows(tree: Tree) -> tuple[dict[str, Literal], ...]:
    """Rows of quantities with their numbers, the same quantities in each."""
    if not isinstance(tree, Sequence) or not tree:
        found = "an empty list" if isinstance(tree, Sequence) else describe(tree)
        raise FlawedValueError(Flaw(found, "a list of rows such as `{X: [[1, 2]], Y: [[1]]}`"))
    flaws: list[Flaw] = []
    rows: list[dict[str, Literal]] = []
    for place, row in enumerate(tree):
        rows.append({})
        if not isinstance(row, Mapping) or not row:
            flaws.append(Flaw(describe(row) if row else "an empty row", "quantities with their numbers", path=(place,)))
            continue
        for name, value in row.items():
            try:
                rows[-1][name] = read_literal(value)
            except FlawedValueError as error:
                flaws += [replace(flaw, path=(place, name, *flaw.path)) for flaw in error.flaws]
    raise_any(flaws)
    for place, names in enumerate(rows):
        if names.keys() != rows[0].keys():
            flaws.append(
                Flaw(f"numbers of {listing(names)}", f"those of {listing(rows[0])}, as in the first row", path=(place,))
            )
    keys = [tuple(sorted((name, key_of(literal)) for name, literal in row.items())) for row in rows]
    raise_any(flaws or list(repeated(keys)))
    return tuple(rows)


_LITERAL_SCHEMA: dict[str, Any] = {"type": ["number", "string", "array"]}


class _Schema:
    """The JSON Schema of `vary:`, made only when it is printed."""

    def __get_pydantic_json_schema__(self, schema: Any, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        rows = {"type": "object", "additionalProperties": _LITERAL_SCHEMA, "minProperties": 1}
        networks = Networks.model_json_schema()["properties"]
        return {
            "type": "object",
            "properties": {**networks, TOGETHER: {"type": "array", "items": rows, "minItems": 1}},
            "additionalProperties": numbers_schema(),
            "minProperties": 1,
        }


VaryField = Annotated[InstanceOf[VaryFields], BeforeValidator(_read_vary), _Schema()]
