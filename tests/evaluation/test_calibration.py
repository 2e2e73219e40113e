"""Calibrations: fitted on held-out rankings, measured on other molecules."""

from __future__ import annotations

import dataclasses

import numpy as np
import pandas as pd
import pytest
from made_up_calibration import DECOYS, made_up_records
from small_bundle import small_bundle, small_plate

from molphenix_core.evaluation.calibration import brier, fit_calibration, reliability
from molphenix_core.evaluation.calibration_records import CalibrationRecords, library_records
from molphenix_core.model.bundle import Bundle
from molphenix_core.plates.treatments import Treatments, group_treatments
from molphenix_core.retrieval.build import build_library
from molphenix_core.retrieval.library import Library, open_library
from molphenix_core.retrieval.rank import rank_of_molecule


def test_chances_come_true_on_other_molecules() -> None:
    rows = reliability(made_up_records(molecules=400, telling=True))
    assert len(rows) >= 5
    assert all(row["from"] <= row["predicted"] <= row["to"] for row in rows)
    inside = [row["interval"][0] - 0.02 <= row["predicted"] <= row["interval"][1] + 0.02 for row in rows]
    assert np.mean(inside) >= 0.8
    assert sum(row["chances"] for row in rows) == 400 * 4 * 6


def test_brier_scores_tell_skill_from_none() -> None:
    skilled = brier(made_up_records(skill=4.0))
    assert [row["r"] for row in skilled] == [5, 25, 50]
    for row in skilled:
        assert row["brier"] < row["brier_random"]
        assert row["recall_interval"][0] <= row["recall"] <= row["recall_interval"][1]
    for row in brier(made_up_records(skill=1.0)):
        assert row["brier_random"] <= row["brier"] + 1e-3


def test_a_covariate_is_used_only_where_it_helps() -> None:
    for row in brier(made_up_records(telling=True)):
        assert row["covariate"] == "top_score_z"
        assert row["brier"] < row["brier_constant"]
    chosen = [brier(made_up_records(seed=seed))[0]["covariate"] for seed in range(10)]
    assert chosen.count("") >= 9


def test_the_interval_is_over_molecules() -> None:
    """Doses of one molecule that all behave alike are one observation."""
    records = made_up_records(molecules=60, each=1)
    copies = CalibrationRecords.join([records] * 8)
    alone, together = (fit_calibration(r, space="a", library="b").strata[0] for r in (records, copies))
    width = [np.subtract(s.curves[0].high, s.curves[0].low) for s in (alone, together)]
    np.testing.assert_allclose(width[0], width[1], atol=0.05)
    assert together.queries == 8 * alone.queries
    assert together.molecules == alone.molecules


def test_strata_are_calibrated_apart_and_small_ones_not_at_all() -> None:
    records = CalibrationRecords.join(
        [
            made_up_records(skill=1.0),
            made_up_records(seen=True, skill=8.0),
            made_up_records(molecules=19, activity=0),
            made_up_records(molecules=20, activity=-1, over_doses=True),
        ]
    )
    calibration = fit_calibration(records, space="a", library="b")
    kinds = [(s.seen, s.active, s.over_doses) for s in calibration.strata]
    assert kinds == [(False, True, False), (False, None, True), (True, True, False)]
    unseen, seen = calibration.strata[0].curves[0], calibration.strata[2].curves[0]
    assert seen.probability[5] > 10 * unseen.probability[5]


def test_nothing_held_out_calibrates_nothing() -> None:
    calibration = fit_calibration(made_up_records(molecules=5), space="a", library="b")
    assert calibration.strata == ()
    assert calibration.report["reliability"] == []


def test_records_of_different_libraries_do_not_join() -> None:
    other = dataclasses.replace(made_up_records(), decoys=DECOYS - 1)
    with pytest.raises(ValueError, match="one library"):
        CalibrationRecords.join([made_up_records(), other])


