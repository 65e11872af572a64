import { describe, expect, test } from "vitest";
import type { AssistantMessage, Message } from "../../../src/protocol/message.ts";
import { toExchanges } from "../../../src/providers/shared/exchanges.ts";
import { IMAGE_LIMITS } from "../../../src/providers/shared/imageLimits.ts";
import { toolResult, user } from "../collect.ts";

const says = (text: string, ...ids: string[]): AssistantMessage => ({
  role: "assistant",
  text,
  toolCalls: ids.map((id) => ({ id, name: "read", input: {} })),
  model: "x/y",
});

/** One line per exchange, as a reader would tell it. */
function told(messages: Message[]): string[] {
  return toExchanges(messages, IMAGE_LIMITS.chat).map((turn) =>
    turn.role === "user"
      ? `user ${turn.parts.map((part) => (part.type === "text" ? part.text : part.attachment.name)).join(" + ")}`
      : `assistant ${turn.message.text} [${turn.results.map((result) => `${result.callId}: ${result.text.slice(0, 11)}`).join(", ")}]`,
  );
}

describe("toExchanges", () => {
  test("keeps a plain history", () => {
    expect(told([user("a"), says("b"), user("c")])).toEqual(["user a", "assistant b []", "user c"]);
  });

  test("puts results to their calls, in the order of the calls, whatever came between", () => {
    const history = [
      user("a"),
      says("b", "1", "2"),
      toolResult("2", "read", "two"),
      user("c"),
      toolResult("1", "read", "one"),
    ];
    expect(told(history)).toEqual(["user a", "assistant b [1: one, 2: two]", "user c"]);
  });

  test("a call without a result gets one that says so", () => {
    expect(told([user("a"), says("b", "1"), user("c")])).toEqual(["user a", "assistant b [1: Interrupted]", "user c"]);
  });

  test("a result without a call becomes text", () => {
    expect(told([user("a"), toolResult("9", "read", "lost"), says("b"), user("c")])[0]).toMatch(
      /^user a \+ \[Result of a call of read.*\nlost$/,
    );
  });

  test("the same id twice is answered twice", () => {
    const history = [
      user("a"),
      says("b", "1"),
      toolResult("1", "read", "first"),
      says("c", "1"),
      toolResult("1", "read", "second"),
    ];
    expect(told(history)).toEqual(["user a", "assistant b [1: first]", "assistant c [1_2: second]"]);
  });

  test("the same id in every call, as some servers give it, is looked up a few times for each", () => {
    let looks = 0;
    class Ids extends Set<string> {
      override has(id: string): boolean {
        looks += 1;
        return super.has(id);
      }
    }
    const history = Array.from({ length: 2000 }, () => [says("b", "call"), toolResult("call", "read", "x")]).flat();
    const ids = new Ids();
    toExchanges(history, IMAGE_LIMITS.chat, ids);
    expect(ids.size).toBe(2000);
    expect([...ids].slice(0, 3)).toEqual(["call", "call_2", "call_3"]);
    expect(looks).toBeLessThan(4 * 2000);
  });

  test("begins and ends with words of the user's side", () => {
    expect(told([says("b")])).toEqual([expect.stringContaining("no longer shown"), "assistant b []", "user [Go on.]"]);
    expect(told([])).toEqual(["user [Go on.]"]);
  });

  test("marks notes of the gateway", () => {
    expect(told([{ role: "system", kind: "summary", text: "S" }, user("a")])).toEqual([
      "user <summary-of-earlier-history>\nS\n</summary-of-earlier-history> + a",
    ]);
  });

  test("says the same again when the history grows", () => {
    const history: Message[] = [
      user("a"),
      says("b", "1"),
      toolResult("1", "read", "x"),
      says("c"),
      user("d"),
      says("e", "2"),
      toolResult("2", "read", "y"),
      says("f"),
      user("g"),
    ];
    for (const length of [1, 3, 5, 7]) {
      const earlier = told(history.slice(0, length));
      expect(told(history).slice(0, earlier.length)).toEqual(earlier);
    }
  });
});

test("files that came without words are sent without a blank text beside them", () => {
  const attachment = { name: "a.pdf", mediaType: "application/pdf", data: "JVBERi0=" };
  const [turn] = toExchanges([user(" ", { attachments: [attachment] })], IMAGE_LIMITS.chat);
  expect(turn).toEqual({ role: "user", parts: [{ type: "attachment", attachment }] });
});
