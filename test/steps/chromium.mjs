import { accessSync, constants } from "node:fs";
import path from "node:path";
import { run } from "./process.mjs";

const names = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "microsoft-edge"];
const apps = [
  "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
  "/Applications/Chromium.app/Contents/MacOS/Chromium",
  "/Applications/Microsoft Edge.app/Contents/MacOS/Microsoft Edge",
];

/** The first Chromium-like browser of this machine, or undefined. */
export function findChromium() {
  if (process.env.PINCER_CHROMIUM) return process.env.PINCER_CHROMIUM;
  const folders = (process.env.PATH ?? "").split(path.delimiter);
  return [...names.flatMap((name) => folders.map((folder) => path.join(folder, name))), ...apps].find(isExecutable);
}

/** Finds a browser, or installs Debian's. Resolves with its path. */
export async function ensureChromium() {
  const found = findChromium();
  if (found) return found;
  const apt = await aptGet();
  if (!apt) throw missing("there is no apt-get that may be run without a password");
  await run(apt[0], [...apt.slice(1), "update"]);
  const { code, output } = await run(
    apt[0],
    [...apt.slice(1), "install", "-y", "--no-install-recommends", "chromium"],
    {
      env: { DEBIAN_FRONTEND: "noninteractive" },
    },
  );
  const installed = findChromium();
  if (code !== 0 || !installed) throw missing(`apt-get install chromium failed:\n${output}`);
  return `${installed} (installed)`;
}

async function aptGet() {
  const { code } = await run("apt-get", ["--version"]);
  if (code !== 0) return undefined;
  if (process.getuid?.() === 0) return ["apt-get"];
  return (await run("sudo", ["-n", "true"])).code === 0 ? ["sudo", "-n", "apt-get"] : undefined;
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
