import { execFile } from "node:child_process";
import { connect } from "node:net";
import { expect, onTestFinished, test } from "vitest";
import { openGatewayBench, request, TOKEN } from "./bench.ts";

// A client as the published guide has it: a GET with a JSON body, a session over one connection, default arguments.
const GUIDE_CLIENT = `
import json, os, urllib.request, urllib.error

base, token = os.environ["PINCER_URL"], os.environ["PINCER_TOKEN"]

def call(method, path, body=None):
    data = None if body is None else json.dumps(body).encode()
    headers = {"Authorization": "Bearer " + token, "Content-Type": "application/json"}
    try:
        with urllib.request.urlopen(urllib.request.Request(base + path, data, headers, method=method)) as response:
            return response.status, json.load(response)
    except urllib.error.HTTPError as error:
        return error.code, json.load(error)

print(json.dumps([
    call("POST", "/api/sessions/send", {"sessionKey": "main", "message": "Gr\\u00fc\\u00dfe \\U0001F600", "timeoutSeconds": 60}),
    call("POST", "/api/sessions/spawn", {"task": "look", "runTimeoutSeconds": 300, "cleanup": "keep"}),
    call("GET", "/api/sessions/list", {"kinds": ["main", "isolated"], "limit": 10, "messageLimit": 1}),
    call("GET", "/api/sessions/history?sessionKey=main&limit=10&includeTools=False"),
    call("POST", "/api/cron/add", {"job": {"name": "n", "schedule": {"kind": "every", "everyMs": 60000}, "payload": {"kind": "systemEvent", "text": "t"}, "sessionTarget": "main"}}),
    call("POST", "/api/sessions/send", {"message": "x" * 2000000}),
    call("GET", "/api/sessions/history", {"sessionKey": "nowhere"}),
]))
`;

test("a Python client of the standard library, as the guide shows one", async (context) => {
  const { gateway } = await openGatewayBench({ turns: [["Hello"], ["found"]] });
  const output = await python(GUIDE_CLIENT, { PINCER_URL: gateway.url, PINCER_TOKEN: TOKEN });
  context.skip(output === undefined, "no python3 here");
  const answers = JSON.parse(output!) as [number, Record<string, unknown>][];
  expect(answers).toMatchObject([
    [200, { status: "ok", reply: "Hello", sessionKey: "main" }],
    [200, { status: "ok", reply: "found" }],
    [200, { count: 2 }],
    [
      200,
      {
        messages: [
          { role: "user", text: "Grüße 😀" },
          { role: "assistant", text: "Hello" },
        ],
      },
    ],
    [200, { job: { name: "n", enabled: true } }],
    [413, { error: { code: "payload_too_large" } }],
    [404, { error: { code: "not_found" } }],
  ]);
});

test("two hundred clients at once are all answered", async () => {
  const { get, post } = await openGatewayBench();
  const sends = Array.from({ length: 100 }, (_, index) => post("/api/sessions/spawn", { task: `task ${index}` }));
  const reads = Array.from({ length: 100 }, (_, index) => get(`/api/sessions/list?limit=${index + 1}`));
  const statuses = (await Promise.all([...sends, ...reads])).map(({ status }) => status);
  expect(statuses).toEqual(Array<number>(200).fill(200));
  expect((await get("/api/sessions/list?limit=500")).body.count).toBe(101);
});

test("a client that goes away ends its wait, not the run", async () => {
  const gate = Promise.withResolvers<void>();
  const { gateway, auth, get, model } = await openGatewayBench({ turns: [[{ wait: gate.promise }, "still done"]] });
  const controller = new AbortController();
  const sent = fetch(`${gateway.url}/api/sessions/send`, {
    method: "POST",
    headers: { ...auth, "Content-Type": "application/json" },
    body: JSON.stringify({ message: "hi" }),
    signal: controller.signal,
  });
  while (model.requests.length === 0) await new Promise((resolve) => setImmediate(resolve));
  controller.abort();
  await expect(sent).rejects.toThrow();
  gate.resolve();
  const { runs } = (await get("/api/runs/list")).body;
  expect((await get(`/api/runs/wait?runId=${runs[0].runId}`)).body.run.outcome).toEqual({
    type: "done",
    reply: "still done",
  });
});

test("headers that take over ten seconds are given up on", async () => {
  const bench = await openGatewayBench();
  const text = await new Promise<string>((resolve) => {
    let received = "";
    const socket = connect(bench.gateway.port, "127.0.0.1", () => socket.write("GET /health HTTP/1.1\r\nHo"));
    const drip = setInterval(() => socket.writable && socket.write("o"), 500);
    socket.on("data", (chunk) => (received += chunk.toString()));
    socket.on("error", () => {});
    socket.on("close", () => {
      clearInterval(drip);
      resolve(received);
    });
  });
  expect(text).toMatch(/^HTTP\/1\.1 408 [^]*"code":"timed_out"/);
  expect((await bench.get("/api/models/list")).status).toBe(200);
});

test("a body that arrives in crumbs is read", async () => {
  const bench = await openGatewayBench({ turns: [["patient"]] });
  const body = JSON.stringify({ message: "hi" });
  const bytes = Buffer.from(
    request(
      bench,
      "POST /api/sessions/send",
      ["Content-Type: application/json", `Content-Length: ${body.length}`, "Connection: close"],
      body,
    ),
  );
  const text = await new Promise<string>((resolve) => {
    let received = "";
    const socket = connect(bench.gateway.port, "127.0.0.1");
    const drip = (at: number): unknown =>
      at < bytes.length && socket.write(bytes.subarray(at, at + 1), () => drip(at + 1));
    drip(0);
    socket.setNoDelay();
    socket.on("data", (chunk) => (received += chunk.toString()));
    socket.on("close", () => resolve(received));
  });
  expect(text).toMatch(/^HTTP\/1\.1 200 [^]*"reply":"patient"/);
});

function python(program: string, env: Record<string, string>): Promise<string | undefined> {
  return new Promise((resolve, reject) => {
    const child = execFile(
      "python3",
      ["-c", program],
      { env: { ...process.env, ...env, NO_PROXY: "*", no_proxy: "*" } },
      (error, stdout, stderr) => {
        if ((error as NodeJS.ErrnoException | null)?.code === "ENOENT") resolve(undefined);
        else if (error) reject(new Error(stderr || error.message));
        else resolve(stdout);
      },
    );
    onTestFinished(() => void child.kill("SIGKILL"));
  });
}
