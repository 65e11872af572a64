import { createInterface } from "node:readline";
import type { Readable } from "node:stream";
import { visible } from "../../base/text/visible.ts";
import type { Io } from "./io.ts";

/** Asks a person at the terminal. */
export interface Asker {
  /** The first letter of the answer, in lower case; asked again until it is one of `letters`. End of input is the last of them. */
  choose(question: string, letters: string): Promise<string>;
  close(): void;
}

/** Undefined where nobody sits at a terminal. */
export function createAsker({ stdin, stderr }: Io): Asker | undefined {
  if ((stdin as Readable & { isTTY?: boolean }).isTTY !== true) return undefined;
  const lines = createInterface({ input: stdin, output: stderr });
  // Ctrl+C at a question is meant for the verb.
  lines.on("SIGINT", () => process.kill(process.pid, "SIGINT"));
  // What is typed ahead waits for its question.
  const typed = lines[Symbol.asyncIterator]();
  return {
    async choose(question, letters) {
      for (;;) {
        stderr.write(`${visible(question)} `);
        const { done, value } = await typed.next();
        if (done) return letters.at(-1)!;
        const letter = value.trim().toLowerCase()[0];
        if (letter !== undefined && letters.includes(letter)) return letter;
      }
    },
    close: () => lines.close(),
  };
}
