import { execFile } from "node:child_process";
import { userInfo } from "node:os";
import { homeFolder } from "../../base/files/homeFolder.ts";
import { findSystemProgram } from "../../base/findProgram.ts";

/** The system that services are put into. */
export interface ServiceMachine {
  platform: NodeJS.Platform;
  /** Undefined on Windows. */
  uid: number | undefined;
  user: string;
  home: string;
  env: Record<string, string | undefined>;
  /** How long is waited for a process that was told to stop. */
  patienceMs: number;
  /** Runs a program that is part of the system. Never rejects: one that is not there has the code 127. */
  run(name: string, args: string[]): Promise<Ran>;
}

export interface Ran {
  code: number;
  /** What it said, on either stream. */
  output: string;
}

const LONGEST_MS = 60_000;

export function thisServiceMachine(env: Record<string, string | undefined>): ServiceMachine {
  const uid = process.getuid?.();
  return {
    platform: process.platform,
    uid,
    user: userName() ?? String(uid),
    home: homeFolder(),
    env,
    // A gateway takes at most 5 s.
    patienceMs: 6000,
    run,
  };
}

/** Undefined for a user that the system has no account of, as in a container. */
function userName(): string | undefined {
  try {
    return userInfo().username;
  } catch {
    return undefined;
  }
}

function run(name: string, args: string[]): Promise<Ran> {
  const file = findSystemProgram(name);
  if (file === undefined) return Promise.resolve({ code: 127, output: `there is no ${name}` });
  return new Promise((resolve) => {
    execFile(file, args, { timeout: LONGEST_MS, windowsHide: true }, (error, stdout, stderr) => {
      const code = error ? (typeof error.code === "number" ? error.code : 1) : 0;
      resolve({ code, output: `${stdout}${stderr}`.trim() });
    });
  });
}
