from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import false_discovery_control, fisher_exact

from molphenix_core.molecules.mechanisms import canonical_mechanisms
from molphenix_core.resources import default_library
from molphenix_core.retrieval.enrichment import ENRICHMENT_COLUMNS, enrichment

LIBRARIES = st.lists(st.sets(st.sampled_from("ABCD"), max_size=2).map(tuple), min_size=1, max_size=30)


@settings(max_examples=60, deadline=None)
@given(st.data(), LIBRARIES)
def test_equals_fishers_exact_test_on_annotated_molecules(data: st.DataObject, library: list[tuple[str]]) -> None:
    top = data.draw(st.lists(st.integers(0, len(library) - 1), max_size=40))
    found = enrichment(top, library)

    chosen = set(top)
    names = [n for n in "ABCD" if sum(n in classes for classes in library) >= 2]
    expected = {}
    for name in names:
        table = np.zeros((2, 2), dtype=int)
        for row, classes in enumerate(library):
            if classes:
                table[int(row not in chosen), int(name not in classes)] += 1
        expected[name] = (table[0, 0], fisher_exact(table, alternative="greater").pvalue)
    q_values = dict(
        zip(expected, false_discovery_control([p for _, p in expected.values()]) if expected else [], strict=True)
    )
    assert set(found.table["mechanism"]) == {name for name, (count, _) in expected.items() if count}
    for record in found.table.to_dict("records"):
        assert record["in_top"] == expected[record["mechanism"]][0]
        assert record["p_value"] == pytest.approx(expected[record["mechanism"]][1])
        assert record["q_value"] == pytest.approx(q_values[record["mechanism"]])
    assert found.tested == len(names)
    assert found.top == len(chosen)


def test_an_example_by_hand() -> None:
    library = [("A",), ("A",), ("A", "B"), ("B",), ("B",), ("C",), ()]
    found = enrichment([0, 1, 6, 1, 1], library)

    assert tuple(found.table.columns) == ENRICHMENT_COLUMNS
    assert found.table["mechanism"].tolist() == ["A"]
    row = found.table.iloc[0]
    assert (row.in_top, row.top_annotated, row.in_library, row.library_annotated) == (2, 2, 3, 6)
    assert row.fold == pytest.approx(2.0)
    # Both of two drawn are among three of six: 3/6 * 2/5.
    assert row.p_value == pytest.approx(0.2)
    # B is tested too, C is not: one molecule has it.
    assert found.tested == 2
    assert row.q_value == pytest.approx(0.4)
    assert found.note.startswith("2 of the 3 best molecules and 6 of the 7 in the library have a mechanism")


@pytest.mark.parametrize(("top", "library"), [([], [("A",), ("A",)]), ([0], [()]), ([0], [("A",)]), ([], [])])
def test_nothing_to_test_gives_no_rows(top: list[int], library: list[tuple[str]]) -> None:
    found = enrichment(top, library)
    assert found.table.empty
    assert tuple(found.table.columns) == ENRICHMENT_COLUMNS


def test_rows_that_the_library_does_not_have_are_refused() -> None:
    with pytest.raises(IndexError, match="of a library of 1"):
        enrichment([1], [("A",)])
    with pytest.raises(IndexError):
        enrichment([-1], [("A",)])
    with pytest.raises(TypeError, match="whole numbers"):
        enrichment([0.5], [("A",)])


def shipped() -> list[tuple[str, ...]]:
    molecules = pd.read_parquet(default_library() / "molecules.parquet", columns=["mechanism"])
    return [canonical_mechanisms(text) for text in molecules["mechanism"]]


def test_a_planted_mechanism_is_found_in_the_shipped_library_and_chance_tops_give_none() -> None:
    library = shipped()
    random = np.random.default_rng(0)
    aurora = [row for row, classes in enumerate(library) if "Aurora kinase inhibitor" in classes]
    planted = enrichment([*aurora[:4], *random.choice(len(library), 26, replace=False)], library)
    assert planted.table["mechanism"][0] == "Aurora kinase inhibitor"
    assert planted.table["q_value"][0] < 0.01

    # At a false discovery rate of 5 %, one chance top in twenty may show something; 20 of 200 leave room.
    tops = [enrichment(random.choice(len(library), 30, replace=False), library).table for _ in range(200)]
    assert sum((table["q_value"] < 0.05).any() for table in tops) <= 20
