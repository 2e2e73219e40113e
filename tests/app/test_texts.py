"""Packed texts and what filters look for in them."""

from __future__ import annotations

import math

import numpy as np
import pyarrow as pa
import pytest
from canned_tasks import packed_texts

from app.tasks.library_table import packed_texts as packed_by_engine
from app.texts import PackedTexts
from app.views.table import TableColumn
from app.views.table.filtering import RowFilter, passing_rows

WORDS = ["Aspirin", "", "β-Estradiol", "spir", "inas", "aspirin"]


@pytest.fixture(params=["canned", "engine"])
def packed(request) -> PackedTexts:
    import pandas as pd

    made = packed_texts(WORDS) if request.param == "canned" else packed_by_engine(pd.Series(WORDS))
    return PackedTexts.unpack(made)


def test_texts_come_back_as_they_were(packed):
    assert list(packed) == WORDS
    assert packed[-1] == "aspirin"
    assert packed[1:3] == ["", "β-Estradiol"]
    assert packed.ranks[0] == packed.ranks[5]
    assert packed.ranks[1] < packed.ranks[0] < packed.ranks[4] < packed.ranks[3]
    with pytest.raises(IndexError):
        packed[6]


def test_parts_are_found_within_texts_alone(packed):
    assert np.flatnonzero(packed.containing("SPIR")).tolist() == [0, 3, 5]
    assert np.flatnonzero(packed.containing("β-e")).tolist() == [2]
    # Only where one text ends and the next begins.
    assert not packed.containing("rinas").any()
    assert not packed.containing("x" * 100).any()
    assert packed.containing("").all()


def test_a_text_is_found_whole(packed):
    assert packed.row_of("spir") == 3
    assert packed.row_of("aspirin") == 5
    assert packed.row_of("aspi") is None
    assert packed.row_of("") is None


def test_a_slice_of_an_arrow_table_is_packed_from_its_own_beginning():
    import pandas as pd

    column = pd.Series(pa.array(["a", "bc", "d"]).to_pandas()).iloc[1:]
    assert list(PackedTexts.unpack(packed_by_engine(column))) == ["bc", "d"]


def test_every_word_must_be_in_some_column_of_texts(packed):
    columns = [
        TableColumn("name", "Name", np.arange(6, dtype=np.int32), "text", categories=packed),
        TableColumn("group", "Group", np.array([0, 0, 1, 1, -1, -1]), "text", categories=("Spider", "other")),
        TableColumn("mw", "MW", np.array([1.0, 2.0, np.nan, 4.0, 5.0, 6.0])),
    ]

    def rows(wanted: RowFilter, **options) -> list[int]:
        return np.flatnonzero(passing_rows(columns, wanted, **options)).tolist()

    assert rows(RowFilter()) == [0, 1, 2, 3, 4, 5]
    assert rows(RowFilter("spi")) == [0, 1, 3, 5]
    assert rows(RowFilter("asp  SPID")) == [0]
    assert rows(RowFilter("spi"), without=("name",)) == [0, 1]
    assert rows(RowFilter("", {"mw": (2.0, math.inf)})) == [1, 3, 4, 5]
    assert rows(RowFilter("spir", {"mw": (-math.inf, 4.0)})) == [0, 3]
    assert rows(RowFilter("", {"gone": (0.0, 1.0)})) == [0, 1, 2, 3, 4, 5]


def test_filters_go_through_json_and_nonsense_is_dropped():
    wanted = RowFilter("a b", {"mw": (200.0, math.inf)})
    assert RowFilter.of(wanted.to_json()) == wanted
    assert RowFilter.of(None) == RowFilter()
    assert (
        RowFilter.of({"text": 3, "ranges": {"mw": [1], "tpsa": [True, 2], 5: [1, 2], "hbd": ["a", 2]}})
        == RowFilter()
    )
