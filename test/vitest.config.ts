import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";
import { leaveOthersOut } from "./environment.ts";

// Before any test's process is started.
leaveOthersOut(process.env);

const root = fileURLToPath(new URL("..", import.meta.url));

const everything = ["test/**/*.test.{ts,tsx}"];
const editor = ["test/vscode/**", "test/vscode-runtime/**", "test/windows/**", "**/node_modules/**"];

/** What starts gateways of its own. */
const gateways = ["test/{built,cli,examples,survival}/**/*.test.ts"];

/** What runs commands by the dozen, in the sandbox and out of it. */
const commands = [
  "test/tools/shell/{child,harmless,secretsLeftOut}.test.ts",
  "test/tools/sandbox/**/*.test.ts",
  "test/tools/{exec,files/flippingLinks}.test.ts",
];

/**
 * What joins whole agents with clients, networks, servers of tools and repositories, or with others of the same store; and what works
 * in threads or processes of its own. It waits more than it works.
 */
const joined = [
  "test/{app,channels,gateway,mcp,worktrees}/**/*.test.ts",
  "test/base/**/{fileLane,findProgram}.test.ts",
  "test/core/**/{*Elsewhere,changedFiles,commandChanges,endedCommand,rowQueue,sideBySide}.test.ts",
  "test/store/sqlite/care.test.ts",
  "test/tools/{search,documents/readPdf}.test.ts",
];

/** What else starts a browser or processes, or takes long: each file in a process of its own. */
const slow = [
  "test/{browser,fuzz,start}/**/*.test.ts",
  "test/webview/{panel*,pages,phone*}.test.ts",
  "test/app/strictServers.test.ts",
  "test/channels/crashPoints.test.ts",
  "test/gateway/{clients,laggingReaders,malformed,properties}.test.ts",
  "test/store/sqlite/{crash,damage,failure,logBound}.test.ts",
  "test/core/runs/{effects,resume,stops}.test.ts",
  "test/{processes/steps,schedule/nextSlot}.test.ts",
];

// With a browser that is made slower, so that races show, what is only slow is given its time.
const slower = Number(process.env["PINCER_SLOW_BROWSER"] ?? 1);

/** A limit ends only what hangs: how long a test takes is its machine's affair. */
const limits = { testTimeout: 120_000 * slower, hookTimeout: 120_000 };

/** What is seen in an editor takes longer still. */
const ofEditors = {
  testTimeout: 240_000 * slower,
  hookTimeout: 240_000 * slower,
  expect: { poll: { timeout: 40_000 * slower } },
  maxWorkers: 1,
};

const alias = [
  /** What the editor's side imports of the editor: outside of one, a window without a screen. */
  { find: "vscode", replacement: fileURLToPath(new URL("vscodeEdge/editor/vscode.ts", import.meta.url)) },
  /** As in what is built. */
  { find: /^zod$/, replacement: fileURLToPath(new URL("../src/base/input/zodOnFirstUse.ts", import.meta.url)) },
];

/** What is polled happens in other processes, or after what a busy machine does first: a second, as it would be, is luck. */
const expect = { poll: { timeout: 30_000 * slower } };

/** Nothing is mocked and nothing global is left behind, so files share their workers: a third of the time. */
const shared = { alias, ...limits, expect, isolate: false, setupFiles: ["test/vscodeEdge/editor/leaveNothing.ts"] };

/**
 * "unit" is all that runs in plain Node; "fast", "slow", "joined", "commands" and "gateways" are its parts. Of these the last
 * three wait more than they work, so that they go beside what drives an editor.
 * "ui" drives a real VS Code and takes minutes; "oldest" the oldest one that is supported, in a few steps.
 */
export default defineConfig({
  test: {
    root,
    projects: [
      {
        test: { name: "unit", root, include: everything, exclude: editor, alias, ...limits, expect, maxWorkers: 1 },
      },
      {
        test: {
          name: "fast",
          root,
          include: everything,
          exclude: [...editor, ...slow, ...joined, ...commands, ...gateways],
          ...shared,
          // They wait for programs and servers a third of their time, so there are more than cores.
          maxWorkers: 4,
        },
      },
      // It waits for other processes two fifths of its time, so there are more than cores.
      {
        test: {
          name: "slow",
          root,
          include: slow,
          exclude: editor,
          ...limits,
          expect,
          maxWorkers: 3,
        },
      },
      { test: { name: "joined", root, include: joined, exclude: slow, ...shared, maxWorkers: 3 } },
      { test: { name: "commands", root, include: commands, ...limits, expect, maxWorkers: 2 } },
      { test: { name: "gateways", root, include: gateways, ...limits, expect, maxWorkers: 2 } },
      {
        // Under wine, which is slow to begin with.
        test: {
          name: "windows",
          root,
          include: ["test/windows/**/*.test.ts"],
          ...limits,
          expect: { poll: { timeout: 60_000 } },
          maxWorkers: 1,
        },
      },
      {
        test: {
          name: "oldest",
          root,
          include: ["test/vscode/oldest/**/*.test.ts"],
          ...ofEditors,
        },
      },
      {
        test: {
          name: "ui",
          root,
          include: ["test/vscode/ui/**/*.test.ts"],
          ...ofEditors,
          // One editor at a time: two browsers and two editors on two cores only time each other out.
          fileParallelism: false,
        },
      },
    ],
  },
});
