from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from prepared_data import stored

from pilots import workload as workloads
from pilots.frameworks.baseline import fit_baseline
from pilots.prepared import PreparedImages, PreparedSeries, PreparedTable, PreparedTexts
from pilots.scores import dummy_metric
from pilots.workloads.audio import data as audio
from pilots.workloads.categories import data as categories
from pilots.workloads.measured_series import data as measured_series
from pilots.workloads.text import data as text
from pilots.workloads.time_series import data as time_series

CANDIDATES = ("pytorch", "keras-tensorflow", "keras-jax", "keras-torch", "tensorflow")
NAMES = workloads.names()


def table(numeric: object, target: object, classes: int) -> PreparedTable:
    """Numbers alone, one column unless ``numeric`` has two axes."""
    numbers = np.array(numeric, np.float64).reshape(len(np.asarray(target)), -1)
    return PreparedTable(numbers, np.empty((len(numbers), 0), np.int32), (), np.asarray(target), classes)


def test_folders_are_the_registry() -> None:
    folders = {path.name for path in Path(workloads.__file__).with_name("workloads").iterdir() if path.is_dir()}
    assert set(NAMES) == folders - {"__pycache__"}
    assert {"generative", "tabular", "text", "time_series", "vision"} < set(NAMES)


def test_an_unknown_workload_is_refused_with_those_there_are() -> None:
    with pytest.raises(ValueError, match=r"'video'.*tabular, text, time_series, vision"):
        workloads.load("video")


@pytest.mark.parametrize("name", NAMES)
def test_settings_are_complete(name: str) -> None:
    workload = workloads.load(name)
    assert workload.problems
    assert workload.targets[0] < workload.targets[1] < 1
    epochs = [workload.recipe(size, 400).epochs for size in ("smoke", "quick", "standard")]
    assert epochs == sorted(epochs) and epochs[0] >= 1
    assert workload.recipe("quick", 400).adam_epsilon == workload.adam_epsilon


@pytest.mark.parametrize("name", NAMES)
def test_own_data_is_split_once_and_scaled_on_training_rows(name: str) -> None:
    workload = workloads.load(name)
    data, again = workloads.read_data(workload, None), workloads.read_data(workload, None)
    assert (data.x_train == again.x_train).all() and (data.y_test == again.y_test).all()
    assert data.x_train.dtype == data.x_test.dtype
    assert data.y_train.dtype == (np.int64 if data.task == "classification" else np.float32)
    # Validation rows are taken from those that were split off and scaled to train on.
    data = workloads.as_given(workload, None)
    rows = len(data.x_train) + len(data.x_test)
    assert len(data.x_test) / rows == pytest.approx(workload.split.test_share, abs=0.01)
    counts = data.arguments.get("categories") or (data.arguments.get("vocabulary"),)
    if counts[0] is not None:
        # Numbers of categories or words, which training shows all of.
        numbers = data.x_train.reshape(-1, len(counts))
        assert (numbers.min(axis=0) >= 0).all() and (numbers.max(axis=0) == np.array(counts) - 1).all()
        assert data.x_test.max() < max(counts)
    else:
        assert data.x_train.dtype == np.float32
        assert abs(float(data.x_train.mean())) < 1e-3
        assert float(data.x_train.std()) == pytest.approx(1, abs=1e-3)
    if data.task != "classification":
        assert float(data.y_train.mean()) == pytest.approx(0, abs=1e-3)
        return
    shares = [np.bincount(y, minlength=data.outputs) / len(y) for y in (data.y_train, data.y_test)]
    assert np.abs(shares[0] - shares[1]).max() < 0.02


@pytest.mark.parametrize("name", NAMES)
def test_initial_weights_are_glorot_uniform_and_depend_on_the_seed_alone(name: str) -> None:
    workload = workloads.load(name)
    data = workloads.read_data(workload, None)
    weights = workloads.initial_weights(workload, data, 1)
    again, other = (workloads.initial_weights(workload, data, seed) for seed in (1, 2))
    for weight, array in weights.items():
        assert array.dtype == np.float32
        assert (array == again[weight]).all()
        variable = weight.rpartition("/")[2]
        if variable in ("recurrent_kernel", "embeddings"):
            assert not (array == other[weight]).all()
        elif variable == "kernel":
            assert not (array == other[weight]).all()
            receptive_field = int(np.prod(array.shape[:-2]))
            limit = np.sqrt(6 / (receptive_field * sum(array.shape[-2:])))
            assert 0.9 * limit < np.abs(array).max() <= limit
        else:
            assert (array == (1 if variable in ("gamma", "moving_variance") else 0)).all()


