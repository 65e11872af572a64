/** What is wrong with a configuration file, and where. Lines and columns count from 1; a column is a UTF-16 unit. */
export interface ConfigProblem {
  /** "error": the file is not used. "warning": it is, but the user should know. */
  severity: "error" | "warning";
  file: string;
  line: number;
  column: number;
  endLine: number;
  endColumn: number;
  /** Dotted path of the offending key, as in "gateway.port"; "" for the file itself. */
  key: string;
  /** A sentence that never holds a secret. */
  message: string;
  /** What was probably meant, ready to be put in its place. */
  suggestion?: string;
  /** Names the kind of it where an editor has a way out. */
  code?: "secret_in_workspace";
}

/** Where something stands in a file. */
export type Span = Pick<ConfigProblem, "line" | "column" | "endLine" | "endColumn">;

export type Path = (string | number)[];

/** A problem before it is known in which file and where it stands. */
export interface Finding {
  severity?: "error" | "warning";
  path: Path;
  /** The key itself is wrong, whatever its value. */
  about?: "key";
  /** The place itself, when it is closer than the value's. */
  span?: Span;
  message: string;
  suggestion?: string;
  code?: ConfigProblem["code"];
}

/** "openclaw.yml:3:5: error: gateway.prot: Unknown key ...". */
export function formatProblem(problem: ConfigProblem): string {
  const key = problem.key === "" ? "" : `${problem.key}: `;
  return `${problem.file}:${problem.line}:${problem.column}: ${problem.severity}: ${key}${problem.message}`;
}

/** Problems for a log: each warning, and of a file's errors the first with a count, as one keeps the whole file out. */
export function toLogLines(problems: ConfigProblem[]): string[] {
  const errors = Map.groupBy(
    problems.filter(({ severity }) => severity === "error"),
    ({ file }) => file,
  );
  const ofFiles = [...errors.values()].map(([first, ...more]) =>
    more.length === 0 ? formatProblem(first!) : `${formatProblem(first!)} (and ${more.length} more in this file)`,
  );
  return [...ofFiles, ...problems.filter(({ severity }) => severity === "warning").map(formatProblem)];
}

/** ["cron", 0, "schedule"] -> "cron[0].schedule". */
export function toKey(path: Path): string {
  return path.reduce<string>((key, part) => {
    if (typeof part === "number") return `${key}[${part}]`;
    return key === "" ? part : `${key}.${part}`;
  }, "");
}
