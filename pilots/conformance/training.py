"""What training promises: it learns, one seed gives one model, and the loop does what its pace is told."""

from __future__ import annotations

import math

import numpy as np

from pilots import scores
from pilots.conformance.subject import CandidateUnderCheck, CountingHook, Nonconformity, require
from pilots.feeding.checking import FED_RIGHT, check_feeding
from pilots.frameworks.baseline import fit_baseline
from pilots.lanes import Tuning
from pilots.pilot import Array, StopTraining
from pilots.records import Lane

#: Outputs after training are the same where they differ by less than this share of their own root mean square: far
#: more than rounding makes of one training, far less than another order of the rows.
_SAME = 1e-3
_STEPS = 3
#: So many steps, in two epochs or more, show whether trainings obey their seed: what draws without it does so from the
#: first epoch on, and what a prediction leaves behind acts on the epoch after it.
_SEEDED_STEPS = 50


def learns(subject: CandidateUnderCheck) -> str:
    """Far better than always guessing the same, after a training by the recipe."""
    data, epochs = subject.data, subject.recipe.epochs
    if subject.spec.candidate == "baseline":
        fitted = fit_baseline(subject.workload, data, subject.spec.seed, subject.spec.threads)
        metric, how = fitted.metric, fitted.model
    else:
        metric, _ = scores.score(data.task, subject.watched.outputs, data.y_test)
        how = f"{epochs} epoch{'s' if epochs > 1 else ''}"
    guessing = scores.dummy_metric(data)
    require(guessing < 1, "always guessing the same is right on every test row")
    needed = guessing + subject.command.least_learned * (1 - guessing)
    name = "accuracy" if data.task == "classification" else "R2"
    found = f"{name} {metric:.3f} on held-out rows ({how}); always guessing the same gives {guessing:.3f}"
    require(metric >= needed, f"{found}, and {needed:.3f} is the least that counts as learning")
    return found


def obeys_its_seed(subject: CandidateUnderCheck) -> str:
    """One seed gives one model, another seed another; predicting between epochs leaves no trace.

    A stack whose order of rows does not follow the seed is asked on one batch, whose order does not matter.
    """
    if not subject.pilot.order_follows_seed:
        return _obeys_its_seed_but_for_the_order(subject)
    seed, epochs = subject.spec.seed, _seeded_epochs(subject)
    plain = subject.trained(seed, epochs)
    whole = epochs == subject.recipe.epochs
    watched = subject.watched if whole else subject.trained(seed, epochs, watched=True)
    off = _difference(watched.outputs, plain.outputs)
    if off > _SAME:
        same = _difference(subject.trained(seed, epochs).outputs, plain.outputs) <= _SAME
        why = "predicting between epochs changes the training" if same else "something draws at random without the seed"
        raise Nonconformity(f"two trainings with one seed differ by {off:.2g} of the outputs: {why}")
    if len(subject.data.x_train) < 2 * subject.recipe.batch_size and not subject.data.noise:
        return "one seed gives one model; no other was tried, since an epoch is one batch"
    other = _difference(subject.trained(seed + 1, epochs).outputs, plain.outputs)
    require(other > _SAME, "another seed gives the same model: the seed does not reach what shuffles the rows")
    return f"one seed gives one model; another's outputs differ by {other:.2g}"


def _obeys_its_seed_but_for_the_order(subject: CandidateUnderCheck) -> str:
    plain, again, watched = (subject.trained_on_a_batch(_STEPS, watched=watched) for watched in (False, False, True))
    require(_difference(again, plain) <= _SAME, "something draws at random without the seed, besides the order of rows")
    require(_difference(watched, plain) <= _SAME, "predicting between epochs changes the training")
    return "one seed gives one model from one batch; the order of the rows does not follow the seed in this lane"


def _seeded_epochs(subject: CandidateUnderCheck) -> int:
    """As few epochs as show it, and no more than the recipe has."""
    per_epoch = math.ceil(len(subject.data.x_train) / subject.recipe.batch_size)
    return min(subject.recipe.epochs, max(2, math.ceil(_SEEDED_STEPS / per_epoch)))


