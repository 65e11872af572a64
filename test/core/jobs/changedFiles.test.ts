import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { watchFiles } from "../../../src/tools/search/watchFiles.ts";
import { toldJob } from "../../../src/rules/coverWords.ts";
import { createFakeClock } from "../../fakes/fakeClock.ts";
import { openBench } from "../bench.ts";
import { jobOf, user } from "./jobsBench.ts";

test("a thousand real files in a second are one firing, and the job's own writes none", async () => {
  let own = 0;
  // It goes on only when all is written: a busy machine may take longer than the job waits from one file to the next.
  const clock = createFakeClock();
  const { core, store, folder, model } = await openBench({
    clock,
    watchFiles,
    turns: Array.from({ length: 5 }, () => () => {
      writeFileSync(join(folder, "src", `own-${own++}.ts`), "made by the job");
      return ["done"];
    }),
  });
  mkdirSync(join(folder, "src"));
  const job = await core.jobs.add(jobOf({ schedule: { kind: "file", glob: "src/**/*.ts", debounceMs: 300 } }), user);
  for (let n = 0; n < 1000; n += 1) {
    writeFileSync(join(folder, "src", `${n}.ts`), String(n));
    if (n % 50 === 0) await new Promise((resolve) => setTimeout(resolve, 10));
  }
  const slots = async () => {
    await clock.advance(400);
    return store.listSlots({ jobId: job.id, limit: 10 });
  };
  await expect.poll(slots).toMatchObject([
    { status: "skipped", cause: "file", started: "changed: src/own-0.ts" },
    { status: "ok", cause: "file" },
  ]);
  // Ignored and protected ones are no news, and after them a real one is.
  writeFileSync(join(folder, "src", ".env"), "SECRET=1");
  writeFileSync(join(folder, "src", "x.js"), "no");
  const started = model.requests.length;
  expect(toldJob(await core.jobs.get(job.id)).notes).toBeUndefined();
  const none = await core.jobs.add(jobOf({ schedule: { kind: "file", glob: "scr/**" } }), user);
  expect(toldJob(none).notes).toEqual([
    "No file of its folder fits scr/** now, so it waits for one to come. Ignored and protected files, and those in node_modules, do not count.",
  ]);
  writeFileSync(join(folder, "src", "1.ts"), "changed");
  await expect.poll(async () => (await slots()).length).toBe(4);
  expect(started).toBe(1);
  expect(model.requests).toHaveLength(2);
  expect((await store.listSlots({ jobId: job.id, limit: 2 })).map((slot) => slot.started)).toContain(
    "changed: src/1.ts",
  );
});
