import { existsSync } from "node:fs";
import { aptInstall } from "./apt.mjs";

/** Has the sandbox of Linux ready. Where it cannot be had, its tests are left out and the note says why. */
export async function ensureBubblewrap() {
  if (process.platform !== "linux") return "not for this system";
  if (existsSync("/usr/bin/bwrap")) return "/usr/bin/bwrap";
  const fault = await aptInstall("bubblewrap");
  return fault === undefined ? "/usr/bin/bwrap (installed)" : `no sandbox, and no tests of it: ${fault}`;
}
