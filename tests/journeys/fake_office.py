"""An office for the field client alone: keeps the device protocol, holds what it is sent, and can be told to misbehave.

`python tests/journeys/fake_office.py [PORT]` serves the built client at /app/ with three pairing codes; tests drive
`Office` directly. The form, the rules and the code lists are the real ones.
"""

import csv
import json
import sys
import threading
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from importlib import resources
from pathlib import Path
from urllib.parse import parse_qs, urlsplit
from uuid import UUID, uuid5

APP = Path(__file__).parents[2] / "renpu/site/static/app"
T0 = {"t0": "2020-11-01"}
SPACE = UUID("5d0c8d2e-0000-5000-8000-000000000000")
CENSUS = {"code": "demo", "name": "第七次全国人口普查", "t0": "2020-11-01T00:00:00+08:00"}
CODES = (
    "visit_outcome",
    "household_status",
    "collection_mode",
    "household_type",
    "relationship",
    "province",
    "ethnic_group",
)
TYPES = {
    ".html": "text/html; charset=utf-8",
    ".js": "text/javascript",
    ".css": "text/css",
    ".svg": "image/svg+xml",
    ".webmanifest": "application/manifest+json",
}
CSP = (
    "default-src 'self'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self' 'unsafe-inline'; "
    "img-src 'self' data: blob:; connect-src 'self'; worker-src 'self'; "
    "object-src 'none'; base-uri 'none'; frame-ancestors 'none'"
)


def code_list(name):
    text = (resources.files("renpu.concepts") / "codes" / f"{name}.csv").read_text(encoding="utf-8")
    return [
        [
            int(row["code"]) if row["code"].isdigit() and row["code"][0] != "0" else row["code"],
            row["label_zh"],
            row["label_en"],
        ]
        for row in csv.DictReader(text.splitlines())
    ]


def key(*parts):
    return str(uuid5(SPACE, "/".join(map(str, parts))))


def household(block, building, unit, no, address, head):
    return {
        "id": key(block, "household", no),
        "no": no,
        "building": building,
        "unit": unit,
        "address": address,
        "head": head,
        "household_type": 1,
        "status": None,
        "state": "open",
        "version": 0,
        "visits": 0,
        "slips": 0,
        "last_outcome": None,
        "appointment_at": None,
        "n_here": None,
        "n_away": None,
        "open_edits": 0,
    }


def tower(block, floors=8, rooms=4):
    building = key(block, "tower")
    units, households = [], []
    surnames = "王李张刘陈杨黄赵吴周徐孙马朱胡郭何高林郑"
    for floor in range(1, floors + 1):
        for room in range(1, rooms + 1):
            door = f"{floor}{room:02}"
            unit, n = key(block, "unit", door), len(units)
            units.append(
                {
                    "id": unit,
                    "building": building,
                    "no": f"{n + 1:04}",
                    "floor": floor,
                    "door": door,
                    "address": f"东长治路505弄1号{door}室",
                }
            )
            households.append(
                household(
                    block,
                    building,
                    unit,
                    f"{n + 1:03}",
                    units[-1]["address"],
                    f"{surnames[n % 20]}{'秀建玉明'[n % 4]}{'英国兰华'[n % 3]}",
                )
            )
    return (
        {"id": building, "no": "001", "label": "东长治路505弄1号", "kind": "tower", "floors": floors},
        units,
        households,
    )


def lane(block, start):
    building = key(block, "lane")
    units, households = [], []
    for n in range(1, 8):
        unit = key(block, "unit", "lane", n)
        units.append(
            {
                "id": unit,
                "building": building,
                "no": f"{n:04}",
                "floor": None,
                "door": f"{n * 2}号",
                "address": f"唐山路818弄{n * 2}号",
            }
        )
        households.append(
            household(block, building, unit, f"{start + n:03}", units[-1]["address"], "沈许韩曹彭曾萧"[n - 1] + "福根")
        )
    return {"id": building, "no": "002", "label": "唐山路818弄", "kind": "lane_row", "floors": 2}, units, households


def example_block(code="310109018033001", name="久耕居委会 第1小区"):
    first, second = tower(code), lane(code, 32)
    return {
        "block": code,
        "name": name,
        "fence": 1,
        "cursor": 0,
        "buildings": [first[0], second[0]],
        "units": first[1] + second[1],
        "households": first[2] + second[2],
    }


