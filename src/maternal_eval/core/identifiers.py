"""What names a person: telephone numbers, addresses, ID numbers and the like, told by header and by values.

One table, :data:`KINDS`. A kind is told by *values* where these speak for themselves (an e-mail address, an ID number
with its check digit); by *header and values* where they do not (a name of two to four signs could be a city). A header
alone counts only for a column that is not looked at. Codes of a survey (1–5, years, amounts, running numbers) are none
of these, and a code of 18 digits is an ID number only if date and check digit agree.
"""

from __future__ import annotations

import ipaddress
import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from itertools import islice, repeat

FEWEST_VALUES = 0.8
"""Share of the values that have to look like a kind."""

LOOKED_AT = 2000
"""Different values of a column that are looked at, evenly spread."""

OF_MANY = 0.2
"""Share of different values from which a column with a telling header is one of persons and not one of groups."""

MASK = "[masked]"


@dataclass(frozen=True)
class Identifier:
    """A kind of identifier.

    Attributes
    ----------
    name, name_en, name_zh
        The kind.
    headers
        Names of columns that tell of it: lower case, letters and digits only.
    looks
        Whether a value looks like it.
    by_value
        Whether values speak for themselves; else a telling header is needed too.
    """

    name: str
    name_en: str
    name_zh: str
    headers: frozenset[str]
    looks: Callable[[str], bool]
    by_value: bool = True


def _words(listed: str) -> frozenset[str]:
    return frozenset(listed.split())


def _full(pattern: str, flags: int = 0) -> Callable[[str], bool]:
    compiled = re.compile(pattern, flags)
    return lambda text: compiled.fullmatch(text) is not None


_MOBILE = r"(?:(?:\+|00)?86[- ]?)?1[3-9]\d[- ]?\d{4}[- ]?\d{4}"
_ABROAD = r"\+[1-9]\d{0,2}(?:[- ()]{0,2}\d){6,12}"
_LANDLINE = r"\(?0\d{2,3}\)?[- ]\d{7,8}(?:[- ]\d{1,5})?"
_MAIL = r"[A-Za-z0-9._%+-]+@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+"
_ID_NUMBER = r"[1-9]\d{16}[\dXx]"
_OPENID = r"o[A-Za-z0-9_-]{27}"
_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)


def is_id_number(text: str) -> bool:
    """Return whether a text is a Chinese resident ID number: 18 signs, a date of birth, a check digit (GB 11643-1999).

    Examples
    --------
    >>> is_id_number("11010519491231002X"), is_id_number("110105194912310021")
    (True, False)
    """
    if re.fullmatch(_ID_NUMBER, text) is None:
        return False
    try:
        born = date(int(text[6:10]), int(text[10:12]), int(text[12:14]))
    except ValueError:
        return False
    check = sum(weight * int(digit) for weight, digit in zip(_WEIGHTS, text[:17], strict=True)) % 11
    return born.year >= 1890 and "10X98765432"[check] == text[17].upper()


def _is_address(text: str) -> bool:
    """Return whether a text is an IP address, also one with a place after it; four small numbers (1.1.2.3) are none."""
    try:
        found = ipaddress.ip_address(re.sub(r"\s*\([^()]*\)$", "", text))
    except ValueError:
        return False
    return found.version == 6 or max(found.packed) >= 32


def _is_openid(text: str) -> bool:
    """Return whether a text is an openid or unionid of WeChat: 28 signs from o, of letters of both cases and digits."""
    return (
        re.fullmatch(_OPENID, text) is not None
        and any(sign.isdigit() or sign.isupper() for sign in text[1:])
        and any(sign.islower() for sign in text[1:])
    )


def _is_device(text: str) -> bool:
    """Return whether a text is a MAC address, an IMEI with its check digit (Luhn), or a long hexadecimal code."""
    if re.fullmatch(r"(?:[0-9A-Fa-f]{2}[:-]){5}[0-9A-Fa-f]{2}", text):
        return True
    if re.fullmatch(r"\d{15}", text):
        doubled = [int(digit) * (1 + place % 2) for place, digit in enumerate(text)]
        return sum(sum(divmod(number, 10)) for number in doubled) % 10 == 0
    return re.fullmatch(r"[0-9A-Fa-f-]{14,40}", text) is not None


