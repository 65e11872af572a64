import { accessSync, constants } from "node:fs";
import path from "node:path";
import { aptInstall } from "./apt.mjs";

const names = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "microsoft-edge"];
const apps = [
  "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
  "/Applications/Chromium.app/Contents/MacOS/Chromium",
  "/Applications/Microsoft Edge.app/Contents/MacOS/Microsoft Edge",
];

const programs = ["Google\\Chrome\\Application\\chrome.exe", "Microsoft\\Edge\\Application\\msedge.exe"];

/** Where Windows has them, which puts none on the PATH. */
function onWindows() {
  const folders = ["ProgramFiles", "ProgramFiles(x86)", "LOCALAPPDATA"].flatMap((name) => process.env[name] ?? []);
  return folders.flatMap((folder) => programs.map((program) => path.join(folder, program)));
}

/** The first Chromium-like browser of this machine, or undefined. */
export function findChromium() {
  if (process.env.PINCER_CHROMIUM) return process.env.PINCER_CHROMIUM;
  const folders = (process.env.PATH ?? "").split(path.delimiter);
  return [...names.flatMap((name) => folders.map((folder) => path.join(folder, name))), ...apps, ...onWindows()].find(
    isExecutable,
  );
}

/** Finds a browser, or installs Debian's. Resolves with its path. */
export async function ensureChromium() {
  const found = findChromium();
  if (found) return found;
  const fault = await aptInstall("chromium");
  const installed = findChromium();
  if (fault !== undefined || !installed) throw missing(fault ?? "the package brought none");
  return `${installed} (installed)`;
}

function missing(reason) {
  return new Error(
    `The tests in a real VS Code need Chromium, Chrome or Edge, and none was found: ${reason}. ` +
      `Install one, or name it in PINCER_CHROMIUM.`,
  );
}

function isExecutable(file) {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
