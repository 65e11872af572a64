import { type Document, isCollection, isScalar, visit, type YAMLParseError } from "yaml";
import type { Span } from "./configProblem.ts";

export interface SyntaxFinding {
  span: Span;
  message: string;
  suggestion?: string;
}

/** Says in plain words what a YAML parser found, with the way out where there is a usual one. */
export function explainSyntax(error: YAMLParseError, text: string): Omit<SyntaxFinding, "span"> {
  const line = lineAround(text, error.pos[0]);
  const reference = /(?<!["'$])\$\{[^}]*\}/.exec(line)?.[0];
  if (reference && error.code === "UNEXPECTED_TOKEN") {
    return { message: `Inside { } or [ ], ${reference} needs quotes`, suggestion: `"${reference}"` };
  }
  const explained = SENTENCES[error.code];
  if (!explained) return { message: error.message.replace(/\.$/, "") };
  return { message: typeof explained === "string" ? explained : explained(error) };
}

/** Where the fault is to be seen. A parser notices a missing end only where it gives up; what counts is where it began. */
export function findFault(error: YAMLParseError, document: Document.Parsed): [number, number] {
  const [at] = error.pos;
  let start: number | undefined;
  if (error.code === "MISSING_CHAR" || error.code === "BAD_INDENT") {
    visit(document, {
      Node(_key, node) {
        const range = node.range;
        const canBeOpen = (isCollection(node) && node.flow) || (isScalar(node) && node.type?.startsWith("QUOTE"));
        if (canBeOpen && range && range[0] <= at && at <= range[2]) start = range[0];
      },
    });
  }
  return start === undefined ? error.pos : [start, start + 1];
}

const SENTENCES: Partial<Record<YAMLParseError["code"], string | ((error: YAMLParseError) => string)>> = {
  TAB_AS_INDENT: "This line is indented with a tab; YAML wants spaces",
  MULTILINE_IMPLICIT_KEY: 'Either a ":" is missing after this, or the line is indented differently from its neighbours',
  BLOCK_AS_IMPLICIT_KEY: 'There are two keys on one line, or a key under a value; a value with ": " in it needs quotes',
  BLOCK_IN_FLOW: "Inside { } and [ ] no lists or keys by indentation are possible",
  MULTIPLE_DOCS: 'The file holds more than one document; remove the line "---"',
  UNEXPECTED_TOKEN:
    "This does not belong here; a value with { } [ ] , # or : in it, or one that begins with * or &, needs quotes",
  BAD_DQ_ESCAPE: "A backslash in double quotes starts an escape; write two of them, or use single quotes",
  MISSING_CHAR: (error) =>
    /quote/.test(error.message) ? "A quote was opened and never closed" : error.message.replace(/\.$/, ""),
  BAD_INDENT: (error) =>
    /must end with|and end with/.test(error.message)
      ? "A { or [ was opened above and never closed"
      : "This line is indented differently from its neighbours",
  BAD_SCALAR_START: (error) => `A value cannot begin with "${error.message.at(-1)}"; put it in quotes`,
};

function lineAround(text: string, offset: number): string {
  const start = text.lastIndexOf("\n", offset - 1) + 1;
  const end = text.indexOf("\n", offset);
  return text.slice(start, end === -1 ? text.length : end);
}
