/** The part of examples/typescript/pincerClient.ts that is the same for all routes. */
export const CLIENT_CODE = `export class PincerError extends Error {
  readonly status: number;
  readonly code: string;
  readonly retryAfterMs: number | undefined;

  constructor(status: number, error: { code: string; message: string; retryAfterMs?: number }) {
    super(error.message);
    this.status = status;
    this.code = error.code;
    this.retryAfterMs = error.retryAfterMs;
  }
}

export interface ClientOptions {
  /** As in "http://127.0.0.1:3000". */
  url: string;
  token: string;
  /** How often a call is made when the gateway is busy or away; 5 by default. */
  attempts?: number;
}

/** Calls a route by its method and path: \`call("POST /api/sessions/send", { message: "hi" })\`. */
export function createClient({ url, token, attempts = 5 }: ClientOptions) {
  return async function call<Name extends keyof Routes>(
    name: Name,
    input: Routes[Name]["input"],
    signal?: AbortSignal,
  ): Promise<Routes[Name]["output"]> {
    const [method, path] = name.split(" ") as [string, string];
    const query = method === "GET" ? toQuery(input) : "";
    // One key for all attempts: an answer that was lost is told again, and nothing is done twice.
    const key: Record<string, string> = method === "POST" ? { "Idempotency-Key": crypto.randomUUID() } : {};
    for (let attempt = 1; ; attempt++) {
      const answer = await fetch(url + path + query, {
        method,
        headers: { Authorization: \`Bearer \${token}\`, "Content-Type": "application/json", ...key },
        ...(method === "POST" ? { body: JSON.stringify(input) } : {}),
        ...(signal ? { signal } : {}),
      })
        .then(async (response) => ({ ok: response.ok, status: response.status, body: (await response.json()) as unknown }))
        .catch((reason: unknown) => {
          if (signal?.aborted) throw reason;
          return undefined;
        });
      if (answer?.ok) return answer.body as Routes[Name]["output"];
      const error = answer
        ? new PincerError(answer.status, (answer.body as Error).error)
        : new PincerError(0, { code: "unreachable", message: \`No gateway answers at \${url}\` });
      if (attempt >= attempts || ![0, 429, 503].includes(error.status)) throw error;
      const waitMs = error.retryAfterMs ?? Math.min(20_000, 500 * 2 ** (attempt - 1)) * (0.5 + Math.random() / 2);
      await new Promise((resolve) => setTimeout(resolve, waitMs));
    }
  };
}

function toQuery(input: object): string {
  const pairs = Object.entries(input).flatMap(([name, value]) =>
    value === undefined ? [] : [value].flat().map((item): [string, string] => [name, String(item)]),
  );
  return pairs.length === 0 ? "" : \`?\${new URLSearchParams(pairs)}\`;
}
`;
