import { expect, onTestFinished, test } from "vitest";
import { collect, options, request, user } from "./collect.ts";
import { WAYS } from "./kinds.ts";

test.each(WAYS)("$kind.api, $by: one whose connection failed is tried again, as it says", async (way) => {
  const { kind, model, start, path, fetch } = way;
  const server = await start();
  onTestFinished(() => server.close());
  server.next({ fault: { kind: "reset", at: "headers" } }, { text: "there" });
  const provider = kind.create(options({ baseUrl: server.url + path, fetch, timing: { maxRetries: 1 } }));
  const got = await collect(provider, request(model, [user("hi")]));
  expect(got.text).toBe("there");
  expect(got.notices).toEqual([expect.stringContaining("cannot be reached; trying again (1 of 1)")]);
});
