"""Running the units of a report: what is stored is taken, the rest computed in processes and stored."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from molphenix_core.paper.pool import Failure, run_in_processes
from molphenix_core.paper.units import Unit, store_result, stored_result, unit_key
from molphenix_core.progress import Progress, silent

__all__ = ["Outcome", "run_units"]


@dataclass(frozen=True)
class Outcome:
    """What became of the units of a report.

    Parameters
    ----------
    digests : mapping of str to str
        SHA-256 of every file, by path.
    results : mapping of str to dict
        By key of the unit.
    failures : mapping of str to str
        By key of the unit, why there is no result.
    computed : int
        Units that were not stored before.
    seconds : float
        That the computing took, by the wall clock.
    """

    digests: Mapping[str, str]
    results: Mapping[str, dict[str, Any]]
    failures: Mapping[str, str]
    computed: int
    seconds: float

    def of(self, unit: Unit) -> dict[str, Any] | None:
        """The result of a unit, None where it failed.

        Parameters
        ----------
        unit : Unit

        Returns
        -------
        dict or None
            JSON values of :func:`~molphenix_core.paper.measure.run_unit`.
        """
        return self.results.get(unit_key(unit, self.digests))

    def why(self, unit: Unit) -> str:
        """Why a unit has no result.

        Parameters
        ----------
        unit : Unit

        Returns
        -------
        str
        """
        return self.failures.get(unit_key(unit, self.digests), "not computed")


def run_units(
    units: Sequence[Unit],
    folder: str | Path,
    digests: Mapping[str, str],
    *,
    processes: int = 1,
    cost: Callable[[Unit], float] = lambda _: 1.0,
    progress: Progress = silent,
) -> Outcome:
    """Compute what is not stored yet.

    Parameters
    ----------
    units : sequence of Unit
        One that comes twice is computed once.
    folder : path
        Of the stored results; made where it does not exist.
    digests : mapping of str to str
        SHA-256 of every file of the units, by path.
    processes : int
    cost : callable
        About how long a unit takes, in any measure, to tell the time left.
    progress : callable
        Told after each unit the share done with the time left. What it raises, such as
        :class:`~molphenix_core.errors.Cancelled`, stops the run; what was computed stays stored.

    Returns
    -------
    Outcome
        A unit that failed is among the failures, and the next run tries it again.
    """
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    by_key = {unit_key(unit, digests): unit for unit in units}
    results = {key: result for key in by_key if (result := stored_result(folder, key)) is not None}
    missing = [key for key in by_key if key not in results]
    failures: dict[str, str] = {}
    costs = [cost(by_key[key]) for key in missing]
    start, spent = time.monotonic(), 0.0

    def done(number: int, answer: dict[str, Any] | Failure) -> None:
        nonlocal spent
        key = missing[number]
        spent += costs[number]
        if isinstance(answer, Failure):
            failures[key] = answer.reason
        else:
            store_result(folder, key, answer)
            results[key] = answer
        ended = len(results) + len(failures)
        left = (time.monotonic() - start) / spent * (sum(costs) - spent)
        failed = f", {len(failures)} failed" if failures else ""
        progress(ended / len(by_key), f"{ended} of {len(by_key)} units{failed}, {_minutes(left)} left")

    run_in_processes(
        partial(_run, dict(digests)), [by_key[key] for key in missing], processes=processes, done=done
    )
    return Outcome(
        digests=digests,
        results=results,
        failures=failures,
        computed=len(missing) - len(failures),
        seconds=time.monotonic() - start,
    )


def _minutes(seconds: float) -> str:
    return f"{seconds:.0f} s" if seconds < 100 else f"{seconds / 60:.0f} min"


def _run(digests: Mapping[str, str], unit: Unit) -> dict[str, Any]:
    # Imported by the process that computes: the one that waits needs no torch for this.
    from molphenix_core.paper.measure import run_unit

    return run_unit(unit, digests)
