import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { posixTest } from "../../posix.ts";
import { accountHome } from "../../../src/base/files/homeFolder.ts";
import { realPath } from "../../../src/base/files/realPath.ts";
import { sandboxExec, seatbeltProfile } from "../../../src/tools/sandbox/sandboxExec.ts";
import type { Confinement } from "../../../src/tools/sandbox/sandbox.ts";

const workspace = '/Users/me/a "b"';
const base: Confinement = {
  workspace,
  strength: "reading",
  network: "none",
  hidden: [{ path: `${workspace}/.env`, as: "file" }],
  fixed: [`${workspace}/.vscode`],
  pinned: [`${workspace}/.git`],
};
const places = { home: "/Users/me", shown: ["/Users/me/.nvm"], temporary: "/private/var/folders/x/T" };
const lines = (own: Partial<Confinement>) =>
  seatbeltProfile({ ...base, ...own }, places)
    .trimEnd()
    .split("\n");

test("reading: nothing is written, nothing hidden is read, no network", () => {
  const profile = lines({});
  expect(profile.slice(0, 2)).toEqual(["(version 1)", "(deny default)"]);
  expect(profile.filter((line) => line.includes("file-write*"))).toEqual([
    '(allow file-write* (literal "/dev/null") (literal "/dev/zero") (literal "/dev/dtracehelper"))',
    '(deny file-read* file-write* (subpath "/Users/me/a \\"b\\"/.env"))',
  ]);
  expect(profile.filter((line) => line.includes("network"))).toEqual(["(deny network*)"]);
  expect(profile).toContain('(allow file-read* (subpath "/Users/me/.nvm") (subpath "/Users/me/a \\"b\\""))');
});

test("the home folder is closed before its own places are opened, and what is hidden is closed last", () => {
  const profile = lines({ strength: "working" });
  const at = (text: string) => profile.findIndex((line) => line.includes(text));
  const order = [
    at('(deny file-read* (subpath "/Users")'),
    at("(allow file-read* (subpath"),
    at("(allow file-write* (subpath"),
    at("(deny file-write* (subpath"),
    at("(deny file-read* file-write*"),
  ];
  expect(order).toEqual(order.toSorted((a, b) => a - b));
  expect(order).not.toContain(-1);
});

test("working: the workspace and temporary files are written, what rules is not; the network by itself", () => {
  const profile = lines({ strength: "working", network: "all" });
  expect(profile).toContain('(allow file-write* (subpath "/Users/me/a \\"b\\"") (subpath "/private/var/folders/x/T"))');
  expect(profile).toContain('(deny file-write* (subpath "/Users/me/a \\"b\\"/.vscode"))');
  expect(profile).toContain("(allow network*)");
  expect(profile).not.toContain("(deny network*)");
});

test("some hosts: only the port that lets it through to them", () => {
  const profile = lines({ strength: "working", network: { port: 4711 } });
  expect(profile.filter((line) => line.includes("network"))).toEqual([
    "(deny network*)",
    '(allow network-outbound (remote ip "localhost:4711"))',
  ]);
});

test("the program runs under the profile, its words untouched", async () => {
  const program = { file: "/bin/sh", args: ["-c", "echo '$x'"] };
  const confined = await sandboxExec("/usr/bin/sandbox-exec").confine(program, base, { HOME: "/Users/me", PATH: "" });
  expect(confined.file).toBe("/usr/bin/sandbox-exec");
  expect(confined.args[0]).toBe("-p");
  expect(confined.args.slice(2)).toEqual(["/bin/sh", "-c", "echo '$x'"]);
});

posixTest(
  "a home folder and one for temporary files that are links, as /var is there, are named as what they are",
  async () => {
    const top = realpathSync(mkdtempSync(join(tmpdir(), "pincer-real-")));
    onTestFinished(() => rmSync(top, { recursive: true }));
    for (const name of ["home", "T"]) {
      mkdirSync(join(top, name));
      symlinkSync(join(top, name), join(top, `${name}-link`));
    }
    const env = { HOME: join(top, "home-link"), TMPDIR: `${join(top, "T-link")}/`, PATH: "" };
    const call = await sandboxExec("/usr/bin/sandbox-exec").confine(
      { file: "/bin/sh", args: [] },
      { ...base, strength: "working" },
      env,
    );
    const [, profile = ""] = call.args;
    expect(profile).toContain(`(subpath "${top}/T")`);
    expect(profile).toContain(`(subpath "${top}/home/.nvm")`);
    expect(profile).not.toContain("-link");
  },
);

posixTest(
  "without a HOME the account's home folder is closed, and nothing of whatever folder is the current one",
  async () => {
    for (const env of [{}, { HOME: "" }, { HOME: "." }] as Record<string, string>[]) {
      const { args } = await sandboxExec("sandbox-exec").confine({ file: "/bin/ls", args: [] }, base, env);
      const closed = args[1]!.split("\n").find((line) => line.startsWith('(deny file-read* (subpath "/Users")'))!;
      expect(closed).toContain(`(subpath "${realPath(accountHome())}")`);
      expect(closed).not.toContain(process.cwd());
    }
    expect(seatbeltProfile(base, { ...places, home: "/" })).not.toContain(
      '(deny file-read* (subpath "/Users") (subpath "/")',
    );
  },
);
