import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { array, assert, asyncProperty, constantFrom, record } from "../../property.ts";
import { expect, test } from "vitest";
import { AppError } from "../../../src/base/appError.ts";
import type { ModelEvent } from "../../../src/core/ports/provider.ts";
import type { StoredMessage } from "../../../src/protocol/message.ts";
import type { Rule } from "../../../src/protocol/rule.ts";
import { createDiskFiles } from "../../../src/tools/files/diskFiles.ts";
import { applyPatch, edit, exec, grep, memory, read, write } from "../../../src/tools/index.ts";
import { call } from "../../fakes/scriptedProvider.ts";
import { type Bench, nextEvent, openBench } from "../bench.ts";

const origin = { via: "api" as const };
const tools = [applyPatch, edit, exec, grep, memory, read, write];

function openHands(approvals: "ask" | "auto", rules: Rule[] = []): Promise<Bench> {
  return openBench({ tools, files: createDiskFiles(), settings: { approvals, rules } });
}

/** What the tools told a session that made these calls in one answer. */
async function answer(bench: Bench, calls: ModelEvent[], sessionKey = "main"): Promise<StoredMessage[]> {
  bench.model.turns.push(calls);
  const run = await bench.core.sessions.send({ text: "go", origin, sessionKey });
  await run.outcome;
  const { messages } = await bench.core.sessions.history(sessionKey, { limit: 200, includeTools: true });
  const told = messages.filter((message) => message.role === "tool" && message.runId === run.id);
  const order = calls.map((one) => (one.type === "toolCall" ? one.id : ""));
  return told.toSorted((a, b) => order.indexOf(idOf(a)) - order.indexOf(idOf(b)));
}

/** Several sessions at once, each with the calls of its own in one answer. */
async function answerAll(bench: Bench, keys: string[], calls: ModelEvent[][]): Promise<void> {
  const asked = new Set<string>();
  const turn = ({ cacheKey = "" }: { cacheKey?: string }) => {
    if (asked.has(cacheKey)) return ["ok"];
    asked.add(cacheKey);
    return calls[keys.indexOf(cacheKey)]!;
  };
  bench.model.turns.push(...keys.flatMap(() => [turn, turn]));
  await Promise.all(
    keys.map(async (sessionKey) => (await bench.core.sessions.send({ text: "go", origin, sessionKey })).outcome),
  );
}

const idOf = (message: StoredMessage) => (message.role === "tool" ? message.callId : "");
const texts = (messages: StoredMessage[]) => messages.map((message) => message.text);
const change = (path: string, from: string, to: string, id = `${path}${from}`) =>
  call("edit", { path, oldText: from, newText: to }, id);

const LETTERS = ["a", "b", "c", "d"];
const fourEdits = () => LETTERS.map((letter) => change("f", letter, letter.toUpperCase()));

/** Waits until that many questions are open at once, then answers them. */
async function allAsked(bench: Bench, count: number): Promise<string[]> {
  const ids = async () => (await bench.core.approvals.list()).map((approval) => approval.id);
  await expect.poll(async () => (await ids()).length).toBeGreaterThanOrEqual(count);
  return await ids();
}

test("four edits of one file in one answer are all in it", async () => {
  const bench = await openHands("auto");
  writeFileSync(join(bench.folder, "f"), "a\nb\nc\nd\n");
  const told = await answer(bench, fourEdits());
  expect(texts(told)).toEqual([1, 2, 3, 4].map((line) => `Changed f at line ${line}`));
  expect(readFileSync(join(bench.folder, "f"), "utf8")).toBe("A\nB\nC\nD\n");
});

test.each([
  ["together", (ids: string[]) => ids],
  ["from the last to the first", (ids: string[]) => ids.toReversed()],
])("all four are asked at once, each on top of those before it, and answered %s", async (_, order) => {
  const bench = await openHands("ask");
  writeFileSync(join(bench.folder, "f"), "a\nb\nc\nd\n");
  const told = answer(bench, fourEdits());
  const ids = await allAsked(bench, 4);
  expect(
    (await bench.core.approvals.list()).map(({ subject }) => (subject.type === "edit" ? subject.after : "")),
  ).toEqual(["A\nb\nc\nd\n", "A\nB\nc\nd\n", "A\nB\nC\nd\n", "A\nB\nC\nD\n"]);
  for (const id of order(ids)) await bench.core.approvals.answer(id, "allow", "test");
  expect((await told).every((message) => message.text.startsWith("Changed f"))).toBe(true);
  expect(readFileSync(join(bench.folder, "f"), "utf8")).toBe("A\nB\nC\nD\n");
});

