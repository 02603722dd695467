"""A headless chromium with the page of a server in it."""
from selenium import webdriver
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.by import By
from selenium.webdriver.support.ui import WebDriverWait

kArguments = ["--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--hide-scrollbars"]


class Page:
    def __init__(self, port, width=1200, height=1000):
        options = webdriver.ChromeOptions()
        for argument in kArguments:
            options.add_argument(argument)
        options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
        self.driver = webdriver.Chrome(options=options, service=Service("/usr/bin/chromedriver"))
        self.driver.set_window_size(width, height)
        self.url = f"http://127.0.0.1:{port}/"
        self.open()

    def open(self):
        self.driver.get(self.url)
        self.until(lambda: self.id("card").is_displayed())

    def id(self, name):
        return self.driver.find_element(By.ID, name)

    def all(self, selector):
        return self.driver.find_elements(By.CSS_SELECTOR, selector)

    def until(self, condition):
        return WebDriverWait(self.driver, 30).until(lambda _: condition())

    def script(self, text, *arguments):
        return self.driver.execute_script(text, *arguments)

    def look(self, scheme):
        self.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": [{"name": "prefers-color-scheme", "value": scheme}]})

    def screen(self, width, height, mobile=False):
        """A screen of exactly this size; a window's frame takes some of it."""
        self.driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride",
                                    {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": mobile})

    def write(self, prompt=None, length=None):
        """Has a text written and waits for its end."""
        if prompt is not None:
            self.script("document.getElementById('prompt').value = arguments[0]", prompt)
        if length is not None:
            self.script("document.getElementById('length').value = arguments[0]", length)
        self.id("go").click()
        self.until(lambda: self.id("go").is_enabled())

    def score(self, text):
        self.script("document.getElementById('scored-text').value = arguments[0]", text)
        self.id("score-go").click()
        self.until(lambda: self.id("score-go").is_enabled())

    def point(self, share):
        """Points at the chart, so far from its left."""
        self.script("""const box = document.getElementById('chart').getBoundingClientRect();
            document.getElementById('chart').dispatchEvent(new PointerEvent('pointermove',
                { clientX: box.left + box.width * arguments[0], clientY: box.top + 60 }));""", share)

    def complaints(self):
        """What the browser's console tells, but for what was provoked: refused requests and refused scripts."""
        expected = ["Content Security Policy", "400", "404"]
        return [entry["message"] for entry in self.driver.get_log("browser")
                if not any(part in entry["message"] for part in expected)]
