import { expect, test } from "vitest";
import { sessionsSend } from "../../../src/tools/index.ts";
import { call } from "../../fakes/scriptedProvider.ts";
import { openBench } from "../bench.ts";

const origin = { via: "api" as const };

test("two sessions of two processes that wait for each other: the later is told at once, twenty times", async () => {
  for (let round = 0; round < 20; round++) {
    const one = await openBench({ tools: [sessionsSend] });
    const two = await openBench({ folder: one.folder, tools: [sessionsSend] });
    const [here, there] = [await one.core.sessions.create({}), await one.core.sessions.create({})];
    const both = Promise.withResolvers<void>();
    let begun = 0;
    const asks = (sessionKey: string) => async () => {
      begun += 1;
      if (begun === 2) both.resolve();
      await both.promise;
      return [call("sessions_send", { sessionKey, message: "and you?", timeoutSeconds: 15 })];
    };
    one.model.turns.push(asks(there.key), ["first"], ["end"]);
    two.model.turns.push(asks(here.key), ["second"], ["end"]);
    const runs = await Promise.all([
      one.core.sessions.send({ text: "go", origin, sessionKey: here.key }),
      two.core.sessions.send({ text: "go", origin, sessionKey: there.key }),
    ]);
    const looking = setInterval(() => [one, two].forEach(({ core }) => core.look()), 20);
    for (const { outcome } of runs) expect(await outcome).toMatchObject({ type: "done" });
    clearInterval(looking);
    const told = await Promise.all(
      [here, there].map(async ({ key }) => {
        const { messages } = await one.core.sessions.history(key, { limit: 50, includeTools: true });
        return messages.find(({ role }) => role === "tool")!.text;
      }),
    );
    // Of both that were sent before either was seen, the later is not waited for.
    expect(told.filter((text) => text.includes("waits on this one") || text.includes('"accepted"'))).toHaveLength(1);
    expect(told.filter((text) => text.includes('"ok"'))).toHaveLength(1);
  }
});
