import { type Disposable, toDisposable } from "../../base/disposable.ts";
import type { Io } from "./io.ts";

/** Signals that end a verb, with the exit code that a shell expects of a process it ended. */
const ENDING: [NodeJS.Signals, number][] = [
  ["SIGHUP", 129],
  ["SIGINT", 130],
  ["SIGTERM", 143],
];

/** The failure of a verb that was ended before its answer, in the form of every failure with --json. */
export function toInterruption(message: string, more: object = {}): { error: object } {
  return { error: { code: "interrupted", message: message.trim(), ...more } };
}

/** Tells a program that waits for JSON that a signal ended the verb, where the verb itself has nothing better to say. */
export function tellInterruption({ stdout }: Io, isDue: () => boolean): Disposable {
  const listeners = ENDING.map(([signal, code]) => {
    const told = () => {
      if (process.listenerCount(signal) > 1) return;
      if (!isDue()) process.exit(code);
      const text = `${JSON.stringify(toInterruption(`Ended by ${signal} before the answer was there`))}\n`;
      stdout.write(text, () => process.exit(code));
    };
    process.on(signal, told);
    return () => process.off(signal, told);
  });
  return toDisposable(() => {
    for (const stop of listeners) stop();
  });
}
