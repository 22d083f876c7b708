"""The given quantities of the short form: which there must be, and which shapes they may be written in."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

from derive.spec.dimensions import Dimensions, shape_text
from derive.spec.faults import Faults, Flaw, close_words, listing, suggestion
from derive.spec.givens import Entry, Givens, declared_shape, sections_in_order
from derive.spec.layers import Frame
from derive.spec.mlp import Network, has_numbers
from derive.spec.model import ProblemFile
from derive.spec.numbers import Literal
from derive.spec.problem import MLP, Given, Shape, Size, Width, one_more
from derive.spec.recovery import PartialFile
from derive.spec.tree import line_of

_PARAMETER = re.compile(r"(W|b)_([1-9][0-9]{0,3})")
_SAMPLE_SYMBOL = "N"
_WEIGHTS = {"out_in": "in_out", "in_out": "out_in"}
_SAMPLES = {"rows": "columns", "columns": "rows"}


class _Form(NamedTuple):
    """A shape in which a quantity may be written, and the shape which that means in the equations."""

    written: Shape
    meant: Shape


def _as_written(*shapes: Shape) -> list[_Form]:
    return [_Form(shape, shape) for shape in shapes]


def sample_count(file: ProblemFile, mlp: MLP, frame: Frame) -> Size:
    """The number of samples of a batch as `shapes:` states it, or else the symbol N."""
    declared = file.shapes.get(frame.input, ())
    return declared[0 if mlp.samples == "rows" else 1] if len(declared) == 2 else _SAMPLE_SYMBOL


@dataclass(frozen=True)
class NetworkGivens:
    """Makes the given quantities of a network from what the file says about them."""

    read: PartialFile
    network: Network
    mlp: MLP
    dimensions: Dimensions
    faults: Faults

    @property
    def file(self) -> ProblemFile:
        return self.read.file

    @property
    def frame(self) -> Frame:
        return self.network.frame

    @property
    def is_augmented(self) -> bool:
        """Whether the biases are among the weights."""
        return self.mlp.bias and self.frame.conventions.bias == "augmented"

    def make(self) -> Givens:
        """All given quantities: those of the file in its order, and those that it leaves to the network."""
        self._check_names()
        pairs = [(entry, given) for entry in self._entries() if (given := self._given(entry))]
        unknown = {given.name for entry, given in pairs if not self._is_known(entry, given)}
        return Givens(tuple(given for _, given in pairs), frozenset(unknown))

    def _is_known(self, entry: Entry, given: Given) -> bool:
        """Whether it is right that a quantity has no numbers, or that it has them."""
        named = getattr(self.file, entry.section)
        is_told = bool(named) if entry.section == "parameters" else has_numbers(self.read)
        is_drawn = entry.name in self.file.vary.names
        is_named = is_drawn or entry.name in named or not (is_told or self.read.has_gap(entry.section))
        has_shape = bool(self._forms(entry)) and self.read.knows(*entry.path)
        has_numbers_as_said = (entry.value is None) == (given.value is None) or entry.name in self.read.loose
        return is_named and has_shape and has_numbers_as_said

    def _entries(self) -> Iterator[Entry]:
        for section in sections_in_order(self.read):
            named = getattr(self.file, section)
            for name in dict.fromkeys([*named, *self._expected_names(section)]):
                at = (section, name) if name in named else ("architecture",)
                yield Entry(section, name, named.get(name), line_of(self.read.tree, at))

    def _expected_names(self, section: str) -> list[str]:
        letters = ("W", "b") if self.mlp.bias and not self.is_augmented else ("W",)
        layers = range(1, len(self.mlp.widths))
        return {
            "parameters": [f"{letter}_{layer}" for layer in layers for letter in letters],
            "input": [self.frame.input],
            "target": [self.frame.target],
        }.get(section, [])

    def _check_names(self) -> None:
        """The parameters must be W_1, b_1, W_2, ... without a gap; constants have no place in a network."""
        expected = self._expected_names("parameters")
        given = self.file.parameters
        missing = [name for name in expected if name not in given and not self.read.may_vary(name)]
        for name in given:
            if name not in expected:
                hint = self._bias_hint() if name.startswith("b_") else ""
                hint = hint or suggestion(name, expected)
                self.faults.add(("parameters", name), f"the unknown parameter `{name}`", listing(expected), hint)
                meant = [close for close in close_words(name, expected) if close in missing]
                missing = [other for other in missing if other not in meant[:1]]
        if given and missing and not self.read.has_gap("parameters"):
            self.faults.add(("parameters",), f"no {listing(missing)}", f"all of {listing(expected)}")
        for name in self.file.constants:
            hint = "write the equations under `forward:` to use constants"
            self.faults.add(("constants", name), f"the constant `{name}`", "no constants in the short form", hint)

    def _bias_hint(self) -> str:
        """Why there is no parameter for a bias, if there is none."""
        if self.is_augmented:
            row = "column" if self.frame.conventions.weights == "out_in" else "row"
            return f"the bias is the first {row} of the weights (`bias: augmented`)"
        return "" if self.mlp.bias else "the network has no biases"

    def _given(self, entry: Entry) -> Given | None:
        forms = self._forms(entry)
        if not forms:
            shape = entry.value.shape if entry.value else tuple(self.file.shapes.get(entry.name, ()))
            has_role = entry.section in ("input", "target")
            return Given(entry.name, entry.role, shape, entry.value, entry.line) if has_role else None
        found = declared_shape(entry, self.read, self.dimensions, self.faults)
        fitting = forms if found is None else [form for form in forms if self.dimensions.fits(found, form.written)]
        if not fitting:
            self._pass_over(entry, found or (), forms)
            return Given(entry.name, entry.role, forms[0].meant, None, entry.line)
        form = fitting[0]
        if found is not None:
            self.dimensions.bind(found, form.written, entry.name, entry.path)
        return Given(entry.name, entry.role, form.meant, self._value(entry, form), entry.line)

    def _value(self, entry: Entry, form: _Form) -> Literal | None:
        """The numbers in the shape that is meant; those that contradict `shapes:` have been refused already."""
        value = entry.value
        if value is None or not self.dimensions.fits(value.shape, form.written):
            return value
        self.dimensions.bind(value.shape, form.written, entry.name, entry.path)
        self._check_classes(entry, form)
        if len(value.shape) == len(form.meant):
            return value
        return value.reshaped(tuple(1 if size == 1 else -1 for size in form.meant))

    def _forms(self, entry: Entry) -> list[_Form]:
        """The shapes in which an entry may be written, the usual one first; none if nobody knows."""
        if entry.section in ("input", "target") and not self.network.has_samples:
            return []
        if entry.section == "input":
            return _as_written(self._sample_shape(self.mlp.widths[0]))
        if entry.section == "target":
            return self._target_forms(self.mlp.widths[-1])
        match = _PARAMETER.fullmatch(entry.name)
        if match is None or int(match[2]) >= len(self.mlp.widths):
            return []
        layer = int(match[2])
        width, outputs = self.mlp.widths[layer - 1], self.mlp.widths[layer]
        if match[1] == "b":
            return self._bias_forms(outputs)
        inputs = one_more(width) if self.is_augmented else width
        shapes: list[Shape] = [(outputs, inputs), (inputs, outputs)]
        if self.read.knows("conventions", "weights"):
            shapes = shapes[:1] if self.frame.conventions.weights == "out_in" else shapes[1:]
        return _as_written(*shapes)

    def _sample_shape(self, width: Width) -> Shape:
        count = sample_count(self.file, self.mlp, self.frame)
        return {"one": (width,), "rows": (count, width), "columns": (width, count)}[self.mlp.samples]

    def _bias_forms(self, width: Width) -> list[_Form]:
        """A bias is a flat list; beside samples in columns it is a column, beside samples in rows it may be a row."""
        if not self.network.has_samples:
            return _as_written((width,), (1, width), (width, 1))
        if self.mlp.samples == "columns":
            return [_Form((width, 1), (width, 1)), _Form((width,), (width, 1))]
        return _as_written((width,), (1, width)) if self.mlp.samples == "rows" else _as_written((width,))

    def _target_forms(self, width: Width) -> list[_Form]:
        """Like the output; one number per sample where there is one output; class indices for cross-entropy."""
        full = self._sample_shape(width)
        flat: Shape = () if self.mlp.samples == "one" else (sample_count(self.file, self.mlp, self.frame),)
        if self.mlp.loss.name == "cross_entropy" or not self.network.has_loss:
            return _as_written(full, flat)
        if width == 1 or self.dimensions.is_unknown(width):
            return [_Form(full, full), _Form(flat, flat if self.mlp.samples == "one" else full)]
        return _as_written(full)

    def _pass_over(self, entry: Entry, found: Shape, forms: list[_Form]) -> None:
        """Numbers that do not fit: a fault, unless others are drawn; the number of samples is theirs all the same."""
        if entry.name not in self.read.loose:
            self._refuse(entry, found, forms)
            return
        form = next((form for form in forms if len(form.written) == len(found)), None)
        if form:
            self.dimensions.bind(found, form.written, entry.name, entry.path)

    def _refuse(self, entry: Entry, found: Shape, forms: list[_Form]) -> None:
        """Say which shape was found and expected, and what to do if the other layout was meant."""
        wanted = forms[0].written
        text = f"{shape_text(wanted)}{self._layer_text(entry.name)}"
        hint = ""
        if len(found) == 2 and self.dimensions.fits(found[::-1], wanted):
            hint = f"for the transposed layout write `conventions: {{{self._other_layout(entry)}}}`"
        elif len(found) == 1 and self.dimensions.fits((1, *found), wanted):
            hint = "a matrix of one row is written [[...]]"
        self.faults.add(entry.path, f"`{entry.name}` of shape {shape_text(found)}", text, hint)

    def _layer_text(self, name: str) -> str:
        match = _PARAMETER.fullmatch(name)
        if match is None:
            return ""
        layer = int(match[2])
        return f" in layer {layer} ({self.mlp.widths[layer - 1]} inputs, {self.mlp.widths[layer]} outputs)"

    def _other_layout(self, entry: Entry) -> str:
        if entry.section == "parameters":
            return f"weights: {_WEIGHTS[self.frame.conventions.weights]}"
        return f"samples: {_SAMPLES[self.file.conventions.samples]}"

    def _check_classes(self, entry: Entry, form: _Form) -> None:
        has_classes = self.network.has_loss and self.mlp.loss.name == "cross_entropy"
        if entry.section != "target" or not has_classes or entry.value is None:
            return
        classes = self.mlp.widths[-1]
        if form.meant == self._sample_shape(classes):
            return
        if flaw := class_flaw(entry.value, self.dimensions.number(classes)):
            self.faults.add_flaw(entry.path, flaw)


def class_flaw(numbers: Literal, classes: Size) -> Flaw | None:
    """The first of the numbers that is no class index: a whole number from 0 to the number of classes less one."""
    for index in numbers.exact.flat:
        if index.denominator != 1 or index < 0 or (isinstance(classes, int) and index >= classes):
            top = classes - 1 if isinstance(classes, int) else f"{classes}-1"
            return Flaw(f"the class index {index}", f"whole numbers from 0 to {top}")
    return None
