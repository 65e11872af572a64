import { appendFile, readdir, readFile, rm, stat } from "node:fs/promises";
import { dirname, join } from "node:path";
import { makeFolders } from "../../base/files/makeFolders.ts";
import * as z from "zod";
import type { RunRef } from "../../core/ports/checkpoints.ts";

/** A file's content: its digest and mode; of a link where it leads, with a mode of its own. null where there is no file. */
const contentShape = z.strictObject({ digest: z.string(), mode: z.int() }).nullable();

export type Content = z.output<typeof contentShape>;

/** When it was put down, in ms. */
const at = z.number().optional();

/** command: it was found changed after a command. beside: after one that took so long that others may have changed it. */
const by = z.enum(["command", "beside"]).optional();

/** A command put another file in its place. */
const isOther = z.boolean().optional();

/** What happened to one path. */
const pathLineShape = z.union([
  z.strictObject({ path: z.string(), at, by, before: contentShape }),
  z.strictObject({ path: z.string(), at, by, notKept: z.string() }),
  z.strictObject({ path: z.string(), at, by, left: contentShape, isOther }),
  // Parts that somebody has looked through and keeps, by their names.
  z.strictObject({ path: z.string(), at, accepted: z.array(z.string()) }),
  // The topmost of the folders that were not there for it.
  z.strictObject({ path: z.string(), at, made: z.string() }),
]);

export type PathLine = z.output<typeof pathLineShape>;

/** Or what of its commands' changes could not be looked for, and why. */
const lineShape = z.union([pathLineShape, z.strictObject({ at, unseen: z.string() })]);

export type LogLine = z.output<typeof lineShape>;

/** What runs did to files, a line for each thing, a file for each run, a folder for each session. */
export interface RunLogs {
  /** All at once. */
  append(run: RunRef, ...lines: LogLine[]): Promise<void>;
  read(run: RunRef): Promise<LogLine[]>;
  forget(sessionKey: string): Promise<void>;
  /** Of every run, with when it was written last. */
  list(): Promise<{ run: RunRef; at: number }[]>;
  remove(run: RunRef): Promise<void>;
}

const END = ".jsonl";

export function openRunLogs(folder: string): RunLogs {
  // Keys are made of what people and programs give, and names of files are not.
  const folderOf = (sessionKey: string) => join(folder, encodeURIComponent(sessionKey));
  const placeOf = ({ sessionKey, runId }: RunRef) => join(folderOf(sessionKey), encodeURIComponent(runId) + END);
  return {
    async append(run, ...lines) {
      if (lines.length === 0) return;
      const place = placeOf(run);
      await makeFolders(dirname(place), 0o700);
      // One that was cut off takes none along that comes behind it.
      await appendFile(place, `\n${lines.map((line) => `${JSON.stringify(line)}\n`).join("")}`, { mode: 0o600 });
    },
    async read(run) {
      const text = await readFile(placeOf(run), "utf8").catch(() => "");
      return text.split("\n").flatMap(toLine);
    },
    forget: (sessionKey) => rm(folderOf(sessionKey), { recursive: true, force: true }),
    async list() {
      const sessions = await readdir(folder).catch(() => []);
      const lists = await Promise.all(
        sessions.map(async (name) => {
          const files = await readdir(join(folder, name)).catch(() => []);
          return await Promise.all(
            files.map(async (file) => ({
              run: { sessionKey: decodeURIComponent(name), runId: decodeURIComponent(file.slice(0, -END.length)) },
              at: (await stat(join(folder, name, file))).mtimeMs,
            })),
          );
        }),
      );
      return lists.flat();
    },
    remove: (run) => rm(placeOf(run), { force: true }),
  };
}

/** A line that was cut off with its process tells nothing. */
function toLine(text: string): LogLine[] {
  try {
    return [lineShape.parse(JSON.parse(text))];
  } catch {
    return [];
  }
}
