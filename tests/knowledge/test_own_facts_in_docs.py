"""The facts file that docs/deciding.md shows is one."""

import re
from pathlib import Path

from advisor.knowledge.facts import load_facts

PAGE = Path(__file__).parents[2] / "docs" / "deciding.md"


def test_the_example_of_own_facts_is_valid_and_adds_to_ours(tmp_path: Path) -> None:
    (block,) = re.findall(r"```toml\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
    own = tmp_path / "ours.toml"
    own.write_text(block, encoding="utf-8")
    assert len(load_facts(own)) == len(load_facts()) + 1
    assert load_facts(own)[-1].id == "OURS-1"
