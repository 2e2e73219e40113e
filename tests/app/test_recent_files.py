"""Recent files: which are kept, and what they are called."""

from __future__ import annotations

from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from app.recent_files import recent_files, with_recent, without_recent


def test_they_are_few_and_each_once():
    paths: tuple[str, ...] = ()
    for number in [*range(20), 15]:
        paths = with_recent(paths, f"{number}.h5ad")
    assert paths[:2] == ("15.h5ad", "19.h5ad")
    assert len(paths) == 10
    assert without_recent(paths, "15.h5ad") == paths[1:]


def test_equal_names_are_told_apart_by_their_folders():
    shown = recent_files(("/a/x/plate.h5ad", "/b/x/plate.h5ad", "/c/y/plate.h5ad", "/a/x/my.MolPhenix"))
    assert [one.text for one in shown] == [
        str(Path("a/x/plate.h5ad")),
        str(Path("b/x/plate.h5ad")),
        str(Path("y/plate.h5ad")),
        "my.MolPhenix",
    ]
    assert [one.is_session for one in shown] == [False, False, False, True]


names = st.sampled_from(["a", "b", "plate.h5ad"])


@given(st.lists(st.lists(names, min_size=1, max_size=4).map(lambda parts: "/" + "/".join(parts)), unique=True))
def test_texts_are_unique_ends_of_the_paths(paths):
    shown = recent_files(tuple(paths))
    assert [one.path for one in shown] == paths
    assert len({one.text for one in shown}) == len(paths)
    assert all(one.path.endswith(one.text) for one in shown)
