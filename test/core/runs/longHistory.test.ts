import { expect, test } from "vitest";
import type { StoredMessage } from "../../../src/protocol/message.ts";
import { assistantText, batchOf, messageOf, runOf, sessionOf, userText } from "../../store/samples.ts";
import { openBench } from "../bench.ts";

const LONG = 1000;

test("a turn looks at what is new in its session's history, and not at the thousand messages before", async () => {
  let looks = 0;
  // Proxies, because it is the objects that are known again.
  const seen = (message: StoredMessage) =>
    new Proxy(message, { get: (target, key) => ((looks += 1), Reflect.get(target, key) as unknown) });
  const { core, store, model } = await openBench({
    seeStore: (inner) => ({
      ...inner,
      async listMessages(key, query) {
        const page = await inner.listMessages(key, query);
        return { ...page, messages: page.messages.map(seen) };
      },
    }),
    turns: Array.from({ length: 10 }, () => ["A short answer."]),
  });
  await store.commit(
    batchOf({
      sessions: [sessionOf("long", { kind: "isolated", messageCount: LONG })],
      runs: [runOf("run_long", "long", { state: "finished", outcome: { type: "done", reply: "" } })],
      events: Array.from({ length: LONG }, (_, at) =>
        messageOf("long", at + 1, at + 1, at % 2 ? assistantText("It goes on.") : userText("Go on."), "run_long"),
      ),
    }),
  );
  const costs: number[] = [];
  for (let turn = 0; turn < 10; turn += 1) {
    looks = 0;
    const run = await core.sessions.send({ text: "hi", origin: { via: "api" }, sessionKey: "long" });
    expect(await run.outcome).toMatchObject({ type: "done" });
    costs.push(looks);
  }
  expect(model.requests.at(-1)!.messages).toHaveLength(LONG + 19);
  // The first one reads all of it.
  expect(costs[0]).toBeGreaterThan(LONG);
  expect(Math.max(...costs.slice(1))).toBeLessThan(LONG / 4);
});
