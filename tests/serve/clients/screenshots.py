"""Screenshots of the page during a live run, as they stand in docs/: python screenshots.py PORT FOLDER"""
import sys

from selenium import webdriver
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.by import By
from selenium.webdriver.support.ui import WebDriverWait

SIZES = {"page": (1200, 1150, "light"), "page-dark": (1200, 1150, "dark"), "page-phone": (400, 1500, "light")}

options = webdriver.ChromeOptions()
for argument in ["--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--hide-scrollbars"]:
    options.add_argument(argument)
browser = webdriver.Chrome(options=options, service=Service("/usr/bin/chromedriver"))
try:
    for name, (width, height, scheme) in SIZES.items():
        browser.set_window_size(width, height)
        browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": [{"name": "prefers-color-scheme", "value": scheme}]})
        browser.get(f"http://127.0.0.1:{sys.argv[1]}/")
        wait = WebDriverWait(browser, 60)
        wait.until(lambda _: browser.find_elements(By.CSS_SELECTOR, "#chart polyline") and browser.find_elements(By.CSS_SELECTOR, "#graph rect"))
        browser.find_element(By.ID, "prompt").send_keys("In the ")
        browser.execute_script("document.getElementById('length').value = 400")
        browser.find_element(By.ID, "go").click()
        wait.until(lambda _: browser.find_element(By.ID, "go").is_enabled())
        browser.save_screenshot(f"{sys.argv[2]}/{name}.png")
        for entry in browser.get_log("browser"):
            print(entry["level"], entry["message"][:200])
finally:
    browser.quit()
