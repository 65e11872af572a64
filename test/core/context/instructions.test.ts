import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { toldAgain } from "../../../src/core/context/told.ts";
import type { ModelRequest } from "../../../src/core/ports/provider.ts";
import type { StoredMessage } from "../../../src/protocol/message.ts";
import { createDiskFiles } from "../../../src/tools/files/diskFiles.ts";
import { createInstructionFiles } from "../../../src/tools/files/createInstructionFiles.ts";
import { read } from "../../../src/tools/readTool.ts";
import { call, type Turn } from "../../fakes/scriptedProvider.ts";
import { write } from "../../../src/tools/writeTool.ts";
import { tempFolder } from "../../tools/toolContext.ts";
import { type BenchOptions, openBench } from "../bench.ts";

const origin = { via: "api" } as const;

async function open(given: Record<string, string>, turns: Turn[], options: BenchOptions = {}) {
  const folder = tempFolder(given);
  const put = (path: string, text: string) => writeFileSync(join(folder, path), text);
  const files = createDiskFiles();
  const instructionFiles = createInstructionFiles({ stateDir: join(folder, "state"), files, rules: () => [] });
  const bench = await openBench({ folder, turns, tools: [read], files, instructionFiles, ...options });
  const send = async (text: string) =>
    await (
      await bench.core.sessions.send({ text, origin, sessionKey: "main" })
    ).outcome;
  return { ...bench, put, send };
}

const readCall = (path: string, id = path): Turn => [call("read", { path }, id)];

/** What a request tells of folders, as its history has it. */
const toldIn = ({ messages }: ModelRequest) =>
  messages.flatMap((message) => (message.role === "system" && message.kind === "instructions" ? [message.text] : []));

test("AGENTS.md of the folder stands in the prompt, as it reads at each run's start, unless it is switched off", async () => {
  const { model, send, put, settings } = await open({ "AGENTS.md": "Use tabs." }, []);
  await send("one");
  put("AGENTS.md", "Use blanks.");
  await send("two");
  settings.instructionFiles = false;
  await send("three");
  const [one, two, three] = model.requests.map(({ system }) => system ?? "");
  expect(one).toContain("AGENTS.md says");
  expect(one).toContain("Use tabs.");
  expect(two).toContain("Use blanks.");
  expect(three).not.toContain("AGENTS.md");
});

test("a folder's own are told behind the first look into it, once, and again when they change", async () => {
  const { model, send, put, core } = await open(
    { "a/AGENTS.md": "Only A.", "a/x.ts": "x", "a/y.ts": "y", "b.ts": "b" },
    [readCall("b.ts"), readCall("a/x.ts"), readCall("a/y.ts"), ["done"], readCall("a/y.ts", "again"), ["done"]],
  );
  await send("look");
  expect(model.requests.map(toldIn)).toEqual([
    [],
    [],
    ["a/AGENTS.md, for what is beneath a:\n\nOnly A."],
    [expect.any(String)],
  ]);
  const { messages } = model.requests[2]!;
  expect(messages.slice(-2).map(({ role }) => role)).toEqual(["tool", "system"]);
  put("a/AGENTS.md", "Other A.");
  await send("more");
  expect(toldIn(model.requests.at(-1)!).map((text) => text.split("\n").at(-1))).toEqual(["Only A.", "Other A."]);
  expect((await core.sessions.status("main")).instructions).toMatchObject([
    { name: "a/AGENTS.md", beneath: "a", from: "workspace" },
  ]);
  const { messages: shown } = await core.sessions.history("main", { limit: 100, includeTools: false });
  expect(shown.map(({ role }) => role)).not.toContain("system");
});

test("calls side by side tell them once, and so does a file that is made there", async () => {
  const given = { "a/AGENTS.md": "Only A.", "a/x.ts": "x", "a/y.ts": "y", "b/AGENTS.md": "Only B." };
  const { model, send } = await open(
    given,
    [
      [call("read", { path: "a/x.ts" }, "1"), call("read", { path: "a/y.ts" }, "2")],
      [call("write", { path: "b/new.ts", content: "n" }, "3")],
      ["done"],
    ],
    { tools: [read, write], settings: { approvals: "auto" } },
  );
  await send("look");
  expect(model.requests.map((request) => toldIn(request).length)).toEqual([0, 1, 2]);
});

