import { expect, test } from "vitest";
import { readMovedLine } from "../../../src/base/input/readMovedLine.ts";
import type { Message } from "../../../src/protocol/message.ts";
import type { TakeRequest } from "../../../src/protocol/written/movedLine.ts";
import * as fc from "../../property.ts";
import { jobOf, sessionOf } from "../../store/samples.ts";
import { openBench } from "../bench.ts";

const by = { via: "cli" } as const;
const how: Omit<TakeRequest, "lines"> = { dryRun: false, enable: false, grants: false, keepFolders: false };

const text = fc.oneof(
  fc.string({ unit: "binary", maxLength: 20 }),
  fc.constantFrom("", "\0", "half \ud83d", "\udc00", "😀", "__proto__"),
);
/** As JSON.parse gives it, with a `__proto__` of its own. */
const nested = (depth: number) => JSON.parse(`${'{"__proto__":['.repeat(depth)}1${"]}".repeat(depth)}`) as unknown;
const input = fc.oneof(
  fc.json().map((json) => JSON.parse(json) as unknown),
  fc.dictionary(text, text),
  fc.integer({ min: 1, max: 40 }).map(nested),
);
const attachment = fc.record({ name: text.filter((name) => name !== ""), data: text }).map((of) => ({
  ...of,
  mediaType: "text/plain",
}));
const step = fc
  .record({ said: text, id: text, name: text, input, reply: text, thinking: text, files: fc.array(attachment) })
  .map(({ said, id, name, input: given, reply, thinking, files }): Message[] => [
    { role: "user", text: said, origin: { via: "telegram", id }, attachments: files },
    { role: "assistant", text: reply, thinking, toolCalls: [{ id, name, input: given }], model: "test/m" },
    { role: "tool", callId: id, name, text: reply, isError: false, images: files },
    { role: "system", text: said, kind: "event" },
  ]);

test("whatever a session and a job hold, an export of them is taken in, and is the same from there", async () => {
  let count = 0;
  const [from, to] = [await openBench(), await openBench()];
  await fc.assert(
    fc.asyncProperty(text, fc.array(step, { minLength: 1, maxLength: 3 }), async (title, steps) => {
      const key = `s-${(count += 1)}`;
      const messages = steps.flat();
      await from.store.commit({
        sessions: [
          { put: sessionOf(key, { title, workspace: `/${title}` }) },
          { key, add: { messageCount: messages.length } },
        ],
        facts: messages.map((message) => ({
          source: { runId: "run_1", sessionKey: key },
          facts: [{ type: "message", message }],
        })),
        jobs: [{ put: jobOf(key, { name: `n${title}`, payload: { kind: "agentTurn", message: `m${title}` } }) }],
      });
      const lines = await linesOf(from, key);
      const taken = await to.core.moving.take({ ...how, lines }, by);
      expect(taken.sessions).toMatchObject([{ key, to: key, state: "made", messages: messages.length }]);
      expect(taken.jobs).toMatchObject([{ id: key, state: "made" }]);
      expect(saidIn(await linesOf(to, key))).toEqual(saidIn(lines));
      // What can be moved is as it was.
      for (const [n, message] of messages.entries())
        if (message.role === "user" && message.text.isWellFormed() && !message.text.includes("\0"))
          expect(saidIn(lines)[n]).toMatchObject({ text: message.text });
      for (const { store } of [from, to]) await store.deleteSession(key);
    }),
    { numRuns: 30 },
  );
});

test("what was said is read from a file that was written before", () => {
  const line = {
    type: "message",
    sessionKey: "s-1",
    n: 0,
    at: "2026-01-01T00:00:00.000Z",
    runId: "r",
    message: {
      role: "assistant",
      text: "a\0b \ud800",
      toolCalls: [{ id: "c", name: "t", input: nested(30) }],
      model: "m",
    },
  };
  const read = readMovedLine(JSON.stringify(line));
  expect(read).toMatchObject({ message: { text: "a\ufffdb \ufffd", toolCalls: [{ id: "c" }] } });
  expect(JSON.stringify(read)).toContain('"[nested too deep to be moved]"');
});

type Bench = Awaited<ReturnType<typeof openBench>>;

async function linesOf({ core }: Bench, key: string): Promise<string[]> {
  const lines: string[] = [];
  for (let cursor: string | undefined, more = true; more; more = cursor !== undefined) {
    const page = await core.moving.sessions(cursor);
    lines.push(...page.lines);
    cursor = page.nextCursor;
  }
  lines.push(...(await core.moving.jobs()).lines);
  return lines.filter((line) => {
    const { id, key: own, sessionKey } = JSON.parse(line) as Record<string, unknown>;
    return [id, own, sessionKey].includes(key);
  });
}

function saidIn(lines: string[]): unknown[] {
  return lines.map((line) => JSON.parse(line) as { message?: unknown }).flatMap(({ message }) => message ?? []);
}
