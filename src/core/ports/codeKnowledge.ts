/**
 * What the language servers of an editor know of the code in its folders, unsaved text included. Paths are absolute real
 * ones; lines and columns count from 1, columns in UTF-16 units. What is not open is opened unseen. Who asks waits: for
 * servers that start, for seconds at most.
 */
export interface CodeKnowledge {
  /** Whether a window of this process has the folder open, or one around it. */
  has(folder: string): boolean;
  /** Of these files, as they are now; those whose server needs longer are pending. */
  check(paths: string[], limitMs: number, signal: AbortSignal): Promise<Checked>;
  /** Of all that servers have told of in a folder, which is what is open and what they look at by themselves. */
  known(folder: string): Problem[];
  /** The files of a folder that somebody has open, and that a change of another file may break: a few. */
  open(folder: string): string[];
  /** Where it is defined; [] where nobody knows. */
  definition(at: CodePosition, signal: AbortSignal): Promise<CodeSpan[]>;
  /** Where it is used, its definition included. */
  references(at: CodePosition, signal: AbortSignal): Promise<CodeSpan[]>;
  /** What a file declares, outermost first. */
  symbols(path: string, signal: AbortSignal): Promise<CodeSymbol[]>;
  /** What is declared anywhere in a folder, by a part of its name. */
  findSymbols(folder: string, query: string, signal: AbortSignal): Promise<CodeSymbol[]>;
  /** The files as a rename would leave them; changes nothing. `bad_request` with the server's reason where it refuses. */
  rename(at: CodePosition, name: string, signal: AbortSignal): Promise<CodeEdit[]>;
  /** The file as its formatter would leave it; undefined where it has none. Changes nothing. */
  format(path: string, signal: AbortSignal): Promise<CodeEdit | undefined>;
}

export interface CodePosition {
  path: string;
  line: number;
  column: number;
}

export interface CodeSpan extends CodePosition {
  endLine: number;
}

export interface CodeSymbol extends CodeSpan {
  name: string;
  /** "class", "method", "interface" ... */
  kind: string;
  /** How deep it lies in other symbols of the file; 0 is outermost. */
  depth: number;
  /** What it is in, where the server says so. */
  container?: string;
}

export interface Problem extends CodePosition {
  severity: "error" | "warning";
  message: string;
  /** Who says so, and by which of its rules: "ts", "2322". */
  source?: string;
  code?: string;
}

export interface Checked {
  /** Errors and warnings, by file and line. */
  problems: Problem[];
  /** Files whose server had not finished in time. */
  pending: string[];
  /** Files that nobody has ever told anything of, and nobody may be looking at: no server is known, or it says nothing of such. */
  unseen: string[];
}

/** A file's text before and after a change that nobody has made yet. */
export interface CodeEdit {
  path: string;
  before: string;
  after: string;
}
