import { existsSync, readFileSync } from "node:fs";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

const home = process.env.PINCER_HOME ?? "";

/** Where the extension's gateway says that it serves; undefined while none does. */
export function gatewayUrl(): string | undefined {
  const file = path.join(home, "gateway.json");
  return existsSync(file) ? (JSON.parse(readFileSync(file, "utf8")) as { url: string }).url : undefined;
}

/** Calls the gateway as a script would. */
export async function call(route: string, body?: object): Promise<Record<string, unknown>> {
  const token = readFileSync(path.join(home, "token"), "utf8").trim();
  const response = await fetch(`${gatewayUrl()}${route}`, {
    method: body ? "POST" : "GET",
    headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
    body: body && JSON.stringify(body),
  });
  return (await response.json()) as Record<string, unknown>;
}

/** Waits until `test` holds; the mocha timeout ends it. */
export async function until(test: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await test())) await sleep(50);
}