class Office:
    """The office. `events` by id in order of arrival; `lose_replies`, `status`, `refuse`, `clock` are
    faults."""

    def __init__(self, blocks=None):
        import renpu.editing.rules  # noqa: F401
        from renpu.editing.questionnaire import xform

        form = xform(T0)
        self.form = {"id": form.id, "version": form.version, "xml": form.xml, "files": form.files}
        self.rules = program()
        self.codes = {name: code_list(name) for name in CODES}
        self.blocks = blocks if blocks is not None else [example_block()]
        self.pairing = {"12345678": "王秀英", "23456789": "李建国", "34567890": "张玉兰"}
        self.tokens = {}
        self.events = {}
        self.posts = 0
        self.lose_replies = 0
        self.status = 0
        self.refuse = False
        self.clock = timedelta()
        self.results = {}
        self.lock = threading.Lock()

    def now(self):
        return (datetime.now(UTC) + self.clock).isoformat()

    def pair(self, body):
        name = self.pairing.pop(body.get("code"), None)
        if name is None:
            return 404, {"reason": "unknown code"}
        token = key("token", body["code"])
        self.tokens[token] = name
        return 200, {
            "token": token,
            "secret": key("secret", token),
            "device": key("device", token),
            "staff": {"name": name, "no": "0317"},
            "census": CENSUS,
        }

    def assignment(self):
        return 200, {
            "server_time": self.now(),
            "census": CENSUS,
            "form": self.form,
            "rules": self.rules,
            "codes": self.codes,
            "blocks": self.blocks,
        }

    def pull(self, query):
        block = next((b for b in self.blocks if b["block"] == query["block"][0]), None)
        if block is None:
            return 404, {}
        return 200, {"cursor": block["cursor"], "households": []}

    def sync(self, body):
        return 200, {"server_time": self.now(), "answers": [self.take(event) for event in body["events"]], "gaps": []}

    def take(self, event):
        if self.refuse:
            return {"id": event["id"], "result": "refused", "reason": "not your block"}
        known = event["id"] in self.events
        self.events.setdefault(event["id"], event)
        found = next((h for b in self.blocks for h in b["households"] if h["id"] == event["about"]), None)
        result = "duplicate" if known else self.results.get(event["about"], "accepted")
        if found is None:
            return {"id": event["id"], "result": result, "version": 0, "state": "open"}
        if not known and event["kind"] == "visit":
            found.update(
                visits=found["visits"] + 1,
                last_outcome=event["payload"]["outcome"],
                status=event["payload"]["status_after"],
            )
            found["state"] = "listed" if found["state"] == "open" and found["status"] < 90 else found["state"]
        if not known and event["kind"] == "form":
            found.update(version=found["version"] + 1, state="registered", status=event["payload"]["household_status"])
        answer = {"id": event["id"], "result": result, "version": found["version"], "state": found["state"]}
        return {**answer, "task": "M-1"} if result == "merge" else answer


def program():
    try:
        from renpu.editing.rules import client_program, rule_set
    except ImportError:
        return {"version": "none", "program": None}
    return {"version": rule_set(T0).version, "program": client_program(T0)}


def handler(office):
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def log_message(self, *args):
            pass

        def answer(self, status, body, kind="application/json", **headers):
            data = body if isinstance(body, bytes) else json.dumps(body, ensure_ascii=False).encode()
            self.send_response(status)
            for name, value in {
                "Content-Type": kind,
                "Content-Length": str(len(data)),
                "Content-Security-Policy": CSP,
                **headers,
            }.items():
                self.send_header(name.replace("_", "-"), value)
            self.end_headers()
            self.wfile.write(data)

        def body(self):
            return json.loads(self.rfile.read(int(self.headers.get("Content-Length") or 0)) or b"{}")

        def allowed(self):
            if office.status:
                return self.answer(office.status, {})
            if self.headers.get("Authorization", "").removeprefix("Bearer ") not in office.tokens:
                return self.answer(401, {})
            return True

        def do_GET(self):
            url = urlsplit(self.path)
            if url.path == "/api/assignment":
                if self.allowed():
                    self.answer(*office.assignment())
            elif url.path == "/api/pull":
                if self.allowed():
                    self.answer(*office.pull(parse_qs(url.query)))
            elif url.path == "/app":
                self.answer(302, b"", Location="/app/")
            elif url.path.startswith("/app/"):
                name = url.path.removeprefix("/app/") or "index.html"
                file = APP / name
                if not file.resolve().is_relative_to(APP.resolve()) or not file.is_file():
                    return self.answer(404, b"", "text/plain")
                cache = "public, max-age=31536000, immutable" if name.startswith("assets/") else "no-cache"
                self.answer(
                    200, file.read_bytes(), TYPES.get(file.suffix, "application/octet-stream"), Cache_Control=cache
                )
            else:
                self.answer(404, {})

        def do_POST(self):
            body = self.body()
            if self.path == "/api/pair":
                self.answer(*office.pair(body))
            elif self.path == "/api/sync" and self.allowed():
                with office.lock:
                    office.posts += 1
                    status, reply = office.sync(body)
                if office.lose_replies > 0:
                    office.lose_replies -= 1
                    self.close_connection = True
                    self.connection.close()
                    return
                self.answer(status, reply)

    return Handler


def serve(office, port=0):
    """A running server; `server_port` is its port, `shutdown()` ends it."""
    server = ThreadingHTTPServer(("127.0.0.1", port), handler(office))
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server


if __name__ == "__main__":
    running = serve(Office(), int(sys.argv[1]) if len(sys.argv) > 1 else 8020)
    print(f"http://127.0.0.1:{running.server_port}/app/  codes 12345678 23456789 34567890")
    threading.Event().wait()
