from __future__ import annotations

import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from molphenix_core.errors import InputError
from molphenix_core.molecules.doses import DoseEncoding

DOSES = st.one_of(st.floats(1e-6, 1e6), st.just(float("nan")))
KINDS = ["one-hot", "log10", "sigmoid", ("one-hot", "sigmoid"), ("log10", "one-hot", "sigmoid")]


@pytest.mark.parametrize("wrong", [0.0, -1.0, np.inf, -np.inf])
def test_controls_never_enter_the_logarithm(wrong: float) -> None:
    encoding = DoseEncoding.fit("log10", [1.0, 10.0])
    for call in (encoding.encode, lambda doses: DoseEncoding.fit("sigmoid", doses)):
        with pytest.raises(InputError, match="row 2"):
            call([1.0, wrong])


@pytest.mark.parametrize("kinds", KINDS)
def test_an_unknown_dose_is_all_zeros_and_a_known_one_is_flagged(kinds: str | tuple[str, ...]) -> None:
    encoding = DoseEncoding.fit(kinds, [0.1, 1.0, 10.0, 10.0, np.nan])
    encoded = encoding.encode([1.0, np.nan, 3.0, 1e-5, 1e5])
    assert encoded.dtype == np.float32
    assert encoded.shape == (5, encoding.width)
    assert encoded[:, -1].tolist() == [1, 0, 1, 1, 1]
    assert not encoded[1].any()
    assert np.isfinite(encoded).all()


def test_one_hot_is_exact_on_its_doses_and_shares_between_them() -> None:
    encoding = DoseEncoding.fit("one-hot", [10.0, 0.1, 1.0, 1.02])
    assert encoding.doses == (0.1, 1.0, 10.0)
    assert encoding.encode([0.1, 1.0, 10.0])[:, :-1].tolist() == np.eye(3).tolist()
    shared = encoding.encode([np.sqrt(10.0), 0.001, 500.0])[:, :-1]
    np.testing.assert_allclose(shared, [[0, 0.5, 0.5], [1, 0, 0], [0, 0, 1]], atol=1e-6)


def test_log10_is_standardised_over_the_training_set() -> None:
    training = [0.1, 1.0, 1.0, 10.0, 100.0]
    values = DoseEncoding.fit("log10", training).encode(training)[:, 0]
    assert values.mean() == pytest.approx(0, abs=1e-6)
    assert values.std() == pytest.approx(1, rel=1e-6)


@given(st.lists(st.floats(1e-3, 1e3), min_size=2, max_size=20))
def test_sigmoid_rises_with_dose_and_stays_within_zero_and_one(doses: list[float]) -> None:
    encoding = DoseEncoding.fit("sigmoid", doses)
    encoded = encoding.encode(np.geomspace(1e-9, 1e9, 50))[:, :-1]
    assert (np.diff(encoded, axis=0) >= 0).all()
    assert encoded.min() >= 0
    assert encoded.max() <= 1


@given(st.lists(DOSES, min_size=1, max_size=20), st.sampled_from(KINDS))
def test_a_description_survives_json(doses: list[float], kinds: str | tuple[str, ...]) -> None:
    encoding = DoseEncoding.fit(kinds, [1.0, *doses])
    again = DoseEncoding.from_dict(json.loads(json.dumps(encoding.to_dict())))
    assert again == encoding
    assert (again.encode(doses) == encoding.encode(doses)).all()


def test_kinds_are_concatenated_with_one_flag() -> None:
    training = [0.1, 1.0, 10.0]
    parts = [DoseEncoding.fit(kind, training).encode(training)[:, :-1] for kind in ("log10", "one-hot")]
    both = DoseEncoding.fit(("log10", "one-hot"), training).encode(training)
    np.testing.assert_array_equal(both, np.concatenate([*parts, np.ones((3, 1))], axis=1).astype(np.float32))


def test_a_single_dose_and_no_kind_are_allowed() -> None:
    encoding = DoseEncoding.fit(("one-hot", "log10", "sigmoid"), [5.0])
    assert encoding.encode([5.0]).tolist() == [[1.0, 0.0, 0.5, 1.0]]
    assert DoseEncoding.fit((), [np.nan]).encode([3.0, np.nan]).tolist() == [[1.0], [0.0]]


@pytest.mark.parametrize(
    "values",
    [
        {"kinds": ["raw"]},
        {"kinds": ["log10", "log10"]},
        {"kinds": ["log10"], "sd": 0},
        {"kinds": ["log10"], "mean": float("nan")},
        {"kinds": ["one-hot"], "doses": []},
        {"kinds": ["one-hot"], "doses": [1, 1]},
        {"kinds": ["one-hot"], "doses": [0, 1]},
        {"kinds": ["sigmoid"], "centres": []},
        {"kinds": ["sigmoid"], "centres": [0], "spread": 0},
        {"kinds": None},
        {"doses": ["a"]},
    ],
)
def test_a_damaged_description_is_refused(values: dict[str, object]) -> None:
    whole = DoseEncoding.fit("log10", [1.0, 10.0]).to_dict()
    with pytest.raises(InputError):
        DoseEncoding.from_dict({**whole, **values})


def test_a_missing_key_is_named() -> None:
    values = DoseEncoding.fit("log10", [1.0, 10.0]).to_dict()
    del values["spread"]
    with pytest.raises(InputError, match=r"card.json: spread: found nothing"):
        DoseEncoding.from_dict(values, source="card.json")


def test_nothing_to_fit_to_is_refused() -> None:
    with pytest.raises(InputError, match="none known"):
        DoseEncoding.fit("log10", [np.nan, np.nan])