test("a summary drops none of them: what stands is in the prompt, a folder's are told again behind it", async () => {
  const long = "x".repeat(40_000);
  const { model, send, core, restart } = await open(
    { "AGENTS.md": "Root rule.", "a/AGENTS.md": "Only A.", "a/x.ts": "x" },
    [readCall("a/x.ts"), [long], [long], ["SUMMARY"]],
  );
  await send("look");
  await send("more");
  expect(await core.sessions.compact("main")).toMatchObject({ compacted: true });
  const asked = model.requests.at(-1)!;
  expect(asked.messages[0]!.text).not.toContain("Only A.");
  const later = await restart();
  await (
    await later.core.sessions.send({ text: "on", origin, sessionKey: "main" })
  ).outcome;
  const request = later.model.requests.at(-1)!;
  expect(request.system).toContain("Root rule.");
  expect(toldIn(request)).toEqual(["a/AGENTS.md, for what is beneath a:\n\nOnly A."]);
});

test("of many only as much is told again as does not fill the window", async () => {
  const names = Array.from({ length: 8 }, (_, at) => `p${at}`);
  const given = Object.fromEntries(
    names.flatMap((name) => [
      [`${name}/AGENTS.md`, `${name} ${"r".repeat(9000)}`],
      [`${name}/x.ts`, "x"],
    ]),
  );
  const { send, core, model } = await open(
    given,
    [...names.map((name) => readCall(`${name}/x.ts`)), ["x".repeat(40_000)], ["x".repeat(40_000)], ["SUMMARY"]],
    { windowTokens: 1_000_000 },
  );
  await send("look");
  await send("more");
  await core.sessions.compact("main");
  await send("on");
  const told = toldIn(model.requests.at(-1)!).map((text) => text.slice(0, 2));
  expect(told).toEqual(["p5", "p6", "p7"]);
});

test("one as long as they are told takes no other along, and is told again as far as it was", async () => {
  const given = { "a/AGENTS.md": "Only A.", "a/x.ts": "x", "b/AGENTS.md": "b".repeat(40_000), "b/x.ts": "x" };
  const long = "x".repeat(40_000);
  const turns = [readCall("a/x.ts"), readCall("b/x.ts"), [long], [long], ["SUMMARY"]];
  const { send, core, model } = await open(given, turns, { windowTokens: 1_000_000 });
  await send("look");
  const before = toldIn(model.requests.at(-1)!);
  await send("more");
  await core.sessions.compact("main");
  await send("on");
  expect(before.map((text) => text.length > 32_000)).toEqual([false, true]);
  expect(toldIn(model.requests.at(-1)!)).toEqual(before);
});

test("one that is longer is cut, and says so; those that stay out count for nothing", () => {
  const told = (place: string, chars: number): StoredMessage => {
    const of = { id: 1, seq: 1, runId: "run_1", sessionKey: "main", createdAt: new Date(0).toISOString() };
    return { ...of, role: "system", kind: "skill", place, text: place.repeat(chars) };
  };
  const again = toldAgain([told("a", 300), told("b", 5000), told("c", 40_000)], []);
  expect(again.map(({ place, text }) => [place, text.replace(/^(\w)\1*/, (run) => `${run.length}`)])).toEqual([
    ["a", "300"],
    ["c", "32450\n\n[7550 more characters are left out]"],
  ]);
  const cut = again.map((message, at): StoredMessage => ({ ...told("a", 1), ...message, id: at, seq: at }));
  expect(toldAgain(cut, [])).toEqual(again);
});

test("a sub-agent is told them as well", async () => {
  const { model, core } = await open({ "AGENTS.md": "Root rule." }, []);
  await (
    await core.sessions.send({ text: "task", origin, parentKey: "main" })
  ).outcome;
  expect(model.requests[0]!.system).toContain("Root rule.");
});

test("a session without a folder is told the user's own alone", async () => {
  const { core, model } = await open({ "AGENTS.md": "Root rule.", "state/AGENTS.md": "Say du." }, []);
  const { key } = await core.sessions.create({ workspace: null });
  await (
    await core.sessions.send({ text: "hi", origin, sessionKey: key })
  ).outcome;
  expect(model.requests[0]!.system).toContain("the user's AGENTS.md says");
  expect(model.requests[0]!.system).not.toContain("Root rule.");
});

test("which are in use is told without reading what was said, however much that is", async () => {
  const { core, store, send } = await open({ "a/AGENTS.md": "Only A.", "a/x.ts": "x" }, [readCall("a/x.ts"), ["done"]]);
  await send("look");
  const source = { runId: "run_1", sessionKey: "main" };
  const said = Array.from({ length: 2000 }, (_, n) => ({
    type: "message" as const,
    message: { role: "user" as const, text: `message ${n}`, origin },
  }));
  await store.commit({ facts: [{ source, facts: said }] });
  const { listMessages } = store;
  let read = 0;
  store.listMessages = async (...args) => {
    const page = await listMessages(...args);
    read += page.messages.length;
    return page;
  };
  expect((await core.sessions.status("main")).instructions).toMatchObject([{ name: "a/AGENTS.md" }]);
  expect(read).toBeLessThan(10);
});
