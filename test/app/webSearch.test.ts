import { expect, test } from "vitest";
import { SEARXNG_REPLY, startSearchServer } from "../fakes/searchServer.ts";
import { call, createAppBench } from "./bench.ts";

test("the search engine of the user's file is asked at once, by rules, and its key is shown nowhere", async () => {
  const server = await startSearchServer({ body: SEARXNG_REPLY });
  const bench = createAppBench();
  bench.configure("");
  const app = await bench.open();
  const search = async () => (await call(app, "/tools/invoke", { tool: "web_search", args: { query: "pincer" } })).body;
  expect(await search()).toMatchObject({ ok: false });
  const changed = new Promise((resolve) => app.onDidChange(() => resolve(0)));
  bench.configure(
    `search: { backend: searxng, baseUrl: "${server.url}/", apiKey: a-very-secret-key }\nagent: { rules: [{ allow: web_fetch, host: "127.0.0.1" }] }\n`,
  );
  await changed;
  expect(JSON.stringify(await search())).toContain("https://example.org/one");
  expect(server.asked.map(({ line }) => line)).toEqual(["GET /search?q=pincer&format=json"]);
  expect(JSON.stringify((await call(app, "/api/config/get")).body)).not.toContain("a-very-secret-key");
});
