import { existsSync, mkdirSync, readdirSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { Worker } from "node:worker_threads";
import { afterAll, beforeAll, expect, test } from "vitest";
import { readUploads } from "../../../src/browser/session/uploads.ts";
import type { Tool, ToolContext } from "../../../src/core/ports/tool.ts";
import * as tools from "../../../src/tools/index.ts";
import { tempFolder, toolContext } from "../toolContext.ts";

const SECRET = "canary-4f1d";

/** Makes a link lead here and there by turns, as fast as it can, until it is told to stop. */
const FLIP = `
const { symlinkSync, renameSync } = require("node:fs");
const { link, targets, stop } = require("node:worker_threads").workerData;
for (let turn = 0; Atomics.load(stop, 0) === 0; turn += 1) {
  symlinkSync(targets[turn % 2], link + ".next");
  renameSync(link + ".next", link);
  Atomics.wait(stop, 0, 0, 0.2);
}`;

const stop = new Int32Array(new SharedArrayBuffer(4));
let folder: string;
let outside: string;
const flippers: Worker[] = [];

beforeAll(async () => {
  folder = tempFolder(
    { "plain.txt": "plain\n", "plain.png": "plain\n", ".env": `KEY=${SECRET}\n`, "inner/a.txt": "a\n" },
    (remove) => after.push(remove),
  );
  outside = tempFolder({ "a.txt": "a\n" }, (remove) => after.push(remove));
  const start = async (name: string, targets: [string, string]) => {
    const link = join(folder, name);
    symlinkSync(targets[0], link);
    const flipper = new Worker(FLIP, { eval: true, workerData: { link, targets, stop } });
    await new Promise((resolve) => flipper.once("online", resolve));
    flippers.push(flipper);
  };
  await start("link", ["plain.txt", ".env"]);
  await start("link.png", ["plain.png", ".env"]);
  await start("out", ["inner", outside]);
});
const after: (() => void)[] = [];
afterAll(async () => {
  Atomics.store(stop, 0, 1);
  await Promise.all(flippers.map((flipper) => flipper.terminate()));
  for (const remove of after) remove();
});

/** What a call says where nothing that asks is allowed. */
async function unasked(tool: Tool<never>, input: unknown, own: Partial<ToolContext> = {}): Promise<string> {
  try {
    const prepared = await tool.prepare(tool.input.parse(input), toolContext(folder, own));
    return prepared.ask ? "" : JSON.stringify(await prepared.run());
  } catch (error) {
    return String(error);
  }
}

const reading: [what: string, times: number, call: () => Promise<string>][] = [
  ["read", 2000, () => unasked(tools.read as Tool<never>, { path: "link" })],
  ["read of an image", 2000, () => unasked(tools.read as Tool<never>, { path: "link.png" })],
  ["grep of a file", 40, () => unasked(tools.grep as Tool<never>, { path: "link", pattern: "." })],
  ["grep of all", 20, () => unasked(tools.grep as Tool<never>, { pattern: "canary|plain" })],
  ["find", 20, () => unasked(tools.find as Tool<never>, { pattern: "**" })],
  [
    "edit that fits nothing",
    500,
    () => unasked(tools.edit as Tool<never>, { path: "link", oldText: "KEY=canary-4f1x", newText: "x" }),
  ],
  [
    "browser upload",
    2000,
    () =>
      readUploads(folder, ["link"], { maySecrets: false }).then(
        (files) => files.map((file) => file.buffer.toString()).join(""),
        String,
      ),
  ],
];

test.each(reading)(
  "%s through a link that flips between a file and a secret shows no secret",
  async (_, times, call) => {
    let leaks = 0;
    let plain = 0;
    // Until it was tried, and not refused each time: how the two take turns is the machine's affair.
    for (let time = 0; time < times || plain === 0; time += 1) {
      const said = await call();
      if (said.includes(SECRET)) leaks += 1;
      if (said.includes("plain")) plain += 1;
    }
    expect(leaks).toBe(0);
  },
);

test("why a change of a secret cannot be made is told to whom may read it, and asked about in the same words", async () => {
  const context = toolContext(tempFolder({ ".env": `KEY=${SECRET}\nKEY=${SECRET}\n`, "a.txt": "a\n" }));
  const patch = (line: string) =>
    `*** Begin Patch\n*** Update File: ./.env\n@@\n-${line}\n+x\n*** Update File: a.txt\n@@\n-a\n+b\n*** End Patch`;
  const pairs: [Tool<never>, fits: object, fails: object][] = [
    [
      tools.edit as Tool<never>,
      { path: ".env", oldText: `KEY=${SECRET}\nKEY=`, newText: "x" },
      { path: ".env", oldText: "KEY=canary-4f1x", newText: "x" },
    ],
    [
      tools.edit as Tool<never>,
      { path: ".env", oldText: `KEY=${SECRET}\nKEY=`, newText: "x" },
      { path: ".env", oldText: "KEY=", newText: "x" },
    ],
    [tools.applyPatch as Tool<never>, { patch: patch(`KEY=${SECRET}`) }, { patch: patch("KEY=canary") }],
  ];
  for (const [tool, fits, fails] of pairs) {
    const [good, bad] = await Promise.all([fits, fails].map((input) => tool.prepare(tool.input.parse(input), context)));
    expect(bad!.ask).toMatchObject({ summary: good!.ask!.summary, protected: true, safe: false });
    expect(JSON.stringify(bad!.ask)).not.toContain("canary");
    await expect(bad!.run("person")).rejects.toMatchObject({ code: "conflict" });
  }
});

test("a file written through a folder that flips to a link never lands outside", async () => {
  mkdirSync(join(folder, "inner"), { recursive: true });
  const before = readdirSync(outside);
  const written = () => readdirSync(join(folder, "inner")).length > 1;
  for (let time = 0; time < 500 || !written(); time += 1) {
    const path = `out/new${time}.txt`;
    try {
      const context = toolContext(folder);
      const prepared = await tools.write.prepare(tools.write.input.parse({ path, content: "x" }), context);
      await prepared.run("person");
    } catch {
      // Refused: it was seen.
    }
    expect(existsSync(join(outside, `new${time}.txt`))).toBe(false);
  }
  expect(readdirSync(outside)).toEqual(before);
});
