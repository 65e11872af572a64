import { closeSync, copyFileSync, existsSync, openSync, readSync, rmSync, statSync, writeSync } from "node:fs";

const MAGIC = "SQLite format 3\0";
const HEADER_BYTES = 100;
// What SQLite takes by itself, and so what every store of ours has.
export const PAGE_BYTES = 4096;
// Of a b-tree that holds a table; the first page of a file, behind its header, holds that of the schema.
const TABLE_PAGES = new Set([0x05, 0x0d]);

/**
 * A copy with a new header of a store whose own one is broken, so that SQLite finds its pages again; undefined when the
 * header is in order, or when the page behind it is broken too. `remove` takes the copy away.
 */
export function mendHeader(path: string, copy: string): { remove(): void } | undefined {
  const header = readStart(path, HEADER_BYTES + 1);
  if (header.length <= HEADER_BYTES || isInOrder(header) || !TABLE_PAGES.has(header[HEADER_BYTES]!)) return undefined;
  const hasLog = existsSync(`${path}-wal`);
  const remove = () => {
    for (const suffix of ["", "-wal", "-shm"]) rmSync(copy + suffix, { force: true });
  };
  remove();
  copyFileSync(path, copy);
  if (hasLog) copyFileSync(`${path}-wal`, `${copy}-wal`);
  const file = openSync(copy, "r+");
  try {
    writeSync(file, newHeader(Math.floor(statSync(path).size / PAGE_BYTES), hasLog), 0, HEADER_BYTES, 0);
  } finally {
    closeSync(file);
  }
  return { remove };
}

/** See https://sqlite.org/fileformat2.html#the_database_header. The list of free pages is left out: nobody writes here. */
export function newHeader(pages: number, hasLog: boolean): Buffer {
  const header = Buffer.alloc(HEADER_BYTES);
  header.write(MAGIC, "latin1");
  header.writeUInt16BE(PAGE_BYTES, 16);
  // Only with a log is there anything to be read from one.
  header.fill(hasLog ? 2 : 1, 18, 20);
  header.set([64, 32, 32], 21);
  header.writeUInt32BE(1, 24);
  header.writeUInt32BE(pages, 28);
  header.writeUInt32BE(1, 40);
  header.writeUInt32BE(4, 44);
  header.writeUInt32BE(1, 56);
  header.writeUInt32BE(1, 92);
  return header;
}

function isInOrder(header: Buffer): boolean {
  return (
    header.toString("latin1", 0, MAGIC.length) === MAGIC &&
    header.readUInt16BE(16) === PAGE_BYTES &&
    [1, 2].includes(header[18]!) &&
    [1, 2].includes(header[19]!) &&
    header[20] === 0 &&
    header.subarray(21, 24).equals(Buffer.from([64, 32, 32])) &&
    [0, 1, 2, 3, 4].includes(header.readUInt32BE(44)) &&
    header.readUInt32BE(56) === 1
  );
}

function readStart(path: string, bytes: number): Buffer {
  const file = openSync(path, "r");
  try {
    const buffer = Buffer.alloc(bytes);
    return buffer.subarray(0, readSync(file, buffer, 0, bytes, 0));
  } finally {
    closeSync(file);
  }
}
