import { createServer, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import { expect, onTestFinished, test } from "vitest";
import { english } from "../../fakes/english.ts";
import {
  askServer,
  findLocalServers,
  readServerAddress,
  toServerId,
} from "../../../src/vscode/settings/modelServers.ts";

async function serve(listener: RequestListener): Promise<string> {
  const server = createServer(listener).listen(0, "127.0.0.1");
  await new Promise((resolve) => server.once("listening", resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`;
}

const json = (body: unknown, status = 200): RequestListener => {
  return (_request, response) =>
    response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));
};

test("servers on this machine are found by their models; those without, those that are none and those that are away are not", async () => {
  const usual = await Promise.all(
    [json({ data: [{ id: "qwen3" }, { id: 7 }, null] }), json({ data: [] }), json({ hello: 1 }), json({}, 404)].map(
      async (listener, at) => ({ id: `s${at}`, title: `S${at}`, baseUrl: await serve(listener) }),
    ),
  );
  const away = { id: "away", title: "Away", baseUrl: "http://127.0.0.1:9/v1" };
  // A busy machine may take longer to answer than a person is to wait.
  expect(await findLocalServers(english, [...usual, away], 60_000)).toEqual([{ ...usual[0], models: ["qwen3"] }]);
});

test("a server that wants a key says so, and gets it; what it answers else is a reason", async () => {
  const guarded = await serve((request, response) => {
    const isIn = request.headers.authorization === "Bearer good-key";
    json(isIn ? { data: [{ id: "m" }] } : {}, isIn ? 200 : 401)(request, response);
  });
  expect(await askServer(english, guarded)).toEqual({ refused: true, message: "HTTP 401" });
  expect(await askServer(english, `${guarded}/`, "good-key")).toEqual({ models: ["m"] });
  const text = await serve((_request, response) => response.end("<html>"));
  expect(await askServer(english, text)).toMatchObject({ refused: false });
  const elsewhere = await serve((_request, response) => response.writeHead(302, { location: guarded }).end());
  expect(await askServer(english, elsewhere, "good-key")).toMatchObject({ refused: false });
});

test.each([
  ["http://127.0.0.1:11434/v1", "http://127.0.0.1:11434/v1"],
  ["127.0.0.1:11434", "http://127.0.0.1:11434/v1"],
  ["localhost:1234/", "http://localhost:1234/v1"],
  [" https://api.example.com/openai/v1/ ", "https://api.example.com/openai/v1"],
])("the address %s is %s", (typed, baseUrl) => {
  expect(readServerAddress(typed)).toEqual({ baseUrl });
});

test.each([
  ["", "address"],
  ["my server", "address"],
  ["ftp://a", "address"],
  ["http://", "address"],
  ["https://a/v1?key=x", "address"],
  ["https://user:pass@a/v1", "password"],
  ["https://a/v1/chat/completions", "models"],
])("%j is no address: %s", (typed, problem) => {
  expect(readServerAddress(typed)).toEqual({ problem });
});

test.each([
  ["http://127.0.0.1:1/v1", "server"],
  ["http://[::1]:1/v1", "server"],
  ["http://gpu:1/v1", "server"],
  ["https://api.groq.com/v1", "groq"],
  ["https://api.openai.com/v1", "openai-2"],
])("the server at %s is called %s", (baseUrl, id) => {
  expect(toServerId(baseUrl, new Set(["openai"]))).toBe(id);
});
