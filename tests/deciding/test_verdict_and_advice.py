"""The verdict, and the advice beside it, as tables."""

import numpy as np
import pytest
from decision_study import FACTS, METHOD, ROUTES

from advisor.catalog import CANDIDATES
from advisor.deciding.advice import beyond, hybrid, target_routes
from advisor.deciding.cost import break_even_usd_month, cost_of
from advisor.deciding.decision import Range, Thresholds
from advisor.deciding.information import information_value, information_values, next_measurement
from advisor.deciding.migration import migration
from advisor.deciding.verdict import verdict_of
from advisor.interview.answers import Answers
from advisor.knowledge.routes import RehearsedRoute
from advisor.measuring.analysis.series import Series

ALL = tuple(CANDIDATES)
RULES = METHOD.deciding
THRESHOLDS = Thresholds(
    RULES.clear_probability,
    RULES.lean_probability,
    RULES.margin,
    RULES.shortlist_loss,
    RULES.missing_weight,
    RULES.grounded_weight,
)


@pytest.mark.parametrize(
    ("feasible", "probability", "margin", "missing", "open_constraint", "verdict", "grounded"),
    [
        (4, 0.99, 0.20, 0.0, False, "lean", 0.49),  # less than half of it is known here
        (4, 0.99, 0.20, 0.0, False, "clear", 0.50),
        (4, 0.60, 0.20, 0.0, False, "too_close", 0.0),
        (4, 0.99, 0.20, 0.0, True, "conditional", 0.0),
        (1, 1.00, None, 0.0, False, "clear", 0.0),  # what is required decides, and nothing is weighed
        (4, 0.95, 0.06, 0.0, False, "clear", 1.0),
        (4, 0.90, 0.05, 0.33, False, "clear", 1.0),
        (4, 0.99, 0.04, 0.0, False, "lean", 1.0),
        (4, 0.89, 0.20, 0.0, False, "lean", 1.0),
        (4, 0.70, 0.01, 0.0, False, "lean", 1.0),
        (4, 0.69, 0.20, 0.0, False, "too_close", 1.0),
        (4, 0.95, 0.06, 0.0, True, "conditional", 1.0),
        (4, 0.50, 0.00, 0.0, True, "conditional", 1.0),
        (4, 0.95, 0.06, 0.34, False, "insufficient", 1.0),
        (4, 0.95, 0.06, 0.34, True, "insufficient", 1.0),
        (1, 1.00, None, 0.50, False, "clear", 1.0),
        (1, 1.00, None, 0.00, True, "conditional", 1.0),
        (0, 0.00, None, 0.90, False, "none_feasible", 1.0),
    ],
)
def test_verdicts(feasible, probability, margin, missing, open_constraint, verdict, grounded):
    found = verdict_of(
        feasible=feasible,
        probability=probability,
        margin=None if margin is None else Range(0.0, margin, 1.0),
        missing_weight=missing,
        open_constraint=open_constraint,
        grounded_weight=grounded,
        thresholds=THRESHOLDS,
    )
    assert found == verdict


@pytest.mark.parametrize(
    ("existing", "intent", "pain", "recommended", "verdict", "expected"),
    [
        ((), None, (), "pytorch", "clear", "none"),
        (("pytorch",), "extend", (), "pytorch", "clear", "stay"),
        (("keras3",), "rewrite", ("slow",), "keras-torch", "lean", "stay"),
        (("keras2",), "extend", (), "keras-torch", "lean", "upgrade"),
        (("keras2",), "keep_running", ("python_pin",), "keras-torch", "lean", "freeze"),
        (("tensorflow2",), "keep_running", (), "pytorch", "clear", "stay"),
        (("tensorflow1",), "keep_running", (), "pytorch", "clear", "freeze"),
        (("tensorflow1",), "extend", (), "pytorch", "lean", "migrate"),
        (("tensorflow2",), "extend", ("security",), "pytorch", "lean", "migrate"),
        (("tensorflow2",), "extend", ("slow",), "pytorch", "lean", "stay"),
        (("tensorflow2",), "extend", ("slow",), "pytorch", "clear", "migrate"),
        (("tensorflow2",), "extend", (), "pytorch", "clear", "stay"),
        (("in_house",), "rewrite", (), "pytorch", "too_close", "migrate"),
        (("other_retired",), "rewrite", (), None, "none_feasible", "freeze"),
        (("keras2",), "extend", (), "pytorch", "lean", "upgrade"),
        (("keras2",), "extend", ("abandoned_upstream",), "pytorch", "lean", "migrate"),
        (("jax",), "extend", (), "keras-jax", "lean", "stay"),
        (("jax",), "extend", ("slow",), "pytorch", "clear", "migrate"),
    ],
)
def test_migration(existing, intent, pain, recommended, verdict, expected):
    said = {"existing.frameworks": existing, "existing.pain": pain}
    if intent:
        said["existing.intent"] = intent
    found = migration(recommended, verdict, Answers(said))
    assert found.what == expected
    assert bool(found.why) == (expected != "none")


