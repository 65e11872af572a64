import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { tempFolder } from "../tools/toolContext.ts";
import { bench, useClientBench } from "./clientBench.ts";
import { pincer } from "./pincer.ts";

useClientBench();

const run = async (args: string[], answers: Record<string, unknown>) => {
  for (const [route, json] of Object.entries(answers)) bench.gateway.answers[route] = { json };
  const { code, stdout, stderr } = await pincer(["mcp", ...args], bench.env);
  return { code, stdout, stderr, body: bench.gateway.seen.at(-1)?.body };
};

const server = {
  ...{ name: "github", state: "failed", kind: "stdio", target: "npx x", error: "It ended by itself: exit code 1" },
  ...{ retryAt: "2026-11-26T10:00:00.000Z", pid: null, version: null, protocol: null, startedAt: null },
  tools: [{ name: "mcp__github__list_issues", title: "List issues", description: "", readOnly: true }],
};

test("servers are listed with what is wrong, their tools and log shown, restarted, signed in at", async () => {
  const listed = await run([], { "GET /api/mcp/list": { count: 1, servers: [server] } });
  expect(listed.stdout.split("\n").slice(1, 3)).toEqual([
    "github  failed  1      -    npx x",
    "github: It ended by itself: exit code 1 (tried again from 2026-11-26T10:00:00.000Z on)",
  ]);
  expect((await run(["tools", "github"], {})).stdout).toContain("mcp__github__list_issues  List issues");
  expect((await run(["tools", "other"], {})).stderr).toContain("No MCP server other is set up");
  const resource = { server: "hub", uri: "notes://a", name: "a", description: "", mediaType: null };
  const found = await run(["resources", "a"], { "GET /api/mcp/resources": { count: 1, resources: [resource] } });
  expect(found.stdout).toContain("hub     a     notes://a");
  const attachments = [
    { name: "a", mediaType: "text/plain", data: "what\u202e it says" },
    { name: "b", mediaType: "image/png", data: "AAAA" },
  ];
  const read = await run(["read", "hub", "notes://a"], {
    "POST /api/mcp/read": { server: "hub", uri: "notes://a", attachments },
  });
  expect(read.stdout).toBe("what\\u{202e} it says\n[b, image/png]\n");
  const log = await run(["log", "github"], { "GET /api/mcp/log": { server: "github", lines: ["one", "two"] } });
  expect(log.stdout).toBe("one\ntwo\n");
  const ready = { server: { ...server, state: "ready", error: null } };
  expect((await run(["restart", "github"], { "POST /api/mcp/restart": ready })).stdout).toBe(
    "github is ready, with 1 tools\n",
  );
  const page = { server: "github", url: "https://login.example.org/x" };
  expect((await run(["sign-in", "github"], { "POST /api/mcp/signIn": page })).stdout).toBe(
    "https://login.example.org/x\n",
  );
});

test("a question is listed with its fields, and answered by them", async () => {
  const fields = [
    { name: "city", kind: "text", title: "City", required: true },
    { name: "nights", kind: "number", title: "Nights", required: false, min: 1, max: 14 },
    { name: "room", kind: "choice", title: "Room", required: false, options: [{ value: "s", title: "single" }] },
  ];
  const page = { address: "https://pay.example/1", host: "pay.example" };
  const question = {
    id: "ask_1",
    server: "x",
    message: "Which?",
    fields,
    page,
    calls: [{ sessionKey: "main", tool: "book" }],
    createdAt: "",
    expiresAt: "",
  };
  const asked = { "GET /api/mcp/questions": { count: 1, questions: [question] } };
  expect((await run(["questions"], asked)).stdout).toBe(
    [
      "ask_1  x asks: Which?",
      "  called for: book of session main",
      "  to open, at pay.example: https://pay.example/1",
      "  city: City (text)\n  nights?: Nights (number, 1 to 14)\n  room?: Room (s)\n",
    ].join("\n"),
  );
  const answers = { ...asked, "POST /api/mcp/answer": { question, action: "accept" } };
  const { stdout, body } = await run(["answer", "ask_1", "city=Ulm", "nights=3"], answers);
  expect([stdout, body]).toEqual([
    "x is told: accept\n",
    { id: "ask_1", action: "accept", content: { city: "Ulm", nights: 3 } },
  ]);
  expect((await run(["answer", "ask_1", "town=Ulm"], answers)).stderr).toContain("its fields are city, nights, room");
  expect((await run(["answer", "ask_1", "--decline"], answers)).body).toEqual({ id: "ask_1", action: "decline" });
});

test("servers of .mcp.json are shown first, and added when that is said, with no gateway", async () => {
  const folder = tempFolder({
    ".mcp.json":
      '{"mcpServers": {"a": {"command": "x", "args": ["${CLAUDE_PROJECT_DIR}"]}, "b": {"command": "${input:y}"}}}',
  });
  const [file, config] = [join(folder, ".mcp.json"), join(folder, "openclaw.yml")];
  const shown = await pincer(["mcp", "import", file, "--state", folder], {});
  expect(shown.stdout).toContain(
    `a: {"command":"x","args":["${folder}"],"cwd":"${folder}"}\nleft out: b: it needs \${input:y}\nNothing was changed`,
  );
  expect(existsSync(config)).toBe(false);
  const added = await pincer(["mcp", "import", file, "--yes", "--state", folder], {});
  expect(added.stdout).toContain(`added to ${config}: a\n`);
  expect(readFileSync(config, "utf8")).toContain("command: x");
  writeFileSync(file, "{}");
  expect((await pincer(["mcp", "import", file, "--state", folder], {})).stderr).toContain(
    "No servers stand in this file",
  );
});
