import { expect, test } from "vitest";
import type { Claim, WorkOptions } from "../../../src/core/ports/runQueue.ts";
import * as make from "../../store/samples.ts";
import type { Party } from "./runQueueSuite.ts";

const ROUNDS = 20;
const RIGHT = ["in here by here", "in none by leader", "in there by there", "nowhere by leader"];

/** Whose a run is: by the folder that it works in, and when its worker is gone. */
export function placesSuite({
  open,
  end,
  renew,
}: {
  open(): Promise<Party>;
  end(party: Party, claim: Claim): Promise<unknown>;
  /** A new, empty place, with nobody in it. */
  renew(): Promise<void>;
}): void {
  test(`what runs in a worker's places is its own, the rest the others', ${ROUNDS} times`, async () => {
    for (let round = 0; round < ROUNDS; round++) {
      await renew();
      const [leader, here, there] = [await open(), await open(), await open()];
      const done: string[] = [];
      const ended = new Map(
        ["in here", "in there", "in none", "nowhere"].map((id) => [id, Promise.withResolvers<void>()]),
      );
      const work = (party: Party, name: string, options: WorkOptions) =>
        party.queue.work(options, async (claim) => {
          await new Promise((resolve) => setTimeout(resolve, Math.random() * 3));
          done.push(`${claim.run.id} by ${name}`);
          await end(party, claim);
          ended.get(claim.run.id)?.resolve();
        });
      work(leader, "leader", {});
      work(here, "here", { places: () => ["/here"], rest: () => false });
      work(there, "there", { places: () => ["/there"], rest: () => false });
      const { store } = [leader, here, there][round % 3]!;
      for (const [id, workspace] of [
        ["in here", "/here"],
        ["in there", "/there"],
        ["in none", "/none"],
        ["nowhere", undefined],
      ] as const) {
        const session = make.sessionOf(id, workspace === undefined ? {} : { workspace });
        await store.commit({ sessions: [{ put: session }], submits: [{ run: make.runOf(id, id), begun: {} }] });
      }
      await Promise.race([
        Promise.all([...ended.values()].map(({ promise }) => promise)),
        // What another process put down is seen by looking: that is tried in the first rounds, and in the others nudged.
        ...(round < 3 ? [] : [new Promise<void>((resolve) => setTimeout(resolve, 50))]),
      ]);
      const wrong = done.filter((line) => !RIGHT.includes(line));
      expect(wrong).toEqual([]);
      if (round < 3) expect(done.toSorted()).toEqual(RIGHT);
    }
  });

  test("where several have a folder, it is theirs who have it open in an editor", async () => {
    const [leader, window] = [await open(), await open()];
    const done: string[] = [];
    const both = Promise.withResolvers<void>();
    const work = (party: Party, name: string, options: WorkOptions) =>
      party.queue.work(options, async (claim) => {
        done.push(`${claim.run.id} by ${name}`);
        await end(party, claim);
        if (done.length === 2) both.resolve();
      });
    work(leader, "leader", { places: () => ["/both", "/own"] });
    work(window, "window", { places: () => ["/both"], editor: true, rest: () => false });
    expect([leader.queue.places(), window.queue.places()]).toEqual([["/both"], ["/both", "/own"]]);
    for (const name of ["both", "own"]) {
      const session = make.sessionOf(name, { workspace: `/${name}` });
      await leader.store.commit({
        sessions: [{ put: session }],
        submits: [{ run: make.runOf(name, name), begun: {} }],
      });
    }
    window.queue.look();
    await both.promise;
    expect(done.toSorted()).toEqual(["both by window", "own by leader"]);
  });

  test("what runs in the places of a worker that is gone goes to who takes the rest", async () => {
    const [leader, window] = [await open(), await open()];
    window.queue.work({ places: () => ["/here"], rest: () => false }, () => new Promise(() => {}));
    const begun = { run: { state: "running" as const } };
    await window.store.commit({
      sessions: [{ put: make.sessionOf("a", { workspace: "/here" }) }],
      submits: [{ run: make.runOf("r1", "a"), begun }],
    });
    window.die();
    const taken = Promise.withResolvers<Claim>();
    leader.queue.work({}, async (claim) => {
      taken.resolve(claim);
      await end(leader, claim);
    });
    expect(await taken.promise).toMatchObject({ run: { id: "r1" }, starts: 2 });
  });

  test("who is given a run that was cancelled when its worker was gone hears it at once", async () => {
    const [one, two] = [await open(), await open()];
    await one.store.commit({ sessions: [{ put: make.sessionOf("a") }] });
    one.queue.work({}, () => new Promise(() => {}));
    await one.store.commit({ submits: [{ run: make.runOf("r1", "a") }] });
    one.die();
    expect(await two.queue.cancel("r1")).toBe(true);
    const heard = Promise.withResolvers<unknown>();
    two.queue.work({}, async (claim) => {
      heard.resolve([claim.run.id, claim.signal.reason]);
      await end(two, claim);
    });
    expect(await heard.promise).toEqual(["r1", "cancelled"]);
  });
}
