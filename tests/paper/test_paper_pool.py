"""Processes that nothing leaves behind."""

from __future__ import annotations

import multiprocessing
import os
from typing import Any

import pytest

from molphenix_core.errors import Cancelled
from molphenix_core.paper.pool import Failure, run_in_processes


def square_or_fail(number: int) -> int:
    if number == 3:
        raise ValueError("three is too many")
    if number == 4:
        os._exit(7)
    return number * number


def threads(_: int) -> str | None:
    return os.environ.get("OMP_NUM_THREADS")


def collected(tasks: list[int], processes: int) -> dict[int, Any]:
    out: dict[int, Any] = {}
    run_in_processes(square_or_fail, tasks, processes=processes, done=out.__setitem__)
    assert multiprocessing.active_children() == []
    return out


@pytest.mark.parametrize("processes", [1, 2])
def test_a_task_that_fails_or_kills_its_process_does_not_end_the_others(processes: int) -> None:
    assert collected([1, 3, 4, 5, 6], processes) == {
        0: 1,
        1: Failure("ValueError: three is too many"),
        2: Failure("its process ended with exit code 7"),
        3: 25,
        4: 36,
    }


def test_the_last_task_may_kill_its_process_too() -> None:
    assert collected([4], 2) == {0: Failure("its process ended with exit code 7")}


def test_nothing_to_do_starts_nothing() -> None:
    assert collected([], 2) == {}


def test_a_stop_leaves_no_process() -> None:
    def stop(*_: object) -> None:
        raise Cancelled("stop")

    with pytest.raises(Cancelled):
        run_in_processes(square_or_fail, [1, 2, 5, 6], processes=2, done=stop)
    assert multiprocessing.active_children() == []


def test_each_process_computes_with_one_thread(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OMP_NUM_THREADS", "5")
    out: dict[int, Any] = {}
    run_in_processes(threads, [0], processes=1, done=out.__setitem__)
    assert out == {0: "1"}
    assert os.environ["OMP_NUM_THREADS"] == "5"
