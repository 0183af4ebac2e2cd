"""Columns of the panel that name persons: dropped, refused, or told apart by hashes."""

import pytest

from maternal_eval.core.errors import InputError
from maternal_eval.study import Study
from tests.disclosure.conftest import panel


def phones(count):
    return [f"138{number:08d}" for number in range(count)]


def write(folder, frame, *, replace=(), more=""):
    frame.to_csv(folder / "panel.csv", index=False)
    text = (folder / "study.toml").read_text()
    for old, new in replace:
        assert old in text
        text = text.replace(old, new)
    (folder / "study.toml").write_text(text + more)


def said(study):
    return " ".join(one["en"] for one in study.remarks), " ".join(one["zh"] for one in study.remarks)


def test_unused_columns_are_dropped_and_named(folder):
    frame = panel()
    write(folder, frame.assign(**{"手机号": phones(len(frame)), "IP": "10.0.0.99", "city": "北京"}))
    study = Study.read(folder)
    en, zh = said(study)
    assert (
        "Dropped at reading, because they name persons and are not used: 手机号 (telephone number), IP (IP address)."
        in en
    )
    assert "手机号（电话号码）、IP（IP 地址）" in zh
    assert not {"手机号", "IP", "city"} & set(study.panel)


@pytest.mark.parametrize(
    ("part", "old", "new"),
    [
        ("a segment", 'platform = "platform"', 'platform = "platform"\nsegments = ["contact"]'),
        ("the platform", 'platform = "platform"', 'platform = "contact"'),
        ("the outcome sat", 'column = "sat", kind = "ordinal"', 'column = "contact", kind = "continuous"'),
    ],
)
def test_an_identifier_is_no_segment_platform_or_outcome(folder, part, old, new):
    frame = panel()
    write(folder, frame.assign(contact=phones(len(frame))), replace=[(old, new)])
    with pytest.raises(InputError) as refusal:
        Study.read(folder)
    sentence = str(refusal.value)
    assert "column contact: the column names persons (telephone number) and would be published" in sentence
    assert f"found it is used as {part}" in sentence
    assert 'keep = ["contact"] under [disclosure]' in sentence
    assert "138" not in sentence


def test_a_stage_of_names_is_refused(folder):
    frame = panel()
    names = [a + b for a in "王李张刘陈杨赵黄周吴" for b in "伟芳娜敏静丽强磊军洋勇艳杰涛明超秀霞平刚"]
    frame["姓名"] = [names[place % len(names)] for place in range(len(frame))]
    write(folder, frame, replace=[('platform = "platform"', 'platform = "platform"\nsegments = ["姓名"]')])
    with pytest.raises(InputError, match="names persons"):
        Study.read(folder)


def test_respondents_that_are_telephone_numbers_become_hashes(folder):
    frame = panel()
    numbers = phones(len(frame))
    numbers[5] = numbers[4]  # somebody answers twice
    write(folder, frame.assign(respondent=numbers))
    study = Study.read(folder)
    found = study.panel["respondent"]
    assert not found.isin(numbers).any()
    assert found.str.fullmatch("[0-9a-f]{16}").all()
    assert found.iloc[4] == found.iloc[5]
    assert found.nunique() == len(frame) - 1
    assert "Column respondent holds identifiers (telephone number)" in said(study)[0]
    assert Study.read(folder).panel["respondent"].equals(found)
    # another panel has another key: the same number has another hash
    write(folder, frame.assign(respondent=numbers, A1=frame["A1"].iloc[::-1].to_numpy()))
    assert not set(Study.read(folder).panel["respondent"]) & set(found)


def test_what_is_kept_on_purpose_stays(folder):
    frame = panel()
    write(
        folder,
        frame.assign(respondent=phones(len(frame)), ip=phones(len(frame))),
        more='\n[disclosure]\nkeep = ["respondent", "ip"]\n',
    )
    study = Study.read(folder)
    assert study.panel["respondent"].tolist() == phones(len(frame))
    assert "Dropped" not in said(study)[0]


def test_keeping_a_column_that_is_not_there_is_refused(folder):
    write(folder, panel(), more='\n[disclosure]\nkeep = ["phone"]\n')
    with pytest.raises(InputError, match=r"disclosure.keep: study.toml names a column that the panel does not have"):
        Study.read(folder)


def test_ids_of_18_digits_stay_as_they_are(folder):
    frame = panel()
    ids = [str(100000000000000000 + 7919 * number) for number in range(len(frame))]
    write(folder, frame.assign(respondent=ids))
    assert Study.read(folder).panel["respondent"].tolist() == ids


def test_a_refused_value_is_not_quoted_where_it_names_a_person(folder):
    frame = panel().astype({"A1": object})
    frame.loc[7, "A1"] = "13800138000"
    write(folder, frame)
    with pytest.raises(InputError) as refusal:
        Study.read(folder)
    assert "row 9, column A1" in str(refusal.value)
    assert "13800138000" not in str(refusal.value)
