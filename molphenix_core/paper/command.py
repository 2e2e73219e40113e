"""``molphenix paper``: plan, compute and write the report."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

import molphenix_core
from molphenix_core.errors import InputError
from molphenix_core.model.bundle import Bundle
from molphenix_core.paper.contexts import COMPLETE
from molphenix_core.paper.cost import unit_seconds
from molphenix_core.paper.experiment import Experiment
from molphenix_core.paper.experiments import experiments_of
from molphenix_core.paper.experiments_calibration import calibration
from molphenix_core.paper.report import DataFile, Facts, write_report
from molphenix_core.paper.runner import Outcome, run_units
from molphenix_core.paper.section import Section, Table
from molphenix_core.paper.study import Study, read_facts
from molphenix_core.paper.units import Unit, source_digest, stored_result, unit_key
from molphenix_core.progress import Progress, silent
from molphenix_core.training.job import Job
from molphenix_core.writing import require_writable

__all__ = ["Plan", "Report", "make_plan", "run_plan", "spoken"]

_TITLE = "Contrastive retrieval of molecules, measured"
_UNITS = "units"


@dataclass(frozen=True)
class Plan:
    """What a report takes.

    Parameters
    ----------
    study : Study
    experiments : tuple of Experiment
    folder : Path
        Of the report.
    """

    study: Study
    experiments: tuple[Experiment, ...]
    folder: Path

    @property
    def units(self) -> tuple[Unit, ...]:
        """All units, each once, in the order of the experiments."""
        digests = self.study.digests
        once = {unit_key(unit, digests): unit for each in self.experiments for unit in each.units}
        return tuple(once.values())

    def lines(self, *, processes: int) -> list[str]:
        """The plan in words: units, those that are stored, and a rough estimate of the time of the others.

        Parameters
        ----------
        processes : int
            Among which the time is divided.

        Returns
        -------
        list of str
            One line an experiment and one for all; minutes.
        """
        digests = self.study.digests
        known: set[str] = set()
        out, total, left = [], 0, 0.0
        for experiment in self.experiments:
            keys = {unit_key(unit, digests): unit for unit in experiment.units}
            new = {key: unit for key, unit in keys.items() if key not in known}
            known |= set(keys)
            missing = [unit for key, unit in new.items() if stored_result(self.folder / _UNITS, key) is None]
            seconds = sum(unit_seconds(unit, self.study) for unit in missing)
            total, left = total + len(new), left + seconds
            out.append(
                f"{experiment.name:<26}{len(keys):>5} units, {len(new):>4} new, {len(missing):>4} to compute, "
                f"about {seconds / 60:.0f} min of one processor"
            )
        out.append(f"{'all':<26}{total:>5} units, about {left / 60 / processes:.0f} min on {processes} processors")
        return out


def make_plan(
    plates: Sequence[str | Path],
    folder: str | Path,
    job: Job,
    *,
    seeds: int = 3,
    only: Sequence[str] = (),
    bundle: Bundle | None = None,
) -> Plan:
    """Read the plate files and lay the experiments out.

    Parameters
    ----------
    plates : sequence of path
        The first gets all sections, the second the main comparison too, all of them the comparison of several
        phenotypes.
    folder : path
        Of the report.
    job : Job
        Our recipe; its data and its fold do not matter.
    seeds : int
    only : sequence of str
        Names of experiments; all by default.
    bundle : Bundle, optional
        Whose calibrated chances are reported.

    Returns
    -------
    Plan

    Raises
    ------
    InputError
        When a file cannot be used, two are the same, or there is no experiment of a name.
    """
    job = replace(job, fit=replace(job.fit, threads=1, device="cpu"))
    files = tuple(read_facts(path, job) for path in plates)
    for number, file in enumerate(files):
        if any(other.digest == file.digest or other.title == file.title for other in files[:number]):
            raise InputError(
                "command line", "PLATE", f"{file.title} twice", "every file once, by a name of its own"
            )
    study = Study(job=job, files=files, seeds=seeds)
    experiments = experiments_of(study) + ((calibration(bundle),) if bundle is not None else ())
    names = [experiment.name for experiment in experiments]
    for name in only:
        if name not in names:
            raise InputError("command line", "--only", repr(name), "some of " + ", ".join(names))
    chosen = tuple(experiment for experiment in experiments if not only or experiment.name in only)
    return Plan(study=study, experiments=chosen, folder=Path(folder))


@dataclass(frozen=True)
class Report:
    """A report that was written.

    Parameters
    ----------
    path : Path
        An HTML file.
    outcome : Outcome
        Of its units.
    """

    path: Path
    outcome: Outcome

    def __str__(self) -> str:
        lines = [f"{self.path}: {len(self.outcome.results)} results, {self.outcome.computed} of them new"]
        lines += [
            f"not available: {reason} ({count})" for reason, count in _counted(self.outcome.failures.values())
        ]
        return "\n".join(lines)


def run_plan(plan: Plan, *, processes: int = 1, progress: Progress = silent) -> Report:
    """Compute what is missing and write the report.

    Parameters
    ----------
    plan : Plan
    processes : int
    progress : callable

    Returns
    -------
    Report
        It names the units that failed.

    Raises
    ------
    InputError
        When the folder cannot be written into.
    """
    require_writable(plan.folder)
    outcome = run_units(
        plan.units,
        plan.folder / _UNITS,
        plan.study.digests,
        processes=processes,
        cost=lambda unit: unit_seconds(unit, plan.study),
        progress=progress,
    )
    sections = [_about(plan, outcome)]
    for experiment in plan.experiments:
        sections += experiment.write(outcome)
    facts = Facts(
        data=tuple(DataFile(Path(file.path).name, file.digest, file.simulated) for file in plan.study.files),
        recipe=_recipe(plan.study),
        seeds=tuple(range(plan.study.seeds)),
        finished=datetime.now(UTC).strftime("%Y-%m-%d %H:%M UTC"),
        minutes=sum(result["seconds"] for result in outcome.results.values()) / 60,
    )
    return Report(write_report(sections, plan.folder, title=_TITLE, facts=facts), outcome)


def spoken(say: Callable[[str], None], *, every: float = 60.0) -> Progress:
    """Progress as lines of their own: for a log.

    Parameters
    ----------
    say : callable
        Takes a line.
    every : float
        Seconds between two lines at least; the end is always said.

    Returns
    -------
    callable
        A :data:`~molphenix_core.progress.Progress`.
    """
    last = -every

    def tell(share: float, message: str) -> None:
        nonlocal last
        if share >= 1 or time.monotonic() - last >= every:
            last = time.monotonic()
            say(f"{100 * share:.0f} %: {message}")

    return tell


def _recipe(study: Study) -> str:
    """The job as it could be run again, with its files by name."""
    recipe = study.recipe(*study.files)
    data = tuple(replace(config, path=Path(config.path).name) for config in recipe.data)
    return json.dumps(replace(recipe, data=data).to_dict(), indent=1)


def _about(plan: Plan, outcome: Outcome) -> Section:
    study = plan.study
    rows = tuple(
        (
            file.title + (" (simulated)" if file.simulated else ""),
            file.wells,
            file.treatments,
            file.molecules,
            file.controls,
            len(file.barcodes),
            len(file.doses),
            len(file.feature_names),
        )
        for file in study.files
    )
    columns = ("File", "Wells", "Treatments", "Molecules", "Controls", "Plates", "Doses", "Features")
    words = [
        f"Made by molphenix {molphenix_core.__version__} with the recipe {study.job.name!r}. N candidates, "
        "k = ceil(0.01 N); rank = 1 + candidates scored strictly higher + half of the ties. Recall is pooled over "
        "folds and seeds, every query ranked among the held-out treatments of its own fold; N and k are those of "
        "the median fold. The standard deviation is that of the recall over seeds on the same folds: it says "
        "how much training varies, not how much another sample of molecules would. Intervals are 95 %, by "
        "bootstrap over molecules; 'less the first row' is paired. 'Molecule' collapses doses. Active: replicate "
        f"consistency p < {study.job.activity_threshold:g}, in the space of the recipe's encoder.",
        "How the recipe that ships was chosen: the profile encoder in sight of all outer folds, so that its "
        "figures may be flattered by that choice; the rest on inner folds of outer fold 0, which is one of the "
        "folds pooled here. Reduced to fit the time: ablations on the first file alone; the analyses, the sweeps "
        "of settings and the held-out doses with one seed, so that they do not show how much training varies; "
        "several phenotypes with fewer seeds, as its captions say.",
    ]
    words += [f"{file.title}: {note}" for file in study.files for note in _few(file.notes)]
    filled = ", ".join(file.title for file in study.files if file.incomplete) or "none"
    words.append(f"Wells whose {COMPLETE} is false were trained on with gaps filled, and never ranked ({filled}).")
    words += _states(outcome)
    words += [f"Failed: {reason} ({count} units)." for reason, count in _counted(outcome.failures.values())]
    if any(file.simulated for file in study.files):
        words.insert(0, "Some of these data are simulated: the figures say how the program works, not the method.")
    return Section("Data and how it was measured", tuple(words), (Table("Plate files", columns, rows),))


def _states(outcome: Outcome) -> list[str]:
    """Which states of the program computed the results, where it is not the present one alone."""
    counts = _counted(result.get("source", "one that was not recorded") for result in outcome.results.values())
    present = source_digest()
    if all(state == present for state, _ in counts):
        return []
    told = ", ".join(f"{count} by {state}{' (this one)' * (state == present)}" for state, count in counts)
    return [
        f"Not all of these results were computed by the state of the program that wrote the report ({present}): "
        f"{told}. A state is a hash of the source that computes. Whether the states give the same results was not "
        f"checked: to have all by one, delete the folder {_UNITS} and compute again."
    ]


def _few(notes: tuple[str, ...]) -> list[str]:
    most = 5
    more = [f"and {len(notes) - most} more notes of this kind"] if len(notes) > most else []
    return [*notes[:most], *more]


def _counted(reasons: Iterable[str]) -> list[tuple[str, int]]:
    counts: dict[str, int] = {}
    for reason in reasons:
        counts[reason] = counts.get(reason, 0) + 1
    return sorted(counts.items())
