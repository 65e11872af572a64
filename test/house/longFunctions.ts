import { type Node, parse, placeOf, walk } from "./syntax.ts";
import type { Tree } from "./tree.ts";

const MOST_LINES = 100;

/**
 * Functions that nobody takes in at a glance, counted with all that is in them: a closure's operations are to be functions that
 * can be entered by their names. What a program makes ("// Written from ...") is as long as it is.
 */
export function findLongFunctions(tree: Tree): string[] {
  return [...tree]
    .filter(([, source]) => !source.startsWith("// Written from ") && lineCount(source) > MOST_LINES)
    .flatMap(([file, source]) => {
      const found: string[] = [];
      walk(parse(file, source), (node, around) => {
        const lines = isFunction(node) ? lineCount(source.slice(node.start, node.end)) : 0;
        if (lines > MOST_LINES) found.push(`${placeOf(file, source, node)} ${nameOf(node, around)} has ${lines} lines`);
      });
      return found;
    });
}

function lineCount(text: string): number {
  return text.split("\n").length;
}

function isFunction({ type }: Node): boolean {
  return type === "FunctionDeclaration" || type === "FunctionExpression" || type === "ArrowFunctionExpression";
}

/** Its own name, or that of what it is given to: of a variable, a property, or a call that takes it. */
function nameOf(node: Node, around: Node[]): string {
  for (const { id, key, callee } of [node, ...around] as { id?: unknown; key?: unknown; callee?: unknown }[]) {
    const { name } = (id ?? key ?? callee ?? {}) as { name?: unknown };
    if (typeof name === "string") return name;
  }
  return "(no name)";
}