@pytest.mark.parametrize(("level", "expected"), [(3, "stay"), (2, "migrate")])
def test_code_in_jax_stays_with_a_team_that_is_at_home_there(level, expected):
    said = {"existing.frameworks": ("jax",), "existing.pain": ("install_size",), "existing.intent": "extend"}
    assert migration("pytorch", "clear", Answers({**said, "team.jax": level})).what == expected


@pytest.mark.parametrize(
    ("existing", "verdict", "expected"),
    [
        ("keras2", "too_close", "upgrade"),
        ("keras2", "lean", "upgrade"),  # an upgrade cures an old Python as well
        ("keras2", "clear", "migrate"),
        ("tensorflow2", "too_close", "stay"),
        ("tensorflow2", "lean", "migrate"),
    ],
)
def test_large_code_follows_a_better_framework_only_without_doubt(existing, verdict, expected):
    said = {"existing.frameworks": (existing,), "existing.pain": ("python_pin",), "existing.intent": "extend"}
    assert migration("pytorch", verdict, Answers({**said, "existing.size": "large"})).what == expected


def test_advice_that_hangs_on_a_clear_verdict_says_what_it_would_be_with_more_known_here():
    said = Answers({"existing.frameworks": ("tensorflow2",), "existing.pain": ("slow",), "existing.intent": "extend"})
    lean, held_back = (migration("pytorch", "lean", said, held_back_below=held) for held in (None, 0.4))
    assert (lean.what, held_back.what) == ("stay", "stay")
    assert held_back.why.startswith(f"{lean.why}. The verdict would be clear if at least 40% of the weight was")
    assert "the advice then to migrate: something about it hurts" in held_back.why
    easy = Answers({"existing.frameworks": ("pytorch",)})
    assert migration("pytorch", "lean", easy, held_back_below=0.4) == migration("pytorch", "clear", easy)


def metric(candidate, *values, workload="tabular"):
    return Series("learn.metric", workload, candidate, "default", "", (0, 1, 2), values, ("a", "b", "c"))


SMALL_TABLE = {"project.problem": "tabular", "project.data_size": "small", "architecture.novelty": "standard"}


@pytest.mark.parametrize(
    ("said", "series", "expected"),
    [
        ({}, [], ()),
        ({}, [metric("baseline", 0.9, 0.9, 0.9), metric("pytorch", 0.905, 0.905, 0.905)], ("boosted_trees_first",)),
        ({}, [metric("baseline", 0.9, 0.9, 0.9), metric("pytorch", 0.92, 0.92, 0.92)], ()),
        ({}, [metric("baseline", 0.9, 0.9, 0.9)], ()),
        # The middle run counts, as in what the report says of it: one bad run of the network changes nothing.
        ({}, [metric("baseline", 0.9, 0.9, 0.9), metric("pytorch", 0.92, 0.92, 0.86)], ()),
        # The baseline of images is no trees.
        (
            {"project.problem": "vision"},
            [metric("baseline", 0.9, 0.9, 0.9, workload="vision"), metric("pytorch", 0.9, 0.9, 0.9, workload="vision")],
            (),
        ),
        (
            {"project.problem": "vision"},
            [
                metric("baseline", 0.9, 0.9, 0.9),
                metric("pytorch", 0.8, 0.8, 0.8),
                metric("baseline", 0.7, 0.7, 0.7, workload="vision"),
                metric("pytorch", 0.9, 0.9, 0.9, workload="vision"),
            ],
            (),
        ),
        ({"training.hardware": ("tpu",), "project.stage": "research"}, [], ("native_jax",)),
        ({"training.hardware": ("tpu",), "team.jax": 3}, [], ("native_jax",)),
        ({"training.hardware": ("tpu",), "team.jax": 2}, [], ()),
        (
            {"project.problem": "scientific", "architecture.needs": ("second_order_gradients",), "team.jax": 3},
            [],
            ("native_jax",),
        ),
        ({"project.stage": "research"}, [], ()),
        (SMALL_TABLE, [], ("boosted_trees_first",)),
        ({**SMALL_TABLE, "project.data_size": "large"}, [], ()),
        ({**SMALL_TABLE, "project.trains": "no"}, [], ()),
        (SMALL_TABLE, [metric("baseline", 0.9, 0.9, 0.9), metric("pytorch", 0.95, 0.95, 0.95)], ()),
    ],
)
def test_answers_beyond_the_candidates(said, series, expected):
    workloads = ("vision",) if said.get("project.problem") == "vision" else ("tabular",)
    assert beyond(Answers(said), series, FACTS, workloads) == expected


