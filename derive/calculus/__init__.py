"""Program -> longer program: gradients, Jacobians, updates. Knows no operation by name."""

from derive.calculus.differentiate import Style, differentiate, direct_share, gradient_name
from derive.calculus.entry_jacobians import entry_jacobians
from derive.calculus.jacobian import jacobian_name, jacobian_step
from derive.calculus.samples import sample_jacobians
from derive.calculus.update import descend, update_step, updated_name

__all__ = [
    "Style",
    "descend",
    "differentiate",
    "direct_share",
    "entry_jacobians",
    "gradient_name",
    "jacobian_name",
    "jacobian_step",
    "sample_jacobians",
    "update_step",
    "updated_name",
]
