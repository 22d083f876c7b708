"""Images of digits: MNIST's own files where a folder has them, otherwise the small ones that scikit-learn carries.

The format of MNIST's files: http://yann.lecun.com/exdb/mnist/ (IDX: two zero bytes, a type, the number of axes, their
lengths as big-endian 32-bit numbers, then the entries).
"""

from __future__ import annotations

import gzip
import math
import struct
import zlib
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from derive.errors import DeriveError, Fault
from derive.ops import Array

MOST_ENTRIES = 10**9
TEST_SHARE = 5  # one in so many of scikit-learn's digits is kept for the test
_UNSIGNED_BYTE = 0x08
_NAMES = {
    ("train", "images"): "train-images-idx3-ubyte",
    ("train", "labels"): "train-labels-idx1-ubyte",
    ("test", "images"): "t10k-images-idx3-ubyte",
    ("test", "labels"): "t10k-labels-idx1-ubyte",
}
_FOLDERS = ("", "MNIST/raw", "raw")  # the last two are torchvision's


@dataclass(frozen=True)
class Dataset:
    """Images as rows of numbers from 0 to 1 with their classes, for training and for testing."""

    name: str
    images: Array
    labels: Array
    test_images: Array
    test_labels: Array

    @property
    def width(self) -> int:
        """The number of pixels of an image."""
        return int(self.images.shape[1])

    @property
    def classes(self) -> int:
        return int(max(self.labels.max(), self.test_labels.max())) + 1


def load(folder: Path | None, seed: int = 0) -> Dataset:
    """MNIST from `folder`; scikit-learn's 8x8 digits, mixed by `seed`, where none is named."""
    return _mnist(folder) if folder else _digits(seed)


def _digits(seed: int) -> Dataset:
    try:
        from sklearn.datasets import load_digits
    except ImportError:
        raise DeriveError(
            Fault(
                found="no data: scikit-learn, which carries a small set of digits, is not installed",
                expected="a folder with MNIST's files, or scikit-learn",
                hint="pip install scikit-learn, or name a folder with --data",
            )
        ) from None
    images, labels = load_digits(return_X_y=True)
    order = np.random.default_rng(seed).permutation(len(labels))
    images, labels = images[order] / 16.0, labels[order].astype(int)
    kept = len(labels) // TEST_SHARE
    return Dataset("scikit-learn digits", images[kept:], labels[kept:], images[:kept], labels[:kept])


def _mnist(folder: Path) -> Dataset:
    arrays = {key: read_idx(_find(folder, name)) for key, name in _NAMES.items()}
    for part in ("train", "test"):
        images, labels = arrays[part, "images"], arrays[part, "labels"]
        if images.ndim != 3 or labels.ndim != 1 or len(images) != len(labels) or not len(images):
            raise _unusable(folder, f"{part} images of shape {images.shape} with labels of shape {labels.shape}")
    if arrays["train", "images"].shape[1:] != arrays["test", "images"].shape[1:]:
        raise _unusable(folder, "training and test images of different sizes")

    def flat(images: Array) -> Array:
        return images.reshape(len(images), -1) / 255.0

    return Dataset(
        "MNIST",
        flat(arrays["train", "images"]),
        arrays["train", "labels"].astype(int),
        flat(arrays["test", "images"]),
        arrays["test", "labels"].astype(int),
    )


def _find(folder: Path, name: str) -> Path:
    """The file under the names that are in use: packed or not, `-idx3` or `.idx3`."""
    for inner in _FOLDERS:
        for stem in (name, name.replace("-idx", ".idx")):
            for suffix in ("", ".gz"):
                path = folder / inner / (stem + suffix)
                if path.is_file():
                    return path
    raise DeriveError(
        Fault(
            where=str(folder),
            found=f"no file {name} or {name}.gz",
            expected="MNIST's four files: " + ", ".join(_NAMES.values()),
            hint="without --data the digits of scikit-learn are used",
        )
    )


def read_idx(path: Path) -> Array:
    """The array of bytes in an IDX file, packed by gzip or not; no more is unpacked than its header announces."""
    try:
        packed = path.suffix == ".gz"
        with gzip.open(path, "rb") if packed else path.open("rb") as file:
            zeros, kind, rank = struct.unpack(">HBB", _exactly(file.read(4), 4))
            if zeros != 0 or kind != _UNSIGNED_BYTE or not 1 <= rank <= 3:
                raise ValueError("not an IDX file of unsigned bytes")
            lengths = struct.unpack(f">{rank}I", _exactly(file.read(4 * rank), 4 * rank))
            size = math.prod(lengths)
            if size > MOST_ENTRIES:
                raise ValueError(f"{size} entries, more than {MOST_ENTRIES}")
            content = file.read(size + 1)
    except (OSError, ValueError, EOFError, zlib.error) as error:
        raise _unusable(path, str(error)) from error
    if len(content) != size:
        more = "more" if len(content) > size else f"{len(content)}"
        raise _unusable(path, f"a header that announces {size} entries, and {more} behind it")
    return np.frombuffer(content, dtype=np.uint8).reshape(lengths)


def _exactly(content: bytes, length: int) -> bytes:
    if len(content) != length:
        raise ValueError("a file that ends inside its header")
    return content


def _unusable(path: Path, found: str) -> DeriveError:
    return DeriveError(Fault(where=str(path), found=found, expected="MNIST's files as they are distributed"))
