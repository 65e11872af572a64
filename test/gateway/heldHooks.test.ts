import { once } from "node:events";
import { request } from "node:http";
import { expect, test } from "vitest";
import { hookFields, type Hook } from "../../src/protocol/hooks/hook.ts";
import { openGatewayBench } from "./bench.ts";
import { bearer, CI, github, SECRET } from "./hookBench.ts";

const BODY = '{"x":1}';
const OTHER = "other-0123456789abcdefghijklmn";
const signed = { hmac: { secret: SECRET, header: "x-hub-signature-256" }, message: "Look" };
const withToken = { token: CI, message: "Look" };

/** A delivery whose head is let in, whose webhook is then another, and whose body comes at last; and what it comes to. */
async function held(first: object, headers: Record<string, string>, then: object | undefined) {
  const toHooks = (hook: object | undefined): Record<string, Hook> => (hook ? { ci: hookFields.parse(hook) } : {});
  let hooks = toHooks(first);
  const { gateway, store } = await openGatewayBench({ gateway: { hooks: () => hooks } });
  const length = { "content-length": String(BODY.length), expect: "100-continue" };
  const post = request(`${gateway.url}/hooks/ci`, {
    method: "POST",
    headers: { "content-type": "application/json", ...headers, ...length },
  });
  const answered = once(post, "response") as Promise<[{ statusCode: number }]>;
  post.flushHeaders();
  await once(post, "continue");
  hooks = toHooks(then);
  post.end(BODY);
  const [{ statusCode }] = await answered;
  return { statusCode, runs: (await store.listRuns({ limit: 9 })).length };
}

test.each([
  ["it is as it was", withToken, bearer(), withToken, 202],
  ["it is gone", withToken, bearer(), undefined, 401],
  ["its token is another", withToken, bearer(), { ...withToken, token: OTHER }, 401],
  ["it is to be signed now", withToken, bearer(), signed, 401],
  ["its signature counts still", signed, github(BODY), signed, 202],
  ["it is gone, though signed", signed, github(BODY), undefined, 401],
  [
    "its key is another",
    signed,
    github(BODY),
    { ...signed, hmac: { ...signed.hmac, secret: "another key of it" } },
    401,
  ],
  ["it takes a token now", signed, github(BODY), withToken, 401],
] as const)("a webhook is asked once more when the body is whole: %s", async (_, first, headers, then, status) => {
  expect(await held(first, headers, then)).toEqual({ statusCode: status, runs: status === 202 ? 1 : 0 });
});

test("what a webhook is for is what it is when the body is whole", async () => {
  const narrowed = { ...withToken, jobId: "nightly", message: undefined };
  expect(await held(withToken, bearer(), narrowed)).toEqual({ statusCode: 503, runs: 0 });
});
