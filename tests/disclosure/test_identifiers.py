"""What names a person is told; codes of a survey are not taken for it."""

import numpy as np
import pytest

from maternal_eval.core.errors import InputError
from maternal_eval.core.identifiers import is_id_number, kind_of_column, kind_of_header, masked


def id_numbers(count):
    """Return ID numbers with right check digits."""
    weights = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
    found = []
    for number in range(count):
        body = f"110105199{number % 10}0{1 + number % 9}1{number % 10}{number:03d}"
        check = sum(weight * int(digit) for weight, digit in zip(weights, body, strict=True)) % 11
        found.append(body + "10X98765432"[check])
    return found


COLUMNS = {
    "phone": ("编号", [f"13{number:09d}" for number in range(60)]),
    "phone with 86": ("contact", [f"+86 138 {number:04d} {9 * number:04d}" for number in range(60)]),
    "phone abroad": ("q1", ["+49 30 1234567", "+1 (212) 555-0123", "+442079460958"]),
    "phone as number": ("手机号码", [13800138000.0 + number for number in range(60)]),
    "e-mail": ("q7", ["anna@example.org", "b.c+d@mail.example.cn"]),
    "ID number": ("code", id_numbers(40)),
    "IP": ("source", ["192.168.0.7", "10.0.0.254", "8.8.8.250"]),
    "IP v6": ("source", ["2001:db8::1", "fe80::1ff:fe23:4567:890a"]),
    "openid": ("user", ["oABCD1efgh2IJKLmnop3QRSTuv_4", "o6_bmjrPTlm6_2sgVt7hMZOPfL2M"]),
    "name": ("姓名", ["王芳", "李小娜", "张伟", "欧阳娜娜", "古丽·阿不都"]),
    "name in Latin letters": ("Full name", ["Anna Maier", "Mary-Ann O'Neil", "José García"]),
    "GPS": ("经度", [116.4074, 121.4737, 113.2644]),
    "GPS pair": ("q9", ["39.9042,116.4074", "31.2304, 121.4737"]),
    "WeChat": ("微信号", ["anna_2020", "wxid_a1b2", "lele88"]),
    "device": ("IMEI", ["490154203237518", "356938035643809"]),
    "MAC": ("mac", ["00:1A:2B:3C:4D:5E", "00-1a-2b-3c-4d-5f"]),
    "address": ("家庭住址", ["北京市朝阳区建国路 1 号", "上海市浦东新区世纪大道 2 号"]),
}

NOT_ONE = {
    "answers": ("F01", [1.0, 2, 3, 4, 5] * 20),
    "answers under a telling header": ("电话", [1, 2, 3, 4, 5] * 20),
    "satisfaction with a mobile bank": ("手机银行满意度", [1, 2, 3, 4, 5] * 20),
    "brand of telephone": ("手机", ["华为", "苹果", "小米"] * 30),
    "years": ("year", [2020, 2021, 2022]),
    "months": ("month", [202012, 202101]),
    "dates": ("date", ["2020-12-31", "20210101"]),
    "running numbers": ("id", [str(number) for number in range(1, 200)]),
    "18 digits that are no ID number": ("id", [str(100000000000000000 + 7919 * number) for number in range(300)]),
    "11 digits from 2": ("id", [f"2024010{number:04d}" for number in range(200)]),
    "11 digits from 10": ("id", [f"10{number:09d}" for number in range(200)]),
    "milliseconds": ("id", ["1704067200000", "1704067200123"]),
    "amounts": ("spend", [55.93, 98.16, 89.65, 86.87]),
    "codes of four small numbers": ("item", ["1.1.2.3", "1.2.1.1", "2.1.1.4"]),
    "shares": ("share", [0.25, 0.5, 0.755]),
    "cities": ("city", ["北京", "上海", "乌鲁木齐"] * 10),
    "platforms by name": ("platform", ["微信", "支付宝"] * 30),
    "channel": ("微信", ["是", "否"] * 50),
    "stages": ("stage", ["备孕期", "孕晚期", "产后"] * 10),
    "respondents": ("respondent", [f"R{number:04d}" for number in range(100)]),
    "UUIDs": ("uid", ["6fa459ea-ee8a-3ca4-894e-db77e160355e", "16fd2706-8baf-433b-82eb-8c7fada847da"]),
    "English words from o": ("q", ["o" + "a" * 27, "o" + "b" * 27]),
    "scores with decimals": ("score", [61.25, 72.5, 80.75]),
    "versions": ("version", ["1.2.3", "1.10.0"]),
    "at signs": ("text", ["great @ home", "5 @ 3"]),
}


@pytest.mark.parametrize("case", COLUMNS)
def test_identifiers_are_told(case):
    header, values = COLUMNS[case]
    kind = kind_of_column(header, values)
    assert kind is not None
    assert case.startswith(kind.name.split()[0]) or kind.name in case or case == "MAC"


@pytest.mark.parametrize("case", NOT_ONE)
def test_codes_of_a_survey_are_not(case):
    header, values = NOT_ONE[case]
    assert kind_of_column(header, values) is None


@pytest.mark.parametrize(
    ("header", "kind"),
    [
        ("Phone No.", "phone"), ("手机号", "phone"), ("e-mail", "e-mail"), ("E_Mail", "e-mail"),
        ("身份证号码", "ID number"), ("IP 地址", "IP"), ("ip", "IP"), ("openId", "openid"), ("经度", "GPS"),
        ("姓名", "name"), ("微信", "WeChat or QQ"), ("shipping", None), ("satisfaction", None),
        ("手机银行满意度", None), ("tip", None), ("email_satisfaction", None), ("stage", None),
        ("platform", None), ("name_zh", None), ("weight", None), ("Telefon", None),
    ],
)  # fmt: skip
def test_headers(header, kind):
    found = kind_of_header(header)
    assert (None if found is None else found.name) == kind


def test_the_check_digit_of_an_id_number_counts():
    assert is_id_number("11010519491231002X")
    assert not any(is_id_number(f"11010519491231002{digit}") for digit in range(10))
    assert not is_id_number("110105194913310029")  # no thirteenth month


def test_an_empty_column_names_nobody():
    assert kind_of_column("手机", [None, np.nan, ""]) is None


def test_a_refusal_never_quotes_what_names_a_person():
    for value in ("13800138000", "+86 138 0013 8000", "anna@example.org", "11010519491231002X", "192.168.0.77"):
        sentence = str(InputError("the value is off the scale", row=3, column="F01", found=f"call {value} now"))
        assert value not in sentence
        assert "found call [masked] now" in sentence
    assert "found 7," in str(InputError("off the scale", found=7, expected="1 to 5"))
    assert masked("20240101, 1704067200000, 110105194912310021") == "20240101, 1704067200000, 110105194912310021"