def _is_place(text: str) -> bool:
    """Return whether a text is a degree with at least two decimals, or a pair of these."""
    parts = re.split(r"[,，;\s]+", text.strip("()[] "))
    degrees = [part for part in parts if re.fullmatch(r"-?\d{1,3}\.\d{2,}", part) and abs(float(part)) <= 180]
    return 1 <= len(parts) <= 2 and len(degrees) == len(parts)


def _is_pair(text: str) -> bool:
    return _is_place(text) and re.search(r"\d[,，;\s]+-?\d", text) is not None


KINDS: dict[str, Identifier] = {
    kind.name: kind
    for kind in (
        Identifier(
            "phone",
            "telephone number",
            "电话号码",
            _words(
                "手机 手机号 手机号码 电话 电话号码 联系电话 联系方式 移动电话 固定电话 座机 家庭电话 办公电话 "
                "phone phonenumber phoneno mobile mobilephone mobilenumber mobileno cellphone cell "
                "telephone tel telno contactnumber msisdn"
            ),
            _full(f"(?:{_MOBILE}|{_ABROAD}|{_LANDLINE})"),
        ),
        Identifier(
            "e-mail",
            "e-mail address",
            "电子邮箱",
            _words("邮箱 电子邮箱 电子邮件 邮件 邮箱地址 邮件地址 email mail emailaddress mailaddress recipientemail"),
            _full(_MAIL),
        ),
        Identifier(
            "ID number",
            "ID number",
            "身份证号",
            _words(
                "身份证 身份证号 身份证号码 证件号 证件号码 证件号码身份证 护照号 护照号码 idcard idcardno idnumber "
                "idcardnumber nationalid citizenid passport passportno ssn "
                "socialsecuritynumber"
            ),
            is_id_number,
        ),
        Identifier(
            "IP",
            "IP address",
            "IP 地址",
            _words("ip ip地址 来自ip 提交ip 答题ip ipaddress ipaddr clientip userip ipv4 ipv6 remoteaddr"),
            _is_address,
        ),
        Identifier(
            "openid",
            "openid",
            "openid",
            _words("openid unionid wxopenid wechatopenid wxunionid 微信openid"),
            _is_openid,
        ),
        Identifier(
            "WeChat or QQ",
            "WeChat or QQ account",
            "微信或 QQ 号",
            _words("微信 微信号 微信昵称 微信账号 wechat wechatid weixin weixinid wxid qq qq号 qq号码"),
            lambda text: len(text) >= 2,
            by_value=False,
        ),
        Identifier(
            "device",
            "device code",
            "设备标识",
            _words(
                "设备号 设备id 设备标识 设备编号 mac mac地址 macaddress imei imsi idfa idfv oaid gaid "
                "androidid deviceid udid"
            ),
            _is_device,
            by_value=False,
        ),
        Identifier(
            "GPS",
            "place by coordinates",
            "经纬度",
            _words(
                "经度 纬度 经纬度 坐标 定位 locationlatitude locationlongitude lat latitude lon lng long longitude gps "
                "latlon latlng coordinates gps坐标"
            ),
            _is_place,
            by_value=False,
        ),
        Identifier("GPS pair", "place by coordinates", "经纬度", frozenset(), _is_pair),
        Identifier(
            "name",
            "name of a person",
            "姓名",
            _words(
                "姓名 名字 真实姓名 客户姓名 用户姓名 受访者姓名 被访者姓名 联系人 联系人姓名 母亲姓名 产妇姓名 "
                "宝宝姓名 fullname firstname lastname surname givenname familyname realname patientname "
                "customername respondentname recipientlastname recipientfirstname"
            ),
            lambda text: _is_chinese_name(text) or _is_latin_name(text),
            by_value=False,
        ),
        Identifier(
            "address",
            "postal address",
            "住址",
            _words(
                "地址 住址 家庭住址 家庭地址 详细地址 联系地址 收货地址 通讯地址 address homeaddress streetaddress "
                "postaladdress"
            ),
            lambda text: len(text) >= 6,
            by_value=False,
        ),
    )
}
"""Kinds, in the order in which they are looked for. A new kind is one more row."""


