import { createHash } from "node:crypto";
import {
  accessSync,
  constants,
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
import { isAlive } from "../steps/ancestors.mjs";
import { npm } from "../steps/packages.mjs";
import { root } from "../steps/process.mjs";
import { editions, standInFile, VSCODE } from "./editions.mjs";

/** Where all that are installed on this machine lie. */
export function runtimeCache() {
  return process.env.PINCER_VSCODE_CACHE ?? path.join(cacheOfUser() ?? path.join(root, ".cache"), "pincer-vscode");
}

/** Undefined for a user who has no home folder, or one that cannot be written: the checkout has its own then. */
function cacheOfUser() {
  try {
    const folder = path.join(homedir(), ".cache");
    if (!existsSync(folder)) mkdirSync(folder, { mode: 0o700 });
    accessSync(folder, constants.W_OK | constants.X_OK);
    return folder;
  } catch {
    return undefined;
  }
}

/** The folder of an installed browser-served VS Code, whether it is there yet or not; one per content of its lockfiles. */
export function runtimeFolder(edition = "newest") {
  const { source, standIns, packaged, pruned, pinned } = editions[edition];
  const hash = createHash("sha256");
  for (const name of lockfiles(source)) hash.update(readFileSync(path.join(source, name)));
  for (const name of Object.values(standIns)) hash.update(readFileSync(standInFile(name)));
  hash.update(JSON.stringify([packaged, pruned, pinned, Object.keys(standIns)]));
  return path.join(runtimeCache(), hash.digest("hex").slice(0, 16));
}

/** Starts the server: `program entryPoint ...`, with the Node that the edition runs on. */
export function runtimeEntry(edition = "newest") {
  const folder = runtimeFolder(edition);
  return {
    program: editions[edition].node(folder),
    entryPoint: path.join(folder, "node_modules/code-server/out/node/entry.js"),
  };
}

/** Its own, and where it needs another one, that of its editor. */
function lockfiles(source) {
  return ["package-lock.json", "vscode-lock.json"].filter((name) => existsSync(path.join(source, name)));
}

/** Installs it once per machine (about a minute, without root); others that ask meanwhile wait. Resolves with its folder. */
export async function ensureRuntime(edition = "newest") {
  const folder = runtimeFolder(edition);
  const lock = `${folder}.lock`;
  mkdirSync(path.dirname(folder), { recursive: true });
  while (!existsSync(folder)) {
    if (!take(lock)) {
      await sleep(500);
      continue;
    }
    const beat = setInterval(() => writeFileSync(lock, String(process.pid)), 2_000);
    const leave = () => {
      removeHalves(folder);
      rmSync(lock, { force: true });
    };
    // Who is told to stop in the middle ends without waiting for what this function still does.
    process.once("exit", leave);
    try {
      removeHalves(folder);
      await install(editions[edition], folder);
    } finally {
      clearInterval(beat);
      leave();
      process.off("exit", leave);
    }
  }
  return folder;
}

/** What installs have left that were ended, this process's own among them. */
function removeHalves(folder) {
  for (const name of readdirSync(path.dirname(folder))) {
    const pid = Number(name.startsWith(`${path.basename(folder)}.`) && name.split(".").at(-1));
    if (pid > 0 && (pid === process.pid || !isAlive(pid)))
      rmSync(path.join(path.dirname(folder), name), { recursive: true, force: true, maxRetries: 5 });
  }
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

async function install({ source, standIns, packaged, pruned, pinned }, folder) {
  const temporary = `${folder}.${process.pid}`;
  rmSync(temporary, { recursive: true, force: true });
  mkdirSync(temporary);
  for (const name of ["package.json", "package-lock.json"]) cpSync(path.join(source, name), path.join(temporary, name));
  const quiet = ["--ignore-scripts", "--no-audit", "--no-fund", "--engine-strict=false"];
  await npm(["ci", ...quiet], { cwd: temporary });
  const vscode = path.join(temporary, VSCODE);
  pin(vscode, pinned, path.join(source, "vscode-lock.json"));
  // Its lockfile was made with peers that contradict each other.
  for (const folder of packaged)
    await npm(["ci", "--omit=dev", "--legacy-peer-deps", ...quiet], { cwd: path.join(vscode, folder) });
  prune(vscode, pruned);
  for (const [name, file] of Object.entries(standIns)) cpSync(standInFile(file), path.join(temporary, name));
  // Another may have been quicker where a stale lock was taken twice; its folder is as good.
  if (!existsSync(folder)) renameSync(temporary, folder);
}

/** Names other versions of its packages than it does itself, by a lockfile of ours. */
function pin(vscode, pinned, lockfile) {
  if (Object.keys(pinned).length === 0) return;
  const file = path.join(vscode, "package.json");
  const named = JSON.parse(readFileSync(file, "utf8"));
  Object.assign(named.dependencies, pinned);
  writeFileSync(file, JSON.stringify(named, undefined, 2));
  rmSync(path.join(vscode, "npm-shrinkwrap.json"), { force: true });
  cpSync(lockfile, path.join(vscode, "package-lock.json"));
}

function prune(vscode, { unused, platformFolders }) {
  for (const name of unused) rmSync(path.join(vscode, name), { recursive: true, force: true });
  for (const name of platformFolders) {
    const folder = path.join(vscode, name);
    if (!existsSync(folder)) continue;
    for (const platform of readdirSync(folder)) {
      if (platform !== `${process.platform}-${process.arch}`) rmSync(path.join(folder, platform), { recursive: true });
    }
  }
}

if (process.argv[1] === import.meta.filename) console.log(await ensureRuntime(process.argv[2]));
