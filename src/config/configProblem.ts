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
  message: string;
  suggestion?: string;
}

/** "openclaw.yml:3:5: error: gateway.prot: Unknown key ...". */
export function formatProblem(problem: ConfigProblem): string {
  const key = problem.key === "" ? "" : `${problem.key}: `;
  return `${problem.file}:${problem.line}:${problem.column}: ${problem.severity}: ${key}${problem.message}`;
}

/** ["cron", 0, "schedule"] -> "cron[0].schedule". */
export function toKey(path: Path): string {
  return path.reduce<string>((key, part) => {
    if (typeof part === "number") return `${key}[${part}]`;
    return key === "" ? part : `${key}.${part}`;
  }, "");
}