def _is_chinese_name(text: str) -> bool:
    bare = text.replace("·", "")
    return 2 <= len(bare) <= (4 if bare == text else 20) and all("\u4e00" <= sign <= "\u9fff" for sign in bare)


def _is_latin_name(text: str) -> bool:
    return re.fullmatch(r"[^\W\d_]+(?:[ .'’-]{1,2}[^\W\d_]+){0,4}\.?", text) is not None and text[0].isupper()


def normalised_header(header: str) -> str:
    """Return a header as :data:`KINDS` writes it.

    Examples
    --------
    >>> normalised_header("Phone No."), normalised_header("IP 地址")
    ('phoneno', 'ip地址')
    """
    return "".join(sign for sign in unicodedata.normalize("NFKC", header).lower() if sign.isalnum())


def kind_of_header(header: str) -> Identifier | None:
    """Return the kind of identifier that a header tells of, if any; the whole header has to be its name.

    Examples
    --------
    >>> kind_of_header("联系电话").name
    'phone'
    >>> kind_of_header("手机银行满意度") is None
    True
    """
    plain = normalised_header(header)
    return next((kind for kind in KINDS.values() if plain in kind.headers), None)


def kind_of_column(header: str, values: Iterable[object], times: Iterable[int] | None = None) -> Identifier | None:
    """Return the kind of identifier that a column holds, if any.

    Parameters
    ----------
    header
        Its name.
    values
        Its cells; empty ones do not count.
    times
        How often each of ``values`` stands in the column; once each if None.

    Returns
    -------
    Identifier or None
        The kind that the values speak for; or the kind of the header, if the values look like it and are not those of
        a few groups.

    Examples
    --------
    >>> kind_of_column("编号", ["13800138000", "13912345678"]).name
    'phone'
    >>> kind_of_column("手机", ["华为", "苹果"] * 50) is None
    True
    """
    cells: Counter[str] = Counter()
    for value, often in zip(values, repeat(1) if times is None else times, strict=False):
        if not _is_empty(value) and (text := _text(value)):
            cells[text] += often
    if not cells:
        return None
    different = list(cells)
    shown = list(islice(different, 0, None, len(different) // LOOKED_AT + 1))
    told = kind_of_header(header)
    if told is not None and _share(shown, told) >= FEWEST_VALUES:
        of_persons = len(different) >= max(2, OF_MANY * cells.total())
        return told if told.by_value or told.name == "GPS" or of_persons else None
    found = (kind for kind in KINDS.values() if kind.by_value and _share(shown, kind) >= FEWEST_VALUES)
    return next(found, None)


def _share(values: list[str], kind: Identifier) -> float:
    return sum(map(kind.looks, values)) / len(values)


def _is_empty(value: object) -> bool:
    return value is None or value != value  # NaN


def _text(value: object) -> str:
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return unicodedata.normalize("NFKC", str(value)).strip()


_ANYWHERE = re.compile(
    rf"(?<![\w.@+-])(?:{_MAIL}|{_ID_NUMBER}|(?:\+|00)?(?:86[- ]?)?1[3-9]\d[- ]?\d{{4}}[- ]?\d{{4}}|{_ABROAD}|"
    rf"{_OPENID}|(?:\d{{1,3}}\.){{3}}\d{{1,3}})(?![\w@-])"
)


def masked(text: str) -> str:
    """Return a text in which e-mail addresses, telephone and ID numbers, openids and IP addresses are masked.

    Sentences go to terminals, logs and mails: they name the row and column of a value, never whom it names.

    Examples
    --------
    >>> masked("call 13800138000 or anna@example.org, not 5 or 20240101")
    'call [masked] or [masked], not 5 or 20240101'
    """
    return _ANYWHERE.sub(_mask, text)


def _mask(found: re.Match[str]) -> str:
    text = found.group()
    known = (kind for kind in KINDS.values() if kind.by_value)
    return MASK if any(kind.looks(text) for kind in known) else text
