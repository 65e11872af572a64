import { mkdirSync, mkdtempSync, renameSync, rmdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { call, createAppBench } from "./bench.ts";

const JOBS = `cron:
  - { name: Nightly, schedule: { kind: cron, expr: "0 1 1 1 *" }, payload: { kind: agentTurn, message: look }, sessionTarget: isolated }
`;

/** A drive with an openclaw.yml, which can be taken away. */
function openDrive() {
  const folder = mkdtempSync(join(tmpdir(), "pincer-drive-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const [there, away] = [join(folder, "drive"), join(folder, "away")];
  mkdirSync(there);
  const file = join(there, "openclaw.yml");
  writeFileSync(file, JOBS);
  writeFileSync(join(there, "notes.md"), "");
  const unmount = () => {
    renameSync(there, away);
    // Where it is mounted stays.
    mkdirSync(there);
  };
  const mount = () => {
    rmdirSync(there);
    renameSync(away, there);
  };
  return { there, file, unmount, mount };
}

test.each(["given with --config", "of a workspace", "of a workspace that is not open any more"])(
  "the jobs of a file %s stay while its drive is away, and go when it is deleted",
  async (how) => {
    const bench = createAppBench();
    const { there, file, unmount, mount } = openDrive();
    let workspaces = [there];
    const host = bench.host({ workspaces: () => workspaces, confirm: async () => true });
    const jobs = async (count = 1) => {
      const app = await bench.open({ host, ...(how.includes("--config") ? { config: file } : {}) });
      const list = async () => (await call(app, "/api/cron/list")).body["jobs"] as { id: string; name: string }[];
      await expect.poll(list).toHaveLength(count);
      const names = (await list()).map(({ id, name }) => `${id} ${name}`);
      await app.close();
      bench.forget(app);
      if (how.endsWith("any more")) workspaces = [bench.workspace];
      return names;
    };
    const declared = await jobs();
    expect(declared).toEqual([expect.stringMatching(/ Nightly$/)]);
    unmount();
    expect(await jobs()).toEqual(declared);
    mount();
    expect(await jobs()).toEqual(declared);
    if (how === "of a workspace") {
      writeFileSync(file, `${JOBS}  - [`);
      expect(await jobs()).toEqual(declared);
    }
    rmSync(file);
    expect(await jobs(0)).toEqual([]);
  },
);
