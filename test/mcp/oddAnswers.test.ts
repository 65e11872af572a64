import { join } from "node:path";
import { writeFileSync } from "node:fs";
import { expect, test } from "vitest";
import { toResultText } from "../../src/mcp/tools/resultText.ts";
import { mendCallResult } from "../../src/mcp/wire/mendCallResult.ts";
import { tempFolder } from "../tools/toolContext.ts";
import { fake, never, openMcpBench } from "./bench.ts";

const inputSchema = { type: "object", properties: {} };
const fine = { name: "fine", description: "f", inputSchema };

/** The names of the tools that a server has which lists these as they are. */
async function listed(tools: unknown) {
  const toolsFile = join(tempFolder(), "tools.json");
  writeFileSync(toolsFile, typeof tools === "string" ? tools : JSON.stringify(tools));
  const bench = openMcpBench({ x: fake({ toolsFile }) });
  await bench.servers.settled(never);
  await expect.poll(() => bench.servers.list()[0]!.state).toBe("ready");
  return { ...bench, names: bench.servers.list()[0]!.tools.map(({ name }) => name.replace("mcp__x__", "")) };
}

test("a tool that is described in ways of its own hides no other, and is there as far as it can be called", async () => {
  const odd = (name: string, more: object) => ({ ...fine, name, ...more });
  const deep = `${'{"type":"object","properties":{"a":'.repeat(900)}{}${"}}".repeat(900)}`;
  const { names, servers, tool } = await listed(
    JSON.stringify([
      fine,
      odd("anyof", { inputSchema: { anyOf: [{ type: "object", required: ["a"] }, { type: "object" }] } }),
      odd("untyped", { inputSchema: { properties: { a: { type: "string" } }, required: "a" } }),
      odd("none", { inputSchema: null }),
      odd("several", { inputSchema: { type: ["object", "null"], properties: [] } }),
      odd("words", { description: { en: "x" }, title: 5, annotations: { readOnlyHint: "yes", title: null } }),
      odd("output", { outputSchema: { description: "of no type" }, annotations: null, _meta: 5, icons: "x" }),
      odd("text_only", { inputSchema: { type: "string" } }),
      { ...fine, name: 5 },
      null,
    ]).replace(/\]$/, `,{"name":"deep","inputSchema":${deep}}]`),
  );
  expect(names).toEqual(["fine", "anyof", "untyped", "none", "several", "words", "output"]);
  const log = servers.log("x", 100).join("\n");
  expect(log).toContain('The tool "text_only" is left out: its input is no object');
  expect(log).toContain('The tool "deep" is left out: its schema is nested too deep');
  expect(log).toContain("A tool without a name is left out");
  expect(tool("mcp__x__untyped").inputSchema).toEqual({ type: "object", properties: { a: { type: "string" } } });
});

test("a tool that is listed more than once is there once, and what is counted is what there is", async () => {
  const { names, servers } = await listed([fine, { ...fine, description: "another" }, { ...fine, name: "b" }]);
  expect(names).toEqual(["fine", "b"]);
  const log = servers.log("x", 100).join("\n");
  expect(log).toContain('The tool "fine" is listed more than once: all but the first are left out');
  expect(log).toMatch(/Ready: .*, 2 tools$/m);
});

test("that a server lists more tools than are used is said", async () => {
  const { names, servers } = await listed(Array.from({ length: 1001 }, (_, at) => ({ ...fine, name: `t${at}` })));
  expect(names).toHaveLength(1000);
  expect(servers.log("x", 100).join("\n")).toContain("It has 1001 tools, of which the first 1000 are used");
});

test("a schema is such that no provider refuses all for it: what names nothing, or is no schema, is not in it", async () => {
  const schema = {
    type: "object",
    properties: {
      coin: { type: "string" },
      required: ["coin"],
      far: { $ref: "https://example.com/x.json" },
      lost: { description: "kept", $ref: "#/$defs/Nowhere" },
      found: { $ref: "#/$defs/There" },
      inner: { type: "object", properties: { good: { type: "number" }, description: "of the whole" } },
      list: { type: "array", items: { $ref: "#/components/schemas/X" } },
    },
    $defs: { There: { type: "string" }, Odd: 5 },
  };
  const { tool } = await listed([{ ...fine, name: "odd", inputSchema: schema }]);
  expect(tool("mcp__x__odd").inputSchema).toEqual({
    type: "object",
    properties: {
      coin: { type: "string" },
      far: {},
      lost: { description: "kept" },
      found: { $ref: "#/$defs/There" },
      inner: { type: "object", properties: { good: { type: "number" } } },
      list: { type: "array", items: {} },
    },
    $defs: { There: { type: "string" } },
  });
});

