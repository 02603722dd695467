"""The page in a real browser: python page.py PORT [SCREENSHOT_FOLDER]"""
import sys
import time

from selenium import webdriver
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.support.ui import WebDriverWait

options = webdriver.ChromeOptions()
for argument in ["--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--window-size=1200,1000"]:
    options.add_argument(argument)
options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
browser = webdriver.Chrome(options=options, service=Service("/usr/bin/chromedriver"))


def shoot(name):
    if len(sys.argv) > 2:
        browser.save_screenshot(f"{sys.argv[2]}/{name}.png")


def until(condition):
    return WebDriverWait(browser, 20).until(lambda _: condition())


try:
    browser.get(f"http://127.0.0.1:{sys.argv[1]}/")
    until(lambda: "alphabet" in browser.find_element(By.ID, "facts").text)
    alphabet = browser.execute_async_script(
        "const done = arguments[0]; fetch('/v1/models/charrnn').then(a => a.json()).then(m => done(m.meta.alphabet));")
    letters = "".join(c for c in alphabet if c.isascii() and c.isalpha())[:5]
    prompt = browser.find_element(By.ID, "prompt")
    prompt.send_keys(letters)
    prompt.send_keys(Keys.CONTROL, Keys.ENTER)
    until(lambda: browser.find_element(By.ID, "go").is_enabled())
    spans = browser.find_elements(By.CSS_SELECTOR, "#written span")
    assert len(spans) == 500, f"{len(spans)} characters"
    assert "nats" in spans[0].get_attribute("title")
    shoot("page")
    browser.execute_script("document.getElementById('prompt').value = '<img src=x onerror=alert(1)>'")
    browser.find_element(By.ID, "go").click()
    until(lambda: browser.find_element(By.ID, "go").is_enabled())
    assert not browser.find_elements(By.CSS_SELECTOR, "#written img"), "text became markup"
    blocked = browser.execute_async_script(
        "const done = arguments[0]; const s = document.createElement('script'); s.textContent = 'window.injected = 1';"
        "document.body.append(s); setTimeout(() => done(window.injected === undefined), 100);")
    assert blocked, "a script without the nonce ran"
    log = [entry for entry in browser.get_log("browser")
           if "Content Security Policy" not in entry["message"] and "400" not in entry["message"]
           and "404" not in entry["message"]]
    assert not log, log
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": [{"name": "prefers-color-scheme", "value": "dark"}]})
    shoot("page-dark")
    browser.set_window_size(400, 900)
    time.sleep(0.5)
    wide = browser.execute_script("return document.documentElement.scrollWidth > document.documentElement.clientWidth")
    assert not wide, "a phone has to scroll sideways"
    shoot("page-phone")
    print("page: loads, writes 500 tinted characters by keyboard, shows text as text, fits a phone: ok")
finally:
    browser.quit()
