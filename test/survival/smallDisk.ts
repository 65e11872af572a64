import { execFileSync } from "node:child_process";
import { closeSync, mkdtempSync, openSync, rmSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** A disk small enough to fill; undefined where only root may mount one. */
export function mountDisk(mb: number): string | undefined {
  const path = mkdtempSync(join(tmpdir(), "pincer-disk-"));
  try {
    execFileSync("mount", ["-t", "tmpfs", "-o", `size=${mb}m`, "tmpfs", path], { stdio: "ignore" });
    return path;
  } catch {
    rmSync(path, { recursive: true });
    return undefined;
  }
}

export function unmount(disk: string): void {
  execFileSync("umount", ["--lazy", disk]);
  rmSync(disk, { recursive: true });
}

/** Writes until the disk takes no more. */
export function fill(path: string): void {
  const file = openSync(path, "w");
  try {
    for (let size = 65_536; size >= 1;) {
      try {
        writeSync(file, Buffer.alloc(size));
      } catch {
        size = Math.floor(size / 8);
      }
    }
  } finally {
    closeSync(file);
  }
}
