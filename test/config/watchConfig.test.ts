import { mkdirSync, mkdtempSync, renameSync, rmSync, symlinkSync, unlinkSync, watch, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { silentLog } from "../../src/base/log.ts";
import type { Disposable } from "../../src/base/disposable.ts";
import { formatProblem } from "../../src/config/configProblem.ts";
import { watchConfig } from "../../src/config/watchConfig.ts";
import { createFakeClock, type FakeClock } from "../fakes/fakeClock.ts";
import { posixTest } from "../posix.ts";

let folder: string;
let file: string;
let watching: Disposable;
let told: string[];
let clock: FakeClock;
/** Called when the file was seen to change, and is about to be read. */
let wake: () => void = () => {};

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "pincer-watch-"));
  file = join(folder, "openclaw.yml");
  told = [];
});

afterEach(() => {
  watching.dispose();
  rmSync(folder, { recursive: true });
});

function start(): void {
  clock = createFakeClock();
  watching = watchConfig(
    { user: file },
    {
      env: {},
      log: silentLog,
      clock: {
        ...clock,
        at(time, fn) {
          const waiting = clock.at(time, fn);
          wake();
          return waiting;
        },
      },
      onChange: (config) => void told.push(`config ${config.agent.maxSteps}`),
      onProblems: (problems) =>
        void told.push(problems.map((problem) => formatProblem({ ...problem, file: "f" })).join() || "fine"),
    },
  );
}

async function touched(): Promise<void> {
  if (clock.waiting() === 0) await new Promise<void>((resolve) => (wake = resolve));
}

async function until(count: number): Promise<void> {
  while (told.length < count) {
    await touched();
    await clock.advance(1500);
  }
}

/** Resolves when the system has told of the change that `act` makes. */
async function toldBySystem(act: () => void): Promise<void> {
  const seen = Promise.withResolvers<void>();
  const own = watch(folder, () => seen.resolve());
  act();
  await seen.promise;
  own.close();
}

test("tells of a change, keeps quiet about a broken file, and tells when it is mended", async () => {
  writeFileSync(file, "agent: { maxSteps: 1 }");
  start();
  writeFileSync(file, "agent: { maxSteps: 2 }");
  await until(2);
  writeFileSync(file, "agent: { maxStep: 3 }");
  await until(3);
  writeFileSync(file, "agent: { maxSteps: 4 }");
  await until(5);
  expect(told).toEqual([
    "fine",
    "config 2",
    'f:1:10: error: agent.maxStep: Unknown key "maxStep"; did you mean "maxSteps"?',
    "fine",
    "config 4",
  ]);
});

test("follows editors that put a new file in the old one's place, and ones that write in steps", async () => {
  writeFileSync(file, "agent: { maxSteps: 1 }");
  start();
  for (const steps of [2, 3]) {
    writeFileSync(`${file}.new`, `agent: { maxSteps: ${steps} }`);
    renameSync(`${file}.new`, file);
    await until((steps - 1) * 2);
  }
  writeFileSync(file, "");
  writeFileSync(file, "agent: {");
  writeFileSync(file, "agent: { maxSteps: 4 }");
  await until(6);
  expect(told).toEqual(["fine", "config 2", "fine", "config 3", "fine", "config 4"]);
});

posixTest(
  "follows a file that is a link into another folder, over links of links, wherever they come to lead",
  async () => {
    const [dotfiles, other] = ["dotfiles", "other"].map((name) => join(folder, name));
    for (const each of [dotfiles!, other!]) mkdirSync(each);
    const [target, between] = [join(dotfiles!, "pincer.yml"), join(dotfiles!, "link.yml")];
    writeFileSync(target, "agent: { maxSteps: 1 }");
    symlinkSync("pincer.yml", between);
    symlinkSync(between, file);
    start();
    writeFileSync(target, "agent: { maxSteps: 2 }");
    await until(2);
    writeFileSync(`${target}.new`, "agent: { maxSteps: 3 }");
    renameSync(`${target}.new`, target);
    await until(4);
    writeFileSync(join(other!, "own.yml"), "agent: { maxSteps: 4 }");
    symlinkSync(join(other!, "own.yml"), `${between}.new`);
    renameSync(`${between}.new`, between);
    await until(6);
    writeFileSync(join(other!, "own.yml"), "agent: { maxSteps: 5 }");
    await until(8);
    expect(told).toEqual([2, 3, 4, 5].flatMap((steps) => ["fine", `config ${steps}`]));
  },
);

test.each([
  ["is gone", () => unlinkSync(file)],
  ["is empty", () => writeFileSync(file, "")],
  ["is empty", () => writeFileSync(file, " \n")],
  ["says nothing", () => writeFileSync(file, "# My gateway\n\n")],
  ["says nothing", () => writeFileSync(file, "---\n# My gateway\n...\n")],
  ["says nothing", () => writeFileSync(file, "\ufeffnull # yet\n")],
])("sees a file that appears; one that then %s is a fault, and what it said stays in force", async (how, lose) => {
  start();
  writeFileSync(file, "agent: { maxSteps: 7 }");
  await until(2);
  lose();
  await until(3);
  writeFileSync(file, "agent: { maxSteps: 8 }\n");
  await until(5);
  const fault = `f:1:1: error: The file ${how}; what it said before stays in force`;
  expect(told).toEqual(["fine", "config 7", fault, "fine", "config 8"]);
});

const whole =
  "agent:\n  maxSteps: 3\n  tools:\n    deny: [exec, write]\nmodel: openai/gpt-6-luna\nprices: {}\naudit: {}\n";

test.each([
  ["within a line", "agent:\n  maxSt"],
  ["within a list that still reads", "agent:\n  maxSteps: 3\n  tools:\n    deny:"],
  ["at a key without its value", "agent:\n  maxSteps: 3\n  tools:\n"],
  ["ahead of what is denied", "agent:\n  maxSteps: 3\n"],
  ["ahead of the model", whole.slice(0, whole.indexOf("model:"))],
])("a file that ends %s stays a fault, however long", async (_, half) => {
  writeFileSync(file, whole);
  start();
  writeFileSync(file, half);
  await until(1);
  expect(told).toEqual([expect.stringContaining("the beginning of what it was")]);
  writeFileSync(file, "agent: { maxSteps: 9 }\n");
  await until(3);
  expect(told.slice(1)).toEqual(["fine", "config 9"]);
});

test("the end of a file may go where nobody is hurt by it", async () => {
  writeFileSync(file, whole);
  start();
  writeFileSync(file, whole.slice(0, whole.indexOf("prices:")));
  await until(2);
  expect(told).toEqual(["fine", "config 3"]);
});

test("waits for the rest of a file that is written in two steps", async () => {
  writeFileSync(file, "agent: { maxSteps: 1 }\nmodel: openai/gpt-6-luna\n");
  start();
  writeFileSync(file, "agent: { maxSteps: 2 }");
  await touched();
  await clock.advance(600);
  expect(told).toEqual([]);
  writeFileSync(file, "agent: { maxSteps: 2 }\nmodel: openai/gpt-6-luna\n");
  await until(2);
  expect(told).toEqual(["fine", "config 2"]);
});

test("is silent when a save changes nothing, and after it was disposed", async () => {
  writeFileSync(file, "agent: { maxSteps: 1 }");
  start();
  writeFileSync(file, "agent: { maxSteps: 1 }");
  writeFileSync(join(folder, "other.yml"), "x");
  await touched();
  await clock.advance(2000);
  watching.dispose();
  await toldBySystem(() => writeFileSync(file, "agent: { maxSteps: 2 }"));
  await clock.advance(2000);
  expect(told).toEqual([]);
});
