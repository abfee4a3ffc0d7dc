"""``conformance``: does the workload do in this stack what the pilots rely on? Nothing here is timed."""

from __future__ import annotations

import platform

from pilots.channel import Channel
from pilots.conformance.checks import checks
from pilots.experiments.opening import timed
from pilots.frameworks import load_framework
from pilots.probe import versions
from pilots.protocol import CheckConformance, CheckEnded, NextCheck, Opened
from pilots.records import Environment, TrialSpec


def run(channel: Channel, spec: TrialSpec) -> None:
    """Open the framework alone: what the workload's own files raise is for the checks to tell.

    Raises:
        ImportError: the framework is missing.
    """
    framework, import_s = timed(lambda: None if spec.candidate == "baseline" else load_framework(spec.candidate))
    device, settings = "cpu", {"threads": str(spec.threads)}
    if framework is not None:
        framework.configure(threads=spec.threads, device=spec.device)
        device, settings = framework.device(), framework.settings()
    environment = Environment(platform.python_version(), versions(), device, settings)
    channel.send(Opened(environment=environment, import_s=import_s, build_s=0.0))
    command = channel.receive()
    if not isinstance(command, CheckConformance):
        raise ValueError("a conformance check begins with the command for it")
    for check in checks(spec, framework, command):
        channel.send(CheckEnded(check))
        if not isinstance(channel.receive(), NextCheck):
            return
