import type * as http from "node:http";

/** An answer as Discord gives it, where somebody waits for it still. */
export function answer(
  response: http.ServerResponse,
  status: number,
  body: unknown,
  headers: Record<string, string> = {},
): void {
  if (response.destroyed) return;
  response.writeHead(status, { "content-type": "application/json", ...headers });
  response.end(body === undefined ? undefined : JSON.stringify(body));
}

export function tooMany(response: http.ServerResponse, seconds: number, global: boolean): void {
  const scope: Record<string, string> = global
    ? { "x-ratelimit-global": "true", "x-ratelimit-scope": "global" }
    : { "x-ratelimit-scope": "user" };
  const body = { message: "You are being rate limited.", retry_after: seconds, global };
  answer(response, 429, body, { ...scope, "retry-after": String(Math.ceil(seconds)) });
}

/** The headers of a call, or undefined for one too many. */
export function count(
  { windows, limit }: { windows: Map<string, number[]>; limit: { count: number; ms: number } },
  path: string,
): Record<string, string> | undefined {
  const now = performance.now();
  const made = (windows.get(path) ?? []).filter((at) => at > now - limit.ms);
  if (made.length >= limit.count) return undefined;
  made.push(now);
  windows.set(path, made);
  return {
    "x-ratelimit-bucket": "messages",
    "x-ratelimit-limit": String(limit.count),
    "x-ratelimit-remaining": String(limit.count - made.length),
    "x-ratelimit-reset-after": String((made[0]! + limit.ms - now) / 1000),
  };
}
