import { expect, test } from "vitest";
import { wideningText } from "../../../src/vscode/host/configWidening.ts";

test("each key stands with its whole value, and what would hide is shown", () => {
  const long = "x".repeat(5000);
  expect(
    wideningText([
      { key: "agent.approvals", value: "auto" },
      { key: "mcp.servers.a", value: `{"command":"${long}\u202e"}` },
    ]),
  ).toBe(`agent.approvals: auto\nmcp.servers.a: {"command":"${long}\\u{202e}"}`);
});
