"""The keys of a problem file as pydantic models: one description validates a file and makes its JSON Schema."""

from __future__ import annotations

import typing
from fractions import Fraction
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError
from pydantic_core import ErrorDetails

from derive.spec.faults import Faults, FlawedValueError, listing, suggestion
from derive.spec.fields import (
    WHOLE_NUMBER,
    Activation,
    Asked,
    Equations,
    Flag,
    LearningRate,
    Loss,
    Name,
    Notation,
    Quantities,
    Size,
    Slope,
    Text,
)
from derive.spec.problem import (
    Carry,
    DerivativeLayout,
    Detail,
    SampleLayout,
    WeightLayout,
    WeightsOfUpdate,
)
from derive.spec.tree import Mapping, Scalar, Tree, TreePath, describe


def _word(tree: Tree) -> str | Tree:
    return tree.text if isinstance(tree, Scalar) else tree


def _table(tree: Tree) -> Tree:
    """A table that is named but empty has its defaults: `sgd:` alone."""
    return Mapping(0) if tree is None else tree


def _method(tree: Tree) -> Tree | dict[str, Tree]:
    """`update: sgd` for `update: {sgd: {}}`."""
    return {tree.text: Mapping(tree.line)} if isinstance(tree, Scalar) else tree


_OneOf = BeforeValidator(_word)


class _Model(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


class ConventionsModel(_Model):
    """The choices on which courses differ."""

    weights: Annotated[WeightLayout, _OneOf] = Field(
        "out_in", description="A layer is `W x + b` (out_in) or `x W + b` (in_out)."
    )
    derivatives: Annotated[DerivativeLayout, _OneOf] = Field(
        "mixed", description="Layout of derivatives and Jacobians."
    )
    samples: Annotated[SampleLayout, _OneOf] = Field(
        "rows", description="How the samples of a batch lie in their matrix."
    )
    relu_at_zero: Slope = Field(Fraction(0), description="The slope of relu at 0, from 0 to 1.")
    update_uses: Annotated[WeightsOfUpdate, _OneOf] = Field(
        "old", description="Whether gradients pass through the old weights or through those already updated."
    )
    frozen: list[Name] = Field([], description="Parameters that the update leaves alone.")
    fused: Flag = Field(True, description="Whether softmax with cross-entropy is differentiated in one step.")


class SgdModel(_Model):
    """One step of gradient descent."""

    learning_rate: LearningRate | None = Field(None, description="A positive number; left out for a symbolic step.")
    symbol: Name = Field("eta", description="The name of the learning rate.")


class UpdateModel(_Model):
    """The optimiser and its options."""

    sgd: Annotated[SgdModel, BeforeValidator(_table, json_schema_input_type=SgdModel | None)] = Field(
        description="W' = W - eta dL/dW."
    )


_UpdateInput = UpdateModel | typing.Literal["sgd"]


class RoundingModel(_Model):
    """How numbers are rounded on paper."""

    places: Annotated[int, Field(ge=0, le=12), WHOLE_NUMBER] = Field(4, description="Decimal places.")
    carry: Annotated[Carry, _OneOf] = Field(
        "exact", description="Whether each step is computed from exact or from rounded earlier values."
    )


class ProblemFile(_Model):
    """A problem file of derive."""

    title: Text = Field("", description="The heading of the sheet.")
    text: Text = Field("", description="What the student is told, in plain text.")
    architecture: Annotated[list[Size], Field(min_length=2, max_length=200)] | None = Field(
        None, description="The short form: the widths of the layers, input first, as numbers or symbols."
    )
    activations: list[Activation] | None = Field(
        None, description="One activation for each layer after the input; options as in `{leaky_relu: {alpha: 0.1}}`."
    )
    loss: Loss | None = Field(
        None, description="The loss by name; options as in `{mse: {reduction: sum, factor: 1/2}}`."
    )
    bias: Flag | None = Field(None, description="Whether the layers have biases.")
    forward: Equations | None = Field(
        None, description="The general form: equations `name = expression`, one on a line."
    )
    parameters: Quantities = Field({}, description="What is learnt: name -> numbers, or a list of names.")
    input: Quantities = Field({}, description="What goes in: name -> numbers, or a list of names.")
    target: Quantities = Field({}, description="What should come out: name -> numbers, or a list of names.")
    constants: Quantities = Field({}, description="Other numbers that occur in the equations.")
    shapes: dict[str, Annotated[list[Size], Field(max_length=2)]] = Field(
        {}, description="Shapes in numbers or dimension symbols: `{X: [N, 784]}`."
    )
    of: Name | None = Field(None, description="The quantity that is differentiated; the last one if left out.")
    ask: Asked = Field(
        (),
        description="What the worksheet asks for: quantity -> points, or a list (`y`, `dL/dW_1`, `W_1'`).",
    )
    conventions: ConventionsModel = Field(ConventionsModel(), description="The choices on which courses differ.")
    update: Annotated[UpdateModel, BeforeValidator(_method, json_schema_input_type=_UpdateInput)] | None = Field(
        None, description="The optimiser: `{sgd: {learning_rate: 0.5}}`."
    )
    notation: Notation | None = Field(None, description="A preset, or a table from names to LaTeX.")
    rounding: RoundingModel = Field(RoundingModel(), description="How numbers are rounded on paper.")
    detail: Annotated[Detail, _OneOf] = Field("matrix", description="How much is written out.")
    points: Annotated[int, Field(ge=0), WHOLE_NUMBER] | None = Field(None, description="Points for the whole problem.")


_MODELS: dict[TreePath, type[_Model]] = {
    (): ProblemFile,
    ("conventions",): ConventionsModel,
    ("update",): UpdateModel,
    ("update", "sgd"): SgdModel,
    ("rounding",): RoundingModel,
}


def schema() -> dict[str, Any]:
    """The JSON Schema of a problem file, for editors."""
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **ProblemFile.model_json_schema()}


