import { existsSync } from "node:fs";
import { open, rename, rm } from "node:fs/promises";
import { resolve } from "node:path";
import type { Writable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { createGzip } from "node:zlib";
import { Command } from "commander";
import { AppError } from "../../../base/appError.ts";
import { MOVED_VERSION, type MovedLine } from "../../../protocol/written/movedLine.ts";
import type { MovingDesk } from "../../moving/movingDesk.ts";
import { withDesk } from "../../moving/movingDesk.ts";
import type { Verb } from "../../terminal/clientVerb.ts";
import { version } from "../../terminal/version.ts";

interface ExportOptions {
  out?: string;
  force?: boolean;
}

/** `pincer export`: sessions with their messages, and jobs, as lines of JSON. */
export const exportVerb: Verb = (io) => {
  const command = new Command("export")
    .description("write sessions with their messages, and jobs, as lines of JSON (docs/moving.md)")
    .option("-o, --out <file>", "into this file, gzipped where it ends in .gz (default: what is printed)")
    .option("--force", "replace a file that is there");
  return withDesk<ExportOptions, []>(io, command, { make: false }, async ({ open: openDesk, printer, options }) => {
    if (options.out === undefined) {
      for await (const line of exportedLines(await openDesk(), noCounts())) await print(line, io.stdout);
      return;
    }
    if (options.out.trim() === "") command.error("error: --out wants the name of a file");
    const out = resolve(options.out);
    if (existsSync(out) && !options.force)
      throw new AppError("conflict", `${out} is there already; name another file, or replace it with --force`);
    const { leftOut, ...counts } = await writeFile(out, await openDesk());
    printer.result({ file: out, ...counts, leftOut }, ({ file, sessions, messages, jobs }) => {
      printer.line(`${sessions} sessions with ${messages} messages, and ${jobs} jobs, are in ${file}`);
      if (leftOut > 0) printer.line(`${leftOut} jobs that openclaw.yml declares are not: they come with that file`);
    });
  });
};

/** Beside the file first, so that no half one has its name; only its owner may read what was said. */
async function writeFile(out: string, desk: MovingDesk): Promise<Counts> {
  const beside = `${out}.${process.pid}.part`;
  const counts = noCounts();
  try {
    const file = await open(beside, "wx", 0o600);
    try {
      const to = file.createWriteStream();
      const lines = exportedLines(desk, counts);
      await (out.endsWith(".gz") ? pipeline(lines, createGzip(), to) : pipeline(lines, to));
    } finally {
      await file.close();
    }
    await rename(beside, out);
    return counts;
  } catch (error) {
    await rm(beside, { force: true });
    if (error instanceof Error && "code" in error && "syscall" in error)
      throw new AppError("unavailable", `${out} cannot be written: ${error.message}`, { cause: error });
    throw error;
  }
}

async function print(line: string, to: Writable): Promise<void> {
  await new Promise<void>((resolve, reject) => to.write(line, (error) => (error ? reject(error) : resolve())));
}

interface Counts {
  sessions: number;
  messages: number;
  jobs: number;
  leftOut: number;
}

function noCounts(): Counts {
  return { sessions: 0, messages: 0, jobs: 0, leftOut: 0 };
}

/** All lines of an export, each with its end; `counts` tells what they were. */
async function* exportedLines(desk: MovingDesk, counts: Counts): AsyncGenerator<string> {
  const toText = (line: MovedLine) => `${JSON.stringify(line)}\n`;
  yield toText({
    type: "pincer",
    version: MOVED_VERSION,
    by: `pincer ${version}`,
    createdAt: new Date().toISOString(),
  });
  // One that is used meanwhile comes first again: it is told once.
  const told = new Set<string>();
  let isTold = false;
  for (let cursor: string | undefined, more = true; more; more = cursor !== undefined) {
    const page = await desk.page("sessions", cursor);
    for (const text of page.lines) {
      const line = JSON.parse(text) as MovedLine;
      if (line.type === "session") {
        isTold = told.has(line.key);
        told.add(line.key);
        if (!isTold) counts.sessions += 1;
      } else if (!isTold) counts.messages += 1;
      if (!isTold) yield `${text}\n`;
    }
    cursor = page.nextCursor;
  }
  const { lines, leftOut } = await desk.page("jobs");
  for (const text of lines) yield `${text}\n`;
  Object.assign(counts, { jobs: lines.length, leftOut });
  const { sessions, messages, jobs } = counts;
  yield toText({ type: "end", sessions, messages, jobs });
}
