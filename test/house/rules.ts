import { allImports, type Tree } from "./tree.ts";

/** What each room may import, besides itself and packages. */
export const rooms: Record<string, string[]> = {
  protocol: [],
  base: ["protocol"],
  core: ["base", "protocol"],
  providers: ["core", "base", "protocol"],
  tools: ["core", "base", "protocol"],
  browser: ["core", "base", "protocol"],
  store: ["core", "base", "protocol"],
  channels: ["core", "base", "protocol"],
  gateway: ["core", "base", "protocol"],
  config: ["base", "protocol"],
  app: ["providers", "tools", "browser", "store", "channels", "gateway", "config", "core", "base", "protocol"],
  "app.ts": [
    "app",
    "providers",
    "tools",
    "browser",
    "store",
    "channels",
    "gateway",
    "config",
    "core",
    "base",
    "protocol",
  ],
  cli: ["app", "app.ts", "config", "core", "base", "protocol"],
  vscode: [
    "app.ts",
    "providers",
    "tools",
    "browser",
    "store",
    "channels",
    "gateway",
    "config",
    "core",
    "base",
    "protocol",
  ],
  "extension.ts": ["app.ts", "vscode", "base", "protocol"],
  "webview-ui": ["base", "protocol"],
};

const lineLimit = 400;

export function findStrangeRooms(tree: Tree): string[] {
  const names = new Set([...tree.keys()].map(roomOf));
  return [...names].filter((room) => !(room in rooms)).map((room) => `${room} is not a room of the house`);
}

/** Imports of a room above or beside. Types may come from wherever a room that is imported anyway would be. */
export function findForbiddenImports(tree: Tree): string[] {
  return allImports(tree)
    .filter(({ to }) => to.startsWith("src/") || to.startsWith("webview-ui/"))
    .filter(({ from, to, typeOnly }) => {
      const [room, other] = [roomOf(from), roomOf(to)];
      if (room === "webview-ui" && other === "gateway") return !typeOnly;
      return room !== other && !(rooms[room] ?? []).includes(other);
    })
    .map(({ from, to }) => `${from} imports ${to}`);
}

export function findEditorImports(tree: Tree): string[] {
  return allImports(tree)
    .filter(({ from, to }) => to === "vscode" && roomOf(from) !== "vscode" && from !== "src/extension.ts")
    .map(({ from }) => `${from} imports vscode`);
}

/** Rings of imports, types included: a ring of types is as hard to read as any. */
export function findCycles(tree: Tree): string[] {
  const targets = new Map<string, string[]>();
  for (const { from, to } of allImports(tree)) {
    if (tree.has(to)) targets.set(from, [...(targets.get(from) ?? []), to]);
  }
  const found: string[] = [];
  const done = new Set<string>();
  const walk = (file: string, trail: string[]) => {
    const start = trail.indexOf(file);
    if (start >= 0) found.push([...trail.slice(start), file].join(" -> "));
    if (start >= 0 || done.has(file)) return;
    for (const next of targets.get(file) ?? []) walk(next, [...trail, file]);
    done.add(file);
  };
  for (const file of tree.keys()) walk(file, []);
  return found;
}

/** What a program makes ("// Written from ...") is as long as it is. */
export function findLongFiles(tree: Tree): string[] {
  return [...tree]
    .filter(([, source]) => !source.startsWith("// Written from "))
    .map(([file, source]) => ({ file, lines: source.trimEnd().split("\n").length }))
    .filter(({ lines }) => lines > lineLimit)
    .map(({ file, lines }) => `${file} has ${lines} lines`);
}

/** `import { z }` takes in the whole of zod, several times what is used. */
export function findWholeZod(tree: Tree): string[] {
  return [...tree]
    .filter(([, source]) => /^import\s+(\{[^}]*\bz\b[^}]*\}|z)\s+from\s+["']zod["']/m.test(source))
    .map(([file]) => `${file} imports { z }`);
}

/** Colours that no theme can change. */
export function findRawColours(tree: Tree): string[] {
  const named = "white|black|red|green|blue|yellow|orange|purple|pink|gray|grey|silver|gold|brown|cyan|magenta";
  const raw = new RegExp(`#[0-9a-f]{3,8}\\b|\\b(?:rgba?|hsla?|oklch|lab)\\(|:[^;{]*\\b(?:${named})\\b(?!-)`, "i");
  return [...tree].flatMap(([file, source]) => {
    const code = source.replaceAll(/\/\*[^]*?\*\//g, (comment) => comment.replaceAll(/[^\n]/g, " "));
    const lines = code.split("\n").map((line) => line.replaceAll(/--[\w-]+/g, "").replace(/^[^{}]*\{/, "{"));
    return lines.flatMap((line, at) => (raw.test(line) ? [`${file}:${at + 1} ${line.trim()}`] : []));
  });
}

/** "src/core/x.ts" -> "core"; "src/cli.ts" belongs to "cli". */
function roomOf(file: string): string {
  const [top, name = ""] = file.split("/");
  if (top === "webview-ui") return top;
  if (name === "cli.ts") return "cli";
  return name;
}
