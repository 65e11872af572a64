import { readFileSync, readlinkSync } from "node:fs";
import { hostname } from "node:os";

/** Names where a process id of this process means the same process: this machine since it booted, or this container in it. */
export function pidSpace(): string {
  if (process.platform !== "linux") return hostname();
  try {
    // Containers may share the machine's name, and mostly share its kernel, but not its process ids.
    return `${readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim()} ${readlinkSync("/proc/self/ns/pid")}`;
  } catch {
    return "";
  }
}
