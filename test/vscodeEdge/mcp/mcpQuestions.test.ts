import { expect, test } from "vitest";
import { followMcpQuestions } from "../../../src/vscode/mcp/mcpQuestions.ts";
import { createEdgeGateway, quiet, toGateway } from "../editor/edge.ts";
import { openScreen } from "../editor/vscode.ts";

test("what is typed arrives under the names of its fields, whatever these are", async () => {
  openScreen([
    [/asks: Where to/, "Answer…"],
    [/\(1\/3\)/, "Kyoto"],
    [/\(2\/3\)/, "Yes"],
    [/\(3\/3\)/, "3"],
  ]);
  const answered = Promise.withResolvers<{ content: object }>();
  const gateway = createEdgeGateway({ "mcp.answer": answered.resolve });
  const following = followMcpQuestions(toGateway(gateway), quiet);
  const field = (name: string, kind: string) => ({ name, kind, title: name, required: true });
  const fields = [field("__proto__", "text"), field("constructor", "boolean"), field("nights", "number")];
  gateway.tell({ type: "mcp.asked", question: { id: "ask_1", server: "x", message: "Where to?", fields } });
  const { content } = await answered.promise;
  expect(Object.entries(content)).toEqual([
    ["__proto__", "Kyoto"],
    ["constructor", true],
    ["nights", 3],
  ]);
  following.dispose();
});
