import { readFileSync } from "node:fs";

/** A part of a file system that is shown at a place of the tree. */
export interface Mount {
  /** As in "8:1". */
  device: string;
  /** What is shown, as a path on the device. */
  root: string;
  place: string;
}

const KEEP_MS = 1000;
let kept: { until: number; text: string; mounts: Mount[] } | undefined;

/** What is mounted where for this process, the last above the others; none where the system does not tell. At most a second old. */
export function mountTable(): Mount[] {
  const now = performance.now();
  if (kept && now < kept.until) return kept.mounts;
  const text = process.platform === "linux" ? readTable() : "";
  kept = { until: now + KEEP_MS, text, mounts: kept?.text === text ? kept.mounts : parseMounts(text) };
  return kept.mounts;
}

export function parseMounts(text: string): Mount[] {
  return text.split("\n").flatMap((line) => {
    const [, , device, root, place] = line.split(" ");
    return device === undefined || root === undefined || place === undefined
      ? []
      : [{ device, root: unescaped(root), place: unescaped(place) }];
  });
}

function readTable(): string {
  try {
    return readFileSync("/proc/self/mountinfo", "utf8");
  } catch {
    return "";
  }
}

// Blanks, tabs, line breaks and backslashes are written as octal numbers.
const unescaped = (path: string): string =>
  path.replace(/\\([0-7]{3})/g, (_, octal: string) => String.fromCharCode(Number.parseInt(octal, 8)));