def test_recurrent_kernels_start_orthogonal_and_embeddings_small() -> None:
    shapes = {"layer/recurrent_kernel": (8, 32), "square/recurrent_kernel": (6, 6), "words/embeddings": (40, 8)}
    weights = workloads.draw_weights(shapes, seed=1)
    for name in ("layer/recurrent_kernel", "square/recurrent_kernel"):
        kernel = weights[name]
        assert kernel.dtype == np.float32
        assert np.abs(kernel @ kernel.T - np.eye(len(kernel))).max() < 1e-5
    assert 0.04 < np.abs(weights["words/embeddings"]).max() <= 0.05


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("candidate", CANDIDATES)
def test_the_code_to_own_is_the_model_and_its_training(name: str, candidate: str) -> None:
    workload = workloads.load(name)
    files = workloads.model_files(workload, candidate)
    assert candidate in workload.candidates
    assert files[0].parent in workload.folders
    assert all(file.read_text("utf-8").strip() for file in (*files, *workloads.training_files(candidate)))


@pytest.mark.parametrize("name", NAMES)
def test_the_baseline_beats_the_dummy(name: str) -> None:
    workload = workloads.load(name)
    data = workloads.read_data(workload, None)
    fitted = fit_baseline(workload, data, seed=0, threads=1)
    assert fitted.model and fitted.seconds > 0
    assert fitted.metric > dummy_metric(data) + 0.3
    assert all(metric < fitted.metric for _, metric in fitted.simpler)
    if data.task == "classification":
        assert fitted.macro_f1 is not None and fitted.metric - 0.1 < fitted.macro_f1 <= 1


def test_texts_of_the_users_are_numbered_by_how_frequent_their_words_are(tmp_path: Path) -> None:
    own = PreparedTexts(
        ("Grün und rot",) * 30 + ("blau, blau",) * 15 + (" ",) * 15, np.repeat([0, 1, 2], [30, 15, 15]), 3
    )
    data = workloads.as_given(workloads.load("text"), stored(tmp_path / "t.npz", own))
    assert data.x_train.shape == (48, text.LENGTH) and data.x_test.shape == (12, text.LENGTH) and data.outputs == 3
    # Padding, unknown, six words of which "," and " " are two.
    assert data.arguments == {"vocabulary": 2 + 6}
    rows = {label: data.x_train[data.y_train == label] for label in range(3)}
    assert all(len({tuple(row) for row in rows[label]}) == 1 for label in rows)
    assert all((row != text.PADDING).sum() == count for label, count in enumerate((3, 3, 1)) for row in rows[label])


def test_noise_is_drawn_where_the_model_generates() -> None:
    assert {name for name in NAMES if workloads.read_data(workloads.load(name), None).noise} == {"generative"}


def test_games_end_as_often_as_they_are_known_to() -> None:
    """As the data set's description in the UCI repository counts them."""
    boards = categories.endings()
    assert len(boards) == 958
    data = workloads.as_given(workloads.load("categories"), None)
    assert int(data.y_train.sum() + data.y_test.sum()) == 626


