"""What ``new --from`` prints: the parts of the columns, what is not used, the doubts, and what is still refused."""

from __future__ import annotations

import pandas as pd

from maternal_eval.app.console import say_line, show_table
from maternal_eval.core.printable import quoted
from maternal_eval.study.draft.drafting import Drafted
from maternal_eval.study.draft.writing import kind_of_outcome


def show_draft(drafted: Drafted) -> None:
    """Print what was guessed, every doubt at the end, and what to do next."""
    draft = drafted.proposal
    rows = [(part, column, draft.why.get(part, "")) for part, column in draft.parts.items()]
    rows += [("segment", column, key if key != column else "") for key, column in draft.segments.items()]
    for key, one in draft.outcomes:
        rows.append(
            (f"outcome {key}", one.column, f"{kind_of_outcome(one)}, {one.answers.low:g} to {one.answers.high:g}")
        )
    for one in draft.indicators:
        rows.append(("indicator", one.column, f"{one.answers.kind}, {one.answers.low:g} to {one.answers.high:g}"))
    if draft.kano:
        rows.append(("Kano pairs", f"{len(draft.kano)} pairs", f"{draft.kano[0][1]} with {draft.kano[0][2]} …"))
    table = pd.DataFrame(
        [(part, quoted(column, 60), why) for part, column, why in rows], columns=["part", "column", "how"]
    )
    show_table(table, f"{drafted.rows:,} rows, {drafted.columns} columns: what each column was taken for")
    if draft.dropped:
        names = ", ".join(f"{quoted(name, 40)} ({why})" for name, why in list(draft.dropped.items())[:20])
        more = len(draft.dropped) - 20
        say_line(f"not used: {names}" + (f" and {more} more, named in study.toml" if more > 0 else ""))
    say_line(f"wrote {drafted.folder}: {', '.join(drafted.files)}")
    for doubt in draft.doubts:
        say_line(f"doubt: {doubt['en']}")
    for refusal in drafted.refusals:
        say_line(f"to mend: {refusal}")
    if drafted.tried and not drafted.refusals:
        say_line("the study can be read as it stands")
    say_line(
        f"look at every line marked as guessed in {drafted.folder / 'study.toml'}, then 'maternal-eval check "
        f"{drafted.folder}'"
    )
