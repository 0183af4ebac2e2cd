"""The typed door knows every analysis of the table of steps, with the class of its result."""

import re
from pathlib import Path
from typing import get_overloads

from maternal_eval.app.door import Door
from maternal_eval.app.steps import STEPS

CHECKED = re.compile(r'assert_type\(analysis\.result\("(\w+)"\), (\w+)\)')


def test_every_analysis_has_its_class(root: Path) -> None:
    classes = {name: step.result_class.__name__ for name, step in STEPS.items()}
    rows = [one.__annotations__ for one in get_overloads(Door.result)]
    declared = {re.sub(r"\W|Literal", "", row["name"]): row["return"] for row in rows[:-1]}
    assert declared == classes
    assert (rows[-1]["name"], rows[-1]["return"]) == ("str", "Result")  # a new analysis works without a row
    text = (root / "verification" / "typed_doors.py").read_text(encoding="utf-8")
    assert dict(CHECKED.findall(text)) == classes  # held by mypy, which reads that file