def test_every_key_sounds_its_two_tones() -> None:
    keys = np.arange(16)
    quiet = np.abs(np.fft.rfft(audio.sounds(keys, np.random.default_rng(0)))) ** 2
    hertz = np.fft.rfftfreq(2 * (quiet.shape[1] - 1), 1 / audio.SAMPLES_PER_S)
    for key, power in zip(keys, quiet, strict=True):
        tones = audio.ROWS[key // 4], audio.COLUMNS[key % 4]
        near = [power[np.abs(hertz - tone) < 0.03 * tone].max() for tone in tones]
        assert min(near) > 3 * np.median(power)


def test_texts_are_what_the_standard_library_says() -> None:
    functions = text.functions()
    assert all(source.lstrip().startswith(("def ", "async def ", "@")) for source in functions.texts)
    assert set(functions.labels.tolist()) == set(range(functions.classes))
    data = workloads.read_data(workloads.load("text"), None)
    assert (data.x_train[:, 0] != text.PADDING).all()
    # Where a text has ended, nothing follows.
    padding = data.x_train == text.PADDING
    assert (padding[:, 1:] >= padding[:, :-1]).all()


def test_a_recording_that_is_not_there_says_what_brings_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(measured_series, "find_spec", lambda name: None)
    with pytest.raises(ImportError, match="pip install matplotlib"):
        workloads.read_data(workloads.load("measured_series"), None)


def test_no_test_window_shares_a_value_with_training() -> None:
    """Neither as an input nor as a target: all that a training row shows lies before all that a test row shows."""
    series = time_series.mackey_glass(time_series.VALUES)
    data = workloads.read_data(workloads.load("time_series"), None)
    reach = (time_series.INPUTS - 1) * time_series.SPACING
    last_seen = reach + len(data.x_train) - 1 + time_series.HORIZON
    first_tested = time_series.VALUES - time_series.HORIZON - len(data.x_test) - reach
    assert last_seen < first_tested
    # The last input is the value at the row's time, and the target comes 84 later: the same number, scaled otherwise.
    inputs, targets = data.x_test[time_series.HORIZON :, -1, 0], data.y_test[: -time_series.HORIZON]
    assert np.corrcoef(inputs, targets)[0, 1] == pytest.approx(1, abs=1e-5)
    assert 0.2 < series.min() < series.max() < 1.5


def test_the_series_obeys_its_equation() -> None:
    """Between neighbours it changes as the equation says, to the error of a central difference."""
    series = time_series.mackey_glass(600)
    place = np.arange(time_series.DELAY + 1, 599)
    then = series[place - time_series.DELAY]
    slope = 0.2 * then / (1 + then**10) - 0.1 * series[place]
    assert np.abs((series[place + 1] - series[place - 1]) / 2 - slope).max() < 5e-3
    assert len(series) == 600 and (series == time_series.mackey_glass(600)).all()


def test_a_table_with_gaps_and_categories_becomes_numbers(tmp_path: Path) -> None:
    place = np.arange(100)
    prepared = PreparedTable(
        numeric=np.column_stack([np.where(place % 7, place % 10, np.nan), place % 3]),
        categorical=np.array([0, 1, -1, 2], np.int32)[place % 4][:, np.newaxis],
        categories=(3,),
        target=place % 2,
        classes=2,
    )
    data = workloads.read_data(workloads.load("tabular"), stored(tmp_path / "t.npz", prepared))
    # Numbers: two columns and one indicator of gaps. Colours: three and, as 0, "missing".
    assert data.x_train.shape == (80, 4)
    assert data.x_test.shape == (20, 4)
    assert np.isfinite(data.x_train).all()
    assert np.abs(data.x_train[:, :3].mean(axis=0)).max() < 1e-6
    assert np.bincount(np.concatenate([data.x_train, data.x_test])[:, 3].astype(int)).tolist() == [25] * 4
    assert data.arguments == {"categories": (4,)}
    shapes = workloads.parameters(workloads.load("tabular"), data).shapes
    assert (shapes["categories_0/embeddings"], shapes["hidden_1/kernel"]) == ((4, 2), (3 + 2, 64))
    assert data.outputs == 2 and set(data.y_test.tolist()) == {0, 1}


def test_values_to_predict_are_standardised_on_training_rows(tmp_path: Path) -> None:
    place = np.arange(60)
    source = stored(tmp_path / "t.npz", table(place % 13, (place * 37) % 101 + 0.5, classes=0))
    workload = workloads.load("tabular")
    data = workloads.read_data(workload, source)
    assert data.task == "regression" and data.outputs == 1
    assert data.y_train.dtype == np.float32 and data.y_train.shape == (48,)
    assert float(data.y_train.mean()) == pytest.approx(0, abs=1e-6)
    assert float(data.y_train.std()) == pytest.approx(1, abs=1e-6)
    assert fit_baseline(workload, data, seed=0, threads=1).macro_f1 is None


def test_the_smallest_table_fills_a_batch(tmp_path: Path) -> None:
    place = np.arange(20)
    source = stored(tmp_path / "t.npz", table(place * 0.5 % 3, place % 4, classes=4))
    workload = workloads.load("tabular")
    data = workloads.read_data(workload, source)
    assert len(data.x_train) >= workload.recipe("smoke", len(data.x_train)).batch_size
    assert data.outputs == 4


def test_a_row_held_out_that_cannot_be_scaled_is_refused(tmp_path: Path) -> None:
    workload = workloads.load("tabular")
    refused = 0
    for far in range(40):
        numbers = np.arange(40) % 2 * 1e-20
        numbers[far] = 1e30
        source = stored(tmp_path / "t.npz", table(numbers, np.arange(40) // 20, classes=2))
        try:
            with np.errstate(over="ignore"):
                data = workloads.read_data(workload, source)
        except ValueError as error:
            assert "too far from the others" in str(error)
            refused += 1
        else:
            assert np.isfinite(data.x_test).all()
    assert refused == 8  # a fifth is held out; a training row stretches the scale instead


@pytest.mark.parametrize("channels", [1, 3])
def test_images_of_the_users_are_split_by_class_and_scaled(tmp_path: Path, channels: int) -> None:
    generator = np.random.default_rng(3)
    images = generator.integers(0, 256, (100, 12, 12, channels), np.uint8)
    labels = np.repeat([0, 1, 2], [10, 30, 60])
    workload = workloads.load("vision")
    data = workloads.read_data(workload, stored(tmp_path / "i.npz", PreparedImages(images, labels, 3)))
    assert data.x_train.shape == (80, 12, 12, channels) and data.x_test.shape == (20, 12, 12, channels)
    assert np.bincount(data.y_test).tolist() == [2, 6, 12]
    assert data.x_train.dtype == np.float32 and data.outputs == 3
    assert float(data.x_train.mean()) == pytest.approx(0, abs=1e-3)
    assert float(data.x_train.std()) == pytest.approx(1, abs=1e-3)
    # The rows held out are scaled by the same rule, which black and white in the training rows give away.
    low, high = float(data.x_train.min()), float(data.x_train.max())
    shown = np.rint((data.x_test - low) / (high - low) * 255).astype(np.uint8)
    assert {image.tobytes() for image in shown} <= {image.tobytes() for image in images}
    assert workloads.parameters(workload, data).shapes["stem_conv/kernel"] == (3, 3, channels, 16)


def test_a_series_of_the_users_is_forecast_one_step_ahead(tmp_path: Path) -> None:
    values = np.arange(200.0) ** 2
    workload = workloads.load("time_series")
    data = workloads.read_data(workload, stored(tmp_path / "s.npz", PreparedSeries(values)))
    assert data.x_train.shape[1:] == data.x_test.shape[1:] == (time_series.INPUTS, 1)
    # The change from the last value is 2 t + 1 ahead and, over the window before, 30 t - 225 back: both rise evenly.
    inputs, targets = data.x_train[:, :, 0], data.y_train
    assert np.ptp(inputs[:, -1]) == pytest.approx(0, abs=1e-6)
    assert np.diff(targets) == pytest.approx(np.full(len(targets) - 1, targets[1] - targets[0]), rel=1e-3)
    assert np.corrcoef(inputs[:, 0], targets)[0, 1] == pytest.approx(-1)
    rows = len(values) - time_series.INPUTS
    left_out = rows - len(data.x_train) - len(data.x_test)
    assert left_out == time_series.INPUTS - 1 + time_series.OWN_HORIZON
    first_tested_input = rows - len(data.x_test)
    last_trained_target = len(data.x_train) - 1 + time_series.INPUTS - 1 + time_series.OWN_HORIZON
    assert last_trained_target < first_tested_input


def test_a_series_that_stands_still_at_first_can_be_read(tmp_path: Path) -> None:
    values = np.concatenate([np.zeros(180), np.arange(20.0)])
    source = stored(tmp_path / "s.npz", PreparedSeries(values))
    data = workloads.read_data(workloads.load("time_series"), source)
    assert all(np.isfinite(part).all() for part in (data.x_train, data.y_train, data.x_test, data.y_test))


def test_images_take_no_table(tmp_path: Path) -> None:
    source = stored(tmp_path / "t.npz", table(range(40), np.arange(40) % 2, classes=2))
    with pytest.raises(ValueError, match="'vision' cannot be run on data of the kind 'table'"):
        workloads.read_data(workloads.load("vision"), source)


@pytest.mark.parametrize(
    ("rows", "batch_size", "epochs"),
    [
        (16, 16, 10),
        (33, 31, 10),
        (2, 2, 10),
        (455, 32, 10),
        (64_000, 32, 1),
        (6_400, 32, 10),
        (12_800, 32, 5),
        (1_000_000, 32, 1),
    ],
)
def test_recipe_fits_the_rows(rows: int, batch_size: int, epochs: int) -> None:
    recipe = workloads.load("tabular").recipe("quick", rows)
    assert (recipe.batch_size, recipe.epochs) == (batch_size, epochs)
