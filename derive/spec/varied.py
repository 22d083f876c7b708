"""`vary:` held against the given quantities: what is drawn from has their shape, and numbers that they may have."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from derive.spec.dimensions import Dimensions, shape_text, symbol_of
from derive.spec.faults import Faults
from derive.spec.givens import Givens
from derive.spec.mlp_givens import class_flaw
from derive.spec.numbers import Literal
from derive.spec.problem import MLP, Given, Size
from derive.spec.recovery import PartialFile
from derive.spec.tree import Mapping, TreePath, line_of
from derive.spec.variation import Choice, Each, OneOf, Signs
from derive.spec.vary_fields import LEARNING_RATE, TOGETHER
from derive.spec.vary_numbers import SIGNS, Numbers


@dataclass(frozen=True)
class Variation:
    """Makes the choices of a problem from what its file says about them."""

    read: PartialFile
    givens: Givens
    dimensions: Dimensions
    mlp: MLP | None
    faults: Faults

    def choices(self) -> tuple[Choice, ...]:
        """One choice for each quantity, and one for all that are drawn together; unknown quantities are left out."""
        self._check_empty()
        fields = self.read.file.vary
        single = [choice for name, numbers in fields.numbers.items() for choice in self._choice(name, numbers)]
        return (*single, *self._together())

    def _check_empty(self) -> None:
        table = self.read.tree.get("vary", Mapping(0))
        is_empty = table is None or (isinstance(table, Mapping) and not table)
        if "vary" in self.read.tree and is_empty and not any(path[0] == "vary" for path in self.read.unknown):
            hint = "leave the key out, and what varies is made from the numbers of the file"
            self.faults.add(("vary",), "nothing that varies", "quantities and what they are drawn from", hint)

    def _line(self, *path: str | int) -> int:
        return line_of(self.read.tree, ("vary", *path))

    def _given(self, name: str) -> Given | None:
        return next((given for given in self.givens.givens if given.name == name), None)

    def _choice(self, name: str, numbers: Numbers) -> Iterator[Choice]:
        """The choice of one quantity, if it can be made."""
        line, path, given = self._line(name), ("vary", name), self._given(name)
        if given is None:
            yield from self._rates(numbers) if name == LEARNING_RATE else ()
        elif numbers == SIGNS:
            self._check_signs(given)
            yield Signs(name, line)
        elif isinstance(numbers, Literal):
            if self._shape(given, path) is not None:
                self._check_entries(given, numbers)
            yield Each(name, numbers, line)
        else:
            options = [self._option(given, option, (*path, place)) for place, option in enumerate(numbers)]
            yield OneOf(tuple({name: option} for option in options), line)

    def _rates(self, numbers: Numbers) -> Iterator[Choice]:
        """The learning rate is one number, so that one of several is as good as each entry by itself."""
        update, path = self.read.file.update, ("vary", LEARNING_RATE)
        if update is None:
            return
        if not isinstance(numbers, Literal):
            found = "`signs` of the learning rate" if numbers == SIGNS else "lists for the learning rate"
            self.faults.add(path, found, "positive numbers")
            return
        options = [Literal(text) for text in numbers.text.flat]
        for place, option in enumerate(options):
            self._check_rate(option, (*path, place))
        yield OneOf(tuple({update.sgd.symbol: option} for option in options), self._line(LEARNING_RATE))

    def _check_rate(self, number: Literal, path: TreePath) -> None:
        if number.shape or number.exact.item() <= 0:
            found = "a list" if number.shape else f"the learning rate {number.text.item()}"
            self.faults.add(path, found, "a positive number")

    def _together(self) -> Iterator[Choice]:
        """Rows of which one is taken as a whole."""
        fields, update = self.read.file.vary, self.read.file.update
        for name in fields.rows[0] if fields.rows else ():
            if name in fields.numbers:
                expected = "each quantity once: by itself or together with others"
                self.faults.add(("vary", TOGETHER, 0, name), f"`{name}` varies twice", expected)
        options: list[dict[str, Literal]] = []
        for place, row in enumerate(fields.rows):
            options.append({})
            for name, numbers in row.items():
                path, given = ("vary", TOGETHER, place, name), self._given(name)
                if given:
                    options[-1][name] = self._option(given, numbers, path)
                elif not given and name == LEARNING_RATE and update:
                    self._check_rate(numbers, path)
                    options[-1][update.sgd.symbol] = numbers
        if options:
            yield OneOf(tuple(options), self._line(TOGETHER))

    def _shape(self, given: Given, path: TreePath) -> tuple[int, ...] | None:
        """The shape in numbers; None, which is told, where it has a dimension without one."""
        if given.name in self.givens.unknown:
            return None
        sizes = [self.dimensions.number(size) for size in given.shape]
        loose = [symbol for size in sizes if (symbol := symbol_of(size))]
        if loose and not self.givens.unknown and not any(map(self.dimensions.is_unknown, loose)):
            key = "architecture" if self.mlp and loose[0] in self.mlp.widths else "shapes"
            found = f"`{given.name}` varies, and its dimension {loose[0]} has no number"
            self.faults.add(path, found, f"a number for {loose[0]} in `{key}:`, or numbers of `{given.name}`")
        return None if loose else tuple(size for size in sizes if isinstance(size, int))

    def _option(self, given: Given, option: Literal, path: TreePath) -> Literal:
        """Numbers in the shape of a quantity; a flat list also means the one row or column of that length."""
        shape = self._shape(given, path)
        if shape is None:
            return option
        if option.shape != shape:
            if min(option.text.ndim, len(shape)) > 1 or _lengths(option.shape) != _lengths(shape):
                expected = f"{shape_text(shape)}, the shape of `{given.name}`"
                hint = "" if given.value else f"another shape is stated by `shapes: {{{given.name}: ...}}`"
                self.faults.add(path, f"numbers of shape {shape_text(option.shape)}", expected, hint)
                return option
            option = option.reshaped(shape)
        if self._classes(given) is not None:
            self._check_classes(given, option, path)
        return option

    def _check_signs(self, given: Given) -> None:
        path = ("vary", given.name)
        if given.name in self.givens.unknown:
            return
        if given.value is None:
            self.faults.add(path, f"`{given.name}` has no numbers", "numbers, whose signs vary")
        elif not any(given.value.exact.flat):
            self.faults.add(path, f"`{given.name}` is 0", "a number that has a sign")
        elif self._is_target_of_classes(given):
            self._refuse_probability(given)

    def _check_entries(self, given: Given, numbers: Literal) -> None:
        """Numbers of which each entry is drawn by itself."""
        if self._classes(given) is not None:
            self._check_classes(given, numbers, ("vary", given.name))
        elif self._is_target_of_classes(given):
            self._refuse_probability(given)

    def _refuse_probability(self, given: Given) -> None:
        """Entries of a one-hot vector depend on each other."""
        hint = f"options of the whole: `{given.name}: [[1, 0], [0, 1]]`; a class index is a single number"
        found = f"the probabilities `{given.name}` drawn one by one"
        self.faults.add(("vary", given.name), found, "numbers that sum to 1", hint)

    def _is_target_of_classes(self, given: Given) -> bool:
        if self.mlp is None or given.role != "target" or given.name in self.givens.unknown:
            return False
        return self.mlp.loss.name == "cross_entropy" and self.read.knows("architecture")

    def _classes(self, given: Given) -> Size | None:
        """The number of classes of which a quantity holds indices; None for other quantities."""
        if self.mlp is None or not self._is_target_of_classes(given):
            return None
        has_indices = len(given.shape) < (1 if self.mlp.samples == "one" else 2)
        classes = self.mlp.widths[-1]
        return self.dimensions.number(classes) if has_indices else None

    def _check_classes(self, given: Given, numbers: Literal, path: TreePath) -> None:
        classes = self._classes(given)
        if classes is not None and (flaw := class_flaw(numbers, classes)):
            self.faults.add_flaw(path, flaw)


def _lengths(shape: tuple[int, ...]) -> list[int]:
    return [size for size in shape if size != 1]
