import { existsSync } from "node:fs";
import path from "node:path";
import { aptInstall } from "./apt.mjs";

/** Has rg ready. Where it cannot be had, its tests are left out and the note says why. */
export async function ensureRipgrep() {
  const found = findRg();
  if (found || process.platform !== "linux") return found ?? "no rg, and no tests of it";
  const fault = await aptInstall("ripgrep");
  return fault === undefined ? `${findRg()} (installed)` : `no rg, and no tests of it: ${fault}`;
}

function findRg() {
  const folders = (process.env.PATH ?? "").split(path.delimiter);
  return folders.map((folder) => path.join(folder, "rg")).find((file) => existsSync(file));
}
