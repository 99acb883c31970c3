"""The endpoints of devices, answered before Django builds a request: a bearer token, no cookie, nothing for a forged
page to ride on.

Office pages never come this way; everything that is not one of the paths below goes to Django.
"""

import hashlib
import json
import logging
import time
import zlib
from collections.abc import Callable, Iterable
from datetime import timedelta
from typing import Any, NamedTuple
from urllib.parse import parse_qs
from uuid import UUID

import msgspec
import orjson
from django.db import DatabaseError, connection
from django.utils import timezone

from renpu.collection import devices as registry
from renpu.collection import journal
from renpu.editing import receipt
from renpu.platform.models import Census
from renpu.site.assignment import assignment, changes

log = logging.getLogger("renpu.devices")
JSON = [("Content-Type", "application/json"), ("Cache-Control", "no-store"), ("X-Content-Type-Options", "nosniff")]
PHRASES = {200: "OK", 400: "Bad Request", 401: "Unauthorized", 404: "Not Found", 405: "Method Not Allowed"}
PHRASES |= {411: "Length Required", 413: "Content Too Large", 422: "Unprocessable Content", 429: "Too Many Requests"}
PHRASES |= {500: "Internal Server Error", 503: "Service Unavailable"}
TRUSTED_SECONDS = 30  # a revocation is felt after at most this long
AHEAD = timedelta(minutes=2)  # a clock offset below this is the way of the network, not of the clock


class Reply(NamedTuple):
    status: int
    body: bytes
    headers: list[tuple[str, str]] = []


class Known(NamedTuple):
    """A device that holds a valid token, and the blocks it may write to."""

    device_id: UUID
    staff_id: UUID | None
    actor: str
    census_id: int
    blocks: frozenset[str]
    until: float


_known: dict[str, Known] = {}


def around(office: Callable) -> Callable:
    """The WSGI application: device endpoints here, all else to `office`."""
    routes = {
        "/api/pair": ("POST", pair),
        "/api/assignment": ("GET", give_assignment),
        "/api/sync": ("POST", sync),
        "/api/pull": ("GET", pull),
        "/api/search": ("POST", find),
    }

    def application(environ: dict[str, Any], start_response: Callable) -> Iterable[bytes]:
        route = routes.get(environ["PATH_INFO"])
        if route is None:
            return office(environ, start_response)
        reply = answer(environ, *route)
        start_response(
            f"{reply.status} {PHRASES.get(reply.status, 'Other')}",
            [*JSON, ("Content-Length", str(len(reply.body))), *reply.headers],
        )
        return [reply.body]

    return application


def answer(environ: dict[str, Any], method: str, handler: Callable[[dict[str, Any]], Reply]) -> Reply:
    """One reply, whatever happens; a store that cannot be reached is said as 503, and the device comes again."""
    if environ["REQUEST_METHOD"] != method:
        return refuse(405, "method", f"use {method}")
    try:
        return handler(environ)
    except DatabaseError:
        log.exception("the store did not answer")
        connection.close()
        return Reply(503, b'{"error":"store"}', [("Retry-After", "5")])
    except Exception:
        log.exception("a device request failed")
        connection.close()
        return Reply(500, b'{"error":"server"}')


def refuse(status: int, error: str, reason: str, **more: Any) -> Reply:
    return Reply(status, orjson.dumps({"error": error, "reason": reason, **more}))


class Unreadable(Exception):
    """A request whose body did not come as it was announced."""

    def __init__(self, reply: Reply):
        super().__init__(reply.status)
        self.reply = reply


def body_of(environ: dict[str, Any], limit: int) -> bytes:
    """The body, unpacked; Unreadable when it is missing, too large, cut short or not gzip."""
    try:
        length = int(environ.get("CONTENT_LENGTH") or -1)
    except ValueError:
        length = -1
    if length < 0:
        raise Unreadable(refuse(411, "length", "the request does not say how long it is"))
    if length > limit:
        raise Unreadable(refuse(413, "size", f"at most {limit} bytes; send fewer events at a time", limit=limit))
    body = environ["wsgi.input"].read(length)
    if len(body) < length:
        raise Unreadable(refuse(400, "cut", f"{len(body)} of {length} bytes arrived; send it again"))
    if environ.get("HTTP_CONTENT_ENCODING") == "gzip":
        try:
            unpack = zlib.decompressobj(31)
            body = unpack.decompress(body, limit)
            if unpack.unconsumed_tail:
                raise Unreadable(refuse(413, "size", f"at most {limit} bytes unpacked", limit=limit))
            if not unpack.eof:
                raise Unreadable(refuse(400, "cut", "the packed body ends early; send it again"))
        except zlib.error:
            raise Unreadable(refuse(400, "gzip", "the body says that it is gzip and is not")) from None
    return body


def known_device(environ: dict[str, Any]) -> Known | None:
    """The device of the bearer token; cached for half a minute."""
    token = environ.get("HTTP_AUTHORIZATION", "").removeprefix("Bearer ").strip()
    if not token:
        return None
    now = time.monotonic()
    hit = _known.get(token)
    if hit is not None and hit.until > now:
        return hit
    _known.pop(token, None)
    device = registry.by_token(hashlib.sha256(token.encode()).digest())
    if device is None:
        return None
    blocks = frozenset(registry.blocks_ever_of(device))
    actor = device.staff.number if device.staff else "desk"
    if len(_known) > 20_000:
        _known.clear()
    _known[token] = Known(device.id, device.staff_id, actor, device.census_id, blocks, now + TRUSTED_SECONDS)
    return _known[token]


