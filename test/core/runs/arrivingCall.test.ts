import { expect, test } from "vitest";
import { toToolCall } from "../../../src/core/runs/calls/arrivingCall.ts";

const tools = ["read", "mcp__n__list"].map((name) => ({ name, description: "", inputSchema: {} }));
const named = (name: string) =>
  toToolCall({ type: "toolCall", id: "1", name, input: {} }, { messages: [], calls: [], tools }).name;

test("a name with a space before it is the tool's, and a server's tool is never one of ours of the same last name", () => {
  const spaced = ["read", "default_api.read", "functions.read:0", "space__READ", "read<|channel|>commentary"];
  expect(spaced.map(named)).toEqual(spaced.map(() => "read"));
  // It is found by tool_search, and not shown from the beginning.
  for (const name of ["mcp__n__read", "default_api.mcp__n__read", "functions.mcp__n__read:0"])
    expect(named(name)).toBe("mcp__n__read");
  expect(named("default_api.mcp__n__list")).toBe("mcp__n__list");
  expect(named("mcp__read")).toBe("mcp__read");
});
