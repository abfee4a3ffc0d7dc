"""A model in a page: loaded there, predicting there, timed there."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from urllib.parse import urlencode

import numpy as np

from pilots.browser.chromium import Chromium
from pilots.browser.server import Message, PageServer
from pilots.pilot import Array
from pilots.rehearsal_records import Figures
from pilots.web_packages import package_folder, split_pin

_PAGE = Path(__file__).parent / "page"
_LOOK_S = 0.5


class PageError(Exception):
    """What the page reports, or that there is no page any more."""


class BrowserModel:
    """A model that a browser has loaded. Server and browser end with this process.

    Args:
        runtime: name of the module of the page that loads it.
        npm: the pinned packages that are served to the page.
        model: its file, or the folder of its files.
        threads: that the runtime may take.

    Raises:
        OSError: no browser, no port, or a file that cannot be read.
        PageError: the page cannot load the runtime or the model.
    """

    def __init__(self, runtime: str, npm: Sequence[str], model: Path, threads: int) -> None:
        names = [split_pin(pin)[0] for pin in npm]
        files = {file.name: file for file in _PAGE.iterdir()}
        folders = {f"npm/{name}": package_folder(name) for name in names}
        (folders if model.is_dir() else files)["model"] = model
        self._server = PageServer(files, folders)
        options = urlencode({"runtime": runtime, "threads": threads})
        self._browser = Chromium(f"{self._server.address}page.html?{options}")
        try:
            self._answer()
        except BaseException:
            self.close()
            raise
        self.download_bytes = self._server.sent_bytes

    def predict(self, x: Array) -> Array:
        """The first output for rows, in one of the types that ``page.js`` knows.

        Raises:
            PageError: the runtime refuses them.
        """
        self._server.give(_job(x))
        answer = self._answer()
        outputs = np.frombuffer(answer.body, np.dtype(answer.head["dtype"]))
        found: Array = outputs.reshape(answer.head["shape"]).copy()
        self.download_bytes = max(self.download_bytes, self._server.sent_bytes)
        return found

    def time_calls(self, x: Array, calls: int) -> tuple[float, ...]:
        """Milliseconds of each prediction of the same rows, from array to array within the page.

        Raises:
            PageError: as :meth:`predict`.
        """
        self._server.give(_job(x, calls=calls))
        return tuple(np.frombuffer(self._answer().body, np.float64).tolist())

    def close(self) -> None:
        """End the browser and the server."""
        self._browser.close()
        self._server.close()

    def _answer(self) -> Message:
        while (answer := self._server.answer(_LOOK_S)) is None:
            if ended := self._browser.ended():
                raise PageError(ended)
        if answer.head["kind"] == "error":
            raise PageError(answer.body.decode("utf-8", "replace"))
        return answer


def _job(x: Array, **more: int) -> Message:
    return Message({"dtype": x.dtype.name, "shape": x.shape, **more}, np.ascontiguousarray(x).tobytes())


def run(loaded: BrowserModel, x: Array) -> Array:
    """Predict in the page; what every route into a browser has in common, as :mod:`pilots.targets` wants it."""
    return loaded.predict(x)


def time_calls(loaded: BrowserModel, x: Array, calls: int) -> tuple[float, ...]:
    """Timed by the page's clock, in milliseconds."""
    return loaded.time_calls(x, calls)


def figures(loaded: BrowserModel) -> Figures:
    """What the page fetched before it had predicted."""
    return Figures(download_bytes=loaded.download_bytes)
