"""An enumerator's phone: the field client in a real Chromium, driven as a thumb would."""

import os
from contextlib import contextmanager
from pathlib import Path

APP = Path(__file__).parents[2] / "renpu/site/static/app/index.html"
FLAGS = (
    "--no-sandbox",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--lang=zh-CN",
)
PIN = "246813"
WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)


def identity_number(birth, order, county="310199"):
    """A number with the right check character in a county that was never assigned. `birth` is yyyymmdd; odd orders
    are men."""
    body = f"{county}{birth}{order:03}"
    return body + "10X98765432"[sum(int(d) * w for d, w in zip(body, WEIGHTS, strict=True)) % 11]


def person(name, relation, birth, order, education="5", **more):
    """Answers of one person as the form's codes; who is under 15 is not asked whether he can read."""
    answers = {"D1": name, "D2": relation, "D3": identity_number(birth, order), "D7": "1", "D8": "1", "D9": "1"}
    answers["D11"] = education
    if birth <= "20051031":
        answers["D12"] = "1"
    return {**answers, **more}


FAMILY = (
    person("王建军", "0", "19800412", 101, "6"),
    person("李秀梅", "1", "19820903", 102, "5"),
    person("王子涵", "2", "20080115", 103, "4"),
    person("王桂芳", "3", "19540620", 104, "4"),
)


@contextmanager
def chromium(playwright, path, profile, **options):
    """A persistent browser of phone size, so that service worker and database outlive a page."""

    settings = {
        "viewport": {"width": 390, "height": 844},
        "device_scale_factor": 2,
        "is_mobile": True,
        "has_touch": True,
    }
    context = playwright.chromium.launch_persistent_context(
        str(profile), executable_path=path, args=list(FLAGS), locale="zh-CN", **{**settings, **options}
    )
    context.set_default_timeout(15_000)
    try:
        yield context
    finally:
        context.close()


class Phone:
    """One page of the client. `url` ends in /app/."""

    def __init__(self, page, url):
        self.page, self.url = page, url
        self.errors = []
        page.on("pageerror", lambda error: self.errors.append(str(error)))

    def picture(self, name):
        """The page as the documents show it, where RENPU_PICTURES names a folder."""
        if folder := os.environ.get("RENPU_PICTURES"):
            self.page.wait_for_timeout(300)
            self.page.screenshot(path=str(Path(folder) / f"{name}.png"))

    def keys(self, digits):
        for digit in digits:
            self.page.keyboard.press(digit)

    def pair(self, code, pin=PIN):
        """As after scanning: the address carries the code."""
        self.page.goto(f"{self.url}#code={code}")
        self.page.get_by_text("设一个6位密码").wait_for()
        self.keys(pin)
        self.page.get_by_text("再输一次").wait_for()
        self.keys(pin)
        self.page.locator("[data-test=sync]").wait_for()

    def ready_for_offline(self):
        self.page.evaluate("() => navigator.serviceWorker.ready.then(() => true)")
        self.page.locator(".home .block").first.wait_for()

    def reload(self, pin=PIN):
        self.page.reload()
        self.unlock(pin)

    def unlock(self, pin=PIN):
        self.page.locator(".keypad").wait_for()
        self.keys(pin)
        self.page.locator(".keypad").wait_for(state="detached")

    def go(self, *parts):
        self.page.evaluate("(to) => { location.hash = to }", "#/" + "/".join(parts))

    def home(self):
        self.go()
        self.page.locator("[data-test=sync]").wait_for()

    def state(self):
        """The plain sentence on the home page, when no exchange is under way."""
        self.home()
        self.page.locator("[data-test=sync]:not([disabled])").wait_for()
        return self.page.locator("[data-test=sync-state]").inner_text()

    def sync(self):
        """Presses the button and gives the sentence that stands there afterwards."""
        self.home()
        self.page.locator("[data-test=sync]").click()
        self.page.locator("[data-test=sync]:not([disabled])").wait_for()
        return self.page.locator("[data-test=sync-state]").inner_text()

    def household(self, about):
        self.go("household", about)
        self.page.locator("[data-test=form], .card.note").first.wait_for()

    def no_answer(self, about):
        """Nobody at home: a slip is left, with an appointment for tomorrow evening."""
        self.household(about)
        self.page.locator("[data-test=visit]").click()
        self.page.locator('[data-test=outcome] [data-value="4"]').click()
        self.page.locator("[data-test=day] button").nth(1).click()
        self.page.locator('[data-test=part] [data-value="19"]').click()
        self.page.locator("[data-test=save]").click()
        self.page.locator(".timeline li").first.wait_for()

    def question(self, name):
        return self.page.locator(f'[data-name="{name}"]')

    def put(self, name, value):
        """Answers a question by whatever control it has."""
        place = self.question(name)
        place.wait_for()
        if place.locator(f'button[data-value="{value}"]').count():
            place.locator(f'button[data-value="{value}"]').click()
        elif place.locator("select").count() == 1 and not place.locator("[data-test=province]").count():
            place.locator("select").select_option(value)
        else:
            place.locator("input").fill(value)
            place.locator("input").press("Tab")

    def open_form(self, about):
        self.household(about)
        self.page.locator("[data-test=form]").click()
        self.page.locator(".interview").wait_for()

    def fill_household(self, here=4, away=0, area="96", rooms="3"):
        for name, value in (("H2a", here), ("H2b", away), ("H5", 1), ("H6", area), ("H7", rooms)):
            self.put(name, str(value))

    def next(self):
        self.page.locator("[data-test=next]").click()

    def fill_person(self, index, answers):
        self.step("成员")
        self.page.locator(f'[data-person="{index}"]').click()
        for name, value in answers.items():
            self.put(name, value)
        self.page.wait_for_timeout(500)  # what was typed last is taken over after a moment

    def step(self, word):
        self.page.locator(".steps button", has_text=word).click()

    def read_back(self):
        self.step("宣读")
        self.page.locator("[data-test=read-back]").click()

    def sign(self):
        self.step("签名")
        pad = self.page.locator("[data-test=pad]")
        box = pad.bounding_box()
        mouse = self.page.mouse
        mouse.move(box["x"] + 40, box["y"] + 60)
        mouse.down()
        for dx, dy in ((80, 90), (120, 30), (160, 100), (220, 50)):
            mouse.move(box["x"] + dx, box["y"] + dy, steps=4)
        mouse.up()

    def finish(self):
        self.page.locator("[data-test=finish]").click()
        self.page.locator(".timeline li").first.wait_for()

    def register(self, about, family=FAMILY, **household):
        """A whole form without a problem, from the household's page to the queue."""
        self.open_form(about)
        self.fill_household(here=len(family), **household)
        for index, answers in enumerate(family):
            self.fill_person(index, answers)
        self.read_back()
        self.sign()
        self.finish()
