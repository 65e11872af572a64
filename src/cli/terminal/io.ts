import type { Readable, Writable } from "node:stream";
import type { Clock } from "../../base/clock.ts";

/** What a command line reads and writes: a process, or a test's stand-in for one. */
export interface Io {
  env: Record<string, string | undefined>;
  stdin: Readable;
  stdout: Writable & { isTTY?: boolean; columns?: number };
  stderr: Writable;
  /** The system's own unless given. */
  clock?: Clock;
}
