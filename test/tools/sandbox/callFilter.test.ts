import { spawnSync } from "node:child_process";
import { userInfo } from "node:os";
import { expect, onTestFinished, test, vi } from "vitest";
import { callFilter } from "../../../src/tools/sandbox/callFilter.ts";
import { findSandbox } from "../../../src/tools/sandbox/findSandbox.ts";
import { tempFolder } from "../toolContext.ts";
import { runCommand } from "./runCommand.ts";

const { sandbox } = await findSandbox();

/** What the kernel would answer: what a filter returns for a call. */
function answer(filter: Buffer, { arch, number, argument = 0 }: { arch: number; number: number; argument?: number }) {
  const loads: Record<number, number> = { 0: number, 4: arch, 16: argument };
  let loaded = 0;
  for (let at = 0; ; at += 8) {
    const [code, value] = [filter.readUInt16LE(at), filter.readUInt32LE(at + 4)];
    if (code === 0x06) return value === 0x7fff0000 ? "allowed" : value - 0x00050000;
    if (code === 0x20) loaded = loads[value]!;
    const fits = code === 0x15 ? loaded === value : loaded >= value;
    if (code !== 0x20) at += 8 * filter.readUInt8(at + (fits ? 2 : 3));
  }
}

const AMD = { arch: 0xc000003e };
const OLD = { arch: 0x40000003 };
const ARM = { arch: 0xc00000b7 };

test.each([
  ["x64", "read", { ...AMD, number: 0 }, "allowed"],
  ["x64", "keyctl", { ...AMD, number: 250 }, 38],
  ["x64", "io_uring_setup", { ...AMD, number: 425 }, 38],
  ["x64", "socket of the internet", { ...AMD, number: 41, argument: 2 }, "allowed"],
  ["x64", "socket to the host of this machine", { ...AMD, number: 41, argument: 40 }, 97],
  ["x64", "keyctl by the numbers of x32", { ...AMD, number: 0x40000000 + 250 }, 38],
  ["x64", "keyctl as a program of 32 bits", { ...OLD, number: 288 }, 38],
  ["x64", "socketcall", { ...OLD, number: 102 }, 38],
  ["x64", "another processor's call", { ...ARM, number: 0 }, 38],
  ["arm64", "read", { ...ARM, number: 63 }, "allowed"],
  ["arm64", "keyctl", { ...ARM, number: 219 }, 38],
  ["arm64", "socket to the host of this machine", { ...ARM, number: 198, argument: 40 }, 97],
  ["arm64", "keyctl as a program of 32 bits", { arch: 0x40000028, number: 311 }, 38],
] as const)("on %s the filter answers %s", (processor, _, call, said) => {
  expect(answer(callFilter(processor)!, call)).toBe(said);
});

test("for a processor that is not known there is none", () => {
  expect(callFilter("sparc")).toBeUndefined();
});

// Node has no such calls; what has them is on most machines.
const PROBE = `
import ctypes, platform, socket
number = 250 if platform.machine() == "x86_64" else 219
print(ctypes.CDLL(None, use_errno=True).syscall(number, 0, -3, 1), ctypes.get_errno())
for family in (40, 38, 1, 2, 10, 16):
    try: socket.socket(family, 3 if family == 16 else 1 if family in (1, 2, 10, 40) else 5).close(); print(family, "open")
    except OSError as error: print(family, error.errno)
`;

const hasPython = spawnSync("python3", ["--version"]).status === 0;

test.runIf(sandbox?.endsTree && hasPython && ["x64", "arm64"].includes(process.arch))(
  "a command reaches no keys, and no host that is not of its network",
  async () => {
    // Whose it is may have put it into their home, which tests have none of.
    vi.stubEnv("HOME", userInfo().homedir);
    onTestFinished(() => void vi.unstubAllEnvs());
    const folder = tempFolder({ "probe.py": PROBE });
    for (const consent of ["harmless", "mode", "person"] as const) {
      const said = await runCommand(folder, "if true; then python3 probe.py; fi", consent);
      expect(said.split("\n")).toEqual(["-1 38", "40 97", "38 97", "1 open", "2 open", "10 open", "16 open"]);
    }
  },
);