def test_a_way_that_was_rehearsed_under_a_condition_is_told_as_such():
    chip = Answers({"deployment.targets": ("microcontroller",)})
    cited = ROUTES.to("microcontroller", "keras-tensorflow")
    assert cited is not None and cited.status == "yes"
    said = {"status": "with_conditions", "condition": "run on this computer", "facts": (), "source": "rehearsed here"}
    twin = RehearsedRoute.model_validate({**cited.model_dump(), **said, "trials": ("key",), "conclusive": True})
    found = target_routes("keras-tensorflow", chip, type(ROUTES)((*ROUTES.routes, twin), ()))["microcontroller"]
    assert found.status == "rehearsed" and found.route.endswith("(run on this computer)")
    known = type(ROUTES)((*ROUTES.routes, twin), ())
    shipped = hybrid("keras-tensorflow", (), ALL, chip, known, "clear")
    assert shipped is not None and shipped.ship == {"microcontroller": found.route}
    failed = twin.model_copy(update={"status": "no"})
    found = target_routes("keras-tensorflow", chip, type(ROUTES)((*ROUTES.routes, failed), ()))["microcontroller"]
    assert found.status == "cited"


def test_routes_of_the_recommended_candidate():
    found = target_routes("pytorch", Answers({"deployment.targets": ("browser",)}), ROUTES)
    assert found["browser"].status == "cited"
    assert found["browser"].route == "PyTorch → ONNX → ONNX Runtime Web"
    assert "A03" in found["browser"].source
    nothing = type(ROUTES)((), ())
    assert target_routes("pytorch", Answers({"deployment.targets": ("ios",)}), nothing)["ios"].status == "none"


def test_a_target_that_only_another_candidate_reaches_is_left_to_it():
    only_keras = type(ROUTES)(
        tuple(r for r in ROUTES.routes if not (r.target == "ios" and "pytorch" in r.candidates)), ()
    )
    ios = Answers({"deployment.targets": ("browser", "ios")})
    found = hybrid("pytorch", ("pytorch",), ALL, ios, only_keras, "clear")
    assert found is not None and list(found.ship) == ["ios"] and "LiteRT" in found.ship["ios"]
    assert found.why == "PyTorch has no way to iOS, and Keras 3 on TensorFlow has"


def test_a_model_that_leaves_its_framework_ships_through_a_runtime():
    found = hybrid("pytorch", ("pytorch",), ALL, Answers({"deployment.targets": ("browser",)}), ROUTES, "clear")
    assert found is not None and found.ship == {"browser": "PyTorch → ONNX → ONNX Runtime Web"}
    server = Answers({"deployment.targets": ("python_server",)})
    assert hybrid("pytorch", ("pytorch",), ALL, server, ROUTES, "clear") is None


@pytest.mark.parametrize(
    "said", [{"deployment.installers": "public"}, {"existing.pain": ("install_size",)}, {"project.trains": "no"}]
)
def test_where_the_framework_weighs_too_much_a_lighter_runtime_takes_its_place(said):
    package = {"deployment.targets": ("python_package",)}
    assert hybrid("pytorch", ("pytorch",), ALL, Answers(package), ROUTES, "clear") is None
    found = hybrid("pytorch", ("pytorch",), ALL, Answers({**package, **said}), ROUTES, "clear")
    assert found is not None and "ONNX Runtime" in found.ship["python_package"]


def test_what_users_write_code_around_goes_along_with_its_framework():
    package = {"deployment.targets": ("python_package",), "deployment.installers": "public"}
    library = Answers({**package, "architecture.needs": ("backend_neutral",)})
    assert hybrid("keras-jax", ("keras-jax",), ALL, library, ROUTES, "clear") is None


def test_where_nothing_is_trained_ways_are_judged_without_the_framework():
    package = {"deployment.targets": ("python_package",), "project.trains": "no"}
    assert "ONNX Runtime" in target_routes("keras-jax", Answers(package), ROUTES)["python_package"].route
    server = {"deployment.targets": ("python_server",), "deployment.serving": "tensorflow_serving"}
    served = target_routes("tensorflow", Answers({**server, "project.trains": "no"}), ROUTES)["python_server"]
    assert "TensorFlow Serving" in served.route


def test_between_keras_and_pytorch_keras_on_pytorch_keeps_both_open():
    nowhere = Answers()
    close = hybrid("pytorch", ("pytorch", "keras-tensorflow"), ALL, nowhere, ROUTES, "too_close")
    assert close is not None and (close.develop, close.ship) == ("keras-torch", {})
    assert hybrid("pytorch", ("pytorch", "tensorflow"), ALL, nowhere, ROUTES, "too_close") is None
    assert hybrid("pytorch", ("pytorch", "keras-tensorflow"), ("pytorch",), nowhere, ROUTES, "too_close") is None


