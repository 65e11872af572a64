import { release } from "node:os";
import { systemShell } from "../processes/systemShell.ts";

/** What a model has to know of the machine that it works on, in a few words: "Windows 11, where commands run in PowerShell 7". */
export function surroundings(): string {
  return `${systemName(process.platform, release())}, where commands run in ${systemShell.name}`;
}

export function systemName(platform: NodeJS.Platform, version: string): string {
  if (platform === "darwin") return "macOS";
  if (platform === "linux") return /microsoft/i.test(version) ? "Linux in WSL" : "Linux";
  if (platform !== "win32") return platform;
  // Both call themselves 10.0, the newer one from this build on.
  const build = Number(version.split(".")[2] ?? 0);
  return build >= 22_000 ? "Windows 11" : "Windows";
}
