r"""The shape of a quantity as it stands on paper, `3 \times 1`."""

from __future__ import annotations

from derive.ops import Shape
from derive.render.latex import rational

CROSS = r" \times "


def shape_latex(shape: Shape) -> str:
    """Rows and columns: numbers, or symbols of dimensions."""
    return CROSS.join(str(side) if isinstance(side, int) else rational(side)[0] for side in shape)
