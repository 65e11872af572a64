import { createServer, type IncomingHttpHeaders } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, expect, test } from "vitest";
import { english } from "../../fakes/english.ts";
import { checkKey, keyHolders, keyProviders } from "../../../src/vscode/settings/keyCheck.ts";

const opened: { close(): void }[] = [];
afterEach(() => opened.splice(0).forEach((server) => server.close()));

async function serve(status: number, headers: Record<string, string> = {}, body = "{}") {
  const seen: { url?: string; headers?: IncomingHttpHeaders } = {};
  const server = createServer((request, response) => {
    seen.url = request.url;
    seen.headers = request.headers;
    response.writeHead(status, headers).end(body);
  });
  opened.push(server);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return { seen, address: `http://127.0.0.1:${(server.address() as AddressInfo).port}` };
}

test.each(keyHolders)("asks $title with its key in a header and never in the address", async (provider) => {
  const { seen, address } = await serve(200);
  expect(await checkKey(english, provider, "key-123", `${address}/`)).toEqual({ ok: true });
  expect(Object.values(seen.headers!).join(" ")).toContain("key-123");
  expect(seen.url).not.toContain("key-123");
  expect(seen.url!.startsWith(provider.path)).toBe(true);
});

test.each([
  [401, true],
  [403, false],
  [400, true],
  [429, false],
  [500, false],
])("an answer of %i means refused: %s", async (status, refused) => {
  const { address } = await serve(status);
  expect(await checkKey(english, keyProviders[0]!, "key-123", address)).toEqual({
    ok: false,
    refused,
    message: `HTTP ${status}`,
  });
});

test("a key that may not list models, and may ask them, is not refused", async () => {
  const message = "You have insufficient permissions for this operation. Missing scopes: api.model.read.";
  const { address } = await serve(401, {}, JSON.stringify({ error: { message } }));
  expect(await checkKey(english, keyProviders[0]!, "key-123", address)).toMatchObject({ ok: false, refused: false });
});

test("the key is not sent on to where a redirect points", async () => {
  const other = await serve(200);
  const { address } = await serve(302, { location: other.address });
  expect(await checkKey(english, keyProviders[0]!, "key-123", address)).toMatchObject({ ok: false, refused: false });
  expect(other.seen.url).toBeUndefined();
});

test("no server is no refusal", async () => {
  const { address } = await serve(200);
  opened.pop()!.close();
  expect(await checkKey(english, keyProviders[0]!, "key-123", address)).toMatchObject({ ok: false, refused: false });
});
