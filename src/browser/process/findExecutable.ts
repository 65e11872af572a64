import { existsSync, readFileSync } from "node:fs";
import { AppError } from "../../base/appError.ts";
import { homeFolder } from "../../base/files/homeFolder.ts";
import { findProgram, type Machine, thisMachine, valueOf } from "../../base/findProgram.ts";

/**
 * The configured browser, else the first that is installed: Chrome, Edge, Chromium. `unavailable` says what to install
 * on this system when there is none. What lies in one of the folders `except` is found only by its whole path.
 */
export function findExecutable(
  configured: string | undefined,
  except: string[],
  machine: Machine = thisMachine,
  distribution = readDistribution(),
): string {
  if (configured !== undefined) {
    const found = findProgram([configured], except, machine);
    if (found) return found;
    throw new AppError(
      "unavailable",
      `browser.executablePath is set to ${configured}, which is no program that can be run. Correct it, or remove it to have an installed browser found`,
    );
  }
  const found = findProgram(names(machine), except, machine);
  if (found) return found;
  throw new AppError(
    "unavailable",
    `No Chrome, Edge or Chromium is installed. ${advice(machine.platform, distribution)}`,
  );
}

function names({ platform, env }: Machine): string[] {
  if (platform === "darwin") {
    const apps = ["Google Chrome", "Microsoft Edge", "Chromium"].map((name) => `${name}.app/Contents/MacOS/${name}`);
    return ["/Applications", `${homeFolder(env)}/Applications`].flatMap((folder) =>
      apps.map((app) => `${folder}/${app}`),
    );
  }
  if (platform === "win32") {
    const folders = ["ProgramFiles", "ProgramFiles(x86)", "LocalAppData"].flatMap((name) => valueOf(env, name) || []);
    const programs = ["Google\\Chrome\\Application\\chrome.exe", "Microsoft\\Edge\\Application\\msedge.exe"];
    return [...programs, "Chromium\\Application\\chrome.exe"].flatMap((name) =>
      folders.map((folder) => `${folder}\\${name}`),
    );
  }
  return [
    "google-chrome",
    "google-chrome-stable",
    "/opt/google/chrome/chrome",
    "microsoft-edge",
    "microsoft-edge-stable",
    "/opt/microsoft/msedge/msedge",
    "chromium",
    "chromium-browser",
    "/snap/bin/chromium",
  ];
}

function advice(platform: NodeJS.Platform, distribution: string): string {
  const last = "or name one in browser.executablePath of openclaw.yml";
  if (platform === "darwin") return `Install one, as with "brew install --cask google-chrome", ${last}`;
  if (platform === "win32") return `Install one, as with "winget install Google.Chrome", ${last}`;
  const command = INSTALLERS.find(([name]) => name.test(distribution))?.[1];
  return command ? `Install one, as with "${command}", ${last}` : `Install one with your package manager, ${last}`;
}

// Ubuntu before Debian, because it says that it is like Debian, whose package there is only a pointer to the snap.
const INSTALLERS: [RegExp, string][] = [
  [/ubuntu/i, "sudo snap install chromium"],
  [/debian/i, "sudo apt-get install chromium"],
  [/fedora|rhel|centos/i, "sudo dnf install chromium"],
  [/suse/i, "sudo zypper install chromium"],
  [/alpine/i, "sudo apk add chromium"],
  [/\barch/i, "sudo pacman -S chromium"],
];

/** Of Linux, what names the right installer; "" where there is no such file. */
function readDistribution(): string {
  const release = "/etc/os-release";
  return existsSync(release) ? readFileSync(release, "utf8") : "";
}
