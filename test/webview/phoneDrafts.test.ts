import type { Page, Route } from "playwright-core";
import { expect, test } from "vitest";
import type { McpServers } from "../../src/core/ports/mcpServers.ts";
import { type GatewayBenchOptions, TOKEN } from "../gateway/bench.ts";
import { twoFrames } from "./harness.ts";
import { home, openPhoneSite, SERVED } from "./phoneSite.ts";

const written = (page: Page) => page.getByRole("textbox", { name: "Message" });
const say = (page: Page) => page.getByRole("button", { name: /^(Send|Steer)$/ });

/** A phone that may write, at the session "Plan". */
async function openSession(options: GatewayBenchOptions) {
  const site = await openPhoneSite(options);
  await site.core.sessions.update("main", { title: "Plan" });
  const { page } = await site.phone();
  await page.goto(`${site.origin}/phone/#${await site.code(true)}`);
  await page.getByRole("button", { name: /^Plan/ }).click();
  // What is there was read: the next that is asked for is another's.
  await page.getByText("Nothing has been said here yet.").waitFor();
  const said = async () => {
    const { messages } = await site.core.sessions.history("main", { limit: 10, includeTools: false });
    return messages.filter(({ role }) => role === "user").map(({ text }) => text);
  };
  return { site, page, said };
}

/** Keeps the next call of a route from arriving. */
async function hold(page: Page, route: RegExp) {
  const asked = Promise.withResolvers<void>();
  const end = Promise.withResolvers<(route: Route) => Promise<void>>();
  const keep = async (given: Route) => {
    asked.resolve();
    await (
      await end.promise
    )(given);
  };
  await page.route(route, keep, { times: 1 });
  return {
    asked: asked.promise,
    arrive: () => end.resolve((given) => given.continue()),
    fail: () => end.resolve((given) => given.abort()),
  };
}

/** What is sent arrives, and its answer does not: this is thrown instead, where nothing is done before. */
const loseAnswer = (thrown = 'new TypeError("Failed to fetch")', before = "") => `{
  const real = fetch;
  globalThis.fetch = async (path, init) => {
    const response = await real(path, init);
    if (path !== "/api/sessions/send") return response;
    ${before};
    globalThis.fetch = real;
    throw ${thrown};
  };
}`;

/**
 * Keeps what the page asks of a session until `arrive` is called, and says when it has its answer: the browser's own word for that
 * does not come for each answer that is no success.
 */
const HOLD_HISTORY = `{
  const real = fetch;
  globalThis.fetch = async (path, init) => {
    if (!path.startsWith("/api/sessions/history")) return real(path, init);
    await new Promise((resolve) => (globalThis.arrive = resolve));
    // Not by the time that the page gives it: that is the test's now.
    const response = await real(path, { ...init, signal: undefined });
    const text = await response.text();
    setTimeout(() => (globalThis.answered = response.status));
    return new Response(text, response);
  };
}`;

test("what is said into a run that has just ended goes as the next message", async () => {
  const gate = Promise.withResolvers<void>();
  const { site, page, said } = await openSession({ turns: [["one", { wait: gate.promise }], ["two"]] });
  await site.core.sessions.send({ text: "begin", origin: { via: "panel" }, sessionKey: "main" });
  await page.getByRole("button", { name: "Steer" }).waitFor();
  const held = await hold(page, /\/api\/sessions\/steer/);
  await written(page).fill("too late for it");
  await say(page).click();
  await held.asked;
  gate.resolve();
  await page.getByRole("button", { name: "Send" }).waitFor();
  held.arrive();
  await expect.poll(said).toEqual(["begin", "too late for it"]);
  await page.getByText("too late for it").waitFor();
  expect(await page.locator("[role=alert]").textContent()).toBe("");
  expect(await written(page).inputValue()).toBe("");
});

test("what is written in a session that is deleted stays, also over a reload, and without it the list takes its place", async () => {
  const { site, page } = await openSession({ turns: [] });
  const open = async () => {
    const { key } = await site.core.sessions.create({ title: "Other" });
    await page.evaluate(`location.hash = "#/${encodeURIComponent(key)}"`);
    await page.getByRole("heading", { level: 1, name: "Other" }).waitFor();
    return key;
  };
  const key = await open();
  await written(page).fill("not yet sent");
  await site.core.sessions.delete(key);
  const gone = page.getByText("This session was deleted. Nothing more can be sent in it.");
  await gone.waitFor();
  expect(await written(page).inputValue()).toBe("not yet sent");
  await page.reload();
  await gone.waitFor();
  expect(await written(page).inputValue()).toBe("not yet sent");
  await site.core.sessions.delete(await open());
  await home(page).waitFor();
  await page.getByText("The session that was open here was deleted.").waitFor();
});

test("a session that is deleted while it is read is said to be deleted, and not that there is none", async () => {
  const { site, page } = await openSession({ turns: [] });
  const { key } = await site.core.sessions.create({ title: "Other" });
  await page.evaluate(HOLD_HISTORY);
  await page.evaluate(`location.hash = "#/${encodeURIComponent(key)}"`);
  await page.waitForFunction("globalThis.arrive");
  await site.core.sessions.delete(key);
  const gone = page.getByText("The session that was open here was deleted.");
  await gone.waitFor();
  await page.evaluate("arrive()");
  await expect.poll(() => page.evaluate("globalThis.answered")).toBe(404);
  await twoFrames(page);
  await home(page).waitFor();
  expect(await gone.count()).toBe(1);
  expect(await page.getByText("No session").count()).toBe(0);
});

