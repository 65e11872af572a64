import { nameTable } from "../../base/nameTable.ts";

/** The path in a "--- " or "+++ " line, without git's a/ and b/; undefined for /dev/null. */
export function nameInLine(line: string): string | undefined {
  const name = plainName(line.slice(4).replace(/\t.*$/, "").trim());
  return name === "/dev/null" ? undefined : withoutPrefix(name);
}

/** The path in a "diff --git " line whose two sides are the same; undefined when they differ. */
export function nameInHeader(line: string): string | undefined {
  const words = line.slice("diff --git ".length).trim();
  const quoted = /^("(?:[^"\\]|\\.)*") ("(?:[^"\\]|\\.)*")$/.exec(words);
  const half = (words.length - 1) / 2;
  const sides = quoted ? [quoted[1]!, quoted[2]!] : [words.slice(0, half), words.slice(half + 1)];
  const [from, to] = sides.map((side) => withoutPrefix(plainName(side)));
  return from === to ? from : undefined;
}

/** A name as git writes it when it holds quotes, controls or letters beyond ASCII: quoted, its bytes as \303\244. */
export function plainName(name: string): string {
  const inside = /^"(.*)"$/.exec(name)?.[1];
  if (inside === undefined) return name;
  const bytes = [...inside.matchAll(/\\([0-7]{3})|\\([^])|([^\\]+)/g)].map(([, octal, sign, text]) => {
    if (octal !== undefined) return Buffer.from([Number.parseInt(octal, 8)]);
    return Buffer.from(sign === undefined ? text! : (SIGNS[sign] ?? sign));
  });
  return Buffer.concat(bytes).toString("utf8");
}

const SIGNS = nameTable<string>({ n: "\n", t: "\t", r: "\r", a: "\u0007", b: "\b", v: "\v", f: "\f" });

const withoutPrefix = (name: string): string => name.replace(/^[ab]\//, "");
