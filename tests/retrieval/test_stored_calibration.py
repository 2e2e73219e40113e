"""Calibrations as they stand on a model's card."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from made_up_calibration import made_up_calibration
from small_bundle import small_bundle

from molphenix_core.errors import BundleError, InputError
from molphenix_core.model.bundle_files import load_bundle, save_bundle
from molphenix_core.retrieval.stored_calibration import Calibration, calibration_of

CALIBRATION = made_up_calibration(telling=True)
STORED = json.dumps(CALIBRATION.to_dict())


def test_it_survives_a_bundle_on_disk(tmp_path: Path) -> None:
    bundle = small_bundle()
    space = bundle.spaces[0]
    written = dataclasses.replace(CALIBRATION, space=space)
    facts = {**bundle.facts, "calibration": {space: written.to_dict()}}
    read = load_bundle(save_bundle(dataclasses.replace(bundle, facts=facts), tmp_path / "model"))
    calibration = calibration_of(read, space)
    assert calibration is not None
    assert calibration.to_dict() == written.to_dict()
    assert calibration.strata[0].covariate == "top_score_z"
    assert calibration_of(read, "another space") is None


def test_a_bundle_without_calibration_has_none() -> None:
    bundle = small_bundle()
    assert calibration_of(bundle, bundle.spaces[0]) is None


@pytest.mark.parametrize("stored", [7, {"a": 3}, {"a": CALIBRATION.to_dict()}])
def test_a_bundle_with_something_else_there_is_refused(stored: Any) -> None:
    facts = {"calibration": stored}
    with pytest.raises(BundleError, match="small: calibration"):
        calibration_of(dataclasses.replace(small_bundle(), facts=facts), "a")


def strata(values: dict[str, Any]) -> dict[str, Any]:
    return values["strata"][0]


@pytest.mark.parametrize(
    ("field", "damage"),
    [
        ("decoys", lambda v: v.update(decoys="many")),
        ("decoys", lambda v: v.update(decoys=10)),
        ("knots", lambda v: v["knots"].reverse()),
        ("knots", lambda v: v["knots"].pop()),
        ("strata", lambda v: v.update(strata={})),
        ("space", lambda v: v.pop("space")),
        ("report", lambda v: v.update(report=3)),
        ("strata[0].seen", lambda v: strata(v).update(seen=1)),
        ("strata[0].over_doses", lambda v: strata(v).pop("over_doses")),
        ("strata[0].active", lambda v: strata(v).update(active="yes")),
        ("strata[0].molecules", lambda v: strata(v).update(molecules=19)),
        ("strata[0].covariate", lambda v: strata(v).update(covariate="moon")),
        ("strata[0].edges", lambda v: strata(v).update(edges=[])),
        ("strata[0].edges", lambda v: strata(v)["edges"].reverse()),
        ("strata[0].replicates", lambda v: strata(v).update(replicates=[5, 2])),
        ("strata[0].curves", lambda v: strata(v)["curves"].pop()),
        ("strata[0].curves[1].low", lambda v: strata(v)["curves"][1].pop("low")),
        ("strata[0].curves[1].low", lambda v: strata(v)["curves"][1]["low"].reverse()),
        ("strata[0].curves[0].probability", lambda v: strata(v)["curves"][0]["probability"].pop()),
        ("strata[0].curves[0].high", lambda v: strata(v)["curves"][0].update(high=[float("nan")])),
    ],
)
def test_damage_is_named(field: str, damage: Callable[[dict[str, Any]], object]) -> None:
    values = json.loads(STORED)
    damage(values)
    with pytest.raises(InputError) as raised:
        Calibration.from_dict(values)
    assert raised.value.field == field


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)


@settings(max_examples=150, deadline=None)
@given(value=JSON, data=st.data())
def test_anything_else_is_an_input_error_and_nothing_worse(value: Any, data: st.DataObject) -> None:
    values = json.loads(STORED)
    place: Any = values
    if data.draw(st.booleans()):
        place = strata(values)
        if data.draw(st.booleans()):
            place = place["curves"][0]
    place[data.draw(st.sampled_from(sorted(place)))] = value
    try:
        read = Calibration.from_dict(values)
    except InputError:
        return
    again = Calibration.from_dict(json.loads(json.dumps(read.to_dict())))
    assert json.dumps(again.to_dict(), sort_keys=True) == json.dumps(read.to_dict(), sort_keys=True)
