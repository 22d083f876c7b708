"""What makes a variant the same again: the digest of its problem, its id, and who gets it."""

from __future__ import annotations

import base64
import hashlib
import os
import subprocess
import sys
from collections import Counter

import numpy as np
import pytest

from derive.variants.identity import UnknownVariant, VariantId, assign, make_id, problem_digest, read_id
from tests.variants.exams import BANK, TANH, bank, problem_of

SEED = 2_718


def test_the_digest_is_that_of_what_the_file_says() -> None:
    digest = problem_digest(problem_of(TANH))
    assert len(digest) == 64
    assert digest == problem_digest(problem_of("# a comment\n\n" + TANH.replace("loss: mse", "loss:   mse  # squared")))
    assert digest == problem_digest(problem_of(TANH + "\n\n"))


CHANGES = {
    "a number": ("0.7", "0.8"),
    "a number as it is written": ("0.7", "0.70"),
    "an activation": ("[tanh, identity]", "[sigmoid, identity]"),
    "the loss": ("loss: mse", "loss: mae"),
    "the rate": ("learning_rate: 0.5", "learning_rate: 0.25"),
    "the places": ("places: 2", "places: 3"),
    "what is asked": ("rounding:", "ask: [y]\nrounding:"),
    "a question": ("rounding:", 'ask: [{explain: "Why?", points: 2}]\nrounding:'),
    "what varies": ("rounding:", "vary: {x: [1, 2]}\nrounding:"),
    "from which numbers": ("rounding:", "vary: {x: [1, 3]}\nrounding:"),
    "the networks": ("rounding:", "vary: {activations: [[tanh, identity], [relu, identity]]}\nrounding:"),
    "other networks": ("rounding:", "vary: {activations: [[tanh, identity], [sigmoid, identity]]}\nrounding:"),
    "a requirement": ("rounding:", "require: {zeros: any}\nrounding:"),
    "a condition": ("rounding:", "require: {conditions: L > 0.1}\nrounding:"),
    "another condition": ("rounding:", "require: {conditions: L > 0.2}\nrounding:"),
    "a convention": ("rounding:", "conventions: {relu_at_zero: 1}\nrounding:"),
    "the title": ("rounding:", "title: Another\nrounding:"),
}


def test_every_change_changes_the_digest() -> None:
    digests = {"none": problem_digest(problem_of(TANH))}
    for change, (old, new) in CHANGES.items():
        assert old in TANH
        digests[change] = problem_digest(problem_of(TANH.replace(old, new)))
    assert len(set(digests.values())) == len(digests), digests


def test_every_problem_of_the_bank_has_a_digest_of_its_own() -> None:
    digests = {name: problem_digest(bank(name)) for name in BANK}
    assert len(set(digests.values())) == len(BANK) > 40


def test_the_digest_is_the_same_in_every_process() -> None:
    """Sets and hashes of texts differ between processes; what is made of them must not."""
    program = (
        "from tests.variants.exams import BANK, bank\n"
        "from derive.variants.identity import problem_digest\n"
        "print(*(problem_digest(bank(name)) for name in BANK))"
    )
    other = {**os.environ, "PYTHONHASHSEED": "1" if os.environ.get("PYTHONHASHSEED") != "1" else "2"}
    found = subprocess.run([sys.executable, "-c", program], env=other, capture_output=True, text=True, check=True)
    assert found.stdout.split() == [problem_digest(bank(name)) for name in BANK]


def test_an_id_is_read_again() -> None:
    digest = problem_digest(problem_of(TANH))
    for seed, number in [(0, 1), (7, 17), (7, 999_999_999), (10**30, 1000)]:
        made = make_id(digest, seed, number)
        for text in (str(made), f"  {made}\n", str(made).lower(), f"{seed}-{number}-{made.check}"):
            assert read_id(text, digest) == made, text
    assert str(VariantId(7, 17, "K7QB")) == "7-017-K7QB"


def test_the_check_is_the_beginning_of_the_hash_in_base_32() -> None:
    found = hashlib.sha256(b"digest 7 17").digest()
    assert make_id("digest", 7, 17).check == base64.b32encode(found)[:4].decode()


@pytest.mark.parametrize(
    "text", ["", "7", "7-17", "7-017-K7Q", "7-017-K7QBX", "7-0-AAAA", "7-000-AAAA", "-7-017-AAAA", "7-017-AAA0",
             "७-017-AAAA", "7-" + "9" * 50 + "-AAAA", "7_017_AAAA", "7-017-AAAA; rm"]
)  # fmt: skip
def test_what_is_no_id_is_refused(text: str) -> None:
    with pytest.raises(UnknownVariant, match="an id such as 7-017-K7QB"):
        read_id(text, "digest")


def test_typing_errors_and_other_files_are_refused() -> None:
    made = make_id("digest", 7, 17)
    wrong = [
        f"7-018-{made.check}",
        f"8-017-{made.check}",
        f"7-017-{'A' if made.check[0] != 'A' else 'B'}{made.check[1:]}",
    ]
    for text in wrong:
        with pytest.raises(UnknownVariant, match="no variant for"):
            read_id(text, "digest")
    with pytest.raises(UnknownVariant, match="no variant for"):
        read_id(str(made), "another digest")


STUDENTS = [f"s{number:05d}" for number in range(300)]


def test_everyone_has_a_variant_of_their_own() -> None:
    assert sorted(assign(SEED, STUDENTS, 300)) == list(range(300))
    places = assign(SEED, STUDENTS, 1000)
    assert len(set(places)) == 300 and max(places) < 1000
    assert assign(SEED, [], 5) == []
    assert assign(SEED, ["é", "李", "ł"], 1) == [0, 0, 0]


@pytest.mark.parametrize("count", [1, 7, 100, 299])
def test_no_variant_is_used_again_before_all_are_used(count: int) -> None:
    places = assign(SEED, STUDENTS, count)
    for end in range(len(places) + 1):
        uses = Counter(places[:end])
        assert max(uses.values(), default=0) - min((uses[place] for place in range(count)), default=0) <= 1, end


def test_who_comes_later_changes_nothing_for_the_others() -> None:
    assert assign(SEED, STUDENTS[:120], 40) == assign(SEED, STUDENTS, 40)[:120]


def test_variants_are_given_by_the_seed_and_not_by_the_place_in_the_list() -> None:
    places = assign(SEED, STUDENTS, 10_000)
    again = dict(zip(reversed(STUDENTS), assign(SEED, STUDENTS[::-1], 10_000), strict=True))
    agree = [again[student] == place for student, place in zip(STUDENTS, places, strict=True)]
    assert np.mean(agree) > 0.95  # all but those whose places meet
    assert np.mean([one == other for one, other in zip(places, assign(SEED + 1, STUDENTS, 10_000), strict=True)]) < 0.05
    assert places != sorted(places)
