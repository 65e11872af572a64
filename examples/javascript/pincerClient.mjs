// A client of the Pincer gateway with retries and backoff. Needs nothing but Node 20.

const RETRIED = new Set([429, 503]);

/** What the gateway refused, with its code ("not_found") and HTTP status; status 0 when nobody answered. */
export class PincerError extends Error {
  constructor(status, { code, message, retryAfterMs }, cause) {
    super(`${code}: ${message}`, { cause });
    Object.assign(this, { status, code, retryAfterMs });
  }
}

export class PincerClient {
  constructor({ url, token, attempts = 5, timeoutMs = 330_000 } = {}) {
    this.url = (url ?? process.env.PINCER_URL ?? "http://127.0.0.1:3000").replace(/\/+$/, "");
    this.token = token ?? process.env.PINCER_TOKEN;
    this.attempts = attempts;
    this.timeoutMs = timeoutMs;
    if (!this.token) throw new Error("Set PINCER_TOKEN; `pincer token` prints it");
  }

  /** GET with query parameters; a list is sent as repeated ones. */
  get(path, query = {}) {
    const pairs = Object.entries(query).flatMap(([name, value]) => [value].flat().map((item) => [name, String(item)]));
    return this.#call("GET", pairs.length > 0 ? `${path}?${new URLSearchParams(pairs)}` : path);
  }

  post(path, body = {}) {
    // One key for all attempts: an answer that was lost is told again, and nothing is done twice.
    return this.#call("POST", path, body, { "Idempotency-Key": crypto.randomUUID() });
  }

  send(message, { sessionKey = "main", ...options } = {}) {
    return this.post("/api/sessions/send", { message, sessionKey, ...options });
  }

  spawn(task, options = {}) {
    return this.post("/api/sessions/spawn", { task, ...options });
  }

  async #call(method, path, body, headers) {
    for (let attempt = 1; ; attempt++) {
      try {
        return await this.#once(method, path, body, headers);
      } catch (error) {
        const isRetried = error instanceof PincerError && (error.status === 0 || RETRIED.has(error.status));
        if (!isRetried || attempt === this.attempts) throw error;
        await new Promise((resolve) => setTimeout(resolve, error.retryAfterMs ?? backoffMs(attempt)));
      }
    }
  }

  async #once(method, path, body, headers) {
    const response = await fetch(this.url + path, {
      method,
      headers: { Authorization: `Bearer ${this.token}`, "Content-Type": "application/json", ...headers },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      signal: AbortSignal.timeout(this.timeoutMs),
    }).catch((cause) => {
      throw new PincerError(0, { code: "unreachable", message: `No gateway answers at ${this.url}` }, cause);
    });
    const answer = await response.json();
    if (!response.ok) throw new PincerError(response.status, answer.error);
    return answer;
  }
}

/** Half a second, doubled each time up to 20 s, with jitter so that many clients do not come back at once. */
function backoffMs(attempt) {
  return Math.min(20_000, 500 * 2 ** (attempt - 1)) * (0.5 + Math.random() / 2);
}
