import { execFile } from "node:child_process";
import { readFileSync, mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { afterAll, beforeAll, expect, test } from "vitest";
import { createClient, PincerError } from "../../examples/typescript/pincerClient.ts";
import { readGatewayFile } from "../../src/config/stateFolder.ts";
import { toOpenApi } from "../../src/gateway/docs/openapi.ts";
import { routeTable } from "../../src/gateway/routes/routeTable.ts";
import { type GatewayProcess, startGateway } from "../cli/gatewayProcess.ts";
import { CLIENT_CODE } from "./clientCode.ts";
import { type OpenApi, toClient } from "./toClient.ts";

// The programs run as they are, against a gateway with the offline model.
let state: string;
let gateway: GatewayProcess;
let env: { PINCER_URL: string; PINCER_TOKEN: string };

beforeAll(async () => {
  state = mkdtempSync(join(tmpdir(), "pincer-examples-"));
  gateway = startGateway(["--state", state, "--port", "0"]);
  env = { PINCER_URL: await gateway.serving, PINCER_TOKEN: readGatewayFile(state)!.token };
});

afterAll(async () => {
  gateway.child.kill("SIGKILL");
  await gateway.ended;
  rmSync(state, { recursive: true, force: true });
});

const folder = fileURLToPath(new URL("../../examples", import.meta.url));
const python = await run("python3", ["--version"]).then(Boolean, () => false);

const languages = [
  {
    program: process.execPath,
    there: true,
    drafts: "javascript/supportDrafts.mjs",
    content: "javascript/parallelContent.mjs",
    report: "javascript/scheduledReport.mjs",
  },
  {
    program: "python3",
    there: python,
    drafts: "python/support_drafts.py",
    content: "python/parallel_content.py",
    report: "python/scheduled_report.py",
  },
];

for (const { program, there, drafts, content, report } of languages) {
  test.skipIf(!there)(`${drafts} drafts an answer to every ticket`, async () => {
    const output = await run(program, [join(folder, drafts)], env);
    for (const id of ["T-101", "T-102", "T-103", "T-104"]) expect(output).toContain(`== ${id}`);
    expect(output).not.toContain("no draft");
  });

  test.skipIf(!there)(`${content} has five sessions at work`, async () => {
    const output = await run(program, [join(folder, content)], env);
    expect(output.match(/^== .* session s_\w+\)/gm)).toHaveLength(5);
    expect(output).toContain("5 pieces in");
  });

  test.skipIf(!there)(`${report} adds, lists, runs and removes its job`, async () => {
    const output = await run(program, [join(folder, report)], env);
    expect(output).toMatch(/daily-report is due at \d{4}-/);
    expect(output).toContain("- daily-report: ");
    expect(output).toMatch(/== the report\n\S/);
    expect(output).toContain("daily-report is removed");
  });
}

test("both clients come back after 503 and 429, with the same idempotency key", async () => {
  for (const [program, code] of [
    [
      process.execPath,
      `import("${pathToFileURL(`${folder}/javascript/pincerClient.mjs`).href}").then(async ({ PincerClient }) => console.log((await new PincerClient().send("hi")).reply))`,
    ],
    [
      "python3",
      `import sys; sys.path.insert(0, ${JSON.stringify(`${folder}/python`)}); from pincer_client import PincerClient; print(PincerClient().send("hi")["reply"])`,
    ],
  ] as const) {
    if (program === "python3" && !python) continue;
    const keys: unknown[] = [];
    const server = createServer((request, response) => {
      keys.push(request.headers["idempotency-key"]);
      const status = [503, 429, 200][keys.length - 1]!;
      const error = { code: "unavailable", message: "busy", retryAfterMs: 10 };
      response.writeHead(status, { "Content-Type": "application/json", "Retry-After": "1" });
      response.end(JSON.stringify(status === 200 ? { reply: "at last" } : { error }));
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const { port } = server.address() as { port: number };
    const flag = program === "python3" ? "-c" : "-e";
    const output = await run(program, [flag, code], { PINCER_URL: `http://127.0.0.1:${port}`, PINCER_TOKEN: "t" });
    server.close();
    expect(output).toContain("at last");
    expect([keys.length, new Set(keys).size]).toEqual([3, 1]);
  }
});

test("the TypeScript client comes back when the gateway was away", async () => {
  const keys: unknown[] = [];
  const server = createServer((request, response) => {
    keys.push(request.headers["idempotency-key"]);
    if (keys.length === 1) return void request.socket.destroy();
    response.writeHead(200, { "Content-Type": "application/json" }).end(JSON.stringify({ reply: "at last" }));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as { port: number };
  const call = createClient({ url: `http://127.0.0.1:${port}`, token: "t" });
  expect(await call("POST /api/sessions/send", { message: "hi" })).toMatchObject({ reply: "at last" });
  expect([keys.length, new Set(keys).size]).toEqual([2, 1]);
  server.close();
  await expect(
    createClient({ url: "http://127.0.0.1:9", token: "t", attempts: 1 })("GET /api/models/list", {}),
  ).rejects.toMatchObject({ status: 0, code: "unreachable" });
});

test.skipIf(!python)("without a token the Python examples say what to set", async () => {
  const code = `import sys; sys.path.insert(0, ${JSON.stringify(`${folder}/python`)}); from pincer_client import PincerClient; PincerClient()`;
  await expect(run("python3", ["-c", code], { PINCER_URL: "", PINCER_TOKEN: "" })).rejects.toThrow(/Set PINCER_TOKEN/);
});

test("the TypeScript client is what the routes are; npm run docs writes it anew", async () => {
  const words = (text: string) => text.replace(/[\s;|,]+/g, "").replaceAll('"', "");
  const file = readFileSync(join(folder, "typescript/pincerClient.ts"), "utf8");
  expect(words(file)).toBe(words(toClient(toOpenApi(routeTable, "1") as unknown as OpenApi, CLIENT_CODE)));

  const call = createClient({ url: env.PINCER_URL, token: env.PINCER_TOKEN });
  const answer = await call("POST /api/sessions/send", { message: "hello", model: "offline/demo" });
  expect(answer.status === "ok" && answer.reply.length > 0).toBe(true);
  expect((await call("GET /api/sessions/list", { kinds: ["main"], limit: 5 })).count).toBe(1);
  const refused = call("POST /api/sessions/send", { message: "hello", sessionKey: "nowhere" });
  await expect(refused).rejects.toBeInstanceOf(PincerError);
  await expect(refused).rejects.toMatchObject({ status: 404, code: "not_found" });
});

function run(program: string, args: string[], given: Record<string, string> = {}): Promise<string> {
  return new Promise((resolve, reject) => {
    const { PATH = "" } = process.env;
    execFile(program, args, { env: { PATH, ...given } }, (error, stdout, stderr) => {
      if (error) reject(new Error(`${error.message}\n${stderr}`));
      else resolve(stdout);
    });
  });
}
