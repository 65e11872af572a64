import { expect, test } from "vitest";
import { type ExportSource, exportSession } from "../../src/client/exportSession.ts";

const at = "2026-11-22T12:00:00.000Z";
const common = { runId: "run_1", createdAt: at };
const messages = [
  { ...common, seq: 3, role: "user", text: "Fix add()", origin: { via: "panel" }, attachments: [{ name: "add.ts" }] },
  {
    ...common,
    seq: 4,
    role: "assistant",
    text: "",
    model: "test/m",
    toolCalls: [{ id: "c", name: "read", input: { path: "add.ts" } }],
  },
  { ...common, seq: 5, role: "tool", text: "a ````quoted```` fence\n", name: "read", callId: "c" },
  { ...common, seq: 6, role: "assistant", text: "It **subtracts**.", model: "test/m" },
];

function sourceOf(all: object[], asked: (number | undefined)[] = []): ExportSource {
  const status = { sessionKey: "s_1", title: "Fix add", model: "test/m", workspace: "/w", createdAt: at };
  return {
    status: async () => status as never,
    history: async ({ before }) => {
      asked.push(before);
      const seqs = all as { seq: number }[];
      const earlier = seqs.filter(({ seq }) => seq < (before ?? Infinity));
      return { messages: earlier.slice(-2), hasMore: earlier.length > 2 } as never;
    },
  };
}

test("a session becomes one text to be read, page by page, and no fence in it ends another", async () => {
  const asked: (number | undefined)[] = [];
  const { text, count } = await exportSession(sourceOf(messages, asked), "s_1", "markdown");
  expect(asked).toEqual([undefined, 5]);
  expect(count).toBe(4);
  expect(text).toBe(
    `# Fix add

Session s_1 · test/m · /w · ${at}

## User (panel, ${at})

With add.ts

Fix add()

## Assistant (test/m, ${at})

**read**

\`\`\`json
{
  "path": "add.ts"
}
\`\`\`

### Result of read

\`\`\`\`\`
a \`\`\`\`quoted\`\`\`\` fence
\`\`\`\`\`

## Assistant (test/m, ${at})

It **subtracts**.
`,
  );
});

test.each([
  [{ ended: "stopped" }, "stopped"],
  [{ ended: "stopped", cutBy: "time_limit" }, "stopped at the time limit"],
  [{ ended: "stopped", cutBy: "fault" }, "cut short by a fault"],
  [{ ended: "length" }, "cut at its model's output limit"],
  [{ ended: "refused" }, "declined"],
])("an answer that is not whole says so: %o", async (how, words) => {
  const cut = { ...common, seq: 1, role: "assistant", text: "Once upon", model: "test/m", ...how };
  const { text } = await exportSession(sourceOf([cut]), "s_1", "markdown");
  expect(text).toContain(`## Assistant (test/m, ${at}, ${words})\n\nOnce upon\n`);
});

test("as JSON it is what the gateway told of it", async () => {
  const { text } = await exportSession(sourceOf(messages), "s_1", "json");
  const { session, messages: told } = JSON.parse(text);
  expect([session.key, session.title]).toEqual(["s_1", "Fix add"]);
  expect(told).toEqual(messages);
});
