import { expect, test } from "vitest";
import { openGatewayBench } from "./bench.ts";

const origin = { via: "api" as const };

test("what was written is found until it is erased, by every token that may read", async () => {
  const summary = ["A summary: the walrus sang"];
  const { core, get, post } = await openGatewayBench({
    turns: [["The walrus sings"], ["Yes"], ["It does"], summary],
    gateway: {
      tokens: [
        { name: "default", value: "T0ken-of-the-tests-0123456789abcdefghijklmnopq", scope: "admin" },
        { name: "reader", value: "Reader-of-the-tests-0123456789abcdefghijklmno", scope: "read" },
      ],
    },
  });
  const say = async (text: string, sessionKey: string) =>
    (await core.sessions.send({ text, origin, sessionKey })).outcome;
  const { key } = await core.sessions.create({ title: "Animals" });
  await say("What does the walrus do?", key);
  await say("And the walrus again", key);
  // Later by the clock, too: sessions have their time in milliseconds, and a turn takes less than one.
  const before = Date.now();
  await expect.poll(() => Date.now(), { interval: 1 }).toBeGreaterThan(before);
  await say("Walrus in main", "main");

  const reader = { Authorization: "Bearer Reader-of-the-tests-0123456789abcdefghijklmno" };
  const { status, body } = await get("/api/sessions/search?query=WALRUS", reader);
  expect(status).toBe(200);
  expect(body.results.map((one: never) => [one["session"]["key"], one["matchCount"]])).toEqual([
    ["main", 1],
    [key, 3],
  ]);
  expect(body.results[0].matches).toEqual([
    {
      seq: expect.any(Number),
      role: "user",
      createdAt: expect.any(String),
      snippet: "Walrus in main",
      highlights: [{ start: 0, end: 6 }],
    },
  ]);
  const inOne = await get(`/api/sessions/search?query=walrus&sessionKey=${key}&limit=2`);
  expect(inOne.body.results[0].matches.map((one: never) => one["snippet"])).toEqual([
    "And the walrus again",
    "The walrus sings",
  ]);
  const earlier = await get(
    `/api/sessions/search?query=walrus&sessionKey=${key}&before=${inOne.body.results[0].matches[1].seq}`,
  );
  expect(earlier.body.results[0].matches.map((one: never) => one["snippet"])).toEqual(["What does the walrus do?"]);
  expect((await get("/api/sessions/search?query=animals")).body.results).toMatchObject([
    { matchCount: 0, matches: [] },
  ]);

  // The summary is the model's alone; what it stands for stays in the history.
  await post("/api/sessions/compact", { sessionKey: key });
  expect((await get("/api/sessions/search?query=sang")).body).toEqual({ count: 0, results: [] });
  await post("/api/sessions/reset", { sessionKey: "main" });
  expect((await get("/api/sessions/search?query=walrus")).body.count).toBe(1);
  await post("/api/sessions/delete", { sessionKey: key });
  expect((await get("/api/sessions/search?query=walrus")).body).toEqual({ count: 0, results: [] });
});

test("a query that is none is refused by name, and so is an unknown session", async () => {
  const { get } = await openGatewayBench();
  for (const query of ["", "%20%20"])
    expect(await get(`/api/sessions/search?query=${query}`)).toMatchObject({
      status: 400,
      body: { error: { code: "bad_request", details: [{ path: "query" }] } },
    });
  expect((await get("/api/sessions/search?query=x&sessionKey=s_none")).status).toBe(404);
  for (const query of ['"', "a OR", "NEAR(", "*", "%00", "%F0%9F%98%80"])
    expect((await get(`/api/sessions/search?query=${query}`)).status, query).toBe(200);
});
