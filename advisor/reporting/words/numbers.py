"""Numbers as people read them: three digits that count, shares as per cent, units beside the number."""

from __future__ import annotations

import math

_BAR_CELLS = 10
_SET_APART = 10_000
_FULL, _EMPTY = "█", "░"


def percent(share: float) -> str:
    """A share in [0, 1] as per cent. Draws are finite, so what is nearly 0 or 1 is not rounded to it."""
    if 0.0 < share < 0.005:
        return "under 1%"
    if 0.995 <= share < 1.0:
        return "over 99%"
    return f"{share * 100:.0f}%"


def apart(first: float, second: float) -> tuple[str, str]:
    """Two shares as per cent, with a decimal where they would read the same without."""
    if percent(first) != percent(second):
        return percent(first), percent(second)
    return f"{first * 100:.1f}%", f"{second * 100:.1f}%"


def level(confidence: float) -> str:
    """A confidence level as per cent, with a decimal unless it is zero; never rounded to certainty."""
    return f"{min(confidence * 100, 99.9):.1f}".removesuffix(".0") + "%"


def difference(share: float) -> str:
    """How much more something takes: as per cent with two digits that count, as a factor from twice as much on.

    >>> difference(0.0214), difference(0.093), difference(0.31), difference(1.6)
    ('2.1%', '9.3%', '31%', 'a factor of 2.6')
    """
    if share >= 1:
        return f"a factor of {significant(1 + share) if share >= 9 else format(1 + share, '.1f')}"
    return f"{share * 100:.1f}%" if share < 0.0995 else f"{share * 100:.0f}%"


def bar(share: float) -> str:
    """A share in [0, 1] as ten characters of a text bar."""
    full = round(min(max(share, 0.0), 1.0) * _BAR_CELLS)
    return _FULL * full + _EMPTY * (_BAR_CELLS - full)


def rating(value: float) -> str:
    """A value on the scale from 0 (barely acceptable) to 1 (more is worth nothing)."""
    return f"{value:.2f}"


def significant(number: float) -> str:
    """Three significant digits without an exponent, except below a ten-thousandth; whole numbers without decimals.

    From ten thousand on thousands are set apart, and of a number that is not whole three digits are left.

    >>> significant(2.1284), significant(1284.4), significant(12.0), significant(73603.2)
    ('2.13', '1284', '12', '73,600')
    """
    if not math.isfinite(number):
        return "not a number" if math.isnan(number) else "infinite"
    if number == round(number):
        whole = f"{number + 0.0:.0f}"  # adding 0 takes the sign from a negative zero
        return whole if abs(number) < _SET_APART else f"{number:,.0f}"
    magnitude = math.floor(math.log10(abs(number)))
    if abs(number) >= _SET_APART:
        return f"{round(number, 2 - magnitude):,.0f}"
    if magnitude < -4:
        return f"{number:.3g}"
    return f"{number:.{max(0, 2 - magnitude)}f}"


def three_decimals(score: float) -> str:
    """A score such as accuracy or R2, which people compare digit by digit: ``1.000`` beside ``0.994``."""
    return f"{score + 0.0:.3f}".replace("-0.000", "0.000")


def ratio(value: float) -> str:
    """A ratio of two times: two decimals, more where that would lose the digits that count."""
    return f"{value:.2f}" if value >= 0.1 else significant(value)


def quantity(amount: float, unit: str) -> str:
    """A number with its unit; the unit is left out where there is none. Operations of code are whole,
    and of weeks two digits are known."""
    if unit == "operations":
        return counted(round(amount), "operation")
    if unit == "weeks":
        rough = f"{amount:.2g}"
        return f"{rough} week{'' if rough == '1' else 's'}"
    return f"{significant(amount)} {unit}".rstrip()


def rough_count(number: float) -> str:
    """A count of which two digits are known, thousands set apart.

    >>> rough_count(8437), rough_count(62.7), rough_count(0.4)
    ('8,400', '63', '1')
    """
    whole = max(1, round(number))
    return f"{round(whole, 2 - len(str(whole))):,}"


def interval(low: float, high: float, unit: str = "") -> str:
    """``low to high`` with the unit once."""
    return f"{significant(low)} to {quantity(high, unit)}"


def counted(number: int, singular: str, plural: str = "") -> str:
    """A count with its noun in the right number: ``1 trial``, ``3 trials``."""
    return f"{number} {singular if number == 1 else plural or singular + 's'}"


def weeks(number: float) -> str:
    """Weeks of work, which nobody knows to three digits: ``half a week``, ``1 week``, ``3.3 weeks``, ``12 weeks``."""
    if number < 0.3:
        return "a day or two" if number > 0.05 else "less than a day"
    return "half a week" if number < 0.75 else quantity(number, "weeks")


def money_usd(amount: float) -> str:
    """Dollars without cents, with thousands set apart."""
    return f"{amount:,.0f} USD"
