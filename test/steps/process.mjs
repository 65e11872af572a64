import { spawn } from "node:child_process";
import { createRequire } from "node:module";
import { readFileSync } from "node:fs";
import path from "node:path";
import { node } from "./node.mjs";

export const root = path.resolve(import.meta.dirname, "../..");

/** Runs a command to its end and gives its exit code and all that it printed, both streams in order. */
export function run(command, args, { cwd = root, env = {}, quiet = true } = {}) {
  return new Promise((resolve) => {
    const child = spawn(command, args, { cwd, env: { ...process.env, ...env }, stdio: ["ignore", "pipe", "pipe"] });
    let output = "";
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding("utf8").on("data", (text) => {
        output += text;
        if (!quiet) process.stdout.write(text);
      });
    }
    child.on("error", (error) => resolve({ code: 127, output: `${output}${error.message}\n` }));
    child.on("close", (code, signal) =>
      resolve({ code: code ?? 1, output: signal ? `${output}ended by ${signal}\n` : output }),
    );
  });
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