def validate(tree: Mapping, faults: Faults) -> ProblemFile:
    """The file as its model; all that is wrong with its structure is raised at once.

    Unknown keys are noted and left out, so that what else is wrong with the file is told with them.
    """
    given = {key: value for key, value in tree.items() if value is not None}
    try:
        return ProblemFile.model_validate(given)
    except ValidationError as error:
        details = error.errors(include_url=False)
        for detail in details:
            _translate(detail, faults)
        unknown = {detail["loc"][0] for detail in details if detail["type"] == "extra_forbidden"}
        if any(len(detail["loc"]) > 1 or detail["loc"][0] not in unknown for detail in details):
            faults.raise_any()
        return ProblemFile.model_validate({key: value for key, value in given.items() if key not in unknown})


def _translate(detail: ErrorDetails, faults: Faults) -> None:
    """One of pydantic's errors in plain words: what was found, what was expected."""
    path: TreePath = tuple(part for part in detail["loc"] if part != "[key]")
    context = detail.get("ctx", {})
    found = describe(detail["input"])
    match detail["type"]:
        case "value_error" if isinstance(context.get("error"), FlawedValueError):
            for flaw in context["error"].flaws:
                faults.add_flaw(path, flaw)
        case "extra_forbidden":
            key, keys = str(path[-1]), _MODELS[path[:-1]].model_fields
            faults.add(path, f"the unknown key `{key}`", f"one of {listing(keys)}", suggestion(key, keys))
        case "missing":
            faults.add(path[:-1], f"no key `{path[-1]}`", f"`{path[-1]}:` here")
        case "literal_error":
            faults.add(path, found, context["expected"].replace("'", "`"))
        case kind:
            faults.add(path, found, _EXPECTED.get(kind, detail["msg"]).format(**context))


_EXPECTED: typing.Final = {
    "model_type": "a mapping of keys",
    "dict_type": "a mapping of keys",
    "list_type": "a list",
    "too_short": "at least {min_length} entries",
    "too_long": "at most {max_length} entries",
    "greater_than_equal": "at least {ge}",
    "less_than_equal": "at most {le}",
}
