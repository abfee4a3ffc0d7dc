"""Figures of a report as SVG: readable at 400 pixels, in grey and on any background, equal for equal inputs.

Every finding stands in the alt text and in a table of the report too, never in a figure alone.
"""

from __future__ import annotations

import io
import re
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import PurePath
from typing import TYPE_CHECKING, Any

from advisor.catalog import CANDIDATES

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.axis import Axis
    from matplotlib.figure import Figure as Canvas

#: The folder of the figures, beside the report.
ASSETS = "report-assets"

WIDTH_IN = 6.4
_TICKS = 5
#: Distinguishable by everyone and in grey (P. Tol, "Colour Schemes", 2021), and by marker.
INK_BLUE = "#004488"
_LOOKS = ((INK_BLUE, "o"), ("#BB5566", "s"), ("#66CCEE", "P"), ("#DDAA33", "^"), ("#228833", "D"))
_OTHER_LOOK = ("#555555", "v")

_STYLE: Any = {  # matplotlib types the names of all its settings
    "svg.fonttype": "path",  # the same picture on machines without the font
    "svg.hashsalt": "advisor",
    "font.family": "DejaVu Sans",  # comes with matplotlib
    "font.size": 12.0,
    "text.parse_math": False,  # a dollar sign in a name is a dollar sign
    "axes.spines.top": False,
    "axes.spines.right": False,
    "figure.facecolor": "white",
    "axes.facecolor": "white",
    "savefig.facecolor": "white",
}

#: Attributes that hold places, and the decimals in them that nobody sees.
_PLACES = re.compile(r' (?:d|x|y)="[^"]*"')
_DECIMALS = re.compile(r"(\.\d)\d+")
_MARKERS = re.compile(r'(?P<group><g clip-path="[^"]*")>(?P<uses>(?:\s*<use [^>]*/>)+\s*)</g>')
_NAMES = re.compile(r' id="[A-Za-z.]\w*_\d+"')
_STYLE_OF = re.compile(r' style="[^"]*"')


@dataclass(frozen=True)
class Figure:
    """An SVG file with its finding in words."""

    file_name: str
    svg: str
    alt: str

    @property
    def name(self) -> str:
        """The file name without its ending; what templates call the figure."""
        return PurePath(self.file_name).stem


def draw(name: str, alt: str, size_in: tuple[float, float], paint: Callable[[Canvas], None]) -> Figure:
    """Paint a figure on a white canvas and make SVG of it.

    Args:
        name: of the figure; its file is ``name.svg``.
        alt: the finding in words.
        size_in: width and height in inches.
        paint: draws on an empty canvas.
    """
    from matplotlib.backends.backend_svg import FigureCanvasSVG
    from matplotlib.figure import Figure as Canvas

    with _style(), warnings.catch_warnings():
        # A name in a script that the font lacks shows as boxes; the tables and the alt text carry it whole.
        warnings.filterwarnings("ignore", message="Glyph .* missing from font")
        canvas = Canvas(figsize=size_in, layout="constrained")
        FigureCanvasSVG(canvas)
        paint(canvas)
        _lay_out_once(canvas)
        buffer = io.StringIO()
        canvas.savefig(buffer, format="svg", metadata={"Date": None, "Creator": None})
    return Figure(f"{name}.svg", _slim(buffer.getvalue()), alt)


def look(candidate: str) -> tuple[str, str]:
    """Colour and marker of a candidate, the same in every figure."""
    return dict(zip(CANDIDATES, _LOOKS, strict=False)).get(candidate, _OTHER_LOOK)


def plain_axes(axes: Axes) -> None:
    """Take away the frame where it tells nothing."""
    axes.tick_params(length=0)
    for side in ("left", "bottom"):
        axes.spines[side].set_visible(False)


def panel_title(axes: Axes, text: str) -> None:
    """A title above, to the left; at a fixed height, since nothing else stands there that it had to give way to."""
    axes.set_title(text, loc="left", fontsize=12, y=1.0)


def few_ticks(axis: Axis) -> None:
    """So few that they stay apart where the figure is 400 pixels wide."""
    from matplotlib.ticker import MaxNLocator

    axis.set_major_locator(MaxNLocator(_TICKS))


def short(text: str, limit: int = 26) -> str:
    """A label that fits: one line, printable, cut short rather than running into its neighbours."""
    line = "".join(character for character in " ".join(text.split()) if character.isprintable())
    return line if len(line) <= limit else line[: limit - 1] + "…"


def two_lines(text: str) -> str:
    """A label broken near its middle, for narrow columns."""
    parts = short(text).split(" ")
    if len(parts) == 1:
        return parts[0]
    half = min(range(1, len(parts)), key=lambda at: abs(len(" ".join(parts[:at])) - len(" ".join(parts[at:]))))
    return " ".join(parts[:half]) + "\n" + " ".join(parts[half:])


@contextmanager
def _style() -> Iterator[None]:
    import matplotlib

    with matplotlib.rc_context(_STYLE):
        yield


def _lay_out_once(canvas: Canvas) -> None:
    """Settle the layout beforehand: saving would draw everything once more for it."""
    layout = canvas.get_layout_engine()
    if layout is not None:
        layout.execute(canvas)
        canvas.set_layout_engine(None)


def _slim(svg: str) -> str:
    """Drop what no viewer needs: the document type with its address, comments, indentation, names that nothing refers
    to, hundredths of a point, and the style that each marker of a line repeats."""
    bare = re.sub(r"<!DOCTYPE.*?>\n|<!--.*?-->", "", svg, flags=re.DOTALL)
    places = _PLACES.sub(lambda found: _DECIMALS.sub(r"\1", found[0]), _NAMES.sub("", bare))
    lines = "\n".join(line.strip() for line in places.splitlines() if line.strip()) + "\n"
    return _MARKERS.sub(_style_once, lines)


def _style_once(markers: re.Match[str]) -> str:
    """The markers of one line: a style that all of them have moves to their group."""
    styles = set(_STYLE_OF.findall(markers["uses"]))
    if len(styles) != 1:
        return markers[0]
    return f"{markers['group']}{styles.pop()}>{_STYLE_OF.sub('', markers['uses'])}</g>"
