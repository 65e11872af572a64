import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import path from "node:path";

const folder = path.resolve(import.meta.dirname, "../../node_modules/node");
const wanted = 24;
let found;

/**
 * The Node that everything but the first install runs under. The project brings it as a development dependency, so
 * that the machine needs any Node from 20 on.
 */
export function node() {
  found ??= findNode();
  return found;
}

function findNode() {
  const own = path.join(folder, "bin", process.platform === "win32" ? "node.exe" : "node");
  if (majorOf(own) >= wanted) return own;
  if (existsSync(folder)) fetchOwn();
  if (majorOf(own) >= wanted) return own;
  if (majorOf(process.execPath) >= wanted) return process.execPath;
  throw new Error(
    `Node ${wanted} is needed, and the package "node" could not bring it: its install script did not run. ` +
      `Allow install scripts (npm config set ignore-scripts false) and remove node_modules, or use Node ${wanted} itself.`,
  );
}

function majorOf(binary) {
  if (!existsSync(binary)) return 0;
  try {
    return Number(execFileSync(binary, ["--version"], { encoding: "utf8" }).slice(1).split(".")[0]);
  } catch {
    return 0;
  }
}

/** Runs the package's install script by hand, for an npm that was told to run none. */
function fetchOwn() {
  try {
    execFileSync(process.execPath, ["installArchSpecificPackage.js"], { cwd: folder, stdio: "ignore" });
  } catch {
    // The caller says what is missing.
  }
}
