"""A gate says of how a training is fed only what it has seen."""

from __future__ import annotations

import pytest

from pilots import workload as workloads
from pilots.feeding.checking import FED_ALIKE, FED_ALIKE_WITH_DRAWS, FED_RIGHT, check_feeding
from pilots.frameworks import load_framework
from pilots.lanes import DEFAULT


@pytest.mark.parametrize(("known", "detail"), [(True, FED_ALIKE), (False, FED_RIGHT)])
def test_a_loop_that_was_seen_with_another_pilot_is_not_said_to_have_been_seen_with_this_one(known, detail):
    workload = workloads.load("tabular")
    data = workloads.read_data(workload, None)
    check = check_feeding(load_framework("pytorch"), workload, data, {}, workload.recipe, DEFAULT, loop_known=known)
    assert (check.passed, check.detail) == (True, detail)
    assert FED_ALIKE_WITH_DRAWS.startswith(FED_ALIKE)
