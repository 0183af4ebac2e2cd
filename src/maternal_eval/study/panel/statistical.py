"""SPSS and Stata files: labels kept, codes that stand for no answer taken for none and named."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from maternal_eval.core.errors import InputError
from maternal_eval.core.remarks import Remark, remark
from maternal_eval.study.panel import limits
from maternal_eval.study.panel.encoding import CHINESE
from maternal_eval.study.panel.files import opened_or_refused
from maternal_eval.study.panel.header import Layout, checked_header, positions
from maternal_eval.study.panel.raw import RawPanel

_SHOWN = 6


def read_spss(path: Path, layout: Layout, columns: Sequence[str] | None) -> RawPanel:
    """Read the named columns (all, if None) of an SPSS file (.sav, .zsav).

    Raises
    ------
    InputError
        If it is no whole SPSS file.
    """
    import pyreadstat  # here: most studies are in other files

    return _read(path, layout, columns, pyreadstat.read_sav, "no SPSS file", "a whole .sav file")


def read_stata(path: Path, layout: Layout, columns: Sequence[str] | None) -> RawPanel:
    """Read the named columns (all, if None) of a Stata file (.dta).

    Raises
    ------
    InputError
        If it is no whole Stata file.
    """
    import pyreadstat  # here: most studies are in other files

    return _read(path, layout, columns, pyreadstat.read_dta, "no Stata file", "a whole .dta file")


def _read(
    path: Path,
    layout: Layout,
    columns: Sequence[str] | None,
    reader: Callable[..., tuple[pd.DataFrame, Any]],
    otherwise: str,
    expected: str,
) -> RawPanel:
    import pyreadstat

    def read(**options: Any) -> tuple[pd.DataFrame, Any]:
        with opened_or_refused(path), warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return reader(str(path), **options)

    encoding, said = layout.encoding, []
    try:
        try:
            _, meta = read(metadataonly=True, encoding=encoding)
        except (pyreadstat.ReadstatError, UnicodeDecodeError) as error:
            if encoding is not None or "encod" not in str(error).lower() + type(error).__name__.lower():
                raise
            encoding = CHINESE
            _, meta = read(metadataonly=True, encoding=encoding)
            said.append(_tried(path))
        names = list(meta.column_names)
        header = checked_header(path, names, 1)
        wanted = positions(header, columns)
        if meta.number_rows is not None:
            limits.check_cells(int(meta.number_rows), len(wanted), path)
        # An empty list would be taken for all columns.
        chosen = [names[n] for n in wanted] or names[:1]
        frame, meta = read(encoding=encoding, usecols=chosen, user_missing=True)
    except InputError:
        raise
    except Exception as error:
        # The parser of a damaged file raises whatever it happens to meet.
        raise InputError(
            f"the file is cut off or {otherwise}",
            file=path,
            found=(str(error).splitlines() or [type(error).__name__])[0][:80],
            expected=expected,
        ) from None
    frame, missing = _without_user_missing(path, frame, meta)
    labels = {name: dict(codes) for name, codes in meta.variable_value_labels.items()}
    texts = {name: text for name, text in meta.column_names_to_labels.items() if text}
    return RawPanel(
        frame,
        path.name,
        first_row=1,
        value_labels={name.strip(): codes for name, codes in labels.items()},
        variable_labels={name.strip(): text for name, text in texts.items()},
        remarks=said + missing,
        header=tuple(header),
    )


def _tried(path: Path) -> Remark:
    return remark(
        f"{path.name} was read as {CHINESE}, because its text is not in the encoding that it names.",
        f"{path.name} 的文字与其自述编码不符，已按 {CHINESE} 读取。",
    )


def _without_user_missing(path: Path, frame: pd.DataFrame, meta: Any) -> tuple[pd.DataFrame, list[Remark]]:
    """Take the codes that the file declares as no answer for none, and say which and how often."""
    ranges: dict[str, list[dict[str, Any]]] = getattr(meta, "missing_ranges", None) or {}
    letters: dict[str, list[Any]] = getattr(meta, "missing_user_values", None) or {}
    said: list[tuple[str, str, int]] = []
    for name in frame.columns:
        column = frame[name]
        missing = pd.Series(False, index=frame.index)
        for ends in ranges.get(name, ()):
            low, high = ends["lo"], ends["hi"]
            if isinstance(low, str):
                missing |= column.astype("str").str.strip() == low.strip()
            else:
                numbers = pd.to_numeric(column, errors="coerce")
                missing |= (numbers >= low) & (numbers <= high)
        if name in letters:
            missing |= column.isin(letters[name])
        if missing.any():
            codes = sorted(column[missing].map(_code).unique())
            labels = {_code(c): text for c, text in meta.variable_value_labels.get(name, {}).items()}
            listed = ", ".join(f"{code} ({labels[code]})" if code in labels else code for code in codes[:_SHOWN])
            said.append((name, listed + (" …" if len(codes) > _SHOWN else ""), int(missing.sum())))
            frame[name] = column.where(~missing)
        if name in letters:
            frame[name] = frame[name].infer_objects()
    if not said:
        return frame, []
    english = "; ".join(f"{name}: {listed}, {count} times" for name, listed, count in said[:_SHOWN])
    chinese = "；".join(f"{name}：{listed}，{count} 次" for name, listed, count in said[:_SHOWN])
    more = len(said) - _SHOWN
    return frame, [
        remark(
            f"{path.name} declares codes that stand for no answer; they are counted as missing: {english}"
            + (f"; and in {more} more columns." if more > 0 else "."),
            f"{path.name} 声明了表示未作答的代码，已按缺失处理：{chinese}"
            + (f"；另有 {more} 列。" if more > 0 else "。"),
        )
    ]


def _code(value: object) -> str:
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)
