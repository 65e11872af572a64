"""A client of the Pincer gateway with retries and backoff. Needs nothing but Python 3.9."""

import json
import os
import random
import time
import urllib.error
import urllib.parse
import urllib.request
import uuid

RETRIED = {429, 503}


class PincerError(Exception):
    """What the gateway refused, with its code ("not_found") and HTTP status; status 0 when nobody answered."""

    def __init__(self, status, code, message):
        super().__init__(f"{code}: {message}")
        self.status = status
        self.code = code


class PincerClient:
    def __init__(self, url=None, token=None, attempts=5, timeout=330):
        self.url = (url or os.environ.get("PINCER_URL") or "http://127.0.0.1:3000").rstrip("/")
        self.token = token or os.environ.get("PINCER_TOKEN")
        if not self.token:
            raise PincerError(0, "no_token", "Set PINCER_TOKEN; the token is in ~/.pincer/token (pincer token shows it)")
        self.attempts = attempts
        self.timeout = timeout

    def get(self, path, **query):
        """GET with query parameters; a list is sent as repeated ones."""
        given = {name: value for name, value in query.items() if value is not None}
        return self._call("GET", f"{path}?{urllib.parse.urlencode(given, doseq=True)}" if given else path)

    def post(self, path, **body):
        # One key for all attempts: an answer that was lost is told again, and nothing is done twice.
        return self._call("POST", path, body, {"Idempotency-Key": str(uuid.uuid4())})

    def send(self, message, session_key="main", **options):
        return self.post("/api/sessions/send", message=message, sessionKey=session_key, **options)

    def spawn(self, task, **options):
        return self.post("/api/sessions/spawn", task=task, **options)

    def _call(self, method, path, body=None, headers=None):
        for attempt in range(1, self.attempts + 1):
            try:
                return self._once(method, path, body, headers or {})
            except PincerError as error:
                retried = error.status == 0 or error.status in RETRIED
                if attempt == self.attempts or not retried:
                    raise
                time.sleep(getattr(error, "retry_after", None) or backoff(attempt))

    def _once(self, method, path, body, headers):
        request = urllib.request.Request(
            self.url + path,
            data=None if body is None else json.dumps(body).encode(),
            headers={"Authorization": f"Bearer {self.token}", "Content-Type": "application/json", **headers},
            method=method,
        )
        try:
            with urllib.request.urlopen(request, timeout=self.timeout) as response:
                return json.load(response)
        except urllib.error.HTTPError as answer:
            raise to_error(answer) from None
        except (urllib.error.URLError, ConnectionError, TimeoutError) as error:
            raise PincerError(0, "unreachable", f"No gateway answers at {self.url}: {error}") from error


def to_error(answer):
    try:
        told = json.load(answer)["error"]
    except (ValueError, KeyError):
        told = {"code": "unknown", "message": f"HTTP {answer.code}"}
    error = PincerError(answer.code, told["code"], told["message"])
    wait = answer.headers.get("Retry-After")
    error.retry_after = float(wait) if wait else None
    return error


def backoff(attempt):
    """Seconds: half a second, doubled each time up to 20, with jitter so that many clients do not come back at once."""
    return min(20, 0.5 * 2 ** (attempt - 1)) * random.uniform(0.5, 1)