@dataclasses.dataclass(frozen=True, eq=False)
class Setting:
    """A plate with its treatments, and the library that its molecules are looked up in."""

    bundle: Bundle
    queries: np.ndarray
    space: str
    treatments: Treatments
    library: Library

    def records(self, **other: object) -> CalibrationRecords:
        table, bundle = self.treatments.table, self.bundle
        options: dict[str, object] = {
            "inchikeys": table["inchikey"].tolist(),
            "molecule_features": bundle.feature_set.compute(table["smiles"].tolist()),
            "doses": table["concentration"].to_numpy(np.float64),
            "p_value": np.where(np.arange(len(table)) % 3 == 0, np.nan, 0.04 * (np.arange(len(table)) % 5)),
            "seen": False,
            "replicates": np.full(len(table), 3),
            "distance_to_control": np.full(len(table), np.nan),
            "library_inchikeys": self.library.molecules["inchikey"].tolist(),
            "library_features": bundle.feature_set.compute(self.library.molecules["smiles"].tolist()),
            "library_doses": self.library.doses,
            **other,
        }
        return library_records(bundle, self.space, self.queries, **options)  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def setting(tmp_path_factory: pytest.TempPathFactory) -> Setting:
    plate = small_plate(molecules=40)
    bundle = small_bundle(plate)
    prepared = bundle.prepare(plate)
    treatments = group_treatments(prepared)
    folder = tmp_path_factory.mktemp("library") / "all"
    # All but the molecules of the first four treatments, two doses each.
    smiles = treatments.table["smiles"].drop_duplicates().tolist()[2:]
    build_library(
        pd.DataFrame({"smiles": smiles, "name": smiles}),
        bundle,
        folder,
        doses=(1.0, 50.0),
        name="all",
        source="test",
        licence="CC0-1.0",
    )
    queries = treatments.mean(prepared.embeddings)
    return Setting(bundle, queries, prepared.space, treatments, open_library(folder))


def test_records_stand_where_a_users_ranking_puts_the_molecule(setting: Setting) -> None:
    records, table, library = setting.records(), setting.treatments.table, setting.library
    doses = table["concentration"].to_numpy(np.float64)
    at_dose, over_doses = records.take(~records.over_doses), records.take(records.over_doses)
    assert len(at_dose) == (doses == 1.0).sum()
    assert len(over_doses) == len(table)
    z = setting.bundle.embed_phenotypes(setting.queries, setting.space)
    place = pd.Index(library.molecules["inchikey"]).get_indexer(pd.Index(table["inchikey"]))
    inside = place >= 0
    # The library holds float16: near ties may fall either way.
    for part, asked, rows in (
        (at_dose, doses, doses == 1.0),
        (over_doses, np.full(len(table), np.nan), np.full(len(table), True)),
    ):
        ranks = rank_of_molecule(z, library, place, doses=asked)
        np.testing.assert_allclose(
            part.above[inside[rows]], ranks[rows & inside] - 1, atol=1.0, err_msg=str(part.over_doses[0])
        )
    assert records.decoys == len(library) - 1
    assert ((records.above >= 0) & (records.above <= records.decoys)).all()


def test_without_a_p_value_a_treatment_is_neither_active_nor_not(setting: Setting) -> None:
    records = setting.records()
    over = records.take(records.over_doses)
    expected = [-1 if i % 3 == 0 else int(0.04 * (i % 5) < 0.1) for i in range(len(over))]
    assert over.activity.tolist() == expected


def test_the_own_molecule_is_no_decoy_of_itself(setting: Setting) -> None:
    """Were it one, it would tie with itself: half a place lost."""
    records = setting.records()
    keys = setting.library.molecules["inchikey"]
    inside = np.isin(records.molecule, keys.str[:14].to_numpy(str))
    assert (records.above[inside] % 1 == 0).all()


def test_stereoisomers_of_the_true_molecule_tie_with_it(setting: Setting) -> None:
    keys = setting.library.molecules["inchikey"].tolist()
    doubled = [f"{key[:14]}-ISOMERSAAA-N" for key in keys]
    features = setting.bundle.feature_set.compute(setting.library.molecules["smiles"].tolist())
    once = setting.records()
    twice = setting.records(
        library_inchikeys=[*keys, *doubled], library_features=np.concatenate([features, features])
    )
    inside = np.isin(once.molecule, [key[:14] for key in keys])
    np.testing.assert_allclose(twice.above[inside], 2 * once.above[inside] + 0.5)


@pytest.mark.parametrize(
    ("other", "message"),
    [
        ({"doses": np.ones(3)}, "queries need as many values"),
        ({"library_inchikeys": ["A"]}, "1 library molecules"),
    ],
)
def test_arrays_that_do_not_fit_are_refused(setting: Setting, other: dict[str, object], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        setting.records(**other)
