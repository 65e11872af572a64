import { Readable, Writable } from "node:stream";
import type { Clock } from "../../src/base/clock.ts";
import { defined } from "../../src/base/defined.ts";
import { run } from "../../src/cli/runCli.ts";

export interface Result {
  code: number | null;
  stdout: string;
  stderr: string;
}

interface Given {
  input?: string;
  isTTY?: boolean;
  /** By a person at a terminal. */
  typed?: string[];
  /** Told what stands on stderr so far. */
  said?: (stderr: string) => void;
  printed?: (stdout: string) => void;
  clock?: Clock;
}

/** Runs the command line in this process, with no more environment than it is given. */
export async function pincer(
  args: string[],
  env: Record<string, string>,
  { input = "", isTTY = false, typed, said, printed, clock }: Given = {},
): Promise<Result> {
  const [stdout, stderr] = [collect(printed), collect(said)];
  const code = await run(args, {
    env,
    stdin: typed
      ? Object.assign(Readable.from(typed.map((line) => `${line}\n`)), { isTTY: true })
      : Readable.from([input]),
    stdout: Object.assign(stdout.stream, { isTTY, columns: 80 }),
    stderr: stderr.stream,
    ...defined({ clock }),
  });
  return { code, stdout: stdout.text(), stderr: stderr.text() };
}

function collect(said?: (text: string) => void): { stream: Writable; text(): string } {
  const chunks: string[] = [];
  const stream = new Writable({
    decodeStrings: false,
    write(chunk, _encoding, done) {
      chunks.push(String(chunk));
      said?.(chunks.join(""));
      done();
    },
  });
  return { stream, text: () => chunks.join("") };
}
