import { Readable, Writable } from "node:stream";
import { run } from "../../src/cli/runCli.ts";

export interface Result {
  code: number | null;
  stdout: string;
  stderr: string;
}

/** Runs the command line in this process, with no more environment than it is given. `said` is told what stands on stderr so far. */
export async function pincer(
  args: string[],
  env: Record<string, string>,
  {
    input = "",
    isTTY = false,
    typed,
    said,
  }: { input?: string; isTTY?: boolean; typed?: string[]; said?: (stderr: string) => void } = {},
): Promise<Result> {
  const [stdout, stderr] = [collect(), collect(said)];
  const code = await run(args, {
    env,
    // Typed: by a person at a terminal.
    stdin: typed
      ? Object.assign(Readable.from(typed.map((line) => `${line}\n`)), { isTTY: true })
      : Readable.from([input]),
    stdout: Object.assign(stdout.stream, { isTTY, columns: 80 }),
    stderr: stderr.stream,
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
