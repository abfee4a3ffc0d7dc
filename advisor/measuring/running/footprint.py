"""Peak memory of a candidate's process, watched from outside while it predicts and while it trains."""

from __future__ import annotations

from advisor.measuring.running.host import TrialSession
from pilots.protocol import Done, Predict, Train
from pilots.results import FootprintResult

_PREDICT_CALLS = 20


def measure_footprint(session: TrialSession, train_steps: int) -> FootprintResult:
    """Memory after the imports, then the peaks of predicting and of ``train_steps`` training steps.

    Raises:
        TrialError: the process ended, or failed.
    """
    imported_mib = session.memory_mib()
    with session.watched_memory() as predicting:
        session.request(Predict(_PREDICT_CALLS), Done)
    with session.watched_memory() as training:
        session.request(Train(train_steps), Done)
    return FootprintResult(
        kind="footprint",
        imported_mib=imported_mib,
        predict_peak_mib=predicting.mib,
        train_peak_mib=training.mib,
        train_steps=train_steps,
        predict_accelerator_peak_mib=predicting.accelerator_mib,
        train_accelerator_peak_mib=training.accelerator_mib,
    )
