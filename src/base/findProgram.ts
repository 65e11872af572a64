import { accessSync, constants, statSync } from "node:fs";
import { posix, win32 } from "node:path";
import { diskPlaces } from "./files/diskPath.ts";
import { isInside } from "./files/isInside.ts";
import { isWholePath } from "./files/isWholePath.ts";
import { realPath } from "./files/realPath.ts";

/** The system on which programs are looked for. */
export interface Machine {
  platform: NodeJS.Platform;
  env: Record<string, string | undefined>;
  /** Whether a path is a program that this user may run. */
  isProgram(path: string): boolean;
}

export const thisMachine: Machine = { platform: process.platform, env: process.env, isProgram };

/**
 * Absolute path of the first of these programs that can be run: absolute ones are taken as they are, bare names are
 * looked up. Entries of PATH that are relative or empty, the folder that this process works in, and whatever lies in
 * one of the folders `except` do not count: a repository could have put a program of its own there.
 */
export function findProgram(names: string[], except: string[], machine: Machine = thisMachine): string | undefined {
  const { platform, env } = machine;
  const path = platform === "win32" ? win32 : posix;
  const folders = searchPath(env)
    .split(path.delimiter)
    .filter((folder) => isWholePath(folder, machine.platform));
  const left = except.filter((folder) => folder !== "").flatMap((folder) => diskPlaces(realPath(folder)));
  for (const name of names) {
    const isBare = !name.includes("/") && !(platform === "win32" && name.includes("\\"));
    if (!isBare && isWholePath(name, platform) && machine.isProgram(name)) return name;
    // Only what is started without a shell: no .cmd, no .bat.
    const file = platform === "win32" && !/\.exe$/i.test(name) ? `${name}.exe` : name;
    const found = isBare ? folders.map((folder) => path.join(folder, file)) : [];
    const first = found.find((one) => machine.isProgram(one) && !isLeftOut(one, left, path.dirname));
    if (first !== undefined) return first;
  }
  return undefined;
}

/** A program that is part of the system, from where the system keeps it, whatever the PATH says; undefined when it is not there. */
export function findSystemProgram(name: string, machine: Machine = thisMachine): string | undefined {
  return systemPlaces(name, machine).find((file) => machine.isProgram(file));
}

/** "C:\Windows", or where it is on this machine. */
export function systemRoot({ env }: Machine): string {
  const root = valueOf(env, "SystemRoot") ?? "";
  return /^[a-z]:\\/i.test(root) ? root : "C:\\Windows";
}

/** A variable, by a name that Windows writes in many ways. */
export function valueOf(env: Record<string, string | undefined>, name: string): string | undefined {
  return env[name] ?? Object.entries(env).find(([one]) => one.toLowerCase() === name.toLowerCase())?.[1];
}

function systemPlaces(name: string, machine: Machine): string[] {
  if (machine.platform === "win32") return [win32.join(systemRoot(machine), "System32", `${name}.exe`)];
  const folders = ["/usr/bin", "/bin", "/usr/sbin", "/sbin", "/usr/local/bin", "/opt/homebrew/bin"];
  return [...folders, "/run/current-system/sw/bin"].map((folder) => `${folder}/${name}`);
}

function searchPath(env: Record<string, string | undefined>): string {
  return env["PATH"] ?? valueOf(env, "PATH") ?? "";
}

function isLeftOut(file: string, except: string[], dirname: (path: string) => string): boolean {
  const places = [realPath(dirname(file)), dirname(realPath(file))];
  const here = realPath(".");
  return places.some((place) => place === here || except.some((folder) => isInside(folder, place)));
}

function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
}
