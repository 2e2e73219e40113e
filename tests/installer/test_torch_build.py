"""Which build of torch pip is asked for on each system."""

from __future__ import annotations

import email.message
import ssl
import urllib.error
from pathlib import Path

import pytest

from installer.environment import Environment
from installer.process import SetupError
from installer.torch_build import torch_request, why_unreachable

REPOSITORY = Path(__file__).resolve().parents[2]


@pytest.mark.parametrize(
    ("system", "build", "requirement", "channel"),
    [
        ("Linux", "cpu", "torch==2.13.0", "cpu"),
        ("Linux", "cuda", "torch===2.13.0", None),
        ("Windows", "cpu", "torch===2.13.0", None),
        ("Windows", "cuda", "torch==2.13.0", "cu130"),
        ("Darwin", "cpu", "torch===2.13.0", None),
    ],
)
def test_request(checkout: Environment, system: str, build: str, requirement: str, channel: str | None) -> None:
    request = torch_request(checkout.constraints, system=system, build=build)
    assert request.requirement == requirement
    assert request.index == (None if channel is None else f"https://download.pytorch.org/whl/{channel}")


def test_no_cuda_on_macos(checkout: Environment) -> None:
    with pytest.raises(SetupError, match="no CUDA build of torch for Darwin"):
        torch_request(checkout.constraints, system="Darwin", build="cuda")


def test_constraints_without_torch_are_named(checkout: Environment) -> None:
    checkout.constraints.write_text("torch==2.13.0+cpu\n", encoding="utf-8")
    with pytest.raises(SetupError, match=r"constraints\.txt: found no line `torch==<version>`"):
        torch_request(checkout.constraints, system="Linux", build="cpu")


def test_shipped_constraints_pin_exact_versions_without_local_labels() -> None:
    lines = (REPOSITORY / "installer" / "constraints.txt").read_text(encoding="utf-8").splitlines()
    pins = [line for line in lines if line and not line.startswith("#")]
    assert "torch==2.13.0" in pins
    assert [pin for pin in pins if pin.count("==") != 1 or "+" in pin] == []
    names = [pin.split("==")[0].lower().replace("_", "-") for pin in pins]
    assert len(names) == len(set(names))


@pytest.mark.parametrize(
    ("failure", "reason"),
    [
        (urllib.error.URLError(OSError("Name or service not known")), "Name or service not known"),
        (TimeoutError("timed out"), "timed out"),
        (urllib.error.HTTPError("", 403, "Forbidden", email.message.Message(), None), None),
        (urllib.error.URLError(ssl.SSLCertVerificationError("certificate verify failed")), None),
        (None, None),
    ],
)
def test_any_answer_counts_as_reachable(failure: Exception | None, reason: str | None) -> None:
    def open_url(_: object, *, timeout: float) -> None:
        assert timeout <= 10
        if failure is not None:
            raise failure

    assert why_unreachable("https://index.example/whl/cpu/torch/", open_url=open_url) == reason
