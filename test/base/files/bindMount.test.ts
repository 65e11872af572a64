import { spawnSync } from "node:child_process";
import { chmodSync, mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";

const SOURCE = new URL("../../../src/", import.meta.url).href;

/** In a tree of mounts of its own, which ends with it: nothing of this machine's is changed. */
const inOwnMounts = (script: string, args: string[] = []) =>
  spawnSync("/usr/bin/unshare", ["--user", "--map-root-user", "--mount", "sh", "-c", script, "sh", ...args], {
    encoding: "utf8",
  });

const hasOwnMounts = inOwnMounts("mount --bind /usr /mnt").status === 0;

test.runIf(hasOwnMounts)("a state folder on a read-only file system is said to be on one", () => {
  const top = realpathSync(mkdtempSync(join(tmpdir(), "pincer-bind-")));
  onTestFinished(() => rmSync(top, { recursive: true, force: true }));
  const look = `import("${SOURCE}config/privateFile.ts").then((it) => it.makePrivateFolder(process.argv[1])).catch((e) => console.log(e.message))`;
  const script = `mount -t tmpfs -o ro none "$1" && exec "$2" -e "$3" "$1/logs"`;
  const { stdout } = inOwnMounts(script, [top, process.execPath, look]);
  expect(stdout.trim()).toBe(`${top}/logs could not be written: its file system is read-only`);
});

test.runIf(hasOwnMounts)(
  "a workspace by a bind mount is the workspace: for tools, for programs planted in it, and for the state in it",
  () => {
    const top = realpathSync(mkdtempSync(join(tmpdir(), "pincer-bind-")));
    onTestFinished(() => rmSync(top, { recursive: true, force: true }));
    for (const folder of ["real/bin", "real/state", "bind", "tools"]) mkdirSync(join(top, folder), { recursive: true });
    writeFileSync(join(top, "real/hello.txt"), "hello");
    writeFileSync(join(top, "real/state/token"), "secret");
    writeFileSync(join(top, "real/bin/rg"), "#!/bin/sh\n");
    chmodSync(join(top, "real/bin/rg"), 0o755);
    writeFileSync(
      join(top, "look.mjs"),
      `
      const load = (path) => import("${SOURCE}" + path);
      const { toWorkspacePath } = await load("tools/files/workspacePath.ts");
      const { findProgram, thisMachine } = await load("base/findProgram.ts");
      const { childEnv } = await load("processes/childEnv.ts");
      const { protectState, stateReason, stateFolders } = await load("rules/protectedState.ts");
      const { createWorkspaces } = await load("core/sessions/workspaces.ts");
      const { diskPath, placeOf } = await load("base/files/diskPath.ts");
      const { realPath } = await load("base/files/realPath.ts");
      const top = process.argv[2];
      const [real, bind, tools] = [top + "/real", top + "/bind", top + "/tools"];
      const folders = { real: realPath, identity: (folder) => diskPath(realPath(folder)) };
      const workspaces = createWorkspaces(() => [bind], folders);
      const place = (path) => toWorkspacePath(bind, path).then((one) => one.real, (error) => error.code);
      const machine = { ...thisMachine, env: { PATH: tools } };
      protectState(real + "/state", () => [bind]);
      console.log(JSON.stringify({
        listed: createWorkspaces(() => [bind, real], folders).list(),
        found: [workspaces.find(real), workspaces.find(real + "/bin")],
        places: await Promise.all([real + "/hello.txt", real + "/new.txt", tools + "/rg", top].map(place)),
        program: findProgram(["rg"], [bind], machine) ?? "none",
        path: childEnv(bind, { PATH: tools + ":" + real + "/bin:/usr/bin" }).PATH,
        state: [stateReason(bind + "/state/token") !== undefined, stateReason(bind + "/hello.txt") === undefined],
        states: stateFolders(),
        same: placeOf(bind + "/hello.txt") === placeOf(real + "/hello.txt"),
      }));
      `,
    );
    const script = `mount --bind "$1/real" "$1/bind" && mount --bind "$1/real/bin" "$1/tools" && exec "$2" "$1/look.mjs" "$1"`;
    const { stdout, stderr } = inOwnMounts(script, [top, process.execPath]);
    expect(stderr).toBe("");
    expect(JSON.parse(stdout.replaceAll(top, "T"))).toEqual({
      listed: ["T/bind"],
      found: ["T/bind", null],
      places: ["T/bind/hello.txt", "T/bind/new.txt", "T/bind/bin/rg", "forbidden"],
      program: "none",
      path: "/usr/bin",
      state: [true, true],
      states: ["T/real/state", "T/bind/state"],
      same: true,
    });
  },
);
