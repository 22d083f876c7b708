"""A training lab: mini-batch gradient descent with the derived gradients, on images of digits."""

from derive.training.data import Dataset, load
from derive.training.loop import Epoch, Settings, Training, train

__all__ = ["Dataset", "Epoch", "Settings", "Training", "load", "train"]
