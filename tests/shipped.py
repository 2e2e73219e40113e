"""What ships with the program, opened once for all tests that only read it."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from molphenix_core.model.bundle import Bundle
from molphenix_core.model.bundle_files import load_bundle
from molphenix_core.resources import resource_folder
from molphenix_core.retrieval.library import Library, open_library
from molphenix_core.retrieval.workbench import Workbench, open_workbench

MODEL = resource_folder() / "models" / "cell-painting-1"
LIBRARY = resource_folder() / "libraries" / "reference"


def demo_plate() -> Path:
    """The demo plate file with two replicate plates."""
    return resource_folder() / "plates" / "u2os-BR00114092-BR00114095.h5ad"


@cache
def shipped_bundle() -> Bundle:
    """The bundled retriever."""
    return load_bundle(MODEL)


@cache
def shipped_library() -> Library:
    """The reference library."""
    return open_library(LIBRARY)


@cache
def demo_workbench() -> Workbench:
    """The demo plate, opened with the bundled retriever."""
    return open_workbench(demo_plate(), shipped_bundle())
