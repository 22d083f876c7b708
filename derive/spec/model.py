"""The keys of a problem file as pydantic models: one description validates a file and makes its JSON Schema."""

from __future__ import annotations

import typing
from fractions import Fraction
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from derive.spec.asked import Asked
from derive.spec.fields import (
    WHOLE_NUMBER,
    Activation,
    EquationsField,
    Flag,
    LearningRate,
    Loss,
    Name,
    Notation,
    Quantities,
    SizeField,
    Slope,
    Text,
    WidthField,
)
from derive.spec.problem import (
    BiasPlace,
    Carry,
    DerivativeLayout,
    Detail,
    Level,
    Role,
    SampleLayout,
    VectorLayout,
    WeightLayout,
    WeightsOfUpdate,
)
from derive.spec.require_fields import RequireModel
from derive.spec.tree import Mapping, Scalar, Tree, TreePath
from derive.spec.vary_fields import VaryField, VaryFields


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
    model_config = ConfigDict(extra="forbid", strict=True, frozen=True, defer_build=True)


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
    vectors: Annotated[VectorLayout, _OneOf] | None = Field(
        None, description="Whether a single sample is a column or a row; left out, as the weights would have it."
    )
    bias: Annotated[BiasPlace, _OneOf] = Field(
        "last", description="`W x + b` (last), `b + W x` (first), or the first row of the weights (augmented)."
    )
    bias_index: Annotated[int, Field(ge=0, le=1), WHOLE_NUMBER] = Field(
        1, description="The index of the bias in augmented weights: 1, as of any first row, or 0."
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
    fractions: Flag | None = Field(
        None, description="Whether fractions print exactly; left out, as `require: {by_hand: ...}` would have it."
    )


class TrainModel(_Model):
    """How `derive train` trains the network."""

    epochs: Annotated[int, Field(ge=1), WHOLE_NUMBER] | None = Field(
        None, description="How often all images are seen; 10 if left out."
    )
    batch_size: Annotated[int, Field(ge=1), WHOLE_NUMBER] | None = Field(
        None, description="How many images a step sees; 16 if left out."
    )
    learning_rate: LearningRate | None = Field(None, description="A positive number; 0.1 if left out.")
    seed: Annotated[int, Field(ge=0), WHOLE_NUMBER] | None = Field(
        None, description="Decides the first parameters and the order of the images; 0 if left out."
    )


class ProblemFile(_Model):
    """A problem file of derive."""

    # Defaults are constructed without validation: for that the validator of each model would be built by itself.

    title: Text = Field("", description="The heading of the sheet.")
    text: Text = Field("", description="What the student is told, in plain text.")
    architecture: Annotated[list[WidthField], Field(min_length=2, max_length=200)] | None = Field(
        None, description="The short form: the widths of the layers, input first, as numbers or symbols."
    )
    activations: list[Activation] | None = Field(
        None, description="One activation for each layer after the input; options as in `{leaky_relu: {alpha: 0.1}}`."
    )
    loss: Loss | None = Field(
        None, description="The loss by name; options as in `{mse: {reduction: sum, factor: 1/2}}`."
    )
    bias: Flag | None = Field(None, description="Whether the layers have biases.")
    forward: EquationsField | None = Field(
        None, description="The general form: equations `name = expression`, one on a line."
    )
    parameters: Quantities = Field({}, description="What is learnt: name -> numbers, or a list of names.")
    input: Quantities = Field({}, description="What goes in: name -> numbers, or a list of names.")
    target: Quantities = Field({}, description="What should come out: name -> numbers, or a list of names.")
    constants: Quantities = Field({}, description="Other numbers that occur in the equations.")
    shapes: dict[str, Annotated[list[SizeField], Field(max_length=2)]] = Field(
        {}, description="Shapes in numbers or dimension symbols: `{X: [N, 784]}`."
    )
    of: Name | None = Field(None, description="The quantity that is differentiated; the last one if left out.")
    ask: Asked = Field(
        (),
        description="What the worksheet asks for: quantities with points (`y`, `dL/dW_1[1,2]`, `W_1'`), and questions.",
    )
    conventions: ConventionsModel = Field(
        ConventionsModel.model_construct(), description="The choices on which courses differ."
    )
    update: Annotated[UpdateModel, BeforeValidator(_method, json_schema_input_type=_UpdateInput)] | None = Field(
        None, description="The optimiser: `{sgd: {learning_rate: 0.5}}`."
    )
    train: Annotated[TrainModel, BeforeValidator(_table, json_schema_input_type=TrainModel | None)] = Field(
        TrainModel.model_construct(),
        description="How `derive train` trains the network: `{epochs: 10, batch_size: 16}`.",
    )
    notation: Notation | None = Field(None, description="A preset, or a table from names to LaTeX.")
    rounding: RoundingModel = Field(RoundingModel.model_construct(), description="How numbers are rounded on paper.")
    detail: Annotated[Detail, _OneOf] = Field("matrix", description="How much is written out.")
    points: Annotated[int, Field(ge=0), WHOLE_NUMBER] | None = Field(None, description="Points for the whole problem.")
    level: Annotated[Level, _OneOf] | None = Field(None, description="How hard it is.")
    topics: list[Text] = Field([], description="What it is about.")
    minutes: Annotated[int, Field(ge=1, le=999), WHOLE_NUMBER] | None = Field(
        None, description="How long a student needs by hand."
    )
    vary: VaryField = Field(VaryFields(), description="How the numbers differ between students: `{x: [1, 2, 3]}`.")
    require: Annotated[RequireModel, BeforeValidator(_table, json_schema_input_type=RequireModel | None)] = Field(
        RequireModel.model_construct(), description="What the numbers of every student meet: `{by_hand: true}`."
    )


TABLES: typing.Final[dict[TreePath, type[BaseModel]]] = {
    (): ProblemFile,
    ("conventions",): ConventionsModel,
    ("update",): UpdateModel,
    ("update", "sgd"): SgdModel,
    ("train",): TrainModel,
    ("rounding",): RoundingModel,
    ("require",): RequireModel,
}


SECTIONS: typing.Final[dict[str, Role]] = {
    "parameters": "parameter",
    "input": "input",
    "target": "target",
    "constants": "constant",
}


def schema() -> dict[str, Any]:
    """The JSON Schema of a problem file, for editors."""
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **ProblemFile.model_json_schema()}
