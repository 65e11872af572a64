import { createHash } from "node:crypto";
import {
  cpSync,
  existsSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { homedir } from "node:os";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { npm } from "../steps/packages.mjs";
import { root } from "../steps/process.mjs";

const source = path.join(root, "test/vscode-runtime");

/** Folders of the editor with packages of their own: itself, and what its extensions share, the TypeScript server above all. */
const packaged = [".", "extensions"];

/** Of no use to a test, or built for other machines. */
const unused = [
  "node_modules/@github",
  "node_modules/@microsoft/mxc-sdk",
  "node_modules/@devcontainers",
  "extensions/copilot",
];
const platformFolders = ["node_modules/node-pty/prebuilds", "node_modules/@vscode/ripgrep-universal/bin"];

/** Native modules that stay unbuilt, because no install script runs, and what stands in for them. */
const standIns = {
  "node_modules/@vscode/spdlog/index.js": "spdlog.cjs",
  "node_modules/@vscode/native-watchdog/index.js": "native-watchdog.cjs",
};

/** The folder of the installed browser-served VS Code, whether it is there yet or not; one per content of its lockfile. */
export function runtimeFolder() {
  const hash = createHash("sha256");
  for (const name of ["package-lock.json", ...Object.values(standIns)])
    hash.update(readFileSync(path.join(source, name)));
  hash.update(JSON.stringify([packaged, unused, platformFolders]));
  const cache = process.env.PINCER_VSCODE_CACHE ?? path.join(homedir(), ".cache", "pincer-vscode");
  return path.join(cache, hash.digest("hex").slice(0, 16));
}

/** Starts the server: `node entryPoint ...`. */
export function runtimeEntry() {
  return path.join(runtimeFolder(), "node_modules/code-server/out/node/entry.js");
}

/** Installs it once per machine (about a minute, without root); others that ask meanwhile wait. Resolves with its folder. */
export async function ensureRuntime() {
  const folder = runtimeFolder();
  const lock = `${folder}.lock`;
  mkdirSync(path.dirname(folder), { recursive: true });
  while (!existsSync(folder)) {
    if (!take(lock)) {
      await sleep(500);
      continue;
    }
    const beat = setInterval(() => writeFileSync(lock, String(process.pid)), 2_000);
    try {
      await install(folder);
    } finally {
      clearInterval(beat);
      rmSync(lock, { force: true });
    }
  }
  return folder;
}

/** A lock that nobody has refreshed for 20 s is left over from an install that was killed. */
function take(lock) {
  try {
    writeFileSync(lock, String(process.pid), { flag: "wx" });
    return true;
  } catch (error) {
    if (error.code !== "EEXIST") throw error;
    const age = Date.now() - (statSync(lock, { throwIfNoEntry: false })?.mtimeMs ?? 0);
    if (age > 20_000) rmSync(lock, { force: true });
    return false;
  }
}

async function install(folder) {
  const temporary = `${folder}.${process.pid}`;
  rmSync(temporary, { recursive: true, force: true });
  mkdirSync(temporary);
  for (const name of ["package.json", "package-lock.json"]) cpSync(path.join(source, name), path.join(temporary, name));
  const quiet = ["--ignore-scripts", "--no-audit", "--no-fund", "--engine-strict=false"];
  try {
    await npm(["ci", ...quiet], { cwd: temporary });
    const vscode = path.join(temporary, "node_modules/code-server/lib/vscode");
    // Its lockfile was made with peers that contradict each other.
    for (const folder of packaged)
      await npm(["ci", "--omit=dev", "--legacy-peer-deps", ...quiet], { cwd: path.join(vscode, folder) });
    prune(vscode);
    for (const [name, file] of Object.entries(standIns)) cpSync(path.join(source, file), path.join(vscode, name));
    // Another may have been quicker where a stale lock was taken twice; its folder is as good.
    if (!existsSync(folder)) renameSync(temporary, folder);
  } finally {
    rmSync(temporary, { recursive: true, force: true });
  }
}

function prune(vscode) {
  for (const name of unused) rmSync(path.join(vscode, name), { recursive: true, force: true });
  for (const name of platformFolders) {
    const folder = path.join(vscode, name);
    if (!existsSync(folder)) continue;
    for (const platform of readdirSync(folder)) {
      if (platform !== `${process.platform}-${process.arch}`) rmSync(path.join(folder, platform), { recursive: true });
    }
  }
}

if (process.argv[1] === import.meta.filename) console.log(await ensureRuntime());