SIGNED_OFF = refuse(401, "token", "this device is not paired, or was signed off")


def sync(environ: dict[str, Any]) -> Reply:
    """Events of a device: each is answered for after the commit."""
    device = known_device(environ)
    if device is None:
        return SIGNED_OFF
    try:
        body = body_of(environ, receipt.MAX_BYTES)
    except Unreadable as problem:
        return problem.reply
    now = timezone.now()
    try:
        batch = receipt.decode_batch.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as problem:
        ticket = journal.put_aside(body, str(problem), device_id=device.device_id, at=now)
        return refuse(422, "unreadable", str(problem)[:200], ticket=str(ticket))
    if len(batch.events) > receipt.MAX_EVENTS:
        return refuse(413, "events", f"at most {receipt.MAX_EVENTS} events at a time", limit=receipt.MAX_EVENTS)
    offset = timedelta(0)
    if batch.sent_at is not None and batch.sent_at.tzinfo is not None and abs(now - batch.sent_at) > AHEAD:
        offset = now - batch.sent_at
    sender = receipt.Sender(
        *(device.device_id, device.actor, device.census_id, True),
        blocks=device.blocks,
        offset_ms=round(offset.total_seconds() * 1000),
    )
    answers = receipt.receive([receipt.Incoming(raw, sender, now) for raw in batch.events])
    return Reply(200, orjson.dumps({"server_time": now, "answers": [as_json(a) for a in answers]}))


def as_json(answer: journal.Answer) -> dict[str, Any]:
    """An answer with what is empty left out."""
    said: dict[str, Any] = {"id": answer.id, "result": answer.result}
    if answer.version:
        said["version"] = answer.version
    if answer.state:
        said["state"] = answer.state
    if answer.task is not None:
        said["ticket" if answer.result == "quarantined" else "task"] = answer.task
    if answer.edits:
        said["edits"] = orjson.Fragment(answer.edits)
    if answer.reason:
        said["reason"] = answer.reason
    return said


def pair(environ: dict[str, Any]) -> Reply:
    """A pairing code for a token: once, within the hour; wrong codes are slowed down by address."""
    try:
        told = json.loads(body_of(environ, 10_000))
        code, name = str(told["code"]).strip(), str(told.get("name", ""))[:80]
    except Unreadable as problem:
        return problem.reply
    except (ValueError, KeyError, TypeError, AttributeError):
        return refuse(400, "pair", "say {code, name}")
    now = timezone.now()
    address = environ.get("REMOTE_ADDR", "")
    if registry.too_many_tries(address, now):
        return refuse(429, "tries", "too many wrong codes; wait ten minutes")
    paired = registry.pair(code, name, at=now, address=address)
    if paired is None:
        return refuse(404, "code", "this code is unknown, used or older than an hour")
    device, token, secret = paired
    census = registry.census_of(device)
    staff = device.staff
    return Reply(
        200,
        orjson.dumps(
            {
                "token": token,
                "secret": secret,
                "device": device.id,
                "staff": {"name": staff.name, "no": staff.number},
                "census": {"code": census.code, "name": census.name, "t0": census.t0},
            }
        ),
    )


def give_assignment(environ: dict[str, Any]) -> Reply:
    """Everything that a device needs to work without a network."""
    device = known_device(environ)
    if device is None:
        return SIGNED_OFF
    return Reply(200, orjson.dumps({"server_time": timezone.now(), **assignment(device.device_id)}))


def pull(environ: dict[str, Any]) -> Reply:
    """Households of one of the device's blocks that changed since a cursor."""
    device = known_device(environ)
    if device is None:
        return SIGNED_OFF
    query = parse_qs(environ.get("QUERY_STRING", ""))
    block = query.get("block", [""])[0]
    since = query.get("since", ["0"])[0]
    if not since.isdigit():
        return refuse(400, "cursor", "since is a number")
    found = changes(device.device_id, block, int(since))
    if found is None:
        return refuse(404, "block", "this block is not assigned to the device")
    return Reply(200, orjson.dumps(found))


def find(environ: dict[str, Any]) -> Reply:
    """Persons of the device's own blocks, masked. What is looked for comes in the body: it stands in no address."""
    device = known_device(environ)
    if device is None:
        return SIGNED_OFF
    try:
        told = json.loads(body_of(environ, 10_000))
    except Unreadable as problem:
        return problem.reply
    except ValueError:
        told = None
    if not isinstance(told, dict):
        return refuse(400, "search", "say {q}, or some of {name, birth, id_number, phone, address}")
    from renpu.linkage.finding import for_device  # brings Polars, which no other call of a device waits for

    now = timezone.now()
    held = registry.blocks_held_by(device.device_id)
    return Reply(200, orjson.dumps(for_device(told, Census(pk=device.census_id), held, now), default=str))
