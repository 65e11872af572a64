import { expect, test } from "vitest";
import { openGatewayBench, request, TOKEN } from "./bench.ts";

test("every answer is JSON with the same few headers, and says what is wrong", async () => {
  const bench = await openGatewayBench();
  const table: [string, string, unknown, number, string, string?][] = [
    ["POST", "/api/sessions/send", {}, 400, "bad_request", "message"],
    ["POST", "/api/sessions/send", { message: "" }, 400, "bad_request", "message"],
    ["POST", "/api/sessions/send", { message: " \n" }, 400, "bad_request", "message"],
    ["POST", "/api/sessions/send", { message: 1 }, 400, "bad_request", "message"],
    ["POST", "/api/sessions/send", { message: "hi", sesionKey: "main" }, 400, "bad_request", "sesionKey"],
    ["POST", "/api/sessions/send", { message: "hi", timeoutSeconds: -1 }, 400, "bad_request", "timeoutSeconds"],
    ["POST", "/api/sessions/send", { message: "hi", timeoutSeconds: "5" }, 400, "bad_request", "timeoutSeconds"],
    ["POST", "/api/sessions/send", { message: "hi", sessionKey: null }, 400, "bad_request", "sessionKey"],
    ["POST", "/api/sessions/send", { message: "hi", sessionKey: "nowhere" }, 404, "not_found"],
    ["POST", "/api/sessions/send", { message: "hi", sessionKey: "../../etc/passwd" }, 404, "not_found"],
    ["POST", "/api/sessions/send", { message: "hi", model: "none/such" }, 400, "bad_request"],
    ["POST", "/api/sessions/send", { message: "a\0b" }, 400, "bad_request", "message"],
    [
      "POST",
      "/api/sessions/send",
      { message: "hi", attachments: [{ name: "a" }] },
      400,
      "bad_request",
      "attachments.0.mediaType",
    ],
    ["POST", "/api/sessions/send", [], 400, "bad_request"],
    ["POST", "/api/sessions/send", "text", 400, "bad_request"],
    ["POST", "/api/sessions/send", null, 400, "bad_request"],
    ["POST", "/api/sessions/send?message=hi", { message: "hi" }, 400, "bad_request"],
    ["POST", "/api/sessions/spawn", { task: "x", runTimeoutSeconds: 0 }, 400, "bad_request", "runTimeoutSeconds"],
    ["POST", "/api/sessions/spawn", { task: "x", cleanup: "maybe" }, 400, "bad_request", "cleanup"],
    ["POST", "/api/sessions/spawn", { task: "x", parentSessionKey: "nowhere" }, 404, "not_found"],
    ["POST", "/api/sessions/spawn", { task: "x", constructor: 1, toString: 2 }, 400, "bad_request", "constructor"],
    ["POST", "/api/sessions/rename", { sessionKey: "main" }, 400, "bad_request", "title"],
    ["POST", "/api/sessions/delete", {}, 400, "bad_request", "sessionKey"],
    ["POST", "/api/sessions/fork", { sessionKey: "nowhere" }, 404, "not_found"],
    ["POST", "/api/runs/cancel", { runId: "run_none" }, 404, "not_found"],
    ["POST", "/api/approvals/answer", { id: "a", decision: "yes" }, 400, "bad_request", "decision"],
    ["POST", "/api/approvals/answer", { id: "a", decision: "allow" }, 404, "not_found"],
    ["POST", "/api/cron/add", {}, 400, "bad_request", "job.name"],
    ["POST", "/api/cron/remove", { id: "none" }, 404, "not_found"],
    ["POST", "/api/cron/wake", { text: "" }, 400, "bad_request", "text"],
    ["GET", "/api/sessions/list?limit=0", undefined, 400, "bad_request", "limit"],
    ["GET", "/api/sessions/list?limit=501", undefined, 400, "bad_request", "limit"],
    ["GET", "/api/sessions/list?limit=ten", undefined, 400, "bad_request", "limit"],
    ["GET", "/api/sessions/list?limit=1&limit=2", undefined, 400, "bad_request", "limit"],
    ["GET", "/api/sessions/list?limit=1e2", undefined, 400, "bad_request", "limit"],
    ["GET", "/api/sessions/list?limit=", undefined, 400, "bad_request", "limit"],
    ["GET", "/api/sessions/list?kinds=main,none", undefined, 400, "bad_request", "kinds.1"],
    ["GET", "/api/sessions/list?messageLimit=51", undefined, 400, "bad_request", "messageLimit"],
    ["GET", "/api/sessions/list?cursor=%ff", undefined, 400, "bad_request"],
    ["GET", "/api/sessions/list?cursor=nonsense", undefined, 400, "bad_request"],
    ["GET", "/api/sessions/list?__proto__=1", undefined, 400, "bad_request", "__proto__"],
    ["GET", "/api/sessions/list?constructor=1", undefined, 400, "bad_request", "constructor"],
    ["GET", `/api/sessions/list?token=${TOKEN}`, undefined, 400, "bad_request", "token"],
    ["GET", "/api/sessions/history?sessionKey=nowhere", undefined, 404, "not_found"],
    ["GET", "/api/sessions/history?limit=1001", undefined, 400, "bad_request", "limit"],
    ["GET", "/api/sessions/history?includeTools=perhaps", undefined, 400, "bad_request", "includeTools"],
    ["GET", "/api/session/status?sessionKey=nowhere", undefined, 404, "not_found"],
    ["GET", "/api/runs/get", undefined, 400, "bad_request", "runId"],
    ["GET", "/api/runs/get?runId=none", undefined, 404, "not_found"],
    ["GET", "/api/usage/cost?days=0", undefined, 400, "bad_request", "days"],
    ["GET", "/api/events?after=x", undefined, 400, "bad_request", "after"],
    ["GET", "/api/events?sessionKey=nowhere", undefined, 404, "not_found"],
    ["GET", "/nothing", undefined, 404, "not_found"],
    ["GET", "/api/sessions/list/", undefined, 404, "not_found"],
    ["GET", "/api//sessions/list", undefined, 404, "not_found"],
    ["GET", "/api/%73essions/list", undefined, 404, "not_found"],
    ["GET", "/api/events/unsubscribe", undefined, 404, "not_found"],
    ["GET", "/ws", undefined, 400, "bad_request"],
    ["GET", "/api/sessions/send", undefined, 405, "method_not_allowed"],
    ["POST", "/api/sessions/list", {}, 405, "method_not_allowed"],
    ["DELETE", "/api/sessions/list", undefined, 405, "method_not_allowed"],
    ["OPTIONS", "/api/sessions/list", undefined, 405, "method_not_allowed"],
    ["PUT", "/health", undefined, 405, "method_not_allowed"],
  ];
  const seen = [];
  for (const [method, path, body, , , detail] of table) {
    const response = await fetch(bench.gateway.url + path, {
      method,
      headers: { ...bench.auth, ...(body === undefined ? {} : { "Content-Type": "application/json" }) },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    const { error } = JSON.parse(text) as { error: { code: string; message: string; details?: { path: string }[] } };
    expect(error.message).toMatch(/\S/);
    expect(text).not.toMatch(/node_modules|\.ts:|at Object|T0ken/);
    expect(Object.fromEntries(response.headers)).toMatchObject({
      "content-type": "application/json; charset=utf-8",
      "cache-control": "no-store",
      "x-content-type-options": "nosniff",
      "x-request-id": expect.stringMatching(/^req_/) as string,
    });
    expect([...response.headers.keys()].filter((name) => name.startsWith("access-control"))).toEqual([]);
    if (response.status === 405) expect(response.headers.get("allow")).toMatch(/^(POST|GET, HEAD)$/);
    seen.push([
      method,
      path,
      body,
      response.status,
      error.code,
      ...(detail === undefined ? [] : [error.details?.[0]?.path]),
    ]);
  }
  expect(seen).toEqual(table);
});

test("who may come in: Host, Origin and token, in this order", async () => {
  const bench = await openGatewayBench();
  const { port } = bench.gateway;
  const list = "GET /api/sessions/list";
  const table: [string, string[], number][] = [
    [list, [], 200],
    [list, [`Host: LOCALHOST:${port}`], 200],
    [list, [`Host: [::1]:${port}`], 200],
    [list, [`authorization: bearer  ${TOKEN}`], 200],
    [list, [`Authorization: BEARER ${TOKEN}`], 200],
    [`GET http://localhost:${port}/api/sessions/list`, [], 200],
    ["GET http://evil.example/api/sessions/list", [], 403],
    [list, ["Host: evil.example"], 403],
    [list, ["Host: localhost"], 403],
    [list, [`Host: localhost:${port + 1}`], 403],
    [list, [`Host: localhost.:${port}`], 403],
    [list, [`Host: a@localhost:${port}`], 403],
    [list, [`Host: 127.0.0.1.evil.example:${port}`], 403],
    [list, [`Host: evil.example`, "Authorization: Bearer wrong"], 403],
    [list, ["Host:"], 403],
    [list, ["Origin: null"], 403],
    [list, ["Origin: http://evil.example"], 403],
    [list, [`Origin: http://localhost:${port}`], 403],
    [list, ["Origin: https://evil.example", "Authorization: Bearer wrong"], 403],
    ["GET /health", ["Origin: https://evil.example"], 403],
    ["GET /health", ["Host: evil.example"], 403],
    ["GET /health", ["Authorization: none"], 200],
    ["GET /health?x=1", ["Authorization: none"], 200],
    [list, ["Authorization:"], 401],
    [list, ["Authorization: Bearer"], 401],
    [list, [`Authorization: Basic ${TOKEN}`], 401],
    [list, [`Authorization: Bearer ${TOKEN} x`], 401],
    [list, [`Authorization: ${TOKEN}`], 401],
    [list, [`Authorization: Bearer ${TOKEN}x`], 401],
    [list, ["Authorization:", `Cookie: token=${TOKEN}`], 401],
    [`${list}?token=${TOKEN}`, ["Authorization:"], 401],
    ["GET /nothing", ["Authorization:"], 401],
    ["GET /openapi.json", ["Authorization:"], 401],
    ["OPTIONS /api/sessions/list", ["Authorization:"], 401],
    [list, [`Host: localhost:${port}`, `Host: evil.example`], 400],
    [list, [`Authorization: Bearer ${TOKEN}`, "Authorization: Bearer x"], 400],
    [list, ["Origin: null", "Origin: null"], 400],
  ];
  const seen = [];
  for (const [start, lines] of table) {
    const text = await bench.raw(request(bench, start, [...lines, "Connection: close"]));
    const status = Number(/^HTTP\/1\.1 (\d+)/.exec(text)?.[1]);
    if (status === 401) expect(text).toMatch(/\r\nWWW-Authenticate: Bearer\r\n/);
    expect(text).toMatch(/\r\nContent-Type: application\/json; charset=utf-8\r\n/);
    expect(text).not.toMatch(/access-control/i);
    seen.push([start, lines, status]);
  }
  expect(seen).toEqual(table);
});

test("a request without a Host is refused, in HTTP/1.0 too", async () => {
  const bench = await openGatewayBench();
  expect(await bench.raw("GET /health HTTP/1.1\r\nConnection: close\r\n\r\n")).toMatch(/^HTTP\/1\.1 403 /);
  expect(await bench.raw("GET /health HTTP/1.0\r\n\r\n")).toMatch(/^HTTP\/1\.1 403 /);
});

test("bodies: type, size, depth and encoding are checked, and the connection goes on", async () => {
  const bench = await openGatewayBench();
  const post = (lines: string[], body: string | Buffer) => {
    const length = `Content-Length: ${Buffer.byteLength(body)}`;
    const head = request(bench, "POST /api/cron/wake", [...lines, length, "Connection: close"]);
    return bench.raw(Buffer.concat([Buffer.from(head), Buffer.from(body)]));
  };
  const json = "Content-Type: application/json";
  const nested = (depth: number) => `{"text":"x","a":${"[".repeat(depth - 1)}${"]".repeat(depth - 1)}}`;
  const table: [string[], string | Buffer, number, RegExp][] = [
    [[json], '{"text":"x"}', 200, /"runId"/],
    [["Content-Type: application/JSON ; charset=UTF-8"], '{"text":"x"}', 200, /"runId"/],
    [[json], '\ufeff{"text":"x"}', 200, /"runId"/],
    [[json], '{"text":"\\ud83d\\ude00"}', 200, /"runId"/],
    [["Content-Type: text/plain"], '{"text":"x"}', 415, /application\/json/],
    [[], '{"text":"x"}', 415, /application\/json/],
    [["Content-Type: application/json; charset=latin1"], '{"text":"x"}', 415, /UTF-8/],
    [[json, "Content-Encoding: gzip"], '{"text":"x"}', 415, /Content-Encoding/],
    [[json], '{"text":', 400, /not valid JSON/],
    [[json], '{"text":NaN}', 400, /not valid JSON/],
    [[json], Buffer.from([0x7b, 0x22, 0xff, 0x22, 0x7d]), 400, /not valid UTF-8/],
    [[json], '{"text":"\\ud800"}', 400, /well-formed/],
    [[json], '{"text":"a\\u0000b"}', 400, /NUL/],
    [[json], '{"text":"x","__proto__":{"a":1}}', 400, /__proto__/],
    [[json], nested(31), 400, /Unknown field/],
    [[json], nested(33), 400, /nested/],
    [[json], `{"a":${"[".repeat(500_000)}`, 400, /not valid JSON/],
    [[json], `{"text":"${"x".repeat(1024 * 1024)}"}`, 413, /larger/],
    [[json, "Expect: 100-continue"], '{"text":"x"}', 200, /^HTTP\/1\.1 100 [^]*"runId"/],
    [["Content-Type: text/plain", "Expect: 100-continue"], "", 400, /Required/],
    [[json, "Expect: a-miracle"], '{"text":"x"}', 400, /100-continue/],
  ];
  for (const [lines, body, status, expected] of table) {
    const text = await post(lines, body);
    expect(text, String(body).slice(0, 60)).toMatch(new RegExp(`HTTP/1\\.1 ${status} `));
    expect(text).toMatch(expected);
  }
});

test("a body in chunks is read, and cut off at 1 MB without a reset", async () => {
  const bench = await openGatewayBench();
  const lines = ["Content-Type: application/json", "Transfer-Encoding: chunked"];
  const small = await bench.raw(
    request(bench, "POST /api/cron/wake", lines, '5\r\n{"tex\r\n7\r\nt":"x"}\r\n0\r\n\r\n'),
    /runId/,
  );
  expect(small).toMatch(/^HTTP\/1\.1 200 /);
  const chunk = "10000\r\n" + "x".repeat(0x10000) + "\r\n";
  const head = request(bench, "POST /api/cron/wake", lines);
  const next = request(bench, "GET /health", ["Connection: close"]);
  const large = await bench.raw(`${head}${chunk.repeat(40)}0\r\n\r\n${next}`);
  expect(large).toMatch(/^HTTP\/1\.1 413 [^]*payload_too_large[^]*HTTP\/1\.1 200 [^]*"live"/);
});

test("who sends everything before reading sees why it was refused", async () => {
  const bench = await openGatewayBench();
  const body = "x".repeat(8 * 1024 * 1024);
  const lines = ["Content-Type: application/json", `Content-Length: ${body.length}`, "Connection: close"];
  for (const [start, extra, status] of [
    ["POST /api/cron/wake", [], 413],
    ["POST /api/cron/wake", ["Authorization: Bearer wrong"], 401],
    ["POST /api/cron/wake", ["Host: evil.example"], 403],
    ["POST /nothing", [], 404],
  ] as const) {
    const text = await bench.raw(request(bench, start, [...lines, ...extra], body));
    expect(text).toMatch(new RegExp(`^HTTP/1\\.1 ${status} [^]*\\}\n$`));
  }
});

test("a refused Expect is answered at once, without the body", async () => {
  const bench = await openGatewayBench();
  const lines = ["Content-Type: application/json", "Expect: 100-continue", `Content-Length: ${10 * 1024 * 1024}`];
  const text = await bench.raw(request(bench, "POST /api/cron/wake", lines));
  expect(text).toMatch(/^HTTP\/1\.1 413 /);
  expect(text).toMatch(/\r\nConnection: close\r\n/i);
  const unknown = await bench.raw(
    request(bench, "POST /api/cron/wake", [...lines.slice(0, 2), "Content-Length: 5", "Authorization: Bearer x"]),
  );
  expect(unknown).toMatch(/^HTTP\/1\.1 401 /);
});

test("what is no HTTP at all gets a JSON answer and a closed connection", async () => {
  const bench = await openGatewayBench();
  const host = `Host: 127.0.0.1:${bench.gateway.port}`;
  const table: [string, number][] = [
    ["nonsense\r\n\r\n", 400],
    ["GET / HTTP/9.9\r\n\r\n", 400],
    [`GET /health HTTP/1.1\r\n${host}\r\nX: ${"x".repeat(20_000)}\r\n\r\n`, 431],
    [`GET /${"x".repeat(20_000)} HTTP/1.1\r\n${host}\r\n\r\n`, 431],
    [`POST /health HTTP/1.1\r\n${host}\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nhello`, 400],
    [`POST /health HTTP/1.1\r\n${host}\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`, 400],
    [
      `POST /health HTTP/1.1\r\n${host}\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n0\r\n\r\n`,
      400,
    ],
    [`POST /health HTTP/1.1\r\n${host}\r\nContent-Length: -5\r\n\r\nhello`, 400],
    [`GET /health HTTP/1.1\r\n${host}\r\nBad Header: x\r\n\r\n`, 400],
    [`GET /health HTTP/1.1\r\n${host}\r\n folded: x\r\n\r\n`, 400],
    [`GET /a\u00e9 HTTP/1.1\r\n${host}\r\nConnection: close\r\n\r\n`, 400],
    [`GET /%zz HTTP/1.1\r\n${host}\r\nConnection: close\r\n\r\n`, 400],
    [`GET /%c3 HTTP/1.1\r\n${host}\r\nConnection: close\r\n\r\n`, 400],
    [`CONNECT evil.example:443 HTTP/1.1\r\n${host}\r\n\r\n`, 401],
    [`OPTIONS * HTTP/1.1\r\n${host}\r\nConnection: close\r\n\r\n`, 401],
  ];
  for (const [bytes, status] of table) {
    const text = await bench.raw(bytes);
    expect(text, bytes.slice(0, 80)).toMatch(new RegExp(`^HTTP/1\\.1 ${status} `));
    expect(text).toMatch(/\r\nContent-Type: application\/json; charset=utf-8\r\n/);
    expect(text).toMatch(/\{"error":\{"code":"\w+","message":/);
  }
});

test("a chunk that is broken ends the request with 400", async () => {
  const bench = await openGatewayBench();
  const lines = ["Content-Type: application/json", "Transfer-Encoding: chunked"];
  expect(await bench.raw(request(bench, "POST /api/cron/wake", lines, "zz\r\n"))).toMatch(/^HTTP\/1\.1 400 /);
});

test("requests that follow each other without waiting are answered in order, garbage behind them last", async () => {
  const bench = await openGatewayBench();
  const one = request(bench, "GET /api/models/list");
  const two = request(bench, "GET /nothing");
  const text = await bench.raw(`${one}${two}${one}garbage\r\n\r\n`);
  expect([...text.matchAll(/HTTP\/1\.1 (\d+)/g)].map((match) => match[1])).toEqual(["200", "404", "200", "400"]);
});

test("HEAD answers like GET, without a body", async () => {
  const bench = await openGatewayBench();
  const health = await bench.raw(request(bench, "HEAD /health", ["Connection: close"]));
  expect(health).toMatch(/^HTTP\/1\.1 200 [^]*Content-Length: \d\d[^]*\r\n\r\n$/);
  expect(await bench.raw(request(bench, "HEAD /api/events", ["Connection: close"]))).toMatch(
    /^HTTP\/1\.1 200 [^]*event-stream[^]*\r\n\r\n$/,
  );
});

test("an offer to upgrade to something else is ignored", async () => {
  const bench = await openGatewayBench();
  const lines = ["Connection: Upgrade, HTTP2-Settings", "Upgrade: h2c", "HTTP2-Settings: AAMAAABkAAQAAP__"];
  expect(await bench.raw(request(bench, "GET /api/models/list", lines), /"count"/)).toMatch(/^HTTP\/1\.1 200 /);
  expect(await bench.raw(request(bench, "GET /api/models/list", [...lines, "Origin: null"]), /"error"/)).toMatch(
    /^HTTP\/1\.1 403 /,
  );
});

test("a GET takes its fields from a JSON body as well, as the guide shows", async () => {
  const bench = await openGatewayBench();
  await bench.post("/api/sessions/create", { title: "other" });
  const body = JSON.stringify({ kinds: ["main"], limit: 5 });
  const lines = ["Content-Type: application/json", `Content-Length: ${body.length}`, "Connection: close"];
  const text = await bench.raw(request(bench, "GET /api/sessions/list", lines, body));
  expect(text).toMatch(/^HTTP\/1\.1 200 [^]*"count":1,/);
  const counts = [];
  for (const query of [
    "kinds=main&kinds=isolated",
    "kinds=main,isolated",
    "kinds[]=main",
    "kinds=",
    "kinds=isolated&limit=1",
    "",
  ]) {
    counts.push((await bench.get(`/api/sessions/list?${query}`)).body.count);
  }
  expect(counts).toEqual([2, 2, 1, 2, 1, 2]);
});
