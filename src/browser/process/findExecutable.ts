import { accessSync, constants, existsSync, readFileSync, statSync } from "node:fs";
import { delimiter, isAbsolute, join } from "node:path";
import { AppError } from "../../base/appError.ts";

export interface Machine {
  platform: NodeJS.Platform;
  env: Record<string, string | undefined>;
  /** Whether a path is a program that this user may run. */
  isProgram: (path: string) => boolean;
  /** Of Linux: the text of /etc/os-release, to name the right installer. */
  distribution?: string;
}

/**
 * The configured browser, else the first that is installed: Chrome, Edge, Chromium. `unavailable` says what to install
 * on this system when there is none.
 */
export function findExecutable(configured: string | undefined, machine: Machine = thisMachine()): string {
  if (configured !== undefined) {
    const found = candidates([configured], machine).find(machine.isProgram);
    if (found) return found;
    throw new AppError(
      "unavailable",
      `browser.executablePath is set to ${configured}, which is no program that can be run. Correct it, or remove it to have an installed browser found`,
    );
  }
  const found = candidates(names(machine), machine).find(machine.isProgram);
  if (found) return found;
  throw new AppError("unavailable", `No Chrome, Edge or Chromium is installed. ${advice(machine)}`);
}

function names({ platform, env }: Machine): string[] {
  if (platform === "darwin") {
    const apps = ["Google Chrome", "Microsoft Edge", "Chromium"].map((name) => `${name}.app/Contents/MacOS/${name}`);
    return ["/Applications", `${env.HOME ?? ""}/Applications`].flatMap((folder) =>
      apps.map((app) => `${folder}/${app}`),
    );
  }
  if (platform === "win32") {
    const folders = [env.PROGRAMFILES, env["PROGRAMFILES(X86)"], env.LOCALAPPDATA].filter((folder) => folder);
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

/** A bare name is looked for in every folder of PATH. */
function candidates(wanted: string[], { platform, env }: Machine): string[] {
  const folders = (env.PATH ?? env.Path ?? "").split(delimiter).filter((folder) => isAbsolute(folder));
  const isPath = (name: string) => name.includes("/") || (platform === "win32" && name.includes("\\"));
  return wanted.flatMap((name) => (isPath(name) ? [name] : folders.map((folder) => join(folder, name))));
}

function advice({ platform, distribution = "" }: Machine): string {
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

function thisMachine(): Machine {
  const release = "/etc/os-release";
  return {
    platform: process.platform,
    env: process.env,
    isProgram,
    ...(existsSync(release) ? { distribution: readFileSync(release, "utf8") } : {}),
  };
}

function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
}