def tells_its_pace(subject: CandidateUnderCheck) -> str:
    """The pace is told every step and every epoch, and nothing is trained beside them; it can end the training."""
    data, recipe, told = subject.data, subject.recipe, subject.watched
    steps = recipe.epochs * math.ceil(len(data.x_train) / recipe.batch_size)
    require(
        (told.steps, told.epochs) == (steps, recipe.epochs),
        f"fit tells of {told.steps} steps and {told.epochs} epochs in place of {steps} and {recipe.epochs}",
    )
    at_the_end = told.at_last_epoch is not None and _difference(told.at_last_epoch, told.outputs) <= _SAME
    require(at_the_end, "fit goes on training after the last epoch it tells of")
    require(_stops(subject), "fit goes on though it is told to end (StopTraining does not come out of it)")
    if data.noise:
        return f"tells all {steps} steps and {recipe.epochs} epochs, and ends at once when told to"
    off = _difference(*_three_steps(subject))
    require(off <= _SAME, f"{_STEPS} steps of fit are not those of the gate: outputs differ by {off:.2g}")
    return f"tells all {steps} steps and {recipe.epochs} epochs, takes the gate's steps, and ends at once when told to"


def is_fed_right(subject: CandidateUnderCheck) -> str:
    """The gate's check of the feeding, in each lane that is asked for."""
    fast_bfloat16 = subject.framework.fast_bfloat16()
    lanes: tuple[Lane, ...] = ("default", "tuned") if subject.command.tuned else ("default",)
    for lane in lanes:
        tuning = Tuning.of(lane, fast_bfloat16=fast_bfloat16)
        fed = check_feeding(subject.framework, subject.workload, subject.data, subject.start, subject.recipe, tuning)
        require(fed.passed, f"in the {lane} lane: {fed.detail}")
    _require_quiet_evaluation(subject)
    return FED_RIGHT


def _require_quiet_evaluation(subject: CandidateUnderCheck) -> None:
    """Predictions after a training step draw nothing and change nothing."""
    pilot = subject.pilot
    pilot.set_weights(subject.start)
    batch = slice(subject.recipe.batch_size)
    pilot.fit(subject.data.x_train[batch], subject.data.y_train[batch], epochs=1, seed=0, pace=CountingHook())
    before = pilot.weights()
    first, second = (pilot.predict(subject.data.x_test) for _ in range(2))
    after = pilot.weights()
    require(_difference(second, first) <= _SAME, "two predictions differ: something is drawn in evaluation")
    moved = [name for name, array in before.items() if not np.array_equal(array, after[name])]
    require(not moved, f"a prediction changes {', '.join(moved)}: training-only behaviour is on in evaluation")


def _stops(subject: CandidateUnderCheck) -> bool:
    pilot, data = subject.pilot, subject.data
    pilot.set_weights(subject.start)
    pace = CountingHook(limit=_STEPS)
    try:
        pilot.fit(data.x_train, data.y_train, epochs=_STEPS + 1, seed=0, pace=pace)
    except StopTraining:
        return pace.told_to_stop == 1
    return False


def _three_steps(subject: CandidateUnderCheck) -> tuple[Array, Array]:
    """Outputs after the same steps on one batch: by ``fit``, and one by one as in the gate."""
    pilot, data, size = subject.pilot, subject.data, subject.recipe.batch_size
    batch = data.x_train[:size], data.y_train[:size]
    pilot.set_weights(subject.start)
    pilot.fit(*batch, epochs=_STEPS, seed=0, pace=CountingHook())
    pilot.sync()
    by_fit = pilot.predict(data.x_test)
    pilot.set_weights(subject.start)
    pilot.train_on([batch] * _STEPS)
    return by_fit, pilot.predict(data.x_test)


def _difference(array: Array, other: Array) -> float:
    """Root mean square of the difference as a share of the root mean square of ``other``."""
    own, expected = (np.asarray(outputs, np.float64) for outputs in (array, other))
    off, size = (float(np.sqrt(np.mean(np.square(part)))) for part in (own - expected, expected))
    return off / size if size > 0 else float(off > 0)
