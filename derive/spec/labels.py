"""The symbols of a preset for the quantities of one problem, as a table from names to LaTeX."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass

from derive.spec.layers import Frame, LayerNames
from derive.spec.names import one_hot_name
from derive.spec.problem import MLP, Given
from derive.spec.symbols import SQUARED_ERROR, Preset

_SQUARED = (SQUARED_ERROR, "mse")
_PARAMETER = re.compile(r"(?P<letter>[Wb])_(?P<layer>[1-9][0-9]{0,3})")
_ROLES = {"W": "weights", "b": "bias"}


@dataclass(frozen=True)
class NetworkLabels:
    """The symbols of a network in the short form: each of its quantities has a role, whatever it is called."""

    preset: Preset
    mlp: MLP
    frame: Frame
    names: LayerNames

    def table(self, givens: Iterable[Given], rate: str | None, dimensions: Collection[str]) -> dict[str, str]:
        """Names -> LaTeX; a quantity whose symbol is that of a dimension keeps the symbol of its name."""
        givens = tuple(givens)
        found = dict(self._pairs(givens, rate))
        return {name: symbol for name, symbol in found.items() if symbol not in dimensions}

    def _pairs(self, givens: tuple[Given, ...], rate: str | None) -> Iterator[tuple[str, str]]:
        for given in givens:
            match = _PARAMETER.fullmatch(given.name) if given.role == "parameter" else None
            if match and (symbol := self._symbol(_ROLES[match["letter"]], int(match["layer"]))):
                yield given.name, symbol
        yield self.frame.input, self._of("input")
        yield from self._targets(givens)
        for layer in range(1, len(self.mlp.widths)):
            yield from self._layer(layer)
        squared = self._symbol("squared") if self.mlp.loss.name in _SQUARED else None
        yield self.names.loss, squared or self._of("loss")
        if rate:
            yield rate, self._of("learning_rate")

    def _targets(self, givens: tuple[Given, ...]) -> Iterator[tuple[str, str]]:
        """The target; class indices have a symbol of their own, and their one-hot vectors the usual one."""
        rank = next((len(given.shape) for given in givens if given.name == self.frame.target), None)
        if self.mlp.loss.name != "cross_entropy" or rank is None or rank == (1 if self.mlp.samples == "one" else 2):
            yield self.frame.target, self._of("target")
            return
        yield self.frame.target, self._of("classes")
        names = (*self.names.pre_activations, *self.names.results, self.names.loss, *(given.name for given in givens))
        yield one_hot_name({name for name in names if name}), self._of("target")

    def _layer(self, layer: int) -> Iterator[tuple[str, str]]:
        """The symbols of a layer's pre-activation, of its result, and of the gradient of the affine map."""
        pre_activation, result = self.names.pre_activations[layer - 1], self.names.results[layer - 1]
        is_last = layer == len(self.mlp.widths) - 1
        affine = self._symbol("last_affine", layer) if is_last else None
        if pre_activation:
            yield pre_activation, affine or self._of("pre_activation", layer)
        own = self._of("output" if is_last else "activation", layer)
        yield result, own if pre_activation else affine or own
        if delta := self._symbol("delta", layer):
            yield f"d{self.names.loss}/d{pre_activation or result}", delta

    def _symbol(self, role: str, layer: int = 0) -> str | None:
        return self.preset.symbol(role, layer, batch=self.mlp.samples != "one")

    def _of(self, role: str, layer: int = 0) -> str:
        return self._symbol(role, layer) or ""


def general_labels(preset: Preset, givens: Iterable[Given], names: Collection[str], rate: str | None) -> dict[str, str]:
    """For equations: symbols of the parameters W_1, b_1, ..., of the learning rate, and of a loss called L.

    The other names are the author's own. A symbol that another name has already is not taken.
    """
    found = {}
    for given in givens:
        match = _PARAMETER.fullmatch(given.name) if given.role == "parameter" else None
        if match:
            found[given.name] = preset.symbol(_ROLES[match["letter"]], int(match["layer"]))
    if rate:
        found[rate] = preset.symbol("learning_rate")
    if "L" in names:
        found["L"] = preset.symbol("loss")
    return {
        name: symbol for name, symbol in found.items() if symbol and symbol.removeprefix("\\") not in {*names} - {name}
    }