test("what is written while a message is on its way stays, and what was not taken comes back before it", async () => {
  const { page, said } = await openSession({ turns: [["one"]] });
  const taken = await hold(page, /\/api\/sessions\/send/);
  await written(page).fill("first");
  await say(page).click();
  await taken.asked;
  await written(page).pressSequentially("then");
  taken.arrive();
  await expect.poll(said).toEqual(["first"]);
  await expect.poll(() => say(page).isEnabled()).toBe(true);
  expect(await written(page).inputValue()).toBe("then");
  // Before that the page would steer what is under way.
  await expect.poll(() => say(page).textContent()).toBe("Send");
  // The session is left by the time that it fails.
  const lost = await hold(page, /\/api\/sessions\/send/);
  await say(page).click();
  await lost.asked;
  await written(page).fill("and more");
  await page.getByRole("button", { name: "Back" }).click();
  lost.fail();
  await page.getByRole("alert").getByText("cannot be reached").waitFor();
  await page.getByRole("button", { name: /^Plan/ }).click();
  expect(await written(page).inputValue()).toBe("then\n\nand more");
});

test.each([
  ["the answer is lost", loseAnswer()],
  ["the answer takes longer than the page waits", loseAnswer('new DOMException("", "TimeoutError")')],
  ["the page is thrown away before the answer", loseAnswer(undefined, "await new Promise(() => {})")],
])("what may have been taken counts once, also from the page that is loaded anew: %s", async (how, lose) => {
  const { page, said } = await openSession({ turns: [["one"], ["two"]] });
  await page.evaluate(lose);
  await written(page).fill("only once");
  await say(page).click();
  await expect.poll(said).toEqual(["only once"]);
  if (how.startsWith("the answer")) await page.getByRole("alert").getByText("cannot be reached").waitFor();
  await page.reload();
  await expect.poll(() => written(page).inputValue()).toBe("only once");
  await say(page).click();
  await expect.poll(() => written(page).inputValue()).toBe("");
  await expect.poll(() => say(page).textContent()).toBe("Send");
  expect(await said()).toEqual(["only once"]);
  // The same words once more, as another message.
  await written(page).fill("only once");
  await say(page).click();
  await expect.poll(said).toEqual(["only once", "only once"]);
});

test.each([
  ["phones may not come in", 503, "No page for phones is served"],
  ["the gateway answers to another name", 403, "This Host is not one"],
])("what may have been taken counts once also where meanwhile %s", async (_how, status, words) => {
  const { site, page, said } = await openSession({ turns: [["one"], ["two"]] });
  const { host, tls } = SERVED;
  const reconfigure = (remote: boolean) =>
    site.gateway.reconfigure({
      tokens: [{ name: "default", value: TOKEN, scope: "admin" }],
      address: { host, tls, port: site.gateway.port },
      remote,
    });
  await page.evaluate(loseAnswer());
  await written(page).fill("only once");
  await say(page).click();
  await page.getByRole("alert").getByText("cannot be reached").waitFor();
  await expect.poll(() => say(page).textContent()).toBe("Send");
  await reconfigure(status !== 503);
  const error = { code: "forbidden", message: "This Host is not one the gateway answers to" };
  if (status === 403)
    await page.route(/\/api\/sessions\/send/, (route) => route.fulfill({ status, json: { error } }), { times: 1 });
  const refused = page.waitForResponse((response) => response.url().includes("/api/sessions/") && !response.ok());
  await say(page).click();
  expect((await refused).status()).toBe(status);
  await page.getByRole("alert").getByText(words).waitFor();
  await reconfigure(true);
  await expect.poll(() => written(page).inputValue()).toBe("only once");
  await say(page).click();
  await expect.poll(() => written(page).inputValue()).toBe("");
  await expect
    .poll(() =>
      page
        .getByText("two")
        .or(page.getByText("one", { exact: true }))
        .count(),
    )
    .toBe(1);
  expect(await said()).toEqual(["only once"]);
});

test("a form of a server that is half filled in is so after a look at a session, and when the page is loaded anew", async () => {
  const question = {
    id: "q1",
    server: "travel",
    message: "Where to?",
    fields: [
      { kind: "text", name: "city", title: "City", required: true },
      { kind: "text", name: "street", title: "Street", required: true },
    ],
    createdAt: new Date().toISOString(),
    expiresAt: new Date(Date.now() + 600_000).toISOString(),
  };
  let open = [question];
  const servers = {
    ...{ tools: () => [], settled: async () => {}, list: () => [], prompts: async () => [] },
    questions: () => open,
  } as unknown as McpServers;
  const { site, page } = await openSession({ servers });
  await page.getByRole("button", { name: "Back" }).click();
  await page.getByLabel("City").fill("Kyoto");
  await page.getByRole("button", { name: /^Plan/ }).click();
  await page.getByRole("button", { name: "Back" }).click();
  expect(await page.getByLabel("City").inputValue()).toBe("Kyoto");
  await page.reload();
  await expect.poll(() => page.getByLabel("City").inputValue()).toBe("Kyoto");
  open = [];
  await site.core.sessions.update("main", { title: "Plan B" });
  await page.getByText("Nothing waits for you.").waitFor();
  await home(page).waitFor();
  expect(await page.evaluate("JSON.stringify(sessionStorage)")).not.toContain("Kyoto");
});
