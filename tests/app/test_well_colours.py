"""What the shared colouring asks of the engine, and what becomes of answers that are late, stopped or missing."""

from __future__ import annotations

from typing import Any

import canned_tasks
import numpy as np
import pytest

from app.engine import Engine, EngineError
from app.open_plate import OpenPlate
from app.session_keeper import SessionKeeper
from app.theme import LIGHT
from app.well_colours import WellColours
from app.workspace import Workspace


class Asked:
    """Requests that the test answers."""

    def __init__(self) -> None:
        self.open: list[dict[str, Any]] = []

    def ask(self, purpose, task, title, use, refuse=None, *, background=False, **arguments) -> None:
        self.open = [one for one in self.open if one["purpose"] != purpose]
        self.open.append(
            {"purpose": purpose, "task": task, "title": title, "use": use, "refuse": refuse, **arguments}
            | {"background": background}
        )

    def take(self, task: str) -> dict[str, Any]:
        found = next(one for one in self.open if one["task"] == task)
        self.open.remove(found)
        return found

    def tasks(self) -> list[str]:
        return [one["task"] for one in self.open]


@pytest.fixture
def asked() -> Asked:
    return Asked()


@pytest.fixture
def workspace(request, asked, monkeypatch):
    request.getfixturevalue("qapp")
    engine = Engine("no_such_tasks", name="engine")
    workspace = Workspace(engine)
    monkeypatch.setattr(workspace, "ask", asked.ask)
    yield workspace
    workspace.requests.close()
    engine.close()


@pytest.fixture
def colours(workspace, tmp_path) -> WellColours:
    return WellColours(workspace, SessionKeeper(workspace, tmp_path))


def opened(workspace: Workspace, path: str = "/screen.h5ad") -> OpenPlate:
    workspace._use_plate(canned_tasks.packed_plate(path))
    assert workspace.plate is not None
    return workspace.plate


def test_features_are_asked_for_once_a_file_and_offered_when_they_are_there(colours, workspace, asked, qtbot):
    plate = opened(workspace)
    workspace.show(plate, 1)
    assert asked.tasks().count("feature_names") == 1
    assert not any(choice.group == "Features" for choice in colours.choices(plate))
    with qtbot.waitSignal(colours.choices_changed):
        asked.take("feature_names")["use"]({"names": ["a", "b"]})
    assert [choice.key for choice in colours.choices(plate)][-2:] == ["feature:a", "feature:b"]


def test_a_feature_that_the_next_one_overtook_is_asked_for_again(colours, workspace, asked):
    plate = opened(workspace)
    asked.take("feature_names")["use"]({"names": ["a", "b"]})
    workspace.set_colour_by("feature:a")
    workspace.set_colour_by("feature:b")
    assert [one["feature"] for one in asked.open if one["task"] == "feature_values"] == ["b"]
    assert "being computed" in colours.colouring(plate, LIGHT).title
    workspace.set_colour_by("feature:a")
    request = asked.take("feature_values")
    assert (request["feature"], request["background"]) == ("a", False)
    request["use"]({"values": np.arange(len(plate), dtype=np.float32)})
    assert colours.colouring(plate, LIGHT).known.all()
    workspace.set_colour_by("p")
    workspace.set_colour_by("feature:a")
    assert "feature_values" not in asked.tasks()


def test_ranks_are_asked_of_the_background_and_again_only_when_they_were_stopped(colours, workspace, asked):
    plate = opened(workspace)
    workspace.set_colour_by("rank")
    request = asked.take("true_molecules")
    assert request["background"]
    assert request["title"] == "Ranking the true molecules of screen"
    request["refuse"](EngineError("Cancelled", "stopped"))
    assert "stopped; choose it again" in colours.colouring(plate, LIGHT).title
    workspace.set_colour_by("p")
    workspace.set_colour_by("confidence")
    asked.take("true_molecules")["use"](canned_tasks.TASKS["true_molecules"](None, lambda *_: None))
    assert colours.colouring(plate, LIGHT).known.any()
    workspace.set_colour_by("rank")
    assert "true_molecules" not in asked.tasks()
    assert colours.true_molecules(plate).of == 3


def test_what_fails_is_said_where_the_values_would_be(colours, workspace, asked):
    plate = opened(workspace)
    workspace.set_colour_by("rank")
    asked.take("true_molecules")["refuse"](EngineError("LibraryError", "made with another model"))
    assert "could not be computed" in colours.colouring(plate, LIGHT).title


def test_an_answer_for_a_file_that_was_closed_is_dropped(colours, workspace, asked, qtbot):
    opened(workspace)
    workspace.set_colour_by("rank")
    late = asked.take("true_molecules")
    workspace.close_plate()
    with qtbot.assertNotEmitted(colours.changed):
        late["use"](canned_tasks.TASKS["true_molecules"](None, lambda *_: None))
    again = opened(workspace)
    assert colours.true_molecules(again) is None


def test_a_library_without_any_of_the_molecules_says_so(colours, workspace, asked):
    plate = opened(workspace)
    workspace.set_colour_by("rank")
    answer = canned_tasks.TASKS["true_molecules"](None, lambda *_: None)
    none = np.full(6, np.nan)
    note = {"codes": np.zeros(6, np.int32), "categories": ["the library does not hold its molecule"]}
    asked.take("true_molecules")["use"](
        {**answer, "rank": none, "chance": none, "chance_first": none, "note": note}
    )
    assert colours.colouring(plate, LIGHT).title.endswith("the library does not hold its molecule")


def test_a_column_that_this_file_lacks_falls_to_p_and_comes_back(colours, workspace):
    plate = opened(workspace)
    workspace.set_colour_by("column:Metadata_of_another_file")
    assert colours.key == "p"
    assert colours.colouring(plate, LIGHT).title.startswith("Activity p")
    workspace.set_colour_by("column:Metadata_cell_count")
    assert colours.key == "column:Metadata_cell_count"
