import { expect, test } from "vitest";
import { sessionOf, START } from "../samples.ts";
import type { Subject } from "./subject.ts";

export function budgetsSuite(subject: Subject): void {
  test("what is known of a budget adds up, and how much was warned of is said once", async () => {
    const at = START;
    const put = (change: object) => subject.store.commit({ budgets: [{ key: "token ci", at, ...change }] });
    expect(await subject.store.listBudgets(["token ci"])).toEqual([]);
    await put({ used: { usd: 0.25, tokens: 10 } });
    await put({ used: { usd: 0.5, tokens: 5 }, raised: { usd: 1, tokens: 0 } });
    await put({ warned: 50 });
    await put({ raised: { usd: 1, tokens: 7 } });
    const known = { key: "token ci", usedUsd: 0.75, usedTokens: 15, raisedUsd: 2, raisedTokens: 7, warned: 50 };
    expect(await subject.store.listBudgets(["other", "token ci"])).toEqual([known]);
    // Refused whole, with what stands beside it.
    await expect(put({ warned: 50, used: { usd: 1, tokens: 1 } })).rejects.toMatchObject({ code: "conflict" });
    expect(await subject.store.listBudgets(["token ci"])).toEqual([known]);
    await put({ warned: 80 });
    await expect(put({ warned: 50 })).rejects.toMatchObject({ code: "conflict" });
    expect(await subject.store.listBudgets(["token ci"])).toEqual([{ ...known, warned: 80 }]);
  });

  test("budgets of periods that are over are forgotten; those of a session while it is there are not", async () => {
    const [old, now] = ["2026-01-01T00:00:00.000Z", "2026-06-01T00:00:00.000Z"];
    await subject.store.commit({ sessions: [{ put: sessionOf("s1") }] });
    const all = ["day 2026-01-01", "run r1", "session s1", "session gone", "imported 2026-01-01"];
    const budgets = all.map((key) => ({ key, at: old, raised: { usd: 1, tokens: 0 } }));
    await subject.store.commit({ budgets: [...budgets, { key: "day 2026-06-01", at: now }] });
    await subject.store.pruneBudgets("2026-03-01T00:00:00.000Z");
    const left = await subject.store.listBudgets([...all, "day 2026-06-01"]);
    expect(left.map(({ key }) => key).toSorted()).toEqual(["day 2026-06-01", "session s1"]);
  });
}
