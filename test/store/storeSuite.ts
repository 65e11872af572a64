import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { Clock } from "../../src/base/clock.ts";
import type { Store } from "../../src/core/ports/store.ts";
import { createFakeClock } from "../fakes/fakeClock.ts";
import { START } from "./samples.ts";
import { budgetsSuite } from "./suite/budgetsSuite.ts";
import { channelsSuite } from "./suite/channelsSuite.ts";
import { claimsSuite } from "./suite/claimsSuite.ts";
import { commandsSuite } from "./suite/commandsSuite.ts";
import { commitSuite } from "./suite/commitSuite.ts";
import { erasingSuite } from "./suite/erasingSuite.ts";
import { eventsSuite } from "./suite/eventsSuite.ts";
import { holdsSuite } from "./suite/holdsSuite.ts";
import { jobsSuite } from "./suite/jobsSuite.ts";
import { runsSuite } from "./suite/runsSuite.ts";
import { searchSuite } from "./suite/searchSuite.ts";
import { sessionsSuite } from "./suite/sessionsSuite.ts";
import type { Subject } from "./suite/subject.ts";

/** What holds for every Store. `open` gives an empty one each time. */
export function storeSuite(name: string, open: (clock: Clock) => Promise<Store>): void {
  describe(name, () => {
    const subject = {} as Subject;

    beforeEach(async () => {
      subject.clock = createFakeClock(Date.parse(START));
      subject.store = await open(subject.clock);
    });
    afterEach(() => subject.store.close());

    commitSuite(subject);
    sessionsSuite(subject);
    erasingSuite(subject);
    searchSuite(subject);
    eventsSuite(subject);
    runsSuite(subject);
    jobsSuite(subject);
    claimsSuite(subject);
    holdsSuite(subject);
    commandsSuite(subject);
    budgetsSuite(subject);
    channelsSuite(subject);

    test("a closed store says so, and closes twice", async () => {
      const { store } = subject;
      await store.close();
      await store.close();
      await expect(store.getSession("main")).rejects.toMatchObject({ code: "unavailable" });
      await expect(store.commit({})).rejects.toMatchObject({ code: "unavailable" });
    });
  });
}
