import { readFileSync } from "node:fs";
import path from "node:path";
import { must, root } from "./process.mjs";

/** Runs `npm ci` unless node_modules holds exactly what the lockfile names, and says so before. */
export async function installPackages() {
  if (isInstalled()) return;
  console.log("Installing the packages that the lockfile names: a minute or two.");
  await npm(["ci", "--no-audit", "--no-fund"]);
}

/** Runs npm, the one that started us when there is one. */
export function npm(args, options = {}) {
  // `npm test --silent` would silence this one too, and a failure would say nothing.
  const all = { ...options, env: { npm_config_loglevel: "error", ...options.env } };
  const script = process.env.npm_execpath;
  if (script?.endsWith("npm-cli.js")) return must(process.execPath, [script, ...args], all);
  return must(process.platform === "win32" ? "npm.cmd" : "npm", args, { ...all, shell: process.platform === "win32" });
}

function isInstalled() {
  const wanted = packagesOf("package-lock.json");
  const present = packagesOf("node_modules/.package-lock.json");
  if (!wanted || !present) return false;
  return Object.entries(wanted).every(([folder, entry]) => {
    if (folder === "") return true;
    const installed = present[folder];
    // Packages for other platforms are in the lockfile, and rightly not here.
    if (!installed) return entry.optional === true || entry.devOptional === true;
    return installed.version === entry.version;
  });
}

function packagesOf(file) {
  try {
    return JSON.parse(readFileSync(path.join(root, file), "utf8")).packages;
  } catch {
    return undefined;
  }
}
