"""Screenshots of the page during a live run, as they stand in docs/: python screenshots.py PORT FOLDER"""
import sys

from browser import Page

SIZES = {"page": (1200, 1190, "light"), "page-dark": (1200, 1190, "dark"), "page-phone": (390, 1500, "light")}
SCORED = "Anna smiled, and the xylophone went to Moscow."

page = Page(sys.argv[1])
try:
    for name, (width, height, scheme) in SIZES.items():
        page.screen(width, height, mobile=width < 500)
        page.look(scheme)
        page.open()
        page.until(lambda: page.all("#chart polyline") and page.all("#graph rect"))
        page.write("In the ", 400)
        page.score(SCORED)
        page.script("window.scrollTo(0, 0)")
        if width > 500:
            page.point(0.4)
        page.driver.save_screenshot(f"{sys.argv[2]}/{name}.png")
    for complaint in page.complaints():
        print(complaint)
finally:
    page.driver.quit()
