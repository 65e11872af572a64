import { expect, test } from "vitest";
import { checkAnswer } from "../gateway/checkAnswer.ts";
import { openGatewayBench } from "../gateway/bench.ts";
import { servePages } from "./pages.ts";
import { testBrowser } from "./testBrowser.ts";

test("every action over REST answers what its schema says", async () => {
  const pages = await servePages({
    "/": "<title>Home</title><button onclick=\"console.warn('careful'); fetch('/none')\">Go</button><input type=file aria-label=File>",
  });
  const { browser } = testBrowser();
  const { post } = await openGatewayBench({ browser });
  const act = async (body: object) => {
    const { status, body: answer } = await post("/api/browser", body);
    checkAnswer("browser", status, answer);
    expect(status, JSON.stringify(answer)).toBe(200);
    return answer;
  };
  expect(await act({ action: "status" })).toEqual({
    status: "ok",
    sessionKey: "main",
    action: "status",
    running: null,
  });
  expect(await act({ action: "start" })).toMatchObject({ running: { headless: true, sessions: 1, tabs: 0 } });
  expect(await act({ action: "open", targetUrl: pages.url })).toMatchObject({ tab: { id: "t1", title: "Home" } });
  expect(await act({ action: "snapshot" })).toMatchObject({ snapshot: { offset: 0 } });
  const clicked = await act({ action: "act", request: { kind: "click", role: "button", name: "Go" } });
  expect(clicked.changes).toBeDefined();
  expect(await act({ action: "console" })).toMatchObject({
    console: expect.arrayContaining([expect.objectContaining({ type: "warning", text: "careful" })]),
  });
  await expect
    .poll(async () => (await act({ action: "network" })).network)
    .toContainEqual({ method: "GET", url: `${pages.url}/none`, problem: "404 Not Found" });
  expect((await act({ action: "screenshot", fullPage: true })).image.data).toMatch(/^iVBOR/);
  expect(Buffer.from((await act({ action: "pdf" })).file.data, "base64").toString("latin1", 0, 5)).toBe("%PDF-");
  expect((await act({ action: "downloads" })).downloads).toMatchObject([{ name: "Home.pdf" }]);

  await act({ action: "emulate", width: 500, height: 400 });
  const width = { action: "act", kind: "evaluate", script: "[innerWidth, navigator.userAgent.includes('iPhone')]" };
  expect(JSON.parse((await act(width)).value)).toEqual([500, false]);
  const phone = await act({ action: "emulate", device: "iPhone 15" });
  expect(phone.tabs).toMatchObject([{ url: `${pages.url}/` }]);
  expect(JSON.parse((await act(width)).value)[1]).toBe(true);
  await act({ action: "emulate", device: "desktop" });

  expect((await act({ action: "close" })).tabs).toEqual([]);
  expect(await act({ action: "clear", all: true })).toMatchObject({ running: null });
});

test("what cannot be done has a code", async () => {
  const { browser } = testBrowser();
  const { post } = await openGatewayBench({ browser });
  const table: [object, number, string][] = [
    [{ action: "fly" }, 400, "bad_request"],
    [{ action: "act", colour: "red" }, 400, "bad_request"],
    [{ action: "navigate" }, 400, "bad_request"],
    [{ action: "snapshot" }, 404, "not_found"],
    [{ action: "snapshot", targetId: "t9" }, 404, "not_found"],
    [{ action: "snapshot", sessionKey: "nobody" }, 404, "not_found"],
    [{ action: "open", url: "file:///etc/passwd" }, 403, "forbidden"],
    [{ action: "emulate", device: "Abacus" }, 400, "bad_request"],
    [{ action: "upload", role: "button", paths: ["/etc/passwd"] }, 404, "not_found"],
  ];
  for (const [body, status, code] of table) {
    const answer = await post("/api/browser", body);
    checkAnswer("browser", answer.status, answer.body);
    expect([answer.status, answer.body.error?.code], JSON.stringify(body)).toEqual([status, code]);
  }
});

test("a machine without a browser answers 503 with what to install", async () => {
  const machine = { platform: "linux", env: {}, isProgram: () => false, distribution: "ID=debian" } as const;
  const { browser } = testBrowser({ machine, config: () => ({ headless: true, allowLoopback: false }) });
  const { post } = await openGatewayBench({ browser });
  const answer = await post("/api/browser", { action: "open", url: "https://example.com" });
  expect(answer.status).toBe(503);
  expect(answer.body.error.message).toContain("sudo apt-get install chromium");
});
