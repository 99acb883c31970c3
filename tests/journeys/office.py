"""The office for journeys: an installation of its own behind the real server, and somebody at its computer."""

import json
import os
import socket
import subprocess
import sys
import time
from pathlib import Path
from urllib.request import urlopen

WIDE = {"width": 1280, "height": 900}


class Office:
    """The installation in `home`, served by Granian; `ask` runs Python in it and gives what `told` was set to."""

    def __init__(self, home):
        self.env = {**os.environ, "RENPU_HOME": str(home), "DJANGO_SETTINGS_MODULE": "renpu.site.settings"}
        self.env.pop("RENPU_DATABASE", None)
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}/app/"

    def ask(self, source):
        program = f"import django, json; django.setup(); told = None\n{source}\nprint(json.dumps(told, default=str))"
        done = subprocess.run([sys.executable, "-c", program], env=self.env, capture_output=True, text=True)
        assert done.returncode == 0, done.stderr[-3000:]
        return json.loads(done.stdout.splitlines()[-1])

    def serve(self):
        log = Path(self.env["RENPU_HOME"]) / "server.log"
        command = [sys.executable, "-m", "granian", "--interface", "wsgi", "--port", str(self.port)]
        with log.open("wb") as out:
            server = subprocess.Popen([*command, "renpu.site.wsgi:application"], env=self.env, stdout=out, stderr=out)
        for _ in range(100):
            try:
                urlopen(self.url, timeout=2).close()
                return server
            except OSError:
                time.sleep(0.2)
        server.terminate()
        raise AssertionError(f"the server did not come up: {log.read_text()[-2000:]}")


class Desk:
    """The street office at its computer."""

    def __init__(self, page, url, password="street-office"):
        self.page, self.url, self.password = page, url.removesuffix("app/"), password

    def picture(self, name):
        """The page as the documents show it, where RENPU_PICTURES names a folder."""
        if folder := os.environ.get("RENPU_PICTURES"):
            self.page.wait_for_timeout(600)
            self.page.screenshot(path=str(Path(folder) / f"{name}.png"))

    def sign_in(self):
        self.page.goto(f"{self.url}sign-in/")
        self.page.fill("[name=username]", "office")
        self.page.fill("[name=password]", self.password)
        self.page.locator("[name=password]").press("Enter")
        self.page.wait_for_url(lambda address: "sign-in" not in address)

    def pairing_code(self, staff, area):
        """The eight digits as the page shows them under its QR code."""
        self.page.goto(f"{self.url}devices/?area={area[:12]}")
        self.page.locator("tr", has_text=staff).locator("form[action*=pair] button").click()
        return self.page.locator(".bigcode").inner_text().replace(" ", "")

    def row(self, area, search):
        """What the list of households shows of the only one found."""
        self.page.goto(f"{self.url}households/?area={area}&q={search}")
        rows = self.page.locator("table.list tbody tr")
        assert rows.count() == 1, rows.all_inner_texts()
        return rows.first.inner_text()
