import { win32 } from "node:path";
import { findSystemProgram, type Machine, systemRoot, thisMachine, valueOf } from "../base/findProgram.ts";
import type { Dialect } from "../shell/shellLine.ts";

/** The shell that lines are run in. */
export interface SystemShell {
  /** As a model knows it. */
  name: string;
  kind: Dialect;
  file: string;
}

/**
 * The first there is: bash, for that is what models write; on Windows PowerShell 7, then 5.1. From fixed places: whoever
 * could put a program on the path would choose the shell.
 */
export function findShell(machine: Machine = thisMachine): SystemShell {
  if (machine.platform !== "win32") {
    for (const name of ["bash", "zsh"]) {
      const file = findSystemProgram(name, machine);
      if (file !== undefined) return { name, kind: "posix", file };
    }
    return { name: "sh (POSIX, no bash here)", kind: "posix", file: "/bin/sh" };
  }
  const programs = ["ProgramW6432", "ProgramFiles"].flatMap((name) => valueOf(machine.env, name) ?? []);
  const system = win32.join(systemRoot(machine), "System32");
  const shells: SystemShell[] = [
    ...programs.map((folder): SystemShell => {
      return { name: "PowerShell 7", kind: "powershell", file: win32.join(folder, "PowerShell\\7\\pwsh.exe") };
    }),
    {
      name: "Windows PowerShell 5.1 (no && or ||)",
      kind: "powershell",
      file: win32.join(system, "WindowsPowerShell\\v1.0\\powershell.exe"),
    },
  ];
  const cmd: SystemShell = { name: "cmd.exe", kind: "cmd", file: win32.join(system, "cmd.exe") };
  return shells.find(({ file }) => machine.isProgram(file)) ?? cmd;
}

export const systemShell = findShell();
