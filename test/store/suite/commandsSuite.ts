import { expect, test } from "vitest";
import type { Subject } from "./subject.ts";

export function commandsSuite(subject: Subject): void {
  const about = { command: "npm test", sessionKey: "main", by: "run_1", workspace: "/w" };
  const begin = (id: string, owner: string) => subject.store.commit({ commands: [{ begin: { id, ...about }, owner }] });
  const end = (id: string) => subject.store.commit({ commands: [{ end: { id, ...about, exitCode: 0 } }] });
  const ends = (above = 0, limit = 10) => subject.store.listCommandEnds({ above, limit });

  test("commands end once, in order; what is dropped does not end", async () => {
    for (const id of ["a", "b", "c"]) await begin(id, "me");
    await end("b");
    await subject.clock.advance(500);
    await end("a");
    await end("b");
    await subject.store.commit({ commands: [{ drop: "c" }, { drop: "unknown" }] });
    const at = subject.clock.now();
    expect(await ends()).toEqual({
      ends: [
        { id: "b", ...about, exitCode: 0, number: 1, at: at - 500 },
        { id: "a", ...about, exitCode: 0, number: 2, at },
      ],
      newest: 2,
    });
    expect((await ends(1, 1)).ends.map(({ id }) => id)).toEqual(["a"]);
    expect(await subject.store.loseCommands("other")).toBe(false);
    // What is forgotten is counted still.
    await subject.store.pruneCommandEnds(at);
    expect(await ends()).toMatchObject({ ends: [{ id: "a" }], newest: 2 });
    await subject.store.pruneCommandEnds(at + 1);
    expect(await ends()).toEqual({ ends: [], newest: 2 });
  });

  test("what a worker ran that shows no life has ended in doubt, and not once more", async () => {
    await begin("own", "me");
    await begin("lost", "gone");
    expect(await subject.store.loseCommands("me")).toBe(true);
    expect(await subject.store.loseCommands("me")).toBe(false);
    await end("lost");
    const [lost, ...more] = (await ends()).ends;
    expect(lost).toMatchObject({ id: "lost", exitCode: null, inDoubt: true });
    expect(more).toEqual([]);
  });
}