const results: [string, unknown, string][] = [
  [
    "text is no text",
    { content: [{ type: "text", text: null }, { type: "text", text: "b" }, null, "c", 5] },
    "\nb\nc\n",
  ],
  ["text is data", { content: [5, { a: 1 }].map((text) => ({ type: "text", text })) }, '\n5\n{"a":1}\n'],
  ["content is a text", { content: "all" }, "\nall\n"],
  ["there is no content", { toolResult: { old: true } }, '\n{"old":true}\n'],
  ["no structure was given where one was said", { content: [{ type: "text", text: "in words" }] }, "\nin words\n"],
  ["a structure is a number", { structuredContent: 5 }, "\n5\n"],
  ["an image without its kind", { content: [{ type: "image", data: "iVBORw0KGgo=" }] }, "(It answered with an image.)"],
  [
    "an image that is none",
    { content: [{ type: "image", data: "!!", mimeType: "image/png" }] },
    "[image, image/png: not shown, for it is no base64]",
  ],
  ["notes on a text", { content: [{ type: "text", text: "x", annotations: { audience: "user" }, _meta: 1 }] }, "\nx\n"],
  [
    "controls",
    { content: [{ type: "text", text: "a\u0000b\u001b[31m\u202ec\u{e0041}d\u00a0e\u200de" }] },
    "a\\u{0}b\\u{1b}[31m\\u{202e}c\\u{e0041}d\u00a0e\u200de",
  ],
];

test("what is more than anybody reads is told of, and left out", () => {
  const content = Array.from({ length: 10_002 }, () => ({ type: "text", text: "" }));
  const shown = mendCallResult({ content })["content"] as object[];
  expect(shown.slice(9_999)).toEqual([
    { type: "text", text: "" },
    { type: "text", text: "[2 more parts are not shown]" },
  ]);
});

test("what is nested deeper than can be written is told of", () => {
  let structuredContent: object = {};
  for (let depth = 0; depth < 20_000; depth += 1) structuredContent = { structuredContent };
  expect(toResultText({ structuredContent }).text).toBe("[a value nested too deep: not shown]");
  expect(mendCallResult({ toolResult: structuredContent })["content"]).toEqual([
    { type: "text", text: "[a value nested too deep: not shown]" },
  ]);
});

test("an answer in ways of its own is shown as far as it can be: the call was made", async () => {
  const outputSchema = { type: "object", properties: { a: { type: "number" } }, required: ["a"] };
  const answers = Object.fromEntries(results.map(([, result], at) => [`t${at}`, { result }]));
  const tools = Object.keys(answers).map((name) => ({ name, outputSchema }));
  const { servers, call } = openMcpBench({ x: fake({ tools, answers }) });
  await servers.settled(never);
  for (const [at, [why, , shown]] of results.entries()) {
    const { text, isError } = await call(`mcp__x__t${at}`);
    expect(isError, why).toBeUndefined();
    expect(text, why).toContain(shown);
  }
});

test("what answers nothing is an answer all the same: nobody waits on, and nobody is told that it was not done", async () => {
  const answers = {
    null: { result: null },
    neither: {},
    both: { result: { content: [] }, error: { code: 1, message: "e" } },
    coded: { error: { code: "E1", text: "x" } },
    listed: [{ result: { content: [{ type: "text", text: "in a list" }] } }],
  };
  const tools = Object.keys(answers).map((name) => ({ name }));
  const { servers, call } = openMcpBench({ x: fake({ tools, answers }) });
  await servers.settled(never);
  const none = (name: string) =>
    `The MCP server x was asked for ${name}, and what came of it is unknown: it answered with what is no answer of the protocol`;
  for (const name of ["null", "neither", "both"]) await expect(call(`mcp__x__${name}`)).rejects.toThrow(none(name));
  expect((await call("mcp__x__coded")).text).toContain('{"code":"E1","text":"x"}');
  expect((await call("mcp__x__listed")).text).toContain("in a list");
});

test("a null says of a result or an error that it is not there", async () => {
  const answers = {
    done: { result: { content: [{ type: "text", text: "done" }] }, error: null },
    refused: { result: null, error: { code: -32000, message: "There is no such row" } },
  };
  const { servers, call } = openMcpBench({
    x: fake({ tools: Object.keys(answers).map((name) => ({ name })), answers }),
  });
  await servers.settled(never);
  expect((await call("mcp__x__done")).text).toContain("\ndone\n");
  const refused = await call("mcp__x__refused");
  expect([refused.isError, refused.text]).toEqual([true, expect.stringContaining("There is no such row")]);
});

test("last words count: what was written before the end is read, however long it is", async () => {
  const { servers, call } = openMcpBench({ x: fake() });
  await servers.settled(never);
  for (const name of ["echo_and_end", "long_and_end"]) {
    const { text } = await call(`mcp__x__${name}`);
    expect(text).toContain("last words");
    await expect.poll(() => servers.list()[0]!.state).toBe("failed");
  }
});
