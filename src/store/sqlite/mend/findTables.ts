import { closeSync, fstatSync, openSync, readSync } from "node:fs";
import { PAGE_BYTES } from "./mendHeader.ts";

// See https://sqlite.org/fileformat2.html#b_tree_pages.
const INTERIOR = 0x05;
const LEAF = 0x0d;
// A store that can shrink has maps of its other pages among them: the first of them begins with the root of a table.
const MAP_OF_ROOT = 1;
const MAPPED = Math.floor(PAGE_BYTES / 5);

/** A column as `pragma_table_info` tells it. */
export interface Column {
  name: string;
  type: string;
  /** Whether a row may lack it. */
  isOptional: boolean;
  /** It is the row's number, which stands beside the row and not in it. */
  isRowId: boolean;
}

type Value = { kind: "null" | "integer" | "real" | "text" | "blob"; text?: string };

/**
 * The first page of each table that a file without a readable schema holds, by name: known by the form of its first row. Of
 * several that fit, the largest; those without rows are not found, and not missed.
 */
export function findTables(path: string, tables: ReadonlyMap<string, Column[]>): Map<string, number> {
  const file = openSync(path, "r");
  try {
    const last = Math.floor(fstatSync(file).size / PAGE_BYTES);
    const read = (page: number): Buffer => {
      const bytes = Buffer.alloc(PAGE_BYTES);
      return page < 2 || page > last
        ? bytes
        : bytes.subarray(0, readSync(file, bytes, 0, PAGE_BYTES, (page - 1) * PAGE_BYTES));
    };
    const children = new Map<number, number[]>();
    const hasMaps = read(2)[0] === MAP_OF_ROOT;
    for (let page = 2; page <= last; page++) {
      if (hasMaps && (page - 2) % (MAPPED + 1) === 0) continue;
      const bytes = read(page);
      if (bytes[0] === LEAF) children.set(page, []);
      else if (bytes[0] === INTERIOR) children.set(page, childrenOf(bytes));
    }
    const below = new Set([...children.values()].flat());
    const found = new Map<string, { page: number; size: number }>();
    for (const page of children.keys()) {
      if (below.has(page)) continue;
      const row = firstRow(page, children, read);
      const name = row && [...tables].find(([table, columns]) => fits(table, columns, row))?.[0];
      if (name === undefined) continue;
      const size = sizeOf(page, children);
      if (size > (found.get(name)?.size ?? 0)) found.set(name, { page, size });
    }
    return new Map([...found].map(([name, { page }]) => [name, page]));
  } finally {
    closeSync(file);
  }
}

function childrenOf(page: Buffer): number[] {
  const cells = Math.min(page.readUInt16BE(3), (PAGE_BYTES - 12) / 2);
  const places = Array.from({ length: cells }, (_, cell) => page.readUInt16BE(12 + 2 * cell));
  return [...places.filter((at) => at <= PAGE_BYTES - 4).map((at) => page.readUInt32BE(at)), page.readUInt32BE(8)];
}

// A broken page may lead back to one above it.
const DEEPEST = 20;

function sizeOf(page: number, children: ReadonlyMap<number, number[]>, depth = 0): number {
  if (depth > DEEPEST) return 1;
  return (children.get(page) ?? []).reduce((sum, child) => sum + sizeOf(child, children, depth + 1), 1);
}

/** Of the first leaf below that has any. */
function firstRow(
  page: number,
  children: ReadonlyMap<number, number[]>,
  read: (page: number) => Buffer,
  depth = 0,
): Value[] | undefined {
  const below = children.get(page);
  if (!below || depth > DEEPEST) return undefined;
  for (const child of below) {
    const row = firstRow(child, children, read, depth + 1);
    if (row) return row;
  }
  const bytes = read(page);
  return bytes[0] === LEAF && bytes.readUInt16BE(3) > 0 ? toRow(bytes, bytes.readUInt16BE(8)) : undefined;
}

/** See https://sqlite.org/fileformat2.html#record_format. Undefined when it makes no sense. */
function toRow(page: Buffer, at: number): Value[] | undefined {
  const [, afterLength] = varint(page, at);
  const [, start] = varint(page, afterLength);
  const [headerBytes, firstType] = varint(page, start);
  const end = start + headerBytes;
  if (end > page.length) return undefined;
  const row: Value[] = [];
  let from = end;
  for (let next = firstType; next < end;) {
    const [type, after] = varint(page, next);
    next = after;
    const value = toValue(type);
    if (!value) return undefined;
    const { kind, bytes } = value;
    row.push(
      kind === "text" ? { kind, text: page.toString("utf8", from, Math.min(from + bytes, from + 40)) } : { kind },
    );
    from += bytes;
  }
  return row;
}

const NUMBER_BYTES = [0, 1, 2, 3, 4, 6, 8, 8, 0, 0];

function toValue(type: number): { kind: Value["kind"]; bytes: number } | undefined {
  if (type >= 12) return { kind: type % 2 === 0 ? "blob" : "text", bytes: Math.floor((type - 12) / 2) };
  const bytes = NUMBER_BYTES[type];
  if (bytes === undefined) return undefined;
  return { kind: type === 0 ? "null" : type === 7 ? "real" : "integer", bytes };
}

function varint(bytes: Buffer, at: number): [value: number, next: number] {
  let value = 0;
  for (let next = at; next < at + 8; next++) {
    const byte = bytes[next] ?? 0;
    value = value * 128 + (byte & 0x7f);
    if (byte < 128) return [value, next + 1];
  }
  return [value * 256 + (bytes[at + 8] ?? 0), at + 9];
}

function fits(table: string, columns: Column[], row: Value[]): boolean {
  if (row.length > columns.length || columns.slice(row.length).some(({ isOptional }) => !isOptional)) return false;
  return row.every((value, at) => isOf(columns[at]!, value)) && isNamedSo(table, row[0]?.text);
}

function isOf({ name, type, isOptional, isRowId }: Column, { kind, text }: Value): boolean {
  if (isRowId) return kind === "null";
  if (kind === "null") return isOptional;
  if (name === "body" && !text?.startsWith("{")) return false;
  if (type === "TEXT") return kind === "text";
  return kind === "integer" || (type === "REAL" && kind === "real");
}

/** Three tables are a name and a number: the counters, the highest numbers of sessions, and what the search index notes. */
function isNamedSo(table: string, name: string | undefined): boolean {
  if (table === "counters") return name === "event";
  return table !== "seqs" || (name !== "event" && name !== "version");
}
