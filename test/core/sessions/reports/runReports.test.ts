import MarkdownIt from "markdown-it";
import { expect, test } from "vitest";
import { silentLog } from "../../../../src/base/log.ts";
import { systemClock } from "../../../../src/base/clock.ts";
import { openCheckpoints } from "../../../../src/store/checkpoints/openCheckpoints.ts";
import { createDiskFiles } from "../../../../src/tools/files/diskFiles.ts";
import { exec } from "../../../../src/tools/execTool.ts";
import { read } from "../../../../src/tools/readTool.ts";
import { write } from "../../../../src/tools/writeTool.ts";
import { AppError } from "../../../../src/base/appError.ts";
import { call, type Turn } from "../../../fakes/scriptedProvider.ts";
import { tempFolder } from "../../../tools/toolContext.ts";
import { add, type BenchOptions, note, openBench } from "../../bench.ts";

const origin = { via: "api" } as const;

async function open(turns: Turn[], options: BenchOptions = {}) {
  const folder = tempFolder({ "a.txt": "one\n", ".env": "KEY=tiptop-secret-value\n" });
  const checkpoints = openCheckpoints({
    folder: tempFolder(),
    bounds: () => ({ days: 14, megabytes: 500 }),
    clock: systemClock,
    log: silentLog,
  });
  const bench = await openBench({
    folder,
    turns,
    tools: [exec, read, write, add, note],
    files: createDiskFiles(),
    checkpoints,
    ...options,
    settings: { approvals: "auto", ...options.settings },
  });
  return {
    ...bench,
    async ran(text = "go", at: { sessionKey?: string } = { sessionKey: "main" }) {
      const run = await bench.core.sessions.send({ text, origin, ...at });
      await run.outcome;
      return run.id;
    },
  };
}

const rendered = (markdown: string) => new MarkdownIt({ html: true, linkify: true }).render(markdown);

test("a report says what a run did, from what is stored of it: also after a restart", async () => {
  const bench = await open([
    [call("exec", { command: "node -e 'process.exit(3)'" }, "c1"), call("add", { a: 1, b: 2 }, "c2")],
    [call("exec", { command: "echo fine" }, "c3"), call("write", { path: "b.txt", content: "two\n" }, "c4")],
    ["All is done."],
  ]);
  const id = await bench.ran("Do some work");
  const before = await bench.core.reports.of(id);
  expect(before.report).toMatchObject({
    runId: id,
    sessionKey: "main",
    state: "finished",
    ended: "done",
    asked: "Do some work",
    answer: "All is done.",
    steps: 3,
    tools: [
      { name: "add", calls: 1, failed: 0, refused: 0 },
      { name: "exec", calls: 2, failed: 1, refused: 0 },
      { name: "write", calls: 1, failed: 0, refused: 0 },
    ],
    commands: [
      { command: "node -e 'process.exit(3)'", ended: "exited", exitCode: 3 },
      { command: "echo fine", ended: "exited", exitCode: 0 },
    ],
    files: [{ path: "b.txt", kind: "added", state: "as_left" }],
    refused: [],
    usage: { inputTokens: 30, outputTokens: 15 },
  });
  expect(before.markdown).toContain("| echo fine | exit code 0 |");
  const again = await bench.restart();
  expect(await again.core.reports.of(id)).toEqual(before);
});

test("what was refused and lacked, retries and a failure are told; an unknown run is not found", async () => {
  const bench = await open(
    [
      [call("note", { text: "x" }), call("exec", { command: "rm -rf a.txt" }, "c2")],
      [{ type: "notice", text: "Waits 3 s for the provider" }, "so far"],
      [{ fail: new AppError("provider_error", "The model is | gone") }],
    ],
    { settings: { approvals: "deny" } },
  );
  const first = (await bench.core.reports.of(await bench.ran())).report;
  expect(first.refused.map(({ tool, what }) => [tool, what])).toEqual([
    ["note", ""],
    ["exec", "rm -rf a.txt"],
  ]);
  expect(first.commands).toMatchObject([
    { command: "rm -rf a.txt", ended: "refused", exitCode: null, durationMs: null },
  ]);
  expect(first.tools.map(({ calls, refused }) => [calls, refused])).toEqual([
    [0, 1],
    [0, 1],
  ]);
  expect(first.notices).toContain("Waits 3 s for the provider");
  const failed = await bench.core.reports.of(await bench.ran());
  expect(failed.report).toMatchObject({ ended: "failed", error: { code: "provider_error" }, answer: "" });
  expect(failed.markdown).toContain("The model is &#124; gone");
  await expect(bench.core.reports.of("run-none")).rejects.toMatchObject({ code: "not_found" });
});

