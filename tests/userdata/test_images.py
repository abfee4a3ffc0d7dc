"""Folders of images by class: decoded as people see them, and refused by file where they cannot be."""

from __future__ import annotations

import os
import struct
import zlib
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from advisor.userdata.data_error import DataError
from advisor.userdata.images import SIDE, read_images
from advisor.userdata.profile import ImagesProfile
from pilots.prepared import PreparedImages

RED, BLUE = (200, 30, 30), (30, 30, 200)


def folder(tmp_path: Path, colours: dict[str, tuple[int, int, int]], count: int = 6, suffix: str = "png") -> Path:
    for name, colour in colours.items():
        (tmp_path / "photos" / name).mkdir(parents=True)
        for number in range(count):
            path = tmp_path / "photos" / name / f"{number}.{suffix}"
            Image.new("RGB", (40 + number, 20), colour).save(path)
    return tmp_path / "photos"


def two_classes(tmp_path: Path) -> Path:
    return folder(tmp_path, {"sky": BLUE, "brick": RED})


def read(path: Path, **limits: int) -> tuple[PreparedImages, ImagesProfile]:
    found = read_images(path, **limits)
    assert isinstance(found.data, PreparedImages) and isinstance(found.profile, ImagesProfile)
    return found.data, found.profile


def refused(path: Path, file: str, *messages: str) -> DataError:
    with pytest.raises(DataError) as caught:
        read_images(path)
    assert caught.value.file == str(Path(file))
    for message in messages:
        assert message in caught.value.message
    return caught.value


@pytest.mark.parametrize("suffix", ["png", "jpg", "JPEG", "bmp", "gif", "webp", "tif", "ppm"])
def test_classes_are_folders_in_the_order_of_their_names(tmp_path: Path, suffix: str) -> None:
    data, profile = read(folder(tmp_path, {"sky": BLUE, "brick": RED}, suffix=suffix))
    assert data.labels.tolist() == [0] * 6 + [1] * 6
    assert (data.images.shape, data.images.dtype, data.classes) == ((12, SIDE, SIDE, 3), np.uint8, 2)
    for image, colour in zip(data.images[[0, 11]].astype(int), (RED, BLUE), strict=True):
        assert np.abs(image - colour).max() < 8
    assert (profile.found, profile.used, profile.other_files) == (12, 12, 0)
    assert (profile.widths, profile.heights, profile.channels) == ((40, 45), (20, 20), 3)


def test_where_all_are_grey_one_channel_is_kept(tmp_path: Path) -> None:
    where = folder(tmp_path, {"dark": (10, 10, 10), "light": (240, 240, 240)})
    data, profile = read(where)
    assert data.images.shape == (12, SIDE, SIDE, 1) and profile.channels == 1
    Image.new("RGB", (9, 9), RED).save(where / "dark" / "a little colour.png")
    assert read(where)[0].images.shape[-1] == 3


@pytest.mark.parametrize(
    ("image", "seen"),
    [
        (Image.new("L", (9, 9), 77), (77, 77, 77)),
        (Image.new("1", (9, 9), 1), (255, 255, 255)),
        (Image.new("P", (9, 9), 0), (0, 0, 0)),
        (Image.new("RGBA", (9, 9), (0, 0, 0, 0)), (255, 255, 255)),
        (Image.new("LA", (9, 9), (100, 255)), (100, 100, 100)),
        (Image.fromarray(np.full((9, 9), 257 * 90, np.uint16)), (90, 90, 90)),
    ],
    ids=lambda value: value.mode if isinstance(value, Image.Image) else "",
)
def test_every_kind_of_pixel_becomes_a_colour(tmp_path: Path, image: Image.Image, seen: tuple[int, int, int]) -> None:
    where = two_classes(tmp_path)
    image.save(where / "brick" / "-0.png")
    data, _ = read(where)
    assert data.images[0, 5, 5].tolist() == list(seen)


def test_printed_colours_and_large_photographs_are_read(tmp_path: Path) -> None:
    where = two_classes(tmp_path)
    Image.new("CMYK", (9, 9), (0, 255, 255, 0)).save(where / "brick" / "-0.jpg")
    photograph = Image.new("RGB", (4000, 3000), BLUE)
    photograph.paste(RED, (0, 0, 2000, 3000))
    photograph.save(where / "brick" / "-1.jpg")
    data, profile = read(where)
    assert data.images[0, 5, 5, 0] > 150 and data.images[0, 5, 5, 1:].max() < 80
    left, right = data.images[1, 16, 4].astype(int), data.images[1, 16, 27].astype(int)
    assert np.abs(left - RED).max() < 8 and np.abs(right - BLUE).max() < 8
    assert profile.widths == (9, 4000)


def test_photographs_stand_upright(tmp_path: Path) -> None:
    where = two_classes(tmp_path)
    lying = Image.new("RGB", (60, 40), BLUE)
    lying.paste(RED, (0, 0, 30, 40))
    orientation = Image.Exif()
    orientation[0x0112] = 6  # its top is at the right
    lying.save(where / "brick" / "-0.jpg", exif=orientation)
    top, bottom = read(where)[0].images[0, [4, 27], 16].astype(int)
    assert np.abs(top - RED).max() < 20 and np.abs(bottom - BLUE).max() < 20


