import { expect, test } from "vitest";
import * as z from "zod";
import { AppError } from "../../../src/base/appError.ts";
import { type ApprovalAsk, defineTool } from "../../../src/core/ports/tool.ts";
import { openBench } from "../bench.ts";

const origin = { via: "api" } as const;

/** A tool that leaves something at work when it has answered, as a command in the background is. */
function leaving() {
  let left: AbortSignal | undefined;
  const wait = Promise.withResolvers<void>();
  const tool = defineTool({
    name: "leave",
    description: "",
    input: z.object({ waits: z.boolean().optional() }),
    effect: "read",
    async run({ waits }, { signal }) {
      left = signal;
      if (waits) {
        signal.addEventListener("abort", () => wait.reject(signal.reason), { once: true });
        await wait.promise;
      }
      return { text: "left" };
    },
  });
  return { tool, left: () => left };
}

test("what a call by hand has left in the background outlives the request that made it", async () => {
  const { tool, left } = leaving();
  const { core } = await openBench({ tools: [tool] });
  const request = new AbortController();
  const call = { sessionKey: "main", name: "leave", input: {}, origin, signal: request.signal };
  expect(await core.tools.invoke(call)).toMatchObject({ text: "left" });
  request.abort("the client went away");
  expect(left()!.aborted).toBe(false);
});

test("while it lasts the call ends with its request, also with one that is gone already", async () => {
  const { tool } = leaving();
  const { core } = await openBench({ tools: [tool] });
  const request = new AbortController();
  const call = { sessionKey: "main", name: "leave", input: { waits: true }, origin, signal: request.signal };
  const made = core.tools.invoke(call);
  setImmediate(() => request.abort(new Error("the client went away")));
  await expect(made).rejects.toThrow("the client went away");
  await expect(core.tools.invoke(call)).rejects.toThrow("the client went away");
});

test("a call that may have changed something and whose result is lost is no call to make again", async () => {
  let done = 0;
  const tool = (name: string, effect: "read" | "write") =>
    defineTool({
      ...{ name, description: "", input: z.object({}), effect },
      approval: async () =>
        ({ summary: name, subject: { type: "other", text: name }, reason: "", safe: true }) as ApprovalAsk,
      run: async () => ({ text: `${name} ${(done += 1)}` }),
    });
  const { core, store } = await openBench({
    tools: [tool("look", "read"), tool("change", "write")],
    settings: { approvals: "auto" },
  });
  const commit = store.commit.bind(store);
  store.commit = async (batch) => {
    if (batch.facts?.some(({ facts }) => facts.some(({ type }) => type === "tool.finished")))
      throw new AppError("unavailable", "The disk is full");
    return commit(batch);
  };
  const call = (name: string) =>
    core.tools.invoke({ sessionKey: "main", name, input: {}, origin, signal: new AbortController().signal });
  await expect(call("look")).rejects.toMatchObject({ code: "unavailable" });
  await expect(call("change")).rejects.toMatchObject({
    code: "conflict",
    message: expect.stringContaining("how far it came is not known"),
  });
  expect(done).toBe(2);
});
