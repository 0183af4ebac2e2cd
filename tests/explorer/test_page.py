"""The interactive page in a real browser, off-line: what it computes, and that it can be used by keyboard."""

import re
import shutil

import numpy as np
import pytest

from maternal_eval.report.explorer import write_explorer
from tests.explorer.conftest import PROPOSED, STATIC

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
DRIVER = shutil.which("chromedriver")
pytestmark = pytest.mark.skipif(
    not (CHROMIUM and DRIVER), reason="needs Chromium and ChromeDriver (Debian: chromium-driver)"
)


@pytest.fixture(scope="module")
def path(small_result, tmp_path_factory):
    return write_explorer(small_result, tmp_path_factory.mktemp("page") / "explorer.html")


@pytest.fixture(scope="module")
def browser():
    from selenium import webdriver

    options = webdriver.ChromeOptions()
    options.binary_location = CHROMIUM
    for option in (
        "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run",
        "--disable-background-networking", "--disable-component-update", "--disable-sync", "--lang=en-US",
        "--window-size=1400,1200",
    ):  # fmt: skip
        options.add_argument(option)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    driver = webdriver.Chrome(options=options, service=webdriver.ChromeService(DRIVER))
    yield driver
    driver.quit()


@pytest.fixture
def page(browser, path):
    browser.get(path.as_uri())
    yield browser
    assert browser.get_log("browser") == []  # no error, and nothing that the policy had to block


def find(page, selector):
    return page.find_element("css selector", selector)


def scores(page, kind):
    cells = page.find_elements("css selector", f"td[data-kind='{kind}']")
    names = [row.get_attribute("data-platform") for row in page.find_elements("css selector", "tbody tr")]
    return dict(zip(names, [float(cell.get_attribute("data-score")) for cell in cells], strict=True))


def expected(small_result, weights, stage="before"):
    rows = (small_result.scores["stage"] == stage).to_numpy()
    values = 100 * small_result.moments["mean"].to_numpy()[rows] @ weights
    return dict(zip(small_result.scores.loc[rows, "platform"], values, strict=True))


def press(page, selector, *keys):
    find(page, selector).send_keys(*keys)


def test_it_shows_the_scores_of_the_static_and_the_proposed_weights(page, small_result):
    assert scores(page, "static") == pytest.approx(expected(small_result, STATIC), abs=1e-4)
    assert scores(page, "own") == pytest.approx(expected(small_result, STATIC), abs=1e-4)
    find(page, "input[name='stage'][value='after']").click()
    assert scores(page, "proposed") == pytest.approx(expected(small_result, PROPOSED[1], "after"), abs=1e-4)
    assert "after" in find(page, "#proposal").get_attribute("textContent")


def test_intervals_and_ranks_are_those_of_joint_draws(page, small_result):
    find(page, "#uncertain").click()  # without the uncertainty of the weights a score is normal around its mean
    cell = find(page, "tr[data-platform='alpha'] td[data-kind='static']")
    low, high = map(float, re.search(r"\[([\d.]+), ([\d.]+)\]", cell.text).groups())
    row = small_result.scores.iloc[0]
    # 2000 draws know a 5 % quantile of a normal to about 0.05 standard deviations; the page shows one decimal.
    assert [low, high] == pytest.approx(row["static"] + row["static_sd"] * np.array([-1.645, 1.645]),
                                        abs=0.05 + 0.2 * row["static_sd"])  # fmt: skip
    ranks = sorted(int(one.get_attribute("data-rank")) for one in page.find_elements("css selector", "td[data-rank]"))
    assert ranks == sorted([1, 2, 3] * 3)
    chances = [float(one.text) for one in page.find_elements("css selector", "tbody td:nth-of-type(4)")]
    assert sum(chances) == pytest.approx(1.0, abs=0.02)


def test_the_weights_stay_on_the_simplex_and_siblings_keep_their_proportions(page, small_result):
    from selenium.webdriver.common.keys import Keys

    press(page, "#dimension-0", Keys.HOME)
    assert "100.0%" in find(page, "#total").text
    assert scores(page, "own") == pytest.approx(expected(small_result, np.array([0, 0, 1.0])), abs=1e-4)
    press(page, "#dimension-0", Keys.END)
    # Inside the dimension nothing was moved: still 60 to 40.
    assert scores(page, "own") == pytest.approx(expected(small_result, np.array([0.6, 0.4, 0])), abs=1e-4)
    press(page, "#indicator-A1", Keys.END)
    assert scores(page, "own") == pytest.approx(expected(small_result, np.array([1.0, 0, 0])), abs=1e-4)
    assert "100.0%" in find(page, "#total").text
    find(page, "#to-equal").click()
    assert scores(page, "own") == pytest.approx(expected(small_result, np.full(3, 1 / 3)), abs=1e-4)


def test_it_can_be_used_by_keyboard_alone(page):
    from selenium.webdriver.common.keys import Keys

    active = page.switch_to.active_element
    reached = []
    for _ in range(20):
        active.send_keys(Keys.TAB)
        active = page.switch_to.active_element
        reached.append(active.get_attribute("id") or active.get_attribute("name") or active.tag_name)
    for needed in ("stage", "to-static", "to-proposed", "download", "dimension-0", "indicator-A1", "uncertain"):
        assert needed in reached
    before = find(page, "#indicator-A1-value").text
    press(page, "#indicator-A1", Keys.ARROW_RIGHT)
    assert find(page, "#indicator-A1-value").text != before
    assert "of the whole" in find(page, "#indicator-A1").get_attribute("aria-valuetext")
    assert find(page, "#status").text.startswith("With your weights")


def test_both_languages_say_simulated_and_every_text_has_a_translation(page):
    assert "SIMULATED" in find(page, "#notice").text
    find(page, "[data-language='zh']").click()
    assert page.execute_script("return document.documentElement.lang") == "zh-Hans"
    assert "模拟" in find(page, "#notice").text
    assert "模拟" in find(page, "caption").text
    assert find(page, "label[for='dimension-1']").text == "维度乙"
    keys = page.execute_script("return [Object.keys(TEXTS.en), Object.keys(TEXTS.zh)]")
    assert keys[0] == keys[1]
    used = page.execute_script("return [...document.querySelectorAll('[data-text]')].map((one) => one.textContent)")
    assert all(used)


def test_nothing_is_loaded_and_the_names_are_only_names(page, path):
    text = path.read_text(encoding="utf-8")
    assert not re.search(r"""(?:src|href)=["'](?!data:|#)""", text)
    assert "http://" not in text
    assert "https://" not in text
    assert page.execute_script("return performance.getEntriesByType('resource').length") == 0
    assert page.find_elements("css selector", "b") == []
    assert "<b>beta</b>" in find(page, "#scores").text


def test_the_weights_can_be_taken_away_as_csv(page):
    from urllib.parse import unquote

    find(page, "#to-equal").click()
    content = unquote(find(page, "#download").get_attribute("href").partition(",")[2])
    rows = [line.split(",") for line in content.split()]
    assert rows[0] == ["stage", "indicator", "static", "proposed", "own"]
    own = [float(row[4]) for row in rows[1:] if row[0] == "before"]
    assert own == pytest.approx([1 / 3] * 3)
    assert [float(row[3]) for row in rows[1:] if row[0] == "after"] == pytest.approx(PROPOSED[1])
