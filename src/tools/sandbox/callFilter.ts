import { ownTempFile } from "./ownTempFile.ts";
import { nameTable } from "../../base/nameTable.ts";

/**
 * What of the kernel's belongs to no namespace, so that the sandbox alone would leave it open, as a filter of system calls in
 * bubblewrap's words (`--seccomp`): keyrings, where logins lie, and sockets to what is no network, such as the host of a
 * virtual machine (vsock). Undefined for a processor that is not known here.
 */
export function callFilter(arch: string = process.arch): Buffer | undefined {
  const kinds = PROCESSORS[arch];
  if (!kinds) return undefined;
  const blocks = kinds.map((kind) => ({ kind, rows: blockOf(kind) }));
  const rows: Row[] = [[LOAD, 0, 0, ARCH_AT]];
  for (const { kind, rows: block } of blocks) rows.push([EQUALS, 0, block.length, kind.audit], ...block);
  rows.push(refusal(ENOSYS));
  const bytes = Buffer.alloc(rows.length * 8);
  rows.forEach(([code, then, otherwise, value], at) => {
    bytes.writeUInt16LE(code, at * 8);
    bytes.writeUInt8(then, at * 8 + 2);
    bytes.writeUInt8(otherwise, at * 8 + 3);
    bytes.writeUInt32LE(value >>> 0, at * 8 + 4);
  });
  return bytes;
}

/** The same as the path of a file. Made on first use, gone with this process. */
export function callFilterFile(): string | undefined {
  const filter = callFilter();
  return filter && ownTempFile("calls", filter);
}

/** One of the two or so ways into the kernel that programs of a processor have, with its numbers. */
interface Entry {
  audit: number;
  /** Numbers from here on are another way in, which nobody uses. */
  end?: number;
  closed: number[];
  socket: number;
}

// Keys: add_key, request_key, keyctl. io_uring makes sockets past any filter. socketcall says elsewhere in memory which one it wants.
const IO_URING = [425, 426, 427];
const PROCESSORS = nameTable<Entry[]>({
  x64: [
    { audit: 0xc000003e, end: 0x40000000, closed: [248, 249, 250, ...IO_URING], socket: 41 },
    { audit: 0x40000003, closed: [286, 287, 288, 102, ...IO_URING], socket: 359 },
  ],
  arm64: [
    { audit: 0xc00000b7, closed: [217, 218, 219, ...IO_URING], socket: 198 },
    { audit: 0x40000028, closed: [309, 310, 311, 102, ...IO_URING], socket: 281 },
  ],
});

// Those of the network namespace: AF_UNIX, AF_INET, AF_INET6, AF_NETLINK.
const FAMILIES = [1, 2, 10, 16];

type Row = [code: number, then: number, otherwise: number, value: number];

// Classic BPF over struct seccomp_data { int nr; u32 arch; u64 instruction_pointer; u64 args[6]; }.
const LOAD = 0x20;
const EQUALS = 0x15;
const AT_LEAST = 0x35;
const RETURN = 0x06;
const NUMBER_AT = 0;
const ARCH_AT = 4;
const FIRST_ARGUMENT_AT = 16;
const ALLOWED: Row = [RETURN, 0, 0, 0x7fff0000];
const ENOSYS = 38;
const EAFNOSUPPORT = 97;

function refusal(errno: number): Row {
  return [RETURN, 0, 0, 0x00050000 | errno];
}

function blockOf({ end, closed, socket }: Entry): Row[] {
  const families: Row[] = FAMILIES.flatMap((family): Row[] => [[EQUALS, 0, 1, family], ALLOWED]);
  const socketRows: Row[] = [[LOAD, 0, 0, FIRST_ARGUMENT_AT], ...families, refusal(EAFNOSUPPORT)];
  return [
    [LOAD, 0, 0, NUMBER_AT],
    ...(end === undefined ? [] : ([[AT_LEAST, 0, 1, end], refusal(ENOSYS)] satisfies Row[])),
    ...closed.flatMap((number): Row[] => [[EQUALS, 0, 1, number], refusal(ENOSYS)]),
    [EQUALS, 0, socketRows.length, socket],
    ...socketRows,
    ALLOWED,
  ];
}
