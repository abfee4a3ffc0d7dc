"""TensorFlow's data pipeline: ``tf.data``, which maps a function of one image over all of them."""

from __future__ import annotations

from collections.abc import Callable, Iterable

import tensorflow as tf

from pilots.pilot import Array, Augmentation, Draws, StepHook

#: Trains on one epoch of batches.
Train = Callable[[Iterable[tuple[tf.Tensor, tf.Tensor]], StepHook], None]


def random_draw(augmentation: Augmentation) -> tuple[tf.Tensor, tf.Tensor, tf.Tensor]:
    """Top, left and brightness for one image."""
    corner = tf.random.uniform([2], maxval=2 * augmentation.shift + 1, dtype=tf.int64)
    brightness = tf.random.uniform([], -augmentation.brightness, augmentation.brightness)
    return corner[0], corner[1], brightness


def augment(
    image: tf.Tensor, top: tf.Tensor, left: tf.Tensor, brightness: tf.Tensor, augmentation: Augmentation
) -> tf.Tensor:
    """An image (height, width, channels), moved and made brighter or darker."""
    edge = [augmentation.shift, augmentation.shift]
    padded = tf.pad(image, [edge, edge, [0, 0]], constant_values=augmentation.background)
    return tf.image.adjust_brightness(tf.slice(padded, [top, left, 0], image.shape), brightness)


def make_dataset(
    x: Array, y: Array, augmentation: Augmentation, given: Draws | None, *, batch_size: int, workers: int, seed: int
) -> tf.data.Dataset:
    """Shuffled full batches, one image augmented after another, or several at once on as many threads.

    How many at once is left to ``AUTOTUNE``, as TensorFlow's performance guide has it, within these threads.
    """
    rows = (x, y) if given is None else (x, y, given.top, given.left, given.brightness)

    def augment_row(image: tf.Tensor, label: tf.Tensor, *draw: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        top, left, brightness = draw or random_draw(augmentation)
        return augment(image, top, left, brightness, augmentation), label

    dataset = (
        tf.data.Dataset.from_tensor_slices(rows)
        .shuffle(len(x), seed=seed)
        .map(augment_row, num_parallel_calls=tf.data.AUTOTUNE if workers else None)
        .batch(batch_size, drop_remainder=True)
        .prefetch(tf.data.AUTOTUNE)
    )
    options = tf.data.Options()
    if workers:
        options.threading.private_threadpool_size = workers
    return dataset.with_options(options)


def describe(dataset: tf.data.Dataset) -> dict[str, str]:
    """The transformations of a dataset in their order, and options in force, as its objects tell them."""
    options, batch = dataset.options(), dataset.element_spec
    while isinstance(batch, tuple):
        batch = batch[0]
    names = []
    while dataset is not None:
        names.append(type(dataset).__name__.strip("_").removesuffix("Dataset"))
        dataset = getattr(dataset, "_input_dataset", None)
    return {
        "feeding": f"tf.data: {', '.join(name for name in reversed(names) if name != 'Options')}",
        "last_batch": "kept" if batch.shape[0] is None else "dropped",
        "autotune": "default" if options.autotune.enabled is None else str(options.autotune.enabled),
    }


class FromMemory:
    """Batches that lie ready in the main memory; see :class:`pilots.pilot.Feed`."""

    def __init__(self, x: Array, y: Array, batch_size: int, train: Train) -> None:
        starts = range(0, len(x) - batch_size + 1, batch_size)
        with tf.device("CPU:0"):  # where a dataset's batches are, too
            self._batches = [
                (tf.constant(x[start : start + batch_size]), tf.constant(y[start : start + batch_size]))
                for start in starts
            ]
        self._train = train

    def train(self, pace: StepHook) -> None:
        """One epoch."""
        self._train(self._batches, pace)


class FromDataset:
    """A dataset; see :class:`pilots.pilot.Pipeline`."""

    def __init__(self, dataset: tf.data.Dataset, workers: int, train: Train) -> None:
        self._dataset = dataset
        self._train = train
        self.setting = f"num_parallel_calls=AUTOTUNE: {workers} threads" if workers else "map: one image after another"

    def train(self, pace: StepHook) -> None:
        """One epoch."""
        self._train(self._dataset, pace)

    def batches(self) -> Iterable[tuple[tf.Tensor, tf.Tensor]]:
        """One epoch without training."""
        batches: Iterable[tuple[tf.Tensor, tf.Tensor]] = self._dataset
        return batches

    def arrays(self, batch: tuple[tf.Tensor, tf.Tensor]) -> tuple[Array, Array]:
        """As they are."""
        images, labels = batch
        return images.numpy(), labels.numpy()

    def close(self) -> None:
        """Let go of the dataset; its threads end with its iterators."""
        del self._dataset
