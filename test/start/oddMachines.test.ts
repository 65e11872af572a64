import { spawn } from "node:child_process";
import { once } from "node:events";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  realpathSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import { expect, onTestFinished, test, vi } from "vitest";
import { posixTest } from "../posix.ts";
import { root } from "../steps/process.mjs";
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

/** Installs an editor with an npm that says that it was started, and then works for ever. */
async function startInstall(cache: string) {
  const npm = path.join(cache, "npm-cli.js");
  writeFileSync(npm, 'require("node:fs").writeFileSync(__dirname + "/working", ""); setInterval(() => {}, 1000);');
  const script = `
    import { watch } from "node:fs";
    import { endWithMe } from "${root}/test/steps/process.mjs";
    import { ensureRuntime } from "${root}/test/vscode/runtime.mjs";
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

test("this machine's own TMPDIR is fine", () => {
  expect(temporaryFault()).toBeUndefined();
});
