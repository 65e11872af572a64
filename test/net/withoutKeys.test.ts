import { expect, test } from "vitest";
import { followWithoutKeys } from "../../src/net/withoutKeys.ts";

/** What is asked, with the keys that go along, where an address leads elsewhere. */
async function asked(from: string, to: string): Promise<(string | null)[][]> {
  const seen: (string | null)[][] = [];
  const ask: typeof fetch = async (url, init) => {
    seen.push([String(url), new Headers(init?.headers).get("authorization")]);
    return seen.length === 1 ? new Response(null, { status: 307, headers: { location: to } }) : new Response("ok");
  };
  await followWithoutKeys(ask, from, { method: "POST", body: "{}", headers: { authorization: "Bearer key" } });
  return seen;
}

test.each([
  // A server behind a front that speaks https for it, which adds a slash.
  ["https://a.example/mcp", "http://a.example/mcp/", "https://a.example/mcp/", "Bearer key"],
  ["https://a.example:8443/mcp", "http://a.example/mcp/", "https://a.example:8443/mcp/", "Bearer key"],
  ["https://a.example/mcp", "/mcp/", "https://a.example/mcp/", "Bearer key"],
  ["https://a.example/mcp", "http://a.example:8080/mcp/", "http://a.example:8080/mcp/", null],
  ["https://a.example/mcp", "http://b.example/mcp/", "http://b.example/mcp/", null],
  ["http://a.example/mcp", "http://a.example/mcp/", "http://a.example/mcp/", "Bearer key"],
  ["http://a.example/mcp", "https://a.example/mcp/", "https://a.example/mcp/", null],
])("from %s to %s it asks %s with %s", async (from, to, next, key) => {
  expect(await asked(from, to)).toEqual([
    [from, "Bearer key"],
    [next, key],
  ]);
});
