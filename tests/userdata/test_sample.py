"""A sample is fair, keeps rare classes, and does not grow."""

from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from advisor.userdata.sample import Reservoir


def drawn(labels: str, limit: int, floor: int = 0) -> list[int]:
    sample: Reservoir[int] = Reservoir(limit, floor)
    for place, label in enumerate(labels):
        sample.add(place, label)
    assert sample.seen == len(labels)
    return sample.items()


@given(labels=st.text("abcd", max_size=200), limit=st.integers(1, 100), floor=st.integers(0, 5))
def test_it_is_in_order_no_larger_than_allowed_and_keeps_rare_labels(labels: str, limit: int, floor: int) -> None:
    items = drawn(labels, limit, floor)
    assert items == sorted(set(items))
    assert min(limit, len(labels)) <= len(items) <= limit + floor * len(set(labels))
    if len(labels) <= limit:
        assert items == list(range(len(labels)))
    all_of, kept = Counter(labels), Counter(labels[item] for item in items)
    assert all(kept[label] >= min(floor, all_of[label]) for label in all_of)


def test_every_item_has_the_same_chance(monkeypatch: pytest.MonkeyPatch) -> None:
    drawn_how_often: Counter[int] = Counter()
    for seed in range(2000):
        monkeypatch.setattr("advisor.userdata.sample._SEED", seed)
        drawn_how_often.update(drawn("a" * 20, 5))
    # 500 each, with a standard deviation of 19.
    assert sorted(drawn_how_often) == list(range(20))
    assert all(abs(count - 500) < 95 for count in drawn_how_often.values())


def test_the_same_items_give_the_same_sample() -> None:
    assert drawn("a" * 10_000, 50) == drawn("a" * 10_000, 50)


def test_where_labels_are_numbers_to_predict_none_is_kept() -> None:
    sample: Reservoir[int] = Reservoir(10, floor=5)
    for place in range(5000):
        sample.add(place, str(place))
    assert len(sample.items()) == 10


@pytest.mark.parametrize("rare", [1, 4, 5, 7])
def test_a_rare_class_is_whole_or_has_what_it_needs(rare: int) -> None:
    labels = "a" * 10_000 + "b" * rare
    kept = Counter(labels[item] for item in drawn(labels, 100, floor=5))
    assert min(rare, 5) <= kept["b"] <= rare
    assert 95 <= kept["a"] <= 100
