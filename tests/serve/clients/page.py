"""The page in a real browser, beside a server of the run in RUN: python page.py PORT RUN [SCREENSHOT_FOLDER]"""
import json
import re
import subprocess
import sys

from browser import Page
from selenium.webdriver.common.keys import Keys

port, run = sys.argv[1:3]
page = Page(port)


def shoot(name):
    if len(sys.argv) > 3:
        page.driver.save_screenshot(f"{sys.argv[3]}/{name}.png")


def records():
    with open(f"{run}/metrics.jsonl", encoding="utf-8") as file:
        return [json.loads(line) for line in file]


def check_curves():
    page.until(lambda: page.all("#chart polyline.train"))
    trained = [record for record in records() if "train_loss" in record]
    best = min(record["validation_loss"] for record in records() if "validation_loss" in record)
    assert f"best: {best:.4f}" in page.script("return document.getElementById('chart').textContent"), "the best one is marked"
    page.id("chart").send_keys(Keys.END)
    tip = page.id("tip").text
    assert f"step {trained[-1]['step']:,}" in tip and f"{trained[-1]['train_loss']:.4f} nats" in tip, tip
    page.id("chart").send_keys(Keys.HOME)
    assert f"{trained[0]['train_loss']:.4f} nats" in page.id("tip").text, page.id("tip").text
    page.id("chart").send_keys(Keys.ESCAPE)
    assert not page.id("tip").is_displayed()
    page.point(0.5)
    assert "nats" in page.id("tip").text
    for axis, name in {"seconds": "time of training", "chars": "characters trained on", "step": "steps"}.items():
        page.script("const axis = document.getElementById('x-axis'); axis.value = arguments[0]; axis.dispatchEvent(new Event('input'));", axis)
        assert any(text.text == name for text in page.all("#chart text")), name
    for box in ["log-x", "log-y"]:
        page.id(box).click()
        assert "NaN" not in page.id("chart").get_attribute("innerHTML"), box
        page.id(box).click()


def check_card():
    card = page.id("card").text
    assert "tiny.txt" in card and "bits per character" in card and "2 layers of 32 LSTM units" in card, card


def check_writing(letters):
    prompt = page.id("prompt")
    prompt.send_keys(letters)
    prompt.send_keys(Keys.CONTROL, Keys.ENTER)
    page.until(lambda: page.id("go").is_enabled())
    spans = page.all("#written span")
    assert len(spans) == 500, f"{len(spans)} characters"
    assert "nats" in spans[0].get_attribute("title")
    page.write("<img src=x onerror=alert(1)>")
    assert not page.all("#written img"), "text became markup"


def check_scoring(letters):
    text = letters + "\n" + letters * 3
    page.score(text)
    assert "bits per character" in page.id("score-sum").text
    assert page.id("scored").get_attribute("textContent") == text
    assert all(span.get_attribute("title") for span in page.all("#scored span")[1:]), "every character has its nats"
    page.score("\u2603")
    assert page.all("#scored .error"), "an unknown character is told"


def check_examples():
    """What the page says, said to a shell and to Python."""
    for way, program in {"curl": ["bash", "-c"], "python": [sys.executable, "-c"], "nc": ["bash", "-c"]}.items():
        page.id(f"tab-{way}").click()
        command = page.id("example").text
        assert f"127.0.0.1:{port}" in command or f"127.0.0.1 {port}" in command, command
        done = subprocess.run([*program, command], capture_output=True, text=True, timeout=60, check=True)
        text = json.loads(done.stdout)["choices"][0]["text"] if way == "curl" else done.stdout
        assert len(text) >= 150, (way, text)


def check_guards():
    blocked = page.driver.execute_async_script(
        "const done = arguments[0]; const s = document.createElement('script'); s.textContent = 'window.injected = 1';"
        "document.body.append(s); setTimeout(() => done(window.injected === undefined), 100);")
    assert blocked, "a script without the nonce ran"
    assert not page.complaints(), page.complaints()


def check_phone():
    page.screen(390, 900, mobile=True)
    page.until(lambda: page.script("return document.getElementById('chart').getBoundingClientRect().width < 390"))
    wide = page.script("return document.documentElement.scrollWidth > document.documentElement.clientWidth")
    assert not wide, "a phone has to scroll sideways"


try:
    known = page.driver.execute_async_script(
        "const done = arguments[0]; fetch('/v1/models/charrnn').then(a => a.json()).then(m => done(m.meta.alphabet));")
    some = "".join(re.findall("[a-z]", known))[:5]
    check_curves()
    check_card()
    check_writing(some)
    check_scoring(some)
    check_examples()
    shoot("page")
    check_guards()
    page.look("dark")
    shoot("page-dark")
    check_phone()
    shoot("page-phone")
    print("page: curves read out by pointer and keys, the model's card, writing and scoring in colour, examples that work, "
          "text stays text, fits a phone: ok")
finally:
    page.driver.quit()