test("when one of them is denied, those behind it are shown anew", async () => {
  const bench = await openHands("ask");
  writeFileSync(join(bench.folder, "f"), "a\nb\n");
  const told = answer(bench, [change("f", "a", "A"), change("f", "b", "B")]);
  const [first, second] = await allAsked(bench, 2);
  const again = nextEvent(bench.core, "approval.asked");
  await bench.core.approvals.answer(second!, "allow", "test");
  await bench.core.approvals.answer(first!, "deny", "test");
  const { approval } = await again;
  expect(approval.subject).toMatchObject({ before: "a\nb\n", after: "a\nB\n" });
  await bench.core.approvals.answer(approval.id, "allow", "test");
  expect(texts(await told)).toEqual(["The user denied this call.", "Changed f at line 2"]);
  expect(readFileSync(join(bench.folder, "f"), "utf8")).toBe("a\nB\n");
});

test("what the user saved while a question waited is not overwritten", async () => {
  for (const one of [
    call("write", { path: "f", content: "agent\n" }, "w"),
    change("f", "original", "agent"),
    call("apply_patch", { patch: "*** Begin Patch\n*** Delete File: f\n*** End Patch" }, "p"),
  ]) {
    const bench = await openHands("ask");
    writeFileSync(join(bench.folder, "f"), "original\n");
    const told = answer(bench, [one]);
    const [id] = await allAsked(bench, 1);
    writeFileSync(join(bench.folder, "f"), "original and more\n");
    await bench.core.approvals.answer(id!, "allow", "test");
    const [message] = await told;
    expect(message).toMatchObject({ isError: true });
    expect(message!.text).toMatch(/Nothing was done\. f now reads:\noriginal and more\n$/);
    expect(readFileSync(join(bench.folder, "f"), "utf8")).toBe("original and more\n");
  }
});

test.each([
  ["it may hold secrets", ".env"],
  ["a rule denies it to be read", "diary.md"],
])("what a file reads meanwhile is not told where %s", async (_why, name) => {
  const bench = await openHands("ask", [{ deny: "read", path: "*.md" }]);
  writeFileSync(join(bench.folder, name), "original\n");
  const told = answer(bench, [call("write", { path: name, content: "agent\n" }, "w")]);
  const [id] = await allAsked(bench, 1);
  writeFileSync(join(bench.folder, name), "canary\n");
  await bench.core.approvals.answer(id!, "allow", "test");
  const [message] = await told;
  expect(message).toMatchObject({ isError: true, text: expect.stringMatching(/Nothing was done\.$/) });
});

test("leave to change files for a session does not cover a delete", async () => {
  const bench = await openHands("ask");
  for (const name of ["f", "g"]) writeFileSync(join(bench.folder, name), "x\n");
  const first = answer(bench, [change("f", "x", "y")]);
  const [id] = await allAsked(bench, 1);
  await bench.core.approvals.answer(id!, "allow_session", "test");
  await first;
  const told = answer(bench, [
    change("f", "y", "z"),
    call("apply_patch", { patch: "*** Begin Patch\n*** Delete File: g\n*** End Patch" }, "p"),
  ]);
  const [question] = await allAsked(bench, 1);
  expect((await bench.core.approvals.list())[0]).toMatchObject({ summary: "delete g", reason: "deletes g" });
  await bench.core.approvals.answer(question!, "deny", "test");
  expect(texts(await told)).toEqual(["Changed f at line 1", "The user denied this call."]);
  expect(readFileSync(join(bench.folder, "g"), "utf8")).toBe("x\n");
});

test("a read sees the writes before it in the answer and none after it, commands included", async () => {
  const bench = await openHands("auto");
  writeFileSync(join(bench.folder, "f"), "0\n");
  const told = await answer(bench, [
    call("read", { path: "f" }, "r0"),
    change("f", "0", "1"),
    call("read", { path: "f" }, "r1"),
    call("exec", { command: "sleep 0.05; echo 2 >> f" }, "x"),
    change("f", "2", "3"),
    call("grep", { pattern: "\\d", path: "f" }, "g"),
    call("write", { path: "f", content: "end\n" }, "w"),
    call("memory", { action: "append", text: "one" }, "m1"),
    call("memory", { action: "append", text: "two" }, "m2"),
    call("memory", { action: "read" }, "m3"),
  ]);
  expect(texts(told)).toEqual([
    "0",
    "Changed f at line 1",
    "1",
    "(no output)",
    "Changed f at line 2",
    "f:1:1\nf:2:3",
    "Replaced f (1 lines)",
    "Noted in .pincer/memory.md",
    "Noted in .pincer/memory.md",
    expect.stringContaining("- one\n- two"),
  ]);
});

test("eight sessions at one file leave what each of them was told", async () => {
  const bench = await openHands("auto");
  writeFileSync(join(bench.folder, "f"), Array.from({ length: 8 }, (_, index) => `line ${index}\n`).join(""));
  const keys = await Promise.all(Array.from({ length: 8 }, async () => (await bench.core.sessions.create({})).key));
  const calls = keys.map((_, index) => [
    change("f", `line ${index}\n`, `LINE ${index}\n`),
    call("exec", { command: `echo ${index} >> f` }, "x"),
  ]);
  await answerAll(bench, keys, calls);
  const now = readFileSync(join(bench.folder, "f"), "utf8").split("\n");
  expect(now.slice(0, 8)).toEqual(Array.from({ length: 8 }, (_, index) => `LINE ${index}`));
  expect(now.slice(8, 16).toSorted()).toEqual(["0", "1", "2", "3", "4", "5", "6", "7"]);
});