def test_other_files_are_counted_and_hidden_ones_passed_over(tmp_path: Path) -> None:
    where = two_classes(tmp_path)
    for name in ("labels.csv", "sky/notes.txt", "sky/Thumbs.db"):
        (where / name).write_text("text")
    for name in (".DS_Store", "sky/._0.png"):
        (where / name).write_bytes(b"\0")
    (where / ".cache").mkdir()
    _, profile = read(where)
    assert (profile.found, profile.other_files) == (12, 3)


def test_many_images_are_sampled_and_a_rare_class_stays(tmp_path: Path) -> None:
    where = folder(tmp_path, {"often": RED}, count=60)
    (where / "rare").mkdir()
    for number in range(5):
        Image.new("RGB", (8, 8), BLUE).save(where / "rare" / f"{number}.png")
    data, profile = read(where, most=20)
    assert (profile.found, data.classes) == (65, 2)
    assert 20 <= profile.used <= 25
    assert np.bincount(data.labels)[1] == 5
    assert (data.images == read(where, most=20)[0].images).all()


def bomb() -> bytes:
    """A small PNG that says it has 400 million pixels."""

    def chunk(name: bytes, content: bytes) -> bytes:
        return struct.pack(">I", len(content)) + name + content + struct.pack(">I", zlib.crc32(name + content))

    header = struct.pack(">IIBBBBB", 20_000, 20_000, 8, 0, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(bytes(1000))) + chunk(b"IEND", b"")
    )


def cut_off() -> bytes:
    from io import BytesIO

    file = BytesIO()
    Image.fromarray(np.random.default_rng(1).integers(0, 256, (50, 50, 3), np.uint8)).save(file, "JPEG")
    return file.getvalue()[:-300]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "the file is empty"),
        (b"no image", "cannot identify image file '3.png'"),
        (b"\x89PNG\r\n\x1a\n broken", "the image cannot be read"),
        (cut_off(), "the image cannot be read"),
        (bomb(), "the image has too many pixels"),
        (b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n(%pipe%touch x) (w) file\n", "cannot identify image file"),
    ],
    ids=["empty", "text", "broken", "cut off", "bomb", "postscript"],
)
def test_an_image_that_cannot_be_read_is_named(tmp_path: Path, content: bytes, message: str) -> None:
    where = two_classes(tmp_path)
    (where / "sky" / "3.png").write_bytes(content)
    error = refused(where, "photos/sky/3.png", message)
    assert str(tmp_path) not in error.message


@pytest.mark.parametrize(("pixels", "allowed"), [(100_000_000, False), (80_000_000, True)])
def test_the_limit_on_pixels_is_pillows(tmp_path: Path, pixels: int, allowed: bool) -> None:
    where = two_classes(tmp_path)
    Image.new("1", (pixels // 10_000, 10_000)).save(where / "sky" / "3.png")
    if allowed:
        assert read(where)[1].heights == (20, 10_000)
    else:
        assert "89,478,485 pixels" in refused(where, "photos/sky/3.png", "too many pixels").allowed


def test_folders_that_are_laid_out_otherwise_are_refused(tmp_path: Path) -> None:
    where = two_classes(tmp_path)
    refused(tmp_path, f"{tmp_path.name}/photos/brick", "a folder in the folder of a class")
    refused(where / "sky", "sky", "the folder holds no folders of images")
    (where / "empty").mkdir()
    refused(where, "photos/empty", "the folder has no images")
    for number in range(4):
        Image.new("RGB", (8, 8)).save(where / "empty" / f"{number}.png")
    assert "at least 5 images of each class" in refused(where, "photos/empty", "the folder has 4 images").allowed


def test_one_class_is_too_few(tmp_path: Path) -> None:
    refused(folder(tmp_path, {"sky": BLUE}), "photos", "the folder holds 1 folder of images")


def test_what_is_no_folder_is_refused(tmp_path: Path) -> None:
    refused(tmp_path / "none", str(tmp_path / "none"), "cannot be read: No such file or directory")
    (tmp_path / "file").touch()
    refused(tmp_path / "file", str(tmp_path / "file"), "cannot be read: Not a directory")


@pytest.mark.skipif(os.name != "posix", reason="needs links")
def test_links_do_not_lead_out_of_the_folder(tmp_path: Path) -> None:
    where = two_classes(tmp_path)
    (where / "sky" / "inside.png").symlink_to(where / "brick" / "0.png")
    assert read(where)[1].found == 13
    Image.new("RGB", (8, 8)).save(tmp_path / "elsewhere.png")
    (where / "sky" / "outside.png").symlink_to(tmp_path / "elsewhere.png")
    refused(where, "photos/sky/outside.png", "a link that leads out of the folder")
    (where / "sky" / "outside.png").unlink()
    (where / "more").symlink_to(tmp_path)
    refused(where, "photos/more", "a link that leads out of the folder")


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="needs named pipes")
def test_a_pipe_is_not_waited_for(tmp_path: Path) -> None:
    where = two_classes(tmp_path)
    os.mkfifo(where / "sky" / "pipe.png")
    assert read(where)[1].other_files == 1


def test_the_profile_holds_no_name_of_a_class_or_file(tmp_path: Path) -> None:
    names = ("*very bold*", "=cmd", "<i>x", "[a](b)")
    shown = repr(read(folder(tmp_path, dict.fromkeys(names, RED)))[1])
    assert "'photos'" in shown
    assert not any(part in shown for part in ("bold", "cmd", "<i>", "[a]", ".png"))