@pytest.mark.parametrize(
    ("people_usd", "ratio", "expected"),
    [
        (12_000, 0.5, 2000.0),  # half of the bill saved for 12 months pays for 12 000
        (-12_000, 2.0, 1000.0),  # twice the bill for 12 months eats up the 12 000
        (12_000, 1.5, None),
        (-12_000, 0.5, None),
        (12_000, 1.0, None),
    ],
)
def test_break_even_by_hand(people_usd, ratio, expected):
    assert break_even_usd_month(people_usd, ratio, 12) == expected


def step(candidate, ms):
    return Series("race.step_ms", "vision", candidate, "default", "ms", (0, 1, 2), (ms, ms, ms), ("a", "b", "c"))


def test_cost_by_hand():
    prices = {"team.engineer_usd_hour": 100.0, "team.people": 2.0, "team.pytorch": 2, "team.keras": 4}
    answers = Answers({**prices, "team.tensorflow": 4, "project.horizon_years": 2.0})
    steps = [step("pytorch", 1), step("keras-tensorflow", 2)]
    found = cost_of("pytorch", "keras-tensorflow", answers, steps, True)
    assert found is not None
    # 5 weeks against 1.5, 40 hours, 2 people, $100; half the bill saved over 24 months.
    assert found.people_usd == pytest.approx(28_000)
    assert found.step_time_ratio == pytest.approx(0.5)
    assert found.break_even_compute_usd_month == pytest.approx(28_000 / 12)
    assert "28,000 USD more" in found.explanation and "cheaper from 2,333 USD" in found.explanation


def test_cost_needs_prices_another_candidate_and_speeds_that_count():
    priced = Answers({"team.engineer_usd_hour": 100.0, "team.people": 2.0})
    assert cost_of("pytorch", "tensorflow", Answers({"team.people": 2.0}), [], True) is None
    assert cost_of("pytorch", None, priced, [], True) is None
    elsewhere = cost_of("pytorch", "tensorflow", priced, [step(i, 1.0) for i in ALL], False)
    assert elsewhere is not None and elsewhere.step_time_ratio is None
    assert "not measured" in elsewhere.explanation


def test_knowing_a_coin_toss_is_worth_half_of_what_is_at_stake():
    """u = (v, 0.5), v is 0 or 1: knowing v lets one choose 1 or 0.5, 0.75 on average, against 0.5 without."""
    v = np.tile([0.0, 1.0], 500)
    utility = np.stack([v, np.full(1000, 0.5)], axis=1)
    noise = np.random.default_rng(0).random((1000, 2))
    assert information_value(utility, np.stack([v, v], axis=1)) == pytest.approx(0.25)
    assert information_value(utility, noise) < 0.01
    criteria = ("longevity", "training_speed")
    worth = information_values(utility, np.stack([noise, utility], axis=2), criteria)
    assert worth == {"longevity": pytest.approx(0, abs=0.01), "training_speed": pytest.approx(0.25)}
    found = next_measurement(worth, RULES.negligible_worth, code_counted=True)
    assert found is not None
    assert (found.criterion, found.worth) == ("training_speed", pytest.approx(0.25))
    assert found.command == "advisor run --budget 30m"


@pytest.mark.parametrize(
    ("criterion", "counted", "command"),
    [
        ("team_fit", True, "advisor ask"),
        ("longevity", True, "advisor facts --about longevity"),
        ("time_to_baseline", False, "advisor run --budget 30m"),
        ("time_to_baseline", True, ""),  # the count is exact; only trying tells what it costs
    ],
)
def test_the_command_gets_the_knowledge(criterion, counted, command):
    found = next_measurement({"memory": 0.1, criterion: 0.25}, RULES.negligible_worth, code_counted=counted)
    assert found is not None and (found.criterion, found.command) == (criterion, command)


def test_nothing_to_find_out_where_the_choice_stands():
    utility = np.stack([np.linspace(0.8, 0.9, 100), np.linspace(0.1, 0.2, 100)], axis=1)
    assert (
        next_measurement(
            information_values(utility, utility[:, :, np.newaxis], ("memory",)),
            RULES.negligible_worth,
            code_counted=True,
        )
        is None
    )
    alone = information_values(utility[:, :1], utility[:, :1, np.newaxis], ("memory",))
    assert alone == {"memory": 0.0} and next_measurement(alone, RULES.negligible_worth, code_counted=True) is None
    assert next_measurement({}, RULES.negligible_worth, code_counted=True) is None
