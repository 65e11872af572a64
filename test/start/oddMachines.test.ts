import { spawn } from "node:child_process";
import { once } from "node:events";
import {
  closeSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  realpathSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { createServer, type Socket } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import { expect, onTestFinished, test, vi } from "vitest";
import { posixTest } from "../posix.ts";
import { root } from "../steps/process.mjs";
import { checkoutFault } from "../steps/checkout.mjs";
import { makeSocketFolder, temporaryFault } from "../steps/temporaryFolder.mjs";
import { runtimeCache, runtimeFolder } from "../vscode/runtime.mjs";

// What `npm start` and `npm test` find on other people's machines.

const folder = () => {
  const made = realpathSync(mkdtempSync(path.join(tmpdir(), "pincer-odd-")));
  onTestFinished(() => rmSync(made, { recursive: true, force: true }));
  return made;
};

const set = (name: string, value: string | undefined) => {
  vi.stubEnv(name, value);
  onTestFinished(() => void vi.unstubAllEnvs());
};

posixTest("a TMPDIR that is no place for what is written for a while is told, with what to do", () => {
  const base = folder();
  writeFileSync(path.join(base, "file"), "");
  const long = path.join(base, "x".repeat(100));
  mkdirSync(long);
  const told = [path.join(base, "none"), path.join(base, "file"), long, base].map((each) => {
    set("TMPDIR", each);
    return temporaryFault();
  });
  expect(told).toEqual([
    `TMPDIR, ${base}/none, is not there; set it to a folder that can be, as /tmp`,
    `TMPDIR, ${base}/file, is a file; set it to a folder that can be, as /tmp`,
    `TMPDIR, ${long}, is too long a path for sockets; set it to a shorter one, as /tmp`,
    undefined,
  ]);
});

posixTest.each(["none", "x".repeat(100), "with a blank"])(
  "an editor's sockets have a folder with TMPDIR %s",
  async (name) => {
    const base = folder();
    if (name !== "none") mkdirSync(path.join(base, name));
    set("TMPDIR", path.join(base, name));
    const made = makeSocketFolder();
    onTestFinished(() => rmSync(made, { recursive: true, force: true }));
    const server = createServer().listen(path.join(made, "session"));
    await once(server, "listening");
    server.close();
  },
);

posixTest("a user who has no home folder, or one that takes nothing, has the editor in the checkout", () => {
  set("PINCER_VSCODE_CACHE", undefined);
  const base = folder();
  writeFileSync(path.join(base, "file"), "");
  const inCheckout = path.join(root, ".cache/pincer-vscode");
  const seen = [base, path.join(base, "none"), path.join(base, "file")].map((home) => {
    set("HOME", home);
    return runtimeCache();
  });
  expect(seen).toEqual([path.join(base, ".cache/pincer-vscode"), inCheckout, inCheckout]);
});

/** A module of the tests as a script names it, whatever the path of the checkout holds. */
const module = (name: string) => JSON.stringify(new URL(`../${name}`, import.meta.url).href);

/** Installs an editor with an npm that says that it was started, and then works for ever. */
async function startInstall(cache: string) {
  const npm = path.join(cache, "npm-cli.js");
  writeFileSync(npm, 'require("node:fs").writeFileSync(__dirname + "/working", ""); setInterval(() => {}, 1000);');
  const script = `
    import { watch } from "node:fs";
    import { endWithMe } from ${module("steps/process.mjs")};
    import { ensureRuntime } from ${module("vscode/runtime.mjs")};
    endWithMe();
    watch(${JSON.stringify(cache)}, (_, name) => name === "working" && console.log("working"));
    await ensureRuntime();`;
  const env = { ...process.env, PINCER_VSCODE_CACHE: cache, npm_execpath: npm };
  const child = spawn(process.execPath, ["--input-type=module", "-e", script], {
    env,
    stdio: ["pipe", "pipe", "inherit"],
  });
  await once(child.stdout, "data");
  return child;
}

const leftIn = (cache: string) => readdirSync(cache).filter((name) => !["npm-cli.js", "working"].includes(name));

posixTest("an install of an editor that is ended leaves no lock, and nothing that is half there", async () => {
  const cache = folder();
  const child = await startInstall(cache);
  expect(leftIn(cache)).toHaveLength(2);
  child.kill("SIGTERM");
  await once(child, "exit");
  expect(leftIn(cache)).toEqual([]);
});

posixTest("what one left that was killed is gone with the next", async () => {
  const cache = folder();
  set("PINCER_VSCODE_CACHE", cache);
  const gone = spawn("/bin/true");
  await once(gone, "exit");
  const { pid } = gone;
  const half = `${runtimeFolder()}.${pid}`;
  mkdirSync(half);
  writeFileSync(`${runtimeFolder()}.lock`, String(pid));
  utimesSync(`${runtimeFolder()}.lock`, 0, 0);
  const child = await startInstall(cache);
  expect(existsSync(half)).toBe(false);
  child.kill("SIGTERM");
  await once(child, "exit");
  expect(leftIn(cache)).toEqual([]);
});

/** Runs a step that works for ever, and says something more once it works; resolves with how that ended. */
async function runUnheard(output: "pipe" | number) {
  const server = createServer().listen(0, "127.0.0.1");
  onTestFinished(() => void server.close());
  await once(server, "listening");
  const { port } = server.address() as { port: number };
  const script = `
    import { endWithMe, run } from ${module("steps/process.mjs")};
    endWithMe();
    process.stdin.on("data", () => console.log("more"));
    await run(process.execPath, ["-e", "require('node:net').connect(${port}, '127.0.0.1')"]);`;
  const child = spawn(process.execPath, ["--input-type=module", "-e", script], { stdio: ["pipe", output, "pipe"] });
  let stderr = "";
  child.stderr!.setEncoding("utf8").on("data", (text: string) => (stderr += text));
  const [step] = (await once(server, "connection")) as [Socket];
  child.stdout?.destroy();
  const gone = once(step, "close");
  step.on("error", () => {}).resume();
  const ended = once(child, "close");
  child.stdin!.write("more");
  const [code] = (await ended) as [number];
  onTestFinished(() => void step.destroy());
  return { code, stderr, gone };
}

posixTest("who reads what npm test says may leave: what it has running ends with it, without a word", async () => {
  const { code, stderr, gone } = await runUnheard("pipe");
  expect({ code, stderr }).toEqual({ code: 1, stderr: "" });
  await gone;
});

test.runIf(process.platform === "linux")("npm test ends where nothing takes what it says, and says why", async () => {
  const full = openSync("/dev/full", "w");
  onTestFinished(() => closeSync(full));
  const { code, stderr, gone } = await runUnheard(full);
  expect({ code, stderr }).toEqual({
    code: 1,
    stderr: "What there is to say could not be written: ENOSPC: no space left on device, write\n",
  });
  await gone;
});

test("a checkout whose path the test runner cannot take is told, with what to do", () => {
  expect(["/srv/c#/pincer", "/srv/a?b", '/srv/Pin cé\'s "ü" 100% [1]'].map((each) => checkoutFault(each))).toEqual([
    'The tests cannot run in /srv/c#/pincer: it holds "#"; move it to a folder without',
    'The tests cannot run in /srv/a?b: it holds "?"; move it to a folder without',
    undefined,
  ]);
});

test("this machine's own TMPDIR is fine", () => {
  expect(temporaryFault()).toBeUndefined();
});
