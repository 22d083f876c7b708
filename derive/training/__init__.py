"""A training lab: mini-batch gradient descent with the derived gradients, on images of digits."""

from derive.training.data import Dataset, load
from derive.training.loop import Epoch, Training, train
from derive.training.network import Network
from derive.training.report import FORMATS, training_data, write_training
from derive.training.settings import Settings, choose_settings, read_sizes

__all__ = [
    "FORMATS",
    "Dataset",
    "Epoch",
    "Network",
    "Settings",
    "Training",
    "choose_settings",
    "load",
    "read_sizes",
    "train",
    "training_data",
    "write_training",
]
