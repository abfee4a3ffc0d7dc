"""The user's images: a folder with a folder of images for each class."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image, ImageOps

from advisor.userdata.classes import MINIMUM_PER_CLASS, balance
from advisor.userdata.data_error import DataError
from advisor.userdata.profile import ImagesProfile
from advisor.userdata.read import Read
from advisor.userdata.sample import Reservoir
from pilots.pilot import Array
from pilots.prepared import PreparedImages

#: Every trial process holds all of them: this many take 120 MB there, and more tell nothing more about frameworks.
MOST_IMAGES = 10_000
#: Height and width in pixels of what the pilots see: that of the usual small benchmarks (CIFAR).
SIDE = 32
_SUFFIXES = frozenset({".png", ".jpg", ".jpeg", ".bmp", ".gif", ".webp", ".tif", ".tiff", ".ppm", ".pgm"})
#: Only these decoders: some of the others start programs.
_FORMATS = ("PNG", "JPEG", "BMP", "GIF", "WEBP", "TIFF", "PPM")
_LAYOUT = "FOLDER/CLASS/IMAGE: for each class a folder of images, no folders in these"


@dataclass(frozen=True)
class _Found:
    """The images of a folder with their class, in the order of names, and how many files are none."""

    images: tuple[tuple[Path, str], ...]
    classes: tuple[str, ...]
    other_files: int


def read_images(folder: Path, *, most: int = MOST_IMAGES) -> Read:
    """Read images and resize them, whatever their proportions, to squares; in grey where all images are grey.

    Names that begin with a dot are passed over. Files that are no images by their name are passed over and counted.

    Args:
        folder: holds a folder for each class, and in it the images.
        most: of more images a random sample of this size is read.

    Raises:
        DataError: the folder or an image in it cannot be used.
    """
    found = _listing(folder)
    sample: Reservoir[tuple[Path, str]] = Reservoir(most, floor=MINIMUM_PER_CLASS)
    for path, name in found.images:
        sample.add((path, name), name)
    chosen = sample.items()
    number_of = {name: number for number, name in enumerate(found.classes)}
    labels = np.array([number_of[name] for _, name in chosen], np.int64)
    images = np.empty((len(chosen), SIDE, SIDE, 3), np.uint8)
    sizes = []
    for place, (path, _) in enumerate(chosen):
        images[place], size = _decoded(folder, path)
        sizes.append(size)
    if (images[..., :1] == images).all():
        images = images[..., :1]
    widths, heights = zip(*sizes, strict=True)
    profile = ImagesProfile(
        kind="images",
        file=folder.name,
        found=len(found.images),
        used=len(chosen),
        other_files=found.other_files,
        balance=balance(labels),
        widths=(min(widths), max(widths)),
        heights=(min(heights), max(heights)),
        side=SIDE,
        channels=images.shape[-1],
    )
    return Read(PreparedImages(np.ascontiguousarray(images), labels, len(found.classes)), profile)


def _listing(folder: Path) -> _Found:
    images: list[tuple[Path, str]] = []
    classes: list[str] = []
    other_files = 0
    for entry in _entries(folder, folder):
        if not entry.is_dir():
            other_files += 1
            continue
        classes.append(entry.name)
        before = len(images)
        for path in _entries(folder, entry):
            if path.is_dir():
                raise DataError("a folder in the folder of a class", file=_name(folder, path), allowed=_LAYOUT)
            if path.suffix.lower() in _SUFFIXES and path.is_file():
                images.append((path, entry.name))
            else:
                other_files += 1
        count = len(images) - before
        if count < MINIMUM_PER_CLASS:
            raise DataError(
                f"the folder has {count or 'no'} image{'s' if count != 1 else ''}",
                file=_name(folder, entry),
                allowed=f"at least {MINIMUM_PER_CLASS} images of each class ({', '.join(sorted(_SUFFIXES))})",
            )
    if len(classes) < 2:
        raise DataError(
            f"the folder holds {len(classes) or 'no'} folder{'s' if len(classes) != 1 else ''} of images",
            file=folder.name,
            allowed=f"at least two classes; {_LAYOUT}",
        )
    return _Found(tuple(images), tuple(classes), other_files)


def _entries(root: Path, folder: Path) -> Iterator[Path]:
    """What a folder holds, by name, without hidden names; links that lead out of ``root`` are refused."""
    try:
        entries = sorted(path for path in folder.iterdir() if not path.name.startswith("."))
    except OSError as error:
        place = str(folder) if folder == root else _name(root, folder)
        raise DataError(f"the folder cannot be read: {error.strerror}", file=place) from error
    for path in entries:
        if path.is_symlink() and not path.resolve().is_relative_to(root.resolve()):
            raise DataError(
                "a link that leads out of the folder", file=_name(root, path), allowed="copies of the files"
            )
        yield path


def _name(root: Path, path: Path) -> str:
    return str(Path(root.name, path.relative_to(root)))


def _decoded(root: Path, path: Path) -> tuple[Array, tuple[int, int]]:
    """The pixels, uint8 (SIDE, SIDE, 3), and the width and height of the original."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # about tags that nothing here reads
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            with Image.open(path, formats=_FORMATS) as image:
                size = image.size
                # A photograph of 12 megapixels is decoded at an eighth of its size, and nothing is lost by that.
                image.draft(None, (2 * SIDE, 2 * SIDE))
                upright = ImageOps.exif_transpose(image)
                small = _in_colour(upright).resize((SIDE, SIDE), Image.Resampling.BILINEAR)
                return np.asarray(small), size
    except (Image.DecompressionBombWarning, Image.DecompressionBombError) as error:
        allowed = f"at most {Image.MAX_IMAGE_PIXELS:,} pixels"
        raise DataError("the image has too many pixels", file=_name(root, path), allowed=allowed) from error
    except Exception as error:  # a broken file makes decoders raise anything
        reason = "the file is empty" if path.stat().st_size == 0 else str(error).replace(str(path), path.name)
        raise DataError(f"the image cannot be read: {reason}", file=_name(root, path)) from error


def _in_colour(image: Image.Image) -> Image.Image:
    """Red, green and blue of 8 bits; on white where it is transparent."""
    if image.mode.startswith("I"):  # 16 bits of grey, which a conversion would cut off at 255
        grey = np.clip(np.asarray(image, np.float64) / 257, 0, 255)
        image = Image.fromarray(grey.astype(np.uint8))
    if image.mode == "F":
        raise ValueError("pixels that are fractions")
    if image.has_transparency_data:
        background = Image.new("RGBA", image.size, "white")
        background.alpha_composite(image.convert("RGBA"))
        image = background
    return image.convert("RGB")
