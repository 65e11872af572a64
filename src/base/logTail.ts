import { defined } from "./defined.ts";
import { type Clock, isoTime } from "./clock.ts";
import type { Log } from "./log.ts";
import type { Redactor } from "./redact.ts";

export type LogLevel = keyof Log;

export interface LogLine {
  time: string;
  level: LogLevel;
  message: string;
  fields?: Record<string, unknown>;
}

/** A log that also keeps its newest lines; secrets are removed from what it keeps and from what it passes on. */
export interface LogTail extends Log {
  /** The newest lines, oldest first. */
  tail(lines: number, level?: LogLevel): LogLine[];
}

export const LOG_LEVELS = ["debug", "info", "warn", "error"] as const satisfies LogLevel[];

export function createLogTail(log: Log, options: { clock: Clock; redactor: Redactor; keep?: number }): LogTail {
  const { clock, redactor, keep = 1000 } = options;
  const kept: LogLine[] = [];
  const write = (level: LogLevel) => (message: string, fields?: Record<string, unknown>) => {
    const clean = fields && (redactor.value(fields) as Record<string, unknown>);
    const text = redactor.text(message);
    log[level](text, clean);
    kept.push({
      time: isoTime(clock.now()),
      level,
      message: text,
      ...defined({ fields: clean }),
    });
    // In one go now and then, not for every line.
    if (kept.length >= keep * 2) kept.splice(0, kept.length - keep);
  };
  return {
    debug: write("debug"),
    info: write("info"),
    warn: write("warn"),
    error: write("error"),
    tail(lines, level = "debug") {
      const least = LOG_LEVELS.indexOf(level);
      return kept.filter((line) => LOG_LEVELS.indexOf(line.level) >= least).slice(-lines);
    },
  };
}
