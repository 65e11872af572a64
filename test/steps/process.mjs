import { spawn, spawnSync } from "node:child_process";
import { createRequire } from "node:module";
import { readFileSync } from "node:fs";
import path from "node:path";
import { whenOrphaned } from "./ancestors.mjs";
import { node } from "./node.mjs";

export const root = path.resolve(import.meta.dirname, "../..");

const ownGroups = process.platform !== "win32";
const children = new Set();

/**
 * Runs a command to its end and gives its exit code and all that it printed, both streams in order. What says nothing
 * for `silentMs` hangs, and is ended with all that it started; what is slow and at work is not.
 */
export function run(command, args, { cwd = root, env = {}, shell = false, silentMs = 900_000 } = {}) {
  return new Promise((resolve) => {
    const child = spawn(command, args, {
      cwd,
      env: { ...process.env, ...env },
      shell,
      stdio: ["ignore", "pipe", "pipe"],
      detached: ownGroups,
    });
    children.add(child);
    let output = "";
    const timer = setTimeout(() => {
      output += `ended: it said nothing for ${silentMs / 1000} s\n`;
      end(child);
    }, silentMs);
    for (const stream of [child.stdout, child.stderr])
      stream.setEncoding("utf8").on("data", (text) => {
        output += text;
        timer.refresh();
      });
    const finish = (code) => {
      clearTimeout(timer);
      children.delete(child);
      resolve({ code, output });
    };
    child.on("error", (error) => {
      output += `${error.message}\n`;
      finish(127);
    });
    child.on("close", (code) => finish(code ?? 1));
  });
}

/** Ends all that `run` has running, when this process is told to stop, npm is gone, or nothing takes what we say. */
export function endWithMe() {
  const stop = () => {
    endAll();
    process.exit(1);
  };
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(signal, stop);
  process.stdout.on("error", ({ code, message }) => {
    // The reader of a pipe may leave early, as head does.
    if (code !== "EPIPE") console.error(`What there is to say could not be written: ${message}`);
    stop();
  });
  process.stderr.on("error", stop);
  whenOrphaned(stop);
}

/** Ends all that `run` has running. */
export function endAll() {
  for (const child of children) end(child);
}

function end(child) {
  if (child.pid !== undefined) endGroup(child.pid, "SIGKILL");
}

/** Signals a process that leads a group of its own, and all that it started; on Windows it ends them. */
export function endGroup(pid, signal) {
  try {
    if (ownGroups) process.kill(-pid, signal);
    else spawnSync(`${process.env.SystemRoot}\\System32\\taskkill.exe`, ["/pid", String(pid), "/t", "/f"]);
  } catch {
    // The whole group has ended.
  }
}

/** As `run`, but a failure throws with what was printed. */
export async function must(command, args, options) {
  const result = await run(command, args, options);
  if (result.code !== 0)
    throw new Error(`${path.basename(command)} ${args.join(" ")} failed (${result.code})\n${result.output}`);
  return result.output;
}

/** Runs a command line tool of an installed package under Node 24. */
export function runTool(name, args, options) {
  return run(node(), [toolPath(name), ...args], { ...options, env: { PATH: toolsFirst(), ...options?.env } });
}

/** As `runTool`, in this terminal: what it prints is seen, what is typed reaches it. Resolves with its exit code. */
export function showTool(name, args) {
  return new Promise((resolve) => {
    const env = { ...process.env, PATH: toolsFirst() };
    const child = spawn(node(), [toolPath(name), ...args], { cwd: root, env, stdio: "inherit" });
    process.on("exit", () => child.kill());
    child.on("close", (code) => resolve(code ?? 1));
  });
}

/** PATH with the project's tools, Node 24 among them, before the machine's. */
export function toolsFirst() {
  return [path.dirname(node()), path.join(root, "node_modules/.bin"), process.env.PATH].join(path.delimiter);
}

function toolPath(name) {
  const packageName = { vsce: "@vscode/vsce", tsc: "typescript" }[name] ?? name;
  const manifest = path.join(root, "node_modules", packageName, "package.json");
  const { bin } = JSON.parse(readFileSync(manifest, "utf8"));
  return createRequire(manifest).resolve(`./${path.normalize(typeof bin === "string" ? bin : bin[name])}`);
}