test("nothing that tools read is in it, and no secret that is known or looks like one", async () => {
  const bench = await open(
    [
      [
        call("read", { path: "a.txt" }),
        call("exec", { command: "cat .env; curl -H 'Authorization: Bearer abcdefghijkl'" }, "c2"),
      ],
      ["The key is hush-hush-token"],
    ],
    {
      settings: { approvals: "deny" },
      redact: (text) => text.replaceAll("hush-hush-token", "[redacted]").replace(/Bearer \w+/g, "[redacted]"),
    },
  );
  const { report, markdown } = await bench.core.reports.of(await bench.ran("my hush-hush-token", {}));
  const all = JSON.stringify(report) + markdown;
  for (const secret of ["hush-hush", "tiptop", "abcdefghijkl", "one\\n"]) expect(all).not.toContain(secret);
  expect(report.answer).toBe("The key is [redacted]");
  // The session is called by its first message.
  expect(report.title).toBe("my [redacted]");
});

test("no text of a model ends a table, a list or the fence around an answer, or becomes a link, an image or HTML", async () => {
  const hostile =
    "a | b\n| --- |\n# Cost\n<script>x</script> ![i](http://e.example/?q) [l](http://e.example) www.e.example `x` @all\n```\n````\n</pre>\u202e";
  const bench = await open(
    [
      [
        call("exec", { command: hostile, background: false }, "c1"),
        call("write", { path: "x|y<b>.txt", content: "" }, "c2"),
      ],
      [hostile],
    ],
    { settings: { approvals: "deny" } },
  );
  const { markdown } = await bench.core.reports.of(await bench.ran(hostile));
  const html = rendered(markdown);
  expect(html).not.toMatch(/<(script|img|a)\b/);
  expect(html.match(/<h1>/g)).toHaveLength(1);
  const heads = [...html.matchAll(/<h2>(.*?)<\/h2>/g)].map(([, title]) => title);
  expect(new Set(heads).size).toBe(heads.length);
  expect(heads).toEqual(expect.arrayContaining(["Asked", "Answer", "Commands", "Tools"]));
  const rows = [...html.matchAll(/<tr>([\s\S]*?)<\/tr>/g)].map(([, row]) => row!.match(/<t[dh]>/g)?.length);
  expect(new Set(rows)).toEqual(new Set([2, 3, 4]));
  expect(markdown).not.toContain("\u202e");
});

test("a long one is cut to what it may hold, and is whole Markdown still", async () => {
  const commands = Array.from({ length: 130 }, (_, at) =>
    call("exec", { command: `echo ${at} ${"x".repeat(900)}` }, `c${at}`),
  );
  const bench = await open([commands, [`${"````\n".repeat(2000)}${"long ".repeat(9000)}`]], {
    settings: { approvals: "deny" },
  });
  const id = await bench.ran();
  const { report, markdown } = await bench.core.reports.of(id);
  expect(report.commands).toHaveLength(100);
  expect(report.leftOut).toBe(30 + 80);
  expect(report.answer.length).toBeLessThan(16_200);
  expect(markdown.length).toBeLessThanOrEqual(64_000);
  for (const maxChars of [200, 700, 4000, 12_345, 20_000, 30_000]) {
    const { markdown: short } = await bench.core.reports.of(id, { maxChars });
    expect(short.length).toBeLessThanOrEqual(maxChars);
    expect(short.trimEnd().endsWith("The rest is left out: the report is too long.")).toBe(true);
    expect(rendered(short)).toMatch(/<p>The rest is left out[^<]*<\/p>\s*$/);
  }
});

test("what goes on for a run in its own session is no sub-agent of it, and its usage counts", async () => {
  const bench = await open([["first"], ["child"], ["more"]]);
  const first = await bench.ran();
  const go = async (more: { sessionKey?: string; parentKey?: string; continues?: string }) => {
    const run = await bench.core.sessions.send({ text: "go on", origin: { via: "subagent", id: first }, ...more });
    await run.outcome;
    return run;
  };
  const child = await go({ parentKey: "main" });
  await go({ sessionKey: "main", continues: first });
  const { report } = await bench.core.reports.of(first);
  expect(report.subagents).toMatchObject([{ runId: child.id, sessionKey: child.sessionKey }]);
  expect(report.usage).toMatchObject({ inputTokens: 30, outputTokens: 15 });
});
