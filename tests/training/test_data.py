"""Reading MNIST's files as they are distributed, and refusing what is not one of them."""

from __future__ import annotations

import gzip
import struct
from pathlib import Path

import numpy as np
import pytest

from derive.errors import DeriveError
from derive.training.data import load, read_idx

NAMES = {
    "train-images-idx3-ubyte": (12, 3, 4),
    "train-labels-idx1-ubyte": (12,),
    "t10k-images-idx3-ubyte": (5, 3, 4),
    "t10k-labels-idx1-ubyte": (5,),
}


def idx(array: np.ndarray) -> bytes:
    """The bytes of an IDX file."""
    return struct.pack(f">HBB{array.ndim}I", 0, 8, array.ndim, *array.shape) + array.tobytes()


def write_mnist(folder: Path, *, packed: bool = False, dotted: bool = False) -> dict[str, np.ndarray]:
    """A small data set in MNIST's format."""
    generator = np.random.default_rng(3)
    arrays = {name: generator.integers(0, 10, shape).astype(np.uint8) for name, shape in NAMES.items()}
    folder.mkdir(parents=True, exist_ok=True)
    for name, array in arrays.items():
        file = f"{name.replace('-idx', '.idx') if dotted else name}{'.gz' if packed else ''}"
        content = idx(array)
        (folder / file).write_bytes(gzip.compress(content) if packed else content)
    return arrays


@pytest.mark.parametrize("packed", [False, True])
@pytest.mark.parametrize("dotted", [False, True])
@pytest.mark.parametrize("inner", ["", "MNIST/raw"])
def test_images_become_rows_from_zero_to_one(tmp_path: Path, packed: bool, dotted: bool, inner: str) -> None:
    arrays = write_mnist(tmp_path / inner, packed=packed, dotted=dotted)
    data = load(tmp_path)
    assert data.name == "MNIST"
    assert data.width == 12
    np.testing.assert_array_equal(data.images, arrays["train-images-idx3-ubyte"].reshape(12, 12) / 255)
    np.testing.assert_array_equal(data.test_labels, arrays["t10k-labels-idx1-ubyte"])


def test_the_digits_of_scikit_learn_are_there_without_a_folder() -> None:
    pytest.importorskip("sklearn")
    data = load(None)
    assert (data.width, data.classes) == (64, 10)
    assert len(data.labels) + len(data.test_labels) == 1797
    assert 0 <= data.images.min() < data.images.max() <= 1
    np.testing.assert_array_equal(load(None).images, data.images)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    write_mnist(tmp_path)
    (tmp_path / "t10k-labels-idx1-ubyte").unlink()
    with pytest.raises(DeriveError, match="t10k-labels-idx1-ubyte"):
        load(tmp_path)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\0\0\x08",
        b"\0\0\x08\x01\0\0",
        b"PK\x03\x04 something else",
        idx(np.zeros(7, np.uint8))[:-1],
        idx(np.zeros(7, np.uint8)) + b"\0",
        struct.pack(">HBB3I", 0, 8, 3, 2**31, 2**31, 2),
        struct.pack(">HBB1I", 0, 13, 1, 4) + bytes(16),
    ],
    ids=["empty", "short", "header cut", "zip", "one missing", "one more", "huge", "floats"],
)
@pytest.mark.parametrize("packed", [False, True])
def test_a_file_that_is_not_what_it_says_is_refused(tmp_path: Path, content: bytes, packed: bool) -> None:
    path = tmp_path / f"labels{'.gz' if packed else ''}"
    path.write_bytes(gzip.compress(content) if packed else content)
    with pytest.raises(DeriveError) as refused:
        read_idx(path)
    assert str(path) in str(refused.value)


def test_a_broken_gzip_file_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "labels.gz"
    path.write_bytes(gzip.compress(idx(np.arange(200, dtype=np.uint8)))[:-20])
    with pytest.raises(DeriveError):
        read_idx(path)


def test_images_and_labels_must_be_equally_many(tmp_path: Path) -> None:
    write_mnist(tmp_path)
    (tmp_path / "train-labels-idx1-ubyte").write_bytes(idx(np.zeros(11, np.uint8)))
    with pytest.raises(DeriveError, match=r"\(12, 3, 4\)"):
        load(tmp_path)
