/** A word of a command after quotes and escapes are taken away. */
export interface ShellWord {
  text: string;
  /** Exactly `text` whatever happens: nothing in it is expanded, matched against files or split. */
  literal: boolean;
  /** What is expanded in it, by a name or a command, is one word with the rest of it ("one"), or may be any number of words. */
  expands?: "one" | "many";
  /** Where it stands in the line, in UTF-16 units; absent for a word of a text that another shell reads. */
  place?: { start: number; end: number };
}

export interface ShellRedirect {
  /** The number before the operator, "" when there is none. */
  descriptor: string;
  operator: string;
  /** The file, or the descriptor after `>&` and `<&`; for a heredoc its delimiter. */
  target: ShellWord;
  /** Of a heredoc: where its lines stand, as of a word. */
  body?: { start: number; end: number };
}

/** One program that a line would start, or one builtin. */
export interface ShellCommand {
  words: ShellWord[];
  /** "NAME=value" before the command, or given to `env`. */
  assignments: ShellWord[];
  redirects: ShellRedirect[];
  /** What it is started through, outermost first: "sudo", "xargs", "find -exec". */
  wrappers: string[];
  /** The words of those, which were commands of their own. */
  outers?: ShellWord[][];
  /** Where it stands in the text that it was read from, in UTF-16 units. */
  place: { start: number; end: number };
}

/** Thrown inside the parser only. */
export class NotUnderstood extends Error {}