test("any writers over any files end as if one had come after the other", async () => {
  const step = record({
    tool: constantFrom("edit", "write", "patch", "exec"),
    file: constantFrom("f", "./g", "sub/../h"),
    session: constantFrom(0, 1, 2),
  });
  await assert(
    asyncProperty(array(step, { minLength: 2, maxLength: 12 }), async (steps) => {
      const bench = await openHands("auto");
      for (const name of ["f", "g", "h"]) writeFileSync(join(bench.folder, name), "start\n");
      const keys = await Promise.all([0, 1, 2].map(async () => (await bench.core.sessions.create({})).key));
      // Each adds its own number in front of the first line, whatever stands there: a lost edit loses a number.
      const toCall = ({ tool, file }: (typeof steps)[number], index: number): ModelEvent => {
        const id = `c${index}`;
        if (tool === "exec") return call("exec", { command: `echo ${index} >> ${file.replace("sub/../", "")}` }, id);
        if (tool === "patch")
          return call(
            "apply_patch",
            { patch: `*** Begin Patch\n*** Update File: ${file}\n@@\n-start\n+start\n+${index}\n*** End Patch` },
            id,
          );
        if (tool === "write") return call("write", { path: `${file}${index}`, content: `${index}\n` }, id);
        return call("edit", { path: file, oldText: "start\n", newText: `start\n${index}\n` }, id);
      };
      const calls = keys.map((_, session) =>
        steps.flatMap((one, index) => (one.session === session ? [toCall(one, index)] : [])),
      );
      await answerAll(bench, keys, calls);
      for (const [session, key] of keys.entries()) {
        const { messages } = await bench.core.sessions.history(key, { limit: 200, includeTools: true });
        const results = messages.filter((message) => message.role === "tool");
        expect(results).toHaveLength(calls[session]!.length);
        for (const result of results) expect(result, result.text).toMatchObject({ isError: false });
      }
      for (const [index, { tool, file }] of steps.entries()) {
        const name = file.replace(/^.*\//, "") + (tool === "write" ? index : "");
        const lines = readFileSync(join(bench.folder, name), "utf8").split("\n");
        expect(lines.filter((line) => line === String(index))).toHaveLength(1);
      }
    }),
    { numRuns: 15 },
  );
});

test("an error names a path as the model writes it", async () => {
  const bench = await openHands("auto");
  writeFileSync(join(bench.folder, "binary"), "a\0b");
  const told = await answer(bench, [call("edit", { path: "binary", oldText: "a", newText: "b" })]);
  expect(texts(told)).toEqual(["binary is a binary file"]);
});

test("a script that changes while its command waits is not what was shown; one that its own answer writes is", async () => {
  const bench = await openHands("ask");
  const script = join(bench.folder, "s.sh");
  writeFileSync(script, "echo shown > out\n");
  const running = answer(bench, [call("exec", { command: "sh s.sh" }, "x")]);
  const [asked] = await allAsked(bench, 1);
  writeFileSync(script, "echo other > out\n");
  await bench.core.approvals.answer(asked!, "allow", "test");
  expect(texts(await running)[0]).toMatch(/can no longer be done as it was shown/);
  expect(() => readFileSync(join(bench.folder, "out"))).toThrow();

  const both = answer(bench, [
    call("write", { path: "s.sh", content: "echo written > out\n" }, "w"),
    call("exec", { command: "sh ./s.sh" }, "y"),
  ]);
  for (const id of await allAsked(bench, 2)) await bench.core.approvals.answer(id, "allow", "test");
  await both;
  expect(readFileSync(join(bench.folder, "out"), "utf8")).toBe("written\n");
});

test("a file that another program holds is a result of its call, at the first look and at the second", async () => {
  const disk = createDiskFiles();
  const held = new AppError("unavailable", "f could not be read: another program holds it");
  let free = 0;
  const readText = async (path: string) => {
    free -= 1;
    if (free < 0) throw held;
    return await disk.readText(path);
  };
  const bench = await openBench({ tools, files: { ...disk, readText }, settings: { approvals: "auto" } });
  writeFileSync(join(bench.folder, "f"), "a\nb\n");
  for (const looks of [0, 1]) {
    free = looks;
    expect(await answer(bench, [change("f", "a", "A", `look${looks}`)])).toMatchObject([
      { text: expect.stringContaining("another program holds it"), isError: true },
    ]);
  }
  expect(readFileSync(join(bench.folder, "f"), "utf8")).toBe("a\nb\n");
});
