import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { root } from "../steps/process.mjs";

/** Source files by their path from the root, with forward slashes. */
export type Tree = Map<string, string>;

export interface Import {
  from: string;
  /** A path in the tree when relative, else the package's name. */
  to: string;
  typeOnly: boolean;
}

export function readTree(folders: string[], extensions: string[]): Tree {
  const tree: Tree = new Map();
  for (const folder of folders) {
    for (const entry of readdirSync(path.join(root, folder), { recursive: true, withFileTypes: true })) {
      const file = path.join(entry.parentPath, entry.name);
      if (!entry.isFile() || file.includes("node_modules") || !extensions.includes(path.extname(file))) continue;
      tree.set(path.relative(root, file).replaceAll("\\", "/"), readFileSync(file, "utf8"));
    }
  }
  return tree;
}

/** Every import and re-export of a file, dynamic ones included. */
export function importsOf(from: string, source: string): Import[] {
  const found: Import[] = [];
  const code = source.replaceAll(/\/\*[^]*?\*\//g, "").replaceAll(/^\s*\/\/.*$/gm, "");
  const statement = /^\s*(?:import|export)\s+(type\s+)?(?:[^"';]*?\sfrom\s+)?["']([^"']+)["']/gm;
  for (const [, type, target] of code.matchAll(statement)) {
    found.push({ from, to: resolve(from, target!), typeOnly: type !== undefined });
  }
  for (const [, type, target] of code.matchAll(/(typeof\s+)?\bimport\(\s*["']([^"']+)["']/g)) {
    found.push({ from, to: resolve(from, target!), typeOnly: type !== undefined });
  }
  return found;
}

export function allImports(tree: Tree): Import[] {
  return [...tree].flatMap(([file, source]) => importsOf(file, source));
}

function resolve(from: string, target: string): string {
  return target.startsWith(".") ? path.posix.join(path.posix.dirname(from), target) : target;
}
